"""Changes and coverage to a digest: what is told, in which order, under which headline. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from alerts import wording
from alerts.detection.figures import main_basis
from alerts.detection.restatements import notice
from alerts.model.changes import Coverage, Digest, Group, Line, Restated, Standing, Watching
from alerts.model.derived import PAIR_STATISTICS
from alerts.model.topics import RANK_TOPIC, SKILLS_TOPIC, VACANCIES_TOPIC, pay_topic
from jobspider.model import Basis, FigureKey, Snapshot, SnapshotHead

_ORDER: Final = ("median", *PAIR_STATISTICS, "rank", "vacancies", "share", "p25", "p75", "p10", "p90")
_SHOWN_WHEN_NEW: Final = ("median", "p25", "p75", "quotes")
_SHOWN_SKILLS: Final = 5


def build(
    name: str,
    created_at: datetime,
    lines: Sequence[Line],
    watching: Sequence[Watching],
    coverage: Coverage,
    restated: Sequence[Restated] = (),
    since: datetime | None = None,
) -> Digest:
    """Put a digest together; the most important change comes first.

    Args:
        name: The digest's.
        created_at: The present, in the zone in which its reader counts the days of moments.
        lines: What was decided of every change.
        watching: What its reader hears of for the first time.
        coverage: What was looked at.
        restated: Of which the source has restated the past.
        since: When its reader last heard all; ``None``: never.
    """
    told = sorted((line for line in lines if line.standing is Standing.TOLD), key=_importance)
    gathered: dict[tuple[SnapshotHead, str], list[Line]] = {}
    for line in told:
        change = line.change
        gathered.setdefault((change.head, change.topic if change.pair else ""), []).append(line)
    heard = since and since.astimezone(created_at.tzinfo)
    groups = tuple(Group(head, tuple(of_one)) for (head, _), of_one in gathered.items())
    return Digest(
        name=name,
        created_at=created_at,
        headline=_headline(groups, watching, restated) or _quiet(coverage, heard),
        groups=groups,
        watching=tuple(watching),
        nearly=_standing(lines, Standing.NEARLY),
        held_back=_standing(lines, Standing.HELD_BACK),
        coverage=coverage,
        notices=(notice(restated),) if restated else (),
        restated=tuple(restated),
    )


def first_told(snapshot: Snapshot, topics: Sequence[str], *, is_new: bool = True) -> Watching:
    """Describe what a recipient hears of for the first time, a whole subject or topics that it newly has."""
    content, basis = snapshot.content, _basis(snapshot, topics)
    shown: list[FigureKey] = [(basis, statistic) for statistic in _SHOWN_WHEN_NEW if basis]
    shown += [(None, topic) for topic in (RANK_TOPIC, VACANCIES_TOPIC) if topic in topics]
    figures = {statistic: content.term.now(statistic, of) for of, statistic in shown}
    return Watching(
        head=snapshot.head,
        topics=tuple(topics),
        basis=basis,
        figures={statistic: figure for statistic, figure in figures.items() if figure is not None},
        top_skills=tuple(skill.name for skill in content.top_skills[:_SHOWN_SKILLS]) if SKILLS_TOPIC in topics else (),
        is_new=is_new,
    )


def _basis(snapshot: Snapshot, topics: Sequence[str]) -> Basis | None:
    """Return the basis of the pay that is new: the page's main one, if it is among them."""
    new = [basis for basis in Basis if pay_topic(basis) in topics]
    main = main_basis(snapshot.head.subject.job_type)
    return main if main in new else next(iter(new), None)


def _importance(line: Line) -> tuple[int, float, float, str]:
    change = line.change
    place = _ORDER.index(change.statistic) if change.item is None or change.statistic == "share" else len(_ORDER)
    p_value = line.evidence.p_value
    return place, p_value if p_value is not None else 1.0, -abs(float(change.percent or 0)), change.head.subject.key


def _standing(lines: Sequence[Line], standing: Standing) -> tuple[Line, ...]:
    chosen = (line for line in lines if line.standing is standing)
    return tuple(sorted(chosen, key=lambda line: (line.change.head.subject.key, _importance(line))))


def _headline(groups: Sequence[Group], watching: Sequence[Watching], restated: Sequence[Restated]) -> str:
    """Say the first news; nothing where there is none."""
    if groups:
        first = wording.headline_of(groups[0].lines[0])
        more = sum(len(group.lines) for group in groups) - 1
        return f"{first}; {more} more {'change' if more == 1 else 'changes'}" if more else first
    if watching:
        return _now_watching(watching)
    return f"The source restated its history of {wording.counted(len(restated), 'page')}" if restated else ""


def _quiet(coverage: Coverage, since: datetime | None) -> str:
    """Say that there is nothing to tell, or why nobody can say: nothing could be read, or nobody asked."""
    looked, pages = coverage.read + coverage.unchanged, wording.counted(coverage.watched, "page")
    if looked:
        return f"No change worth telling on {looked:,} of {pages}"
    if coverage.failed:
        return f"Nothing could be read: {len(coverage.failed):,} of {pages} failed"
    if not coverage.watched:
        return "No page is watched"
    if since is None:
        return f"Nothing was looked at yet, of {pages} watched"
    return f"No page was asked for since the last digest, of {wording.day(since)}"


def _now_watching(watching: Sequence[Watching]) -> str:
    """Say what is new: pages, derived watches, or figures of pages that were known."""
    pairs = sum(each.pair is not None for each in watching)
    new = sum(each.is_new for each in watching) - pairs
    derived = f"{pairs} derived {'watch' if pairs == 1 else 'watches'}"
    if new:
        return f"Now watching {wording.counted(new, 'page')} of the tech job market{f' and {derived}' if pairs else ''}"
    if pairs:
        return f"Now watching {derived}"
    return f"New figures on {wording.counted(len(watching), 'page')} already watched"
