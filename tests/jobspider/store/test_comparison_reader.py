from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from jobspider.errors import StoreError
from jobspider.model import Basis, Content, SkillShare
from jobspider.store.crawl_writer import Writer
from jobspider.store.reader import Reader
from tests.support.sample_pages import DAY, MONDAY, MORNING, content, crawl, page

WEEK = timedelta(weeks=1)


def skills(*names: str) -> tuple[SkillShare, ...]:
    """Return a list in which each is asked for once less than the one before, of the seven ads of the sample page."""
    counts = range(6, 0, -1)
    return tuple(
        SkillShare(rank, name, count, round(Decimal(100 * count) / 7, 2))
        for rank, (name, count) in enumerate(zip(names, counts, strict=False), start=1)
    )


def ranked(top: tuple[str, ...], languages: tuple[str, ...]) -> Content:
    return replace(content(), top_skills=skills(*top), skills={"Languages": skills(*languages)})


def pair(reader: Reader) -> tuple[Content, Content]:
    return reader.content_pairs([(1, 2)], 10, Decimal(5))[1, 2]


def test_of_a_pair_there_is_what_is_compared(writer: Writer, reader: Reader) -> None:
    crawl(writer, page(), "first")
    crawl(writer, page(MONDAY + DAY, content(600)), "second")
    old, new = pair(reader)
    assert (old.term, old.top_skills) == (content().term, content().top_skills[:1])
    assert [place.live_jobs for place in old.locations] == [None, None]
    assert old.category is None
    assert new.term == content(600).term


def lists(of: Content) -> dict[str, list[str]]:
    return {name: [skill.name for skill in skills_of] for name, skills_of in of.skills.items()}


def test_of_the_lists_by_category_there_is_each_that_has_what_the_other_top_list_lacks(
    writer: Writer, reader: Reader
) -> None:
    crawl(writer, page(figures=ranked(("SQL", "Java"), ("SQL", "Java", "Go", "C"))), "first")
    crawl(writer, page(MONDAY + DAY, ranked(("SQL", "Go"), ("SQL", "Go", "Java", "C"))), "second")
    old, new = pair(reader)
    assert (lists(old), lists(new)) == (
        {"Languages": ["SQL", "Java", "Go", "C"]},
        {"Languages": ["SQL", "Go", "Java", "C"]},
    )


@pytest.mark.parametrize(
    ("names", "top", "least", "is_given"),
    [
        (("SQL", "Java", "Go", "C"), 2, 50, False),
        (("SQL", "Go", "Java", "C"), 2, 50, True),
        (("SQL", "Go", "Java", "C"), 3, 50, False),
        (("SQL", "Go", "Java", "C"), 0, 50, False),
        (("SQL", "Go", "Java", "C"), 0, 12, True),
        (("SQL", "Java", "Go", "C", "Ruby"), 4, 60, False),
        (("SQL", "Java", "Go", "C", "Ruby"), 5, 60, True),
        (("SQL", "Java", "Go"), 4, 50, True),
        (("SQL", "Java", "Go"), 3, 90, False),
        (("SQL", "Java", "Go"), 0, 40, True),
    ],
)
def test_a_list_by_category_is_given_where_it_can_hold_news(
    writer: Writer, reader: Reader, names: tuple[str, ...], top: int, least: int, *, is_given: bool
) -> None:
    top_list = ("SQL",)
    crawl(writer, page(figures=ranked(top_list, ("SQL", "Java", "Go", "C"))), "first")
    crawl(writer, page(MONDAY + DAY, replace(ranked(top_list, names), category=None)), "second")
    old, new = reader.content_pairs([(1, 2)], top, Decimal(least))[1, 2]
    assert [[*of.skills] for of in (old, new)] == [["Languages"] if is_given else []] * 2


def test_the_lines_of_all_lists_are_counted(writer: Writer, reader: Reader) -> None:
    crawl(writer, page(figures=ranked(("SQL", "Java"), ("SQL", "Java", "Go"))), "first")
    crawl(writer, page(MONDAY + DAY, ranked((), ())), "second")
    assert reader.skill_counts([1, 2]) == {1: (2, 5), 2: (0, 0)}


def test_many_pairs_are_what_each_of_them_is(writer: Writer, reader: Reader) -> None:
    for day in range(6):
        crawl(writer, page(MONDAY + day * DAY, content(600 + day)), f"day {day}")
    wanted = [(old, 6) for old in range(1, 7)]
    together = reader.content_pairs(wanted, 10, Decimal(5))
    assert together == {ids: reader.content_pairs([ids], 10, Decimal(5))[ids] for ids in wanted}


def test_of_a_content_one_can_have_the_first_table_alone(writer: Writer, reader: Reader) -> None:
    crawl(writer, page(), "first")
    found = reader.contents([1], whole=False)[1]
    assert found == Content(content().term, None)


def test_a_content_that_is_not_there_cannot_be_compared(reader: Reader) -> None:
    with pytest.raises(StoreError, match="has no content 17"):
        reader.content_pairs([(17, 17)], 10, Decimal(5))


def test_pages_between_two_dates_are_those_of_the_same_parser(writer: Writer, reader: Reader) -> None:
    for week in range(5):
        crawl(writer, page(MONDAY + week * WEEK, content(600 + week)), f"week {week}")
    (head,) = reader.latest_snapshots()
    found = reader.between(head.subject_id, MONDAY, head.as_of, head.parser_version)
    assert found == tuple((MONDAY + week * WEEK, week + 1) for week in (1, 2, 3))
    assert reader.between(head.subject_id, MONDAY, head.as_of, head.parser_version + 1) == ()


def test_the_nearest_page_of_a_day_is_found_within_its_reach(writer: Writer, reader: Reader) -> None:
    for day in (0, 2, 9):
        crawl(writer, page(MONDAY + day * DAY, content(600 + day)), f"day {day}")
    (head,) = reader.latest_snapshots()
    found = [
        reader.nearest_content(head.subject_id, MONDAY + day * DAY, 3, head.parser_version) for day in (0, 3, 7, 20)
    ]
    assert found == [(MONDAY, 1), (MONDAY + 2 * DAY, 2), (MONDAY + 9 * DAY, 3), None]


def test_how_medians_changed_within_a_year_can_be_had_alone(writer: Writer, reader: Reader) -> None:
    usual = content()
    assert usual.category is not None
    rows = {**usual.category.figures.rows, (Basis.DAILY, "median_change"): (Decimal("16.76"), None, None)}
    category = replace(usual.category, figures=replace(usual.category.figures, rows=rows))
    crawl(writer, page(figures=replace(usual, category=category)), "first")
    found = reader.yearly_changes([1])[1]
    assert found.category is not None
    assert found.category.name == "All Contract IT Job Vacancies"
    assert found.category.figures.rows == {(Basis.DAILY, "median_change"): (Decimal("16.76"), None, None)}


def test_the_past_is_known_as_it_was_known_then(writer: Writer, reader: Reader) -> None:
    for day in range(3):
        crawl(writer, page(MONDAY + day * DAY, content(600 + day)), f"day {day}", MORNING + day * DAY)
    (head,) = reader.latest_snapshots(until=MORNING + DAY + timedelta(hours=1))
    assert head.as_of == MONDAY + DAY
    assert reader.latest_snapshots(until=MORNING - DAY) == ()
    (row,) = reader.latest_fetches_since(None, until=MORNING + timedelta(hours=1))
    assert row.fetched_at is not None
    assert row.fetched_at < MORNING + DAY
    assert len(reader.crawl_end_times(MORNING + DAY)) == 2
