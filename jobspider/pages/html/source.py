"""Decode the body of a response and parse it into an lxml tree."""

import codecs
import re
from typing import Final, NamedTuple

from lxml import etree

from jobspider.pages._parse_errors import PageContentError

MAX_BYTES: Final = 2_000_000
"""The largest known page has 0.2 MB. The tree of a malicious page can need a hundred times the memory of its body."""

_CHARSET: Final = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_CHARSET_SEARCH_BYTES: Final = 4_096
_MARKUP: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|div|p|h1)\b", re.IGNORECASE)
_END: Final = re.compile(rb"</(?:html|body)\s*>", re.IGNORECASE)
_END_SEARCH_BYTES: Final = 8_192
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# The WHATWG Encoding Standard (2025) treats the last three names as Windows-1252, too.
_ENCODINGS: Final = {
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("windows-1252", "cp1252", "iso-8859-1", "latin1", "us-ascii"), "cp1252"),
}
# Invisible elements. Forms are not removed, because a form may contain the whole page.
_INVISIBLE: Final = ("script", "style", "template", "noscript", "select", "textarea", "button")


class Source(NamedTuple):
    """A parsed response.

    ``is_html`` is true if it contains markup. ``is_whole`` is true if it ends with ``</body>`` or ``</html>``. The
    response of an aborted transfer does not.
    """

    root: etree._Element
    is_html: bool
    is_whole: bool


def parse(body: bytes | str) -> Source:
    """Parse the body of a response.

    Raises:
        PageContentError: It is empty, too large, not valid in its encoding, or nested too deep.
    """
    if len(body) > MAX_BYTES:
        raise PageContentError(f"a page of at most {MAX_BYTES:,} bytes", f"{len(body):,} bytes")
    data = _utf8(body)
    if not data.strip():
        raise PageContentError("an HTML page", "an empty response")
    if b"\0" in data:
        raise PageContentError("an HTML page", "binary data")
    # One parser per page, because its error log is read below.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise PageContentError("an HTML page", f"markup that cannot be parsed ({error.msg})") from error
    if root is None:  # a body of comments has no element; the type stubs of lxml omit this
        raise PageContentError("an HTML page", "a response without any element")
    # At its limits libxml2 stops and returns the tree up to that point, which looks like a complete page.
    limits = parser.error_log.filter_types([etree.ErrorTypes.ERR_RESOURCE_LIMIT])
    if limits:
        raise PageContentError("a page of ordinary depth", limits[0].message)
    etree.strip_elements(root, *_INVISIBLE, with_tail=False)
    return Source(root, bool(_MARKUP.search(data)), bool(_END.search(data, max(0, len(data) - _END_SEARCH_BYTES))))


def _utf8(body: bytes | str) -> bytes:
    """Return the body as valid UTF-8. libxml2 would guess at invalid encodings."""
    if isinstance(body, str):
        try:
            return body.encode()
        except UnicodeEncodeError as error:
            raise PageContentError("text", "an unpaired surrogate") from error
    encoding, declared = _encoding(body)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        if declared:
            raise PageContentError(f"text in {encoding}", f"bytes that are not ({error.reason})") from error
        return _decode_windows_1252(body)
    return body if encoding == "utf-8" else text.encode()


def _decode_windows_1252(body: bytes) -> bytes:
    try:
        return body.decode("cp1252").encode()
    except UnicodeDecodeError as error:
        raise PageContentError("an HTML page", "binary data") from error


def _encoding(body: bytes) -> tuple[str, bool]:
    """Return the encoding and whether the body declares it. The default is UTF-8."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return encoding, True
    match = _CHARSET.search(body, 0, _CHARSET_SEARCH_BYTES)
    if not match:
        return "utf-8", False
    name = match[1].decode("ascii", "replace").lower()
    if name not in _ENCODINGS:
        raise PageContentError("a known encoding", f"charset={name}")
    return _ENCODINGS[name], True
