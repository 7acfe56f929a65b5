"""``jobspider history``: the snapshots of one subject, as they were kept. Nothing is fetched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Final

import click

from alerts import wording
from alerts.commands.text_table import DASH, cell, columns
from alerts.detection.figures import main_basis
from alerts.model.changes import Figure
from alerts.model.topics import pay_topic
from alerts.render.sanitize import clean_text, safe_url
from alerts.wording.figures import SHARE
from jobspider import config
from jobspider.commands import config_option, config_path, json_option, print_json
from jobspider.commands.subject_arguments import resolve_subject
from jobspider.errors import UsageError
from jobspider.model import TOP_SKILLS_LIST, Basis, Figures, SkillShare, SnapshotInfo, to_json_number
from jobspider.site.attribution import ATTRIBUTION
from jobspider.site.statistics import BY_KEY, PERCENTILES, Unit
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from jobspider.store.subject_history import SubjectHistory

_GENERAL: Final = ("rank", "vacancies", "share_of_all")
_PAY: Final = ("quotes", *PERCENTILES)
_HEADS: Final = {"share_of_all": "Of all ads", "quotes": "Quotes"} | {
    key: BY_KEY[key].title.removesuffix(" percentile") for key in PERCENTILES
}
"""Of columns that must be narrower than their figure's title."""


@dataclass(frozen=True, slots=True)
class _SnapshotHistory:
    """The snapshots that were asked for, the oldest first, with the figures of their first tables."""

    head: SnapshotInfo
    figures: Mapping[date, Figures]

    @property
    def bases(self) -> tuple[Basis, ...]:
        """On which any of them states pay."""
        found = {basis for each in self.figures.values() for basis in each.bases}
        return tuple(basis for basis in Basis if basis in found)


@click.command("history")
@click.argument("word", metavar="SUBJECT")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only snapshots as of this day or later."
)
@click.option("--last", type=click.IntRange(1), help="Only so many of the newest.")
@click.option(
    "--statistic", type=click.Choice([*BY_KEY]), help="Only this one, with what the page said of earlier years."
)
@click.option("--skill", metavar="NAME", help="Only this skill: how many of the ads name it.")
@click.option(
    "--basis",
    type=click.Choice([each.value for each in Basis]),
    help="What pay is paid for; else a salary or a day rate.",
)
@config_option
@json_option
def command(
    word: str, since: datetime | None, last: int | None, config_name: str | None, *, as_json: bool, **asked: str | None
) -> None:
    """Show the snapshots of one subject as they were kept, a line each, the newest last.

    SUBJECT is written as in config.toml, "permanent/north west/backend developer/6", without the job type (permanent)
    or the window (6 months) if you like, or as the address of its page. A dash is what the page did not state.

    \b
    Examples:
      jobspider history "north west/backend developer" --last 12
      jobspider history "contract/london/java" --statistic median --basis hourly
      jobspider history "london/java" --skill Kubernetes --since 2025-06-01
      jobspider history https://www.itjobswatch.co.uk/jobs/london/java.do --json
    """
    statistic, skill = asked["statistic"], asked["skill"]
    _reject_conflicting_options(**asked)
    path = config.load(config_path(config_name)).database_path
    with Database.open(path, read_only=True) as database, database.read_transaction():
        reader = Reader(database)
        head = resolve_subject(reader, word)
        dated = SubjectHistory(database).dates(head.subject_id, since and since.date(), last)
        contents = reader.contents({content_id for _, content_id in dated}, whole=False)
        kept = _SnapshotHistory(head, {as_of: contents[content_id].term for as_of, content_id in dated})
        skills = None if skill is None else _skill(SubjectHistory(database), head, skill)
    basis = _basis(kept, asked["basis"])
    if skills is not None:
        said, data = _of_skill(kept, *skills)
    elif statistic is not None:
        said, data = _of_statistic(kept, statistic, basis if BY_KEY[statistic].is_pay else None)
    else:
        said, data = _of_all(kept, basis)
    if as_json:
        print_json({**_subject(head), **data, "source": ATTRIBUTION})
    else:
        click.echo("\n".join([_title(kept), *(said if kept.figures else []), "", ATTRIBUTION]))


def _reject_conflicting_options(*, statistic: str | None, skill: str | None, basis: str | None) -> None:
    if statistic and skill:
        raise UsageError("--statistic and --skill are two questions: ask one of them")
    if basis and (skill or (statistic and not BY_KEY[statistic].is_pay)):
        raise UsageError(f"--basis says what pay is paid for: {skill or statistic} is not pay")


def _basis(kept: _SnapshotHistory, asked: str | None) -> Basis:
    """Return the basis whose pay is shown: the one asked for, or else the one that such pages state first."""
    if asked is None:
        return main_basis(kept.head.subject.job_type)
    if asked not in kept.bases and kept.figures:
        known = " and ".join(kept.bases) or "none"
        raise UsageError(f"no such snapshot of {kept.head.subject.key!r} states {asked} pay; stated is {known}")
    return Basis(asked)


def _title(kept: _SnapshotHistory) -> str:
    head, dates = kept.head, [*kept.figures]
    name = clean_text(wording.subject_name(head.subject, head.names))
    if not dates:
        return f"{name}: no snapshot of that time is kept; the newest is as of {wording.format_date(head.as_of)}"
    span = " to ".join(dict.fromkeys((wording.format_date(dates[0]), wording.format_date(dates[-1]))))
    return (
        f"{name}: {wording.pluralize(len(dates), 'snapshot')}, {span}\n{safe_url(head.url)}\n"
        f"Each is of the {head.subject.window_months} months that end on its date; a dash: the page does not state it."
    )


def _of_all(kept: _SnapshotHistory, basis: Basis) -> tuple[list[str], dict[str, object]]:
    keys = [*((None, key) for key in _GENERAL), *((basis, key) for key in _PAY)]
    rows = [
        [as_of.isoformat(), *(cell(key, figures.now(key, of), of) for of, key in keys)]
        for as_of, figures in kept.figures.items()
    ]
    heads = ["As of", *(_HEADS.get(key, BY_KEY[key].title) for _, key in keys)]
    return [f"{wording.pay_title(basis)}.{_other_bases(kept, basis)}", "", *columns([heads, *rows])], {
        "basis": basis,
        "snapshots": [
            {"as_of": as_of.isoformat(), **{key: to_json_number(figures.now(key, of)) for of, key in keys}}
            for as_of, figures in kept.figures.items()
        ],
    }


def _of_statistic(kept: _SnapshotHistory, key: str, basis: Basis | None) -> tuple[list[str], dict[str, object]]:
    found = {as_of: figures.row(key, basis) or (None, None, None) for as_of, figures in kept.figures.items()}
    is_level = BY_KEY[key].unit not in (Unit.CHANGE, Unit.PLACES)
    rows, before = [], None
    for as_of, row in found.items():
        now, *earlier = (cell(key, figure, basis) for figure in row)
        moved = [_moved(key, before, row[0], basis)] if is_level else []
        rows.append([as_of.isoformat(), now, *moved, *earlier])
        before = row[0]
    heads = ["As of", "Then", *(["Since the line above"] if is_level else []), "A year earlier", "Two years earlier"]
    said = [
        f"{_statistic_title(key, basis)}.{_other_bases(kept, basis) if basis else ''}",
        "A year and two years earlier: what the same page says of the same months of those years.",
        "",
        *columns([heads, *rows]),
    ]
    return said, {
        "statistic": key,
        "basis": basis,
        "unit": BY_KEY[key].unit,
        "snapshots": [
            {
                "as_of": as_of.isoformat(),
                **dict(zip(("now", "year_ago", "two_years_ago"), map(to_json_number, row), strict=True)),
            }
            for as_of, row in found.items()
        ],
    }


def _of_skill(
    kept: _SnapshotHistory, name: str, found: Mapping[date, Mapping[str, SkillShare]]
) -> tuple[list[str], dict[str, object]]:
    lists = sorted(
        {each for lines in found.values() for each in lines}, key=lambda each: (each != TOP_SKILLS_LIST, each)
    )
    rows, data = [], []
    for as_of, figures in kept.figures.items():
        lines = found.get(as_of, {})
        # A page on which a top skill and its category disagree is refused; a skill is taken to be in one category.
        line = next(iter(lines.values()), None)
        vacancies = figures.now("vacancies")
        count, share = (line.count, line.share) if line else (None, None)
        ranks = {each: lines[each].rank if each in lines else None for each in lists}
        cells = [cell("vacancies", vacancies), cell("vacancies", count), cell(SHARE, share)]
        rows.append([as_of.isoformat(), *cells, *(cell("rank", rank) for rank in ranks.values())])
        data.append({"as_of": as_of.isoformat(), "vacancies": to_json_number(vacancies), "count": count,
                     "share": to_json_number(share),
                        "ranks": {clean_text(each): rank for each, rank in ranks.items()}})  # fmt: skip
    heads = ["As of", "Vacancies", "With it", "Share", *(f"Rank, {_list_name(each)}" for each in lists)]
    said = [
        f"{clean_text(name)}: how many of the ads name it.",
        "A dash: it is below the cut of that list, or the page had no such list; that need not be zero.",
        "",
        *columns([heads, *rows]),
    ]
    return said, {"skill": clean_text(name), "snapshots": data}


def _skill(
    histories: SubjectHistory, head: SnapshotInfo, asked: str
) -> tuple[str, Mapping[date, Mapping[str, SkillShare]]]:
    """Return a skill as the page spells it, whatever the case asked for, and how it stood."""
    names = histories.skills(head.subject_id)
    alike = [asked] if asked in names else [name for name in names if name.casefold() == asked.strip().casefold()]
    if len(alike) == 1:
        return alike[0], histories.skill(head.subject_id, alike[0])
    folded = {name.casefold(): name for name in names}
    near = alike or [folded[each] for each in get_close_matches(asked.strip().casefold(), folded)]
    advice = f"did you mean {_quoted(near)}?" if near else "the lists are cut, so it may have been below them"
    raise UsageError(f"no list of {head.subject.key!r} that is kept has a skill {asked!r}: {advice}")


def _quoted(names: Sequence[str]) -> str:
    return " or ".join(repr(clean_text(name)) for name in names)


def _statistic_title(key: str, basis: Basis | None) -> str:
    known = BY_KEY[key]
    if basis is None:
        return known.title
    of = wording.pay_title(basis) if known.unit is Unit.POUNDS else wording.topic_title(pay_topic(basis))
    return f"{of}: {known.title[0].lower()}{known.title[1:]}"


def _list_name(key: str) -> str:
    return "top skills" if key == TOP_SKILLS_LIST else clean_text(key)


def _moved(key: str, before: Figure | None, now: Figure | None, basis: Basis | None) -> str:
    if before is None or now is None:
        return DASH
    return wording.format_difference(key, now - before, basis) if now != before else "0"


def _other_bases(kept: _SnapshotHistory, basis: Basis) -> str:
    others = [each for each in kept.bases if each is not basis]
    return f" Stated too: {', '.join(f'--basis {each}' for each in others)}." if others else ""


def _subject(head: SnapshotInfo) -> dict[str, object]:
    return {
        "subject": head.subject.key,
        "term": clean_text(head.names.term_name),
        "region": clean_text(head.names.region_name),
        "url": safe_url(head.url),
    }
