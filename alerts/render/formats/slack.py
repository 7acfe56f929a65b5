"""A digest as a Slack message: Block Kit as data, within Slack's limits, every text escaped."""

from collections.abc import Iterable, Iterator
from typing import Final

from alerts.model.changes import Digest
from alerts.render import presenter, view_models
from alerts.render.truncation import fit_digest

Message = dict[str, object]
Block = dict[str, object]

# Slack's limits, docs.slack.dev/reference/block-kit and .../messaging, seen 2026; that all blocks together must stay
# near 12,000 characters is not documented there (slackapi/bolt-js issue 2509).
MOST_BLOCKS: Final = 50
MOST_IN_SECTION: Final = 3000
MOST_IN_HEADER: Final = 150
MOST_IN_ALL: Final = 12_000

_REPEAT: Final = "Possible repeat: an earlier attempt to post this may have arrived."
_ELSEWHERE: Final = "in the `changes` table of the database"
_FEW: Final = 5
"""Entries shown for a subject in the lists below the told lines: a channel is no place for long lists."""


def render_slack(digest: Digest) -> Message:
    """Return a digest as the body of a webhook's request: ``text`` as the fallback, and ``blocks``."""
    return _message(fit_digest(presenter.present_digest(digest), _fits))


def marked_as_repeat(message: Message) -> Message:
    """Return a rendered message with a mark on top: an earlier attempt may have arrived, and Slack cannot tell.

    Every rendered message leaves room for it.
    """
    blocks = message["blocks"]
    assert isinstance(blocks, list), "a rendered message has blocks"
    return {**message, "text": f"{_REPEAT} {message['text']}", "blocks": [_context(_REPEAT), *blocks]}


def escaped(text: str) -> str:
    """Return text in which nothing is a mention, a link or an entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _message(digest: view_models.DigestView) -> Message:
    fallback = " ".join(filter(None, (f"{digest.headline}.", digest.status, digest.coverage)))
    return {"text": escaped(fallback), "blocks": list(_blocks(digest)), "unfurl_links": False, "unfurl_media": False}


def _fits(digest: view_models.DigestView) -> bool:
    blocks = list(_blocks(digest))
    texts = list(_texts(blocks))
    return (
        len(blocks) < MOST_BLOCKS
        and max(map(len, texts)) <= MOST_IN_SECTION
        and sum(map(len, texts)) + len(_REPEAT) <= MOST_IN_ALL
    )


def _texts(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        elements = block.get("elements") or [block["text"]]
        assert isinstance(elements, list), "a context has a list of texts"
        yield from (element["text"] for element in elements)


def _blocks(digest: view_models.DigestView) -> Iterator[Block]:
    yield {"type": "header", "text": {"type": "plain_text", "text": _header(digest.headline), "emoji": False}}
    yield _context(escaped(digest.title))
    status = escaped(digest.status)
    if status:
        yield _section(f":warning: *{status}*" if digest.is_blind else status)
    yield from _sections([f":information_source: {escaped(each)}" for each in digest.notices.items])
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
    yield _context(escaped(presenter.ATTRIBUTION))


def _coverage(digest: view_models.DigestView) -> Iterator[Block]:
    if not digest.coverage:
        return
    yield from _sections(
        [
            f"*Coverage*\n{escaped(digest.coverage)}",
            *(f"• Not read: {escaped(each.name)}: {escaped(each.reason)}" for each in digest.failed.items),
            *(f"• Not looked at: {escaped(each)}" for each in digest.not_looked.items),
        ]
    )
    yield from _more(digest.failed, "page not read", "pages not read")
    yield from _more(digest.not_looked, "page not looked at", "pages not looked at")


def _header(headline: str) -> str:
    """Escape a headline and cut it to a header's length, never inside an entity."""
    whole = escaped(headline)
    if len(whole) <= MOST_IN_HEADER:
        return whole
    most = next(most for most in range(MOST_IN_HEADER - 1, 0, -1) if len(escaped(headline[:most])) < MOST_IN_HEADER)
    return escaped(headline[:most].rstrip()) + "…"


def _heading(each: view_models.GroupView | view_models.WatchingView) -> str:
    other = f" ({_linked('the other page', each.other_url)})" if each.other_url else ""
    return f"*{_linked(each.name, each.url)}*{other}\n{escaped(' · '.join(each.facts))}"


def _linked(name: str, url: str) -> str:
    return f"<{escaped(url)}|{escaped(name)}>" if url else escaped(name)


def _title(title: str, count: int) -> str:
    return f"*{title} ({count:,})*"


def _line(line: view_models.LineView) -> str:
    figures = f"{line.arrow} *{escaped(line.title)}*  {line.old} → *{line.new}*  {line.moved}"
    return f"{figures}\n{escaped(' · '.join(line.facts))}"


def _below(group: view_models.GroupView) -> Iterator[str]:
    if group.few_ads:
        yield "_Places that moved on too few ads to judge:_"
        yield from (f"• _{escaped(place)} (few ads)_" for place in group.few_ads)


def _watching(each: view_models.WatchingView) -> str:
    figures = ", ".join(f"{title} {figure}" for title, figure in each.figures)
    skills = f"\nTop skills: {escaped(each.skills)}" if each.skills else ""
    return f"{_heading(each)}\n{figures}{skills}"


def _lists(title: str, part: view_models.TruncatedList[view_models.ListView], count: int) -> Iterator[Block]:
    if not part.count:
        return
    yield from _sections([_title(title, count), *map(_list, part.items)])
    yield from _more(part, "subject", "subjects")


def _list(each: view_models.ListView) -> str:
    few = each.entries.take(_FEW)
    lines = [_linked(each.name, each.url), *map(_entry, few.items)]
    return "\n".join(lines + ([f"+ {few.omitted:,} more"] if few.omitted else []))


def _entry(entry: view_models.EntryView) -> str:
    because = f" _({escaped(entry.because)})_" if entry.because else ""
    return f"• {escaped(entry.text)}{because}"


def _more(part: view_models.TruncatedList[view_models.Item], one: str, many: str) -> Iterator[Block]:
    if part.omitted:
        yield _context(f"+ {part.omitted:,} more {one if part.omitted == 1 else many}, {_ELSEWHERE}")


def _sections(texts: Iterable[str]) -> Iterator[Block]:
    """Put texts below each other into as few sections as their limit allows."""
    held = ""
    for text in texts:
        if held and len(held) + 1 + len(text) > MOST_IN_SECTION:
            yield _section(held)
            held = text
        else:
            held = f"{held}\n{text}" if held else text
    if held:
        yield _section(held)


def _section(text: str) -> Block:
    return {"type": "section", "text": _markdown(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_markdown(text)]}


def _markdown(text: str) -> dict[str, object]:
    """Return a text object; ``verbatim`` keeps Slack from making links and mentions of what merely looks like them."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
