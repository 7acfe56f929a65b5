"""What a page's sentences and headings say about its tables: the lead sentence, "Top 30", "Top 18 Job Locations"."""

import re
from collections.abc import Iterator
from typing import Final

from jobspider.errors import UnreadableFigureError
from jobspider.model import AuditFinding, Content, Subject
from jobspider.pages._periods import Period, find_window
from jobspider.pages._skill_lists import SkillLists
from jobspider.pages._statistics_tables import same_region
from jobspider.pages.html.outline import LONGEST_WORDING, Outline, TextLine
from jobspider.site.cell_values import parse_money
from jobspider.site.statistics import parse_basis

_LEAD: Final = re.compile(
    r"the (?:median|average) .*?\b(?P<basis>annual salary|salary|daily rate|hourly rate)\b.*? (?:is|was) "
    r"(?P<median>£(?:[0-9,.]*[0-9])?|-)(?![0-9]).*",
    re.IGNORECASE,
)
# "Top 30 Co-Occurring Skills & Capabilities in Wales", "Job Locations in the North West", "... in Wales by Category".
# Sought in lower case, which takes less time than disregarding the case.
_SECTION: Final = re.compile(r"(?:job locations|skills|capabilities) in (?:the )?(?P<place>.+?)(?: by category)?$")
_TOP_PLACES: Final = re.compile(r"top ([0-9]{1,4}) (?:contract )?job locations\b")


def check_prose(
    outline: Outline, period: Period, subject: Subject, content: Content, skills: SkillLists
) -> tuple[AuditFinding, ...]:
    """Return where a page's words and its tables differ. What the page does not state is not missed."""
    return (
        *_check_lead_sentence(period, content),
        *_top_skills(skills),
        *_check_location_count(outline, content),
        *_sections(outline, subject),
    )


def _check_lead_sentence(period: Period, content: Content) -> Iterator[AuditFinding]:
    """Compare the lead sentence's median and date with table 1's; it says "-" where the table has none."""
    texts = (piece.text for piece in period.above if isinstance(piece, TextLine))
    lead = next((found for text in texts if len(text) <= LONGEST_WORDING and (found := _LEAD.fullmatch(text))), None)
    if lead is None:
        return
    try:
        median = parse_money(lead["median"])
    except UnreadableFigureError as error:
        yield AuditFinding("lead_median", error.expected, error.text)
        return
    printed = content.term.now("median", parse_basis(lead["basis"]))
    if printed != median:
        yield AuditFinding("lead_median", f"{median} as in the lead sentence", f"{printed} in the table")
    window = find_window(lead[0])
    if window and window != period.window:
        yield AuditFinding(
            "lead_window",
            f"{window.months} months to {window.ends} as in the lead sentence",
            f"{period.window.months} months to {period.window.ends} in the table",
        )


def _top_skills(skills: SkillLists) -> Iterator[AuditFinding]:
    """Hold "Top N" to its N skills; there may be fewer only where the categories, too, have fewer."""
    if skills.announced is None or skills.announced == len(skills.top) > 0:
        return
    known = {skill.name for entries in skills.by_category.values() for skill in entries}
    listed = len(skills.top)
    if listed > skills.announced or listed < min(skills.announced, len(known)) or not listed:
        yield AuditFinding("top_skills", f"{skills.announced} skills as in the heading", f"{listed} in the list")


def _check_location_count(outline: Outline, content: Content) -> Iterator[AuditFinding]:
    """Hold "Top N Job Locations" to its N places."""
    headings = (_TOP_PLACES.search(heading.text.lower()) for heading in outline.headings)
    found = next((match for match in headings if match), None)
    if found and int(found[1]) != len(content.locations):
        yield AuditFinding(
            "top_locations", f"{found[1]} places as in the heading", f"{len(content.locations)} in the table"
        )


def _sections(outline: Outline, subject: Subject) -> Iterator[AuditFinding]:
    """Hold the headings of locations and skills to the page's region, where they name one."""
    for heading in outline.headings:
        found = _SECTION.search(heading.text.lower())
        if found and not same_region(found["place"], subject.region):
            yield AuditFinding("section_region", f"a section on {subject.region!r}", f"{heading.text!r}")
