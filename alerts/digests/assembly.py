"""Changes and coverage to a digest: what is told, in which order, under which headline. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from alerts import wording
from alerts.detection.figures import main_basis
from alerts.detection.restatements import restatement_note
from alerts.model.changes import AssessedChange, Coverage, Decision, Digest, NewlyWatched, Restatement, SubjectSection
from alerts.model.derived import PAIR_STATISTICS
from alerts.model.topics import RANK_TOPIC, SKILLS_TOPIC, VACANCIES_TOPIC, Topic, pay_topic
from jobspider.model import Basis, FigureKey, Snapshot, SnapshotInfo

_ORDER: Final = ("median", *PAIR_STATISTICS, "rank", "vacancies", "share", "p25", "p75", "p10", "p90")
_SHOWN_WHEN_NEW: Final = ("median", "p25", "p75", "quotes")
_SHOWN_SKILLS: Final = 5


def assemble_digest(
    name: str,
    created_at: datetime,
    lines: Sequence[AssessedChange],
    watching: Sequence[NewlyWatched],
    coverage: Coverage,
    restated: Sequence[Restatement] = (),
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
    told = sorted((line for line in lines if line.decision is Decision.REPORTED), key=_importance)
    gathered: dict[tuple[SnapshotInfo, str], list[AssessedChange]] = {}
    for line in told:
        change = line.change
        gathered.setdefault((change.snapshot, change.topic if change.derived else ""), []).append(line)
    heard = since and since.astimezone(created_at.tzinfo)
    groups = tuple(SubjectSection(head, tuple(of_one)) for (head, _), of_one in gathered.items())
    return Digest(
        name=name,
        created_at=created_at,
        headline=_headline(groups, watching, restated) or _empty_headline(coverage, heard),
        groups=groups,
        watching=tuple(watching),
        below_threshold=_with_decision(lines, Decision.BELOW_THRESHOLD),
        suppressed=_with_decision(lines, Decision.SUPPRESSED),
        coverage=coverage,
        notes=(restatement_note(restated),) if restated else (),
        restated=tuple(restated),
    )


def newly_watched(snapshot: Snapshot, topics: Sequence[Topic], *, is_new: bool = True) -> NewlyWatched:
    """Describe what a recipient hears of for the first time, a whole subject or topics that it newly has."""
    content, basis = snapshot.content, _basis(snapshot, topics)
    shown: list[FigureKey] = [(basis, statistic) for statistic in _SHOWN_WHEN_NEW if basis]
    shown += [(None, topic) for topic in (RANK_TOPIC, VACANCIES_TOPIC) if topic in topics]
    figures = {statistic: content.term.now(statistic, of) for of, statistic in shown}
    return NewlyWatched(
        snapshot=snapshot.head,
        topics=tuple(topics),
        basis=basis,
        figures={statistic: figure for statistic, figure in figures.items() if figure is not None},
        top_skills=tuple(skill.name for skill in content.top_skills[:_SHOWN_SKILLS]) if SKILLS_TOPIC in topics else (),
        is_new=is_new,
    )


def _basis(snapshot: Snapshot, topics: Sequence[Topic]) -> Basis | None:
    """Return the basis of the pay that is new: the page's main one, if it is among them."""
    new = [basis for basis in Basis if pay_topic(basis) in topics]
    main = main_basis(snapshot.head.subject.job_type)
    return main if main in new else next(iter(new), None)


def _importance(line: AssessedChange) -> tuple[int, float, float, str]:
    change = line.change
    place = _ORDER.index(change.statistic) if change.item is None or change.statistic == "share" else len(_ORDER)
    p_value = line.evidence.p_value
    return place, p_value if p_value is not None else 1.0, -abs(float(change.percent or 0)), change.snapshot.subject.key


def _with_decision(lines: Sequence[AssessedChange], standing: Decision) -> tuple[AssessedChange, ...]:
    chosen = (line for line in lines if line.decision is standing)
    return tuple(sorted(chosen, key=lambda line: (line.change.snapshot.subject.key, _importance(line))))


def _headline(
    groups: Sequence[SubjectSection], watching: Sequence[NewlyWatched], restated: Sequence[Restatement]
) -> str:
    """Say the first news; nothing where there is none."""
    if groups:
        first = wording.headline_text(groups[0].lines[0])
        more = sum(len(group.lines) for group in groups) - 1
        return f"{first}; {more} more {'change' if more == 1 else 'changes'}" if more else first
    if watching:
        return _newly_watched_headline(watching)
    return f"The source restated its history of {wording.pluralize(len(restated), 'page')}" if restated else ""


def _empty_headline(coverage: Coverage, since: datetime | None) -> str:
    """Say that there is nothing to tell, or why nobody can say: nothing could be read, or nobody asked."""
    looked, pages = coverage.read + coverage.unchanged, wording.pluralize(coverage.watched, "page")
    if looked:
        return f"No change worth telling on {looked:,} of {pages}"
    if coverage.failed:
        return f"Nothing could be read: {len(coverage.failed):,} of {pages} failed"
    if not coverage.watched:
        return "No page is watched"
    if since is None:
        return f"Nothing was looked at yet, of {pages} watched"
    return f"No page was asked for since the last digest, of {wording.format_date(since)}"


def _newly_watched_headline(watching: Sequence[NewlyWatched]) -> str:
    """Say what is new: pages, derived watches, or figures of pages that were known."""
    pairs = sum(each.derived is not None for each in watching)
    new = sum(each.is_new for each in watching) - pairs
    derived = f"{pairs} derived {'watch' if pairs == 1 else 'watches'}"
    if new:
        return (
            f"Now watching {wording.pluralize(new, 'page')} of the tech job market{f' and {derived}' if pairs else ''}"
        )
    if pairs:
        return f"Now watching {derived}"
    return f"New figures on {wording.pluralize(len(watching), 'page')} already watched"
