"""The bytes of an answer to an lxml tree, or the reason why they are no page."""

import codecs
import re
from typing import Final, NamedTuple

from lxml import etree

from jobspider.pages._parse_errors import PageContentError

MOST_BYTES: Final = 2_000_000
"""The largest page ever seen had 0.2 MB; past this it is no statistics page, and its tree takes a hundred times as
much memory if it is made for that."""

_CHARSET: Final = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_CHARSET_WITHIN: Final = 4_096
_MARKUP: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|div|p|h1)\b", re.IGNORECASE)
_END: Final = re.compile(rb"</(?:html|body)\s*>", re.IGNORECASE)
_END_WITHIN: Final = 8_192
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# As browsers read these names (WHATWG Encoding Standard, 2025): the last three, too, are Windows-1252 to them.
_ENCODINGS: Final = {
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("windows-1252", "cp1252", "iso-8859-1", "latin1", "us-ascii"), "cp1252"),
}
# What a reader of the page does not see. A form stays: a whole page may stand inside one.
_UNSEEN: Final = ("script", "style", "template", "noscript", "select", "textarea", "button")


class Source(NamedTuple):
    """A parsed answer.

    ``is_html`` tells whether it holds any markup at all. ``is_whole`` tells whether it ends as a page ends: a transfer
    that broke off has no closing ``</body>`` or ``</html>``.
    """

    root: etree._Element
    is_html: bool
    is_whole: bool


def parse(body: bytes | str) -> Source:
    """Parse an answer.

    Raises:
        UnexpectedError: It is empty, too large, no text in its own encoding, or nested past all reason.
    """
    if len(body) > MOST_BYTES:
        raise PageContentError(f"a page of at most {MOST_BYTES:,} bytes", f"{len(body):,} bytes")
    data = _utf8(body)
    if not data.strip():
        raise PageContentError("an HTML page", "an empty answer")
    if b"\0" in data:
        raise PageContentError("an HTML page", "binary data")
    # A parser of its own for each page: its error log is read below.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise PageContentError("an HTML page", f"markup that cannot be parsed ({error.msg})") from error
    if root is None:  # a body of comments alone has no element; the stubs of lxml do not say so
        raise PageContentError("an HTML page", "an answer without any element")
    # libxml2 stops reading at its limits and keeps the part before: half a page that looks whole.
    limits = parser.error_log.filter_types([etree.ErrorTypes.ERR_RESOURCE_LIMIT])
    if limits:
        raise PageContentError("a page of ordinary depth", limits[0].message)
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    return Source(root, bool(_MARKUP.search(data)), bool(_END.search(data, max(0, len(data) - _END_WITHIN))))


def _utf8(body: bytes | str) -> bytes:
    """Return the body as sound UTF-8; libxml2 alone would guess its way through a broken encoding."""
    if isinstance(body, str):
        try:
            return body.encode()
        except UnicodeEncodeError as error:
            raise PageContentError("text", "half of a surrogate pair") from error
    encoding, declared = _encoding(body)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        if declared:
            raise PageContentError(f"text in {encoding}", f"bytes that are not ({error.reason})") from error
        return _from_windows(body)
    return body if encoding == "utf-8" else text.encode()


def _from_windows(body: bytes) -> bytes:
    try:
        return body.decode("cp1252").encode()
    except UnicodeDecodeError as error:
        raise PageContentError("an HTML page", "binary data") from error


def _encoding(body: bytes) -> tuple[str, bool]:
    """Return the encoding and whether the body itself declares it; UTF-8 where it does not."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return encoding, True
    found = _CHARSET.search(body, 0, _CHARSET_WITHIN)
    if not found:
        return "utf-8", False
    name = found[1].decode("ascii", "replace").lower()
    if name not in _ENCODINGS:
        raise PageContentError("a known encoding", f"charset={name}")
    return _ENCODINGS[name], True
