"""Compare the text of a page with its tables: the lead sentence, "Top 30", "Top 18 Job Locations"."""

import re
from collections.abc import Iterator
from typing import Final

from jobspider.errors import UnreadableFigureError
from jobspider.model import AuditFinding, Content, Subject
from jobspider.pages._periods import Period, find_window
from jobspider.pages._skill_lists import SkillLists
from jobspider.pages._statistics_tables import same_region
from jobspider.pages.html.outline import MAX_LABEL_LENGTH, Outline, TextLine
from jobspider.site.cell_values import parse_money
from jobspider.site.statistics import parse_basis

_LEAD: Final = re.compile(
    r"the (?:median|average) .*?\b(?P<basis>annual salary|salary|daily rate|hourly rate)\b.*? (?:is|was) "
    r"(?P<median>£(?:[0-9,.]*[0-9])?|-)(?![0-9]).*",
    re.IGNORECASE,
)
# "Top 30 Co-Occurring Skills & Capabilities in Wales", "Job Locations in the North West", "... in Wales by Category".
# Matched against lower-case text, which is faster than re.IGNORECASE.
_SECTION: Final = re.compile(r"(?:job locations|skills|capabilities) in (?:the )?(?P<place>.+?)(?: by category)?$")
_TOP_LOCATIONS: Final = re.compile(r"top ([0-9]{1,4}) (?:contract )?job locations\b")


def check_prose(
    outline: Outline, period: Period, subject: Subject, content: Content, skills: SkillLists
) -> tuple[AuditFinding, ...]:
    """Return the contradictions between text and tables. Missing text is not a contradiction."""
    return (
        *_check_lead_sentence(period, content),
        *_check_skill_count(skills),
        *_check_location_count(outline, content),
        *_check_section_regions(outline, subject),
    )


def _check_lead_sentence(period: Period, content: Content) -> Iterator[AuditFinding]:
    """Compare median and date of the lead sentence with table 1. Both contain "-" for a missing median."""
    texts = (piece.text for piece in period.above if isinstance(piece, TextLine))
    lead = next((match for text in texts if len(text) <= MAX_LABEL_LENGTH and (match := _LEAD.fullmatch(text))), None)
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


def _check_skill_count(skills: SkillLists) -> Iterator[AuditFinding]:
    """Check that "Top N" lists N skills, or all skills if the categories contain fewer."""
    if skills.announced is None or skills.announced == len(skills.top) > 0:
        return
    known = {skill.name for entries in skills.by_category.values() for skill in entries}
    listed = len(skills.top)
    if listed > skills.announced or listed < min(skills.announced, len(known)) or not listed:
        yield AuditFinding("top_skills", f"{skills.announced} skills as in the heading", f"{listed} in the list")


def _check_location_count(outline: Outline, content: Content) -> Iterator[AuditFinding]:
    """Check that "Top N Job Locations" lists N locations."""
    headings = (_TOP_LOCATIONS.search(heading.text.lower()) for heading in outline.headings)
    match = next((heading for heading in headings if heading), None)
    if match and int(match[1]) != len(content.locations):
        yield AuditFinding(
            "top_locations", f"{match[1]} locations as in the heading", f"{len(content.locations)} in the table"
        )


def _check_section_regions(outline: Outline, subject: Subject) -> Iterator[AuditFinding]:
    """Check that headings of locations and skills name the region of the page, if they name one."""
    for heading in outline.headings:
        match = _SECTION.search(heading.text.lower())
        if match and not same_region(match["place"], subject.region):
            yield AuditFinding("section_region", f"a section on {subject.region!r}", f"{heading.text!r}")
