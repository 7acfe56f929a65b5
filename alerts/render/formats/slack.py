"""Render a digest as a Slack message in Block Kit, within the limits of Slack, with all text escaped."""

from collections.abc import Iterable, Iterator
from typing import Final

from alerts.model.changes import Digest
from alerts.render import presenter, view_models
from alerts.render.truncation import fit_digest
from jobspider.site import attribution

Message = dict[str, object]
Block = dict[str, object]

# Limits of Slack: docs.slack.dev/reference/block-kit and .../messaging (2026). The limit of about 12,000 characters for
# all blocks is not documented there (slackapi/bolt-js issue 2509).
MAX_BLOCKS: Final = 50
MAX_SECTION_LENGTH: Final = 3000
MAX_HEADER_LENGTH: Final = 150
MAX_TOTAL_LENGTH: Final = 12_000

_REPEAT: Final = "Possible repeat: an earlier attempt to post this may have arrived."
_ELSEWHERE: Final = "in the `changes` table of the database"
_MAX_ENTRIES: Final = 5
"""Entries per subject in the lists below the reported changes."""


def render_slack(digest: Digest) -> Message:
    """Return a digest as the body of a webhook request: ``text`` as the fallback, and ``blocks``."""
    return _message(fit_digest(presenter.present_digest(digest), _fits))


def mark_as_repeat(message: Message) -> Message:
    """Add a note that an earlier attempt may have arrived; Slack has no deduplication.

    Every rendered message leaves space for the note.
    """
    blocks = message["blocks"]
    assert isinstance(blocks, list), "a rendered message has blocks"
    return {**message, "text": f"{_REPEAT} {message['text']}", "blocks": [_context(_REPEAT), *blocks]}


def escape(text: str) -> str:
    """Escape text for mrkdwn, so that it contains no mention, link or entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _message(digest: view_models.DigestView) -> Message:
    fallback = " ".join(filter(None, (f"{digest.headline}.", digest.status, digest.coverage)))
    return {"text": escape(fallback), "blocks": list(_blocks(digest)), "unfurl_links": False, "unfurl_media": False}


def _fits(digest: view_models.DigestView) -> bool:
    blocks = list(_blocks(digest))
    texts = list(_texts(blocks))
    return (
        len(blocks) < MAX_BLOCKS
        and max(map(len, texts)) <= MAX_SECTION_LENGTH
        and sum(map(len, texts)) + len(_REPEAT) <= MAX_TOTAL_LENGTH
    )


def _texts(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        elements = block.get("elements") or [block["text"]]
        assert isinstance(elements, list), "a context has a list of texts"
        yield from (element["text"] for element in elements)


def _blocks(digest: view_models.DigestView) -> Iterator[Block]:
    yield {"type": "header", "text": {"type": "plain_text", "text": _header(digest.headline), "emoji": False}}
    yield _context(escape(digest.title))
    status = escape(digest.status)
    if status:
        yield _section(f":warning: *{status}*" if digest.is_blind else status)
    yield from _sections([f":information_source: {escape(each)}" for each in digest.notices.items])
    yield from _more(digest.notices, "note", "notes")
    for group in digest.groups.items:
        yield from _sections([_heading(group), *(_line(line) for line in group.lines.items), *_below(group)])
        yield from _more(group.lines, "change", "changes")
    yield from _more(digest.groups, "subject", "subjects")
    if digest.watching.count:
        yield from _sections([_title("Now watching", digest.watching.count), *map(_watching, digest.watching.items)])
        yield from _more(digest.watching, "subject", "subjects")
    yield from _lists("Nearly there", digest.nearly, digest.nearly_count)
    yield from _lists("Held back as possible chance", digest.held_back, digest.held_back_count)
    yield from _coverage(digest)
    yield _context(escape(attribution.ATTRIBUTION))


def _coverage(digest: view_models.DigestView) -> Iterator[Block]:
    if not digest.coverage:
        return
    yield from _sections(
        [
            f"*Coverage*\n{escape(digest.coverage)}",
            *(f"• Not read: {escape(each.name)}: {escape(each.reason)}" for each in digest.failed.items),
            *(f"• Not looked at: {escape(each)}" for each in digest.not_looked.items),
        ]
    )
    yield from _more(digest.failed, "page not read", "pages not read")
    yield from _more(digest.not_looked, "page not looked at", "pages not looked at")


def _header(headline: str) -> str:
    """Escape a headline and cut it to the length of a header, never inside an entity."""
    whole = escape(headline)
    if len(whole) <= MAX_HEADER_LENGTH:
        return whole
    lengths = range(MAX_HEADER_LENGTH - 1, 0, -1)
    length = next(length for length in lengths if len(escape(headline[:length])) < MAX_HEADER_LENGTH)
    return escape(headline[:length].rstrip()) + "…"


def _heading(each: view_models.GroupView | view_models.WatchingView) -> str:
    other = f" ({_link('the other page', each.other_url)})" if each.other_url else ""
    return f"*{_link(each.name, each.url)}*{other}\n{escape(' · '.join(each.facts))}"


def _link(name: str, url: str) -> str:
    return f"<{escape(url)}|{escape(name)}>" if url else escape(name)


def _title(title: str, count: int) -> str:
    return f"*{title} ({count:,})*"


def _line(line: view_models.LineView) -> str:
    figures = f"{line.arrow} *{escape(line.title)}*  {line.old} → *{line.new}*  {line.moved}"
    return f"{figures}\n{escape(' · '.join(line.facts))}"


def _below(group: view_models.GroupView) -> Iterator[str]:
    if group.few_ads:
        yield "_Places that moved on too few ads to judge:_"
        yield from (f"• _{escape(place)} (few ads)_" for place in group.few_ads)


def _watching(each: view_models.WatchingView) -> str:
    figures = ", ".join(f"{title} {figure}" for title, figure in each.figures)
    skills = f"\nTop skills: {escape(each.skills)}" if each.skills else ""
    return f"{_heading(each)}\n{figures}{skills}"


def _lists(title: str, part: view_models.TruncatedList[view_models.ListView], count: int) -> Iterator[Block]:
    if not part.count:
        return
    yield from _sections([_title(title, count), *map(_list, part.items)])
    yield from _more(part, "subject", "subjects")


def _list(each: view_models.ListView) -> str:
    first = each.entries.take(_MAX_ENTRIES)
    lines = [_link(each.name, each.url), *map(_entry, first.items)]
    return "\n".join(lines + ([f"+ {first.omitted:,} more"] if first.omitted else []))


def _entry(entry: view_models.EntryView) -> str:
    because = f" _({escape(entry.because)})_" if entry.because else ""
    return f"• {escape(entry.text)}{because}"


def _more(part: view_models.TruncatedList[view_models.Item], singular: str, plural: str) -> Iterator[Block]:
    if part.omitted:
        yield _context(f"+ {part.omitted:,} more {singular if part.omitted == 1 else plural}, {_ELSEWHERE}")


def _sections(texts: Iterable[str]) -> Iterator[Block]:
    """Join texts into as few sections as the length limit allows."""
    pending = ""
    for text in texts:
        if pending and len(pending) + 1 + len(text) > MAX_SECTION_LENGTH:
            yield _section(pending)
            pending = text
        else:
            pending = f"{pending}\n{text}" if pending else text
    if pending:
        yield _section(pending)


def _section(text: str) -> Block:
    return {"type": "section", "text": _markdown(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_markdown(text)]}


def _markdown(text: str) -> dict[str, object]:
    """Return a text object. ``verbatim`` prevents that Slack converts plain text to links and mentions."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
