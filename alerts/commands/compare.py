"""``jobspider compare``: the newest figures of several subjects beside each other. Nothing is fetched."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from string import ascii_uppercase
from typing import Final

import click

from alerts import wording
from alerts.commands.text_table import DASH, cell, columns
from alerts.config import NoiseSettings
from alerts.model.changes import Significance, SignificanceResult
from alerts.render.sanitize import clean_text, safe_url
from alerts.stats import two_sample
from jobspider import config
from jobspider.commands import config_option, config_path, json_option, print_json
from jobspider.commands.subject_arguments import resolve_subjects
from jobspider.errors import UsageError
from jobspider.model import Basis, Figures, SnapshotInfo, to_json_number
from jobspider.site.attribution import ATTRIBUTION
from jobspider.site.statistics import BY_KEY
from jobspider.store.database import Database
from jobspider.store.reader import Reader

_MIN_SUBJECTS: Final = 2
_MAX_SUBJECTS: Final = 6
_WIDTH: Final = 100
_MIN_QUOTES: Final = NoiseSettings().min_quotes
_GENERAL: Final = ("rank", "vacancies", "share_of_all", "share_of_category")
_BESIDE: Final = ("parent_median", "parent_median_change")
_PAY: Final = ("quotes", "p10", "p25", "median", "p75", "p90", "median_change", *_BESIDE)
_TITLES: Final = {"parent_median": "Region beside it, median", "parent_median_change": "Region beside it, yearly"}
"""Of rows whose figure's title would leave no room for six columns."""
_SIGNIFICANCE_WORDS: Final = {
    Significance.CLEAR: "clearly",
    Significance.LIKELY: "likely",
    Significance.NOISE: "no",
    Significance.INSUFFICIENT_DATA: "too few",
}
_JUDGED: Final = f"""\
Beyond chance? is judged on all percentiles that both pages print, not on the median alone, as if
ads came in batches that state one pay, as those of one employer do, and none stood on both pages.
Where some do (London is part of England), or each ad is another job, chance is overstated. clearly:
chance alone makes so large a difference in about one of 100 such comparisons, or in fewer; likely:
in one of 20; no: more often; too few: fewer than {_MIN_QUOTES} quotes, or no spread of pay is stated."""


@dataclass(frozen=True, slots=True)
class _Column:
    """One subject: its letter, what it is, and the figures of its first table."""

    letter: str
    head: SnapshotInfo
    figures: Figures

    @property
    def name(self) -> str:
        """What its page calls it."""
        return clean_text(wording.subject_name(self.head.subject, self.head.names))

    @property
    def comparison_region(self) -> str:
        """The region whose median its page sets beside its own; empty where the page sets none, or does not name it."""
        has_any = any(self.figures.now(key, basis) is not None for basis in self.figures.bases for key in _BESIDE)
        return clean_text(wording.compared_region(self.head) or "") if has_any else ""


@dataclass(frozen=True, slots=True)
class _Difference:
    """How much more the median of one is than that of another, on one basis. ``percent`` is of the other's."""

    of: _Column
    against: _Column
    basis: Basis
    pounds: Decimal
    percent: Decimal
    evidence: SignificanceResult


@click.command("compare")
@click.argument("words", metavar="SUBJECT...", nargs=-1, required=True)
@config_option
@json_option
def command(words: Sequence[str], config_name: str | None, *, as_json: bool) -> None:
    """Show two to six subjects beside each other, each by its newest snapshot.

    SUBJECT is written as in config.toml, "permanent/north west/backend developer/6", without the job type (permanent)
    or the window (6 months) if you like, or as the address of its page; a pattern over such names stands for all that
    fit. Each basis of pay has rows of its own: a day rate is never set against a salary. How much more a median is than
    that of the first subject is told with whether chance alone makes such a difference.

    \b
    Examples:
      jobspider compare "london/java" "north west/java" "uk excluding london/java"
      jobspider compare "permanent/*/backend developer/6"
      jobspider compare "contract/london/java" "contract/london/python" --json
    """
    path = config.load(config_path(config_name)).database_path
    with Database.open(path, read_only=True) as database, database.read_transaction():
        reader = Reader(database)
        heads = resolve_subjects(reader, words)
        if not _MIN_SUBJECTS <= len(heads) <= _MAX_SUBJECTS:
            raise UsageError(
                f"that names {wording.pluralize(len(heads), 'subject')}: name {_MIN_SUBJECTS} to {_MAX_SUBJECTS}"
            )
        contents = reader.contents({head.content_id for head in heads}, whole=False)
    found = [
        _Column(letter, head, contents[head.content_id].term)
        for letter, head in zip(ascii_uppercase, heads, strict=False)
    ]
    differences = _differences(found)
    if as_json:
        print_json(_json_data(found, differences))
    else:
        click.echo("\n".join(_text_lines(found, differences)))


def _differences(found: Sequence[_Column]) -> list[_Difference]:
    """Return how the medians of each basis differ from that of the first subject that states one."""
    pairs = []
    for basis in Basis:
        stating = [each for each in found if each.figures.now("median", basis)]
        pairs += [(basis, stating[0], each) for each in stating[1:]]
    return [_difference(basis, against, of, len(pairs)) for basis, against, of in pairs]


def _difference(basis: Basis, against: _Column, of: _Column, questions: int) -> _Difference:
    one, other = (Decimal(each.figures.now("median", basis) or 0) for each in (of, against))
    evidence = two_sample.assess_median_difference(of.figures, against.figures, basis, _MIN_QUOTES, questions)
    return _Difference(of, against, basis, one - other, (one - other) * 100 / other, evidence)


def _text_lines(found: Sequence[_Column], differences: Sequence[_Difference]) -> list[str]:
    rows = [["", *(each.letter for each in found)], *_rows(found, None, _GENERAL)]
    for basis in Basis:
        of_pay = _rows(found, basis, _PAY)
        if of_pay:
            rows += [[wording.pay_title(basis), *([""] * len(found))], *of_pay]
            rows += _rows_of_differences(found, [each for each in differences if each.basis is basis])
    return [
        *columns([[f"{each.letter}  {each.name}", f"as of {wording.format_date(each.head.as_of)}"] for each in found]),
        "",
        *columns(rows),
        "",
        *_notes(found, differences),
        ATTRIBUTION,
    ]


def _rows(found: Sequence[_Column], basis: Basis | None, keys: Sequence[str]) -> list[list[str]]:
    """Return a row for each figure that at least one page states."""
    rows = []
    for key in keys:
        figures = [each.figures.now(key, basis) for each in found]
        if any(figure is not None for figure in figures):
            title = ("  " if basis else "") + _TITLES.get(key, BY_KEY[key].title)
            rows.append([title, *(cell(key, figure, basis) for figure in figures)])
    return rows


def _rows_of_differences(found: Sequence[_Column], differences: Sequence[_Difference]) -> list[list[str]]:
    if not differences:
        return []
    by_letter = {each.of.letter: each for each in differences}
    told = [by_letter.get(each.letter) for each in found]
    first = differences[0].against.letter
    return [
        [f"  Median against {first}", *(_pounds(each) if each else DASH for each in told)],
        ["    in percent", *(wording.format_percent(each.percent) if each else DASH for each in told)],
        ["    beyond chance?", *(_SIGNIFICANCE_WORDS[each.evidence.verdict] if each else DASH for each in told)],
    ]


def _pounds(of: _Difference) -> str:
    return wording.format_difference("median", of.pounds, of.basis) if of.pounds else "same"


def _notes(found: Sequence[_Column], differences: Sequence[_Difference]) -> Iterator[str]:
    """Say what does not compare as it stands, and what the judgement of chance takes for granted."""
    dates = sorted({each.head.as_of for each in found})
    windows = sorted({each.head.subject.window_months for each in found})
    if len(dates) > 1:
        yield f"The dates differ, {_span(dates)}: what the market did between is part of the differences."
    if len(windows) > 1:
        said = " and ".join(map(str, windows))
        yield f"The windows differ, {said} months: vacancies and quotes are counts of unlike times."
    if len({each.head.subject.job_type for each in found}) > 1:
        yield "Salaries and rates are not set against each other; each basis of pay has rows of its own."
    if len({(each.head.subject.job_type, each.head.subject.region) for each in found}) > 1:
        yield "A rank or a share is among the ads of the page's own region and job type."
    yield from _regions_beside(found)
    if differences:
        yield _JUDGED


def _regions_beside(found: Sequence[_Column]) -> Iterator[str]:
    """Name the regions beside the pages' own; not every page has the same, nor its parent region."""
    letters: dict[str, list[str]] = {}
    for each in found:
        letters.setdefault(each.comparison_region, []).append(each.letter)
    said = [f"{name} for {', '.join(of)}" for name, of in letters.items() if name]
    if said:
        yield from textwrap.wrap(f"The region beside it: {'; '.join(said)}.", _WIDTH)


def _span(dates: Sequence[date]) -> str:
    return f"{wording.format_date(dates[0])} to {wording.format_date(dates[-1])}"


def _json_data(found: Sequence[_Column], differences: Sequence[_Difference]) -> dict[str, object]:
    return {
        "subjects": [
            {
                "subject": each.head.subject.key,
                "term": clean_text(each.head.names.term_name),
                "region": clean_text(each.head.names.region_name),
                "url": safe_url(each.head.url),
                "region_beside": each.comparison_region or None,
                "as_of": each.head.as_of.isoformat(),
                "window_months": each.head.subject.window_months,
                **{key: to_json_number(each.figures.now(key)) for key in _GENERAL},
                "pay": {
                    basis: {key: to_json_number(each.figures.now(key, basis)) for key in _PAY}
                    for basis in each.figures.bases
                },
            }
            for each in found
        ],
        "differences": [
            {
                "subject": each.of.head.subject.key,
                "against": each.against.head.subject.key,
                "basis": each.basis,
                "statistic": "median",
                "difference": to_json_number(each.pounds),
                "percent": round(float(each.percent), 2),
                "verdict": each.evidence.verdict,
                "p_value": each.evidence.p_value,
                "because": each.evidence.explanation,
            }
            for each in differences
        ],
        "source": ATTRIBUTION,
    }
