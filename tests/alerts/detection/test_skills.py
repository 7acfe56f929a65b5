"""Lists that are cut, with ties in no order: who entered them, left them, came back, and who only seems to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.detection import skills
from alerts.model.changes import Change, ChangeKind, Decision, Digest, Figure
from alerts.model.topics import CATEGORY_SKILLS, SKILLS_TOPIC
from jobspider.model import Content
from jobspider.pages import read_page
from jobspider.store.database import Database
from jobspider.store.reader import Reader
from tests.support.digest_scenarios import (
    HOUR,
    MORNING,
    NORTH_WEST,
    WEEK,
    DigestScenario,
    comparison,
    content,
    differences,
    skill_list,
)

CROSSINGS = (ChangeKind.ENTERED, ChangeKind.LEFT, ChangeKind.RETURNED)
FIXTURES = Path(__file__).parents[3] / "fixtures"
NORTH_WEST_PAGE = FIXTURES / "pages" / "role" / "permanent-north-west-2025-11-23"
SITE = FIXTURES / "sites" / "backend-developer"


def between(old: Content, new: Content, top: int = 10) -> list[Change]:
    return differences(comparison(old, new), SKILLS_TOPIC, top)


def crossed(old: Content, new: Content, top: int) -> set[tuple[str | None, ChangeKind]]:
    return {(change.item, change.kind) for change in between(old, new, top) if change.kind in CROSSINGS}


def top_of(names: str, count: int = 50) -> dict[str, int]:
    """Return a list in which each letter is asked for once less than the one before."""
    return {name: count - place for place, name in enumerate(names)}


def list_name(change: Change) -> str | None:
    return change.skill.list_name if change.skill else None


def min_share_change(change: Change) -> Figure | None:
    return change.skill.min_share_change if change.skill else None


def test_a_skill_that_passes_the_top_enters_and_the_one_it_displaces_leaves() -> None:
    old, new = content(skills=top_of("abcd")), content(skills={**top_of("ab"), "d": 49, "c": 40})
    found = {change.item: (change.kind, change.difference) for change in between(old, new, top=3)}
    assert found["d"] == (ChangeKind.ENTERED, Decimal("0.84"))
    assert found["c"][0] is ChangeKind.LEFT


def test_a_share_that_moved_inside_the_list_is_a_change_in_points() -> None:
    (change,) = between(content(skills={"Python": 120, "SQL": 100}), content(skills={"Python": 132, "SQL": 100}))
    assert (change.item, change.kind, change.difference) == ("Python", ChangeKind.MOVED, 5)


def test_only_the_counts_decide_about_positions_not_the_order_among_ties() -> None:
    old, new = content(skills={"a": 9, "b": 9, "c": 9}), content(skills={"c": 9, "b": 9, "a": 9})
    assert between(old, new, top=1) == []


def test_ties_across_the_border_neither_enter_nor_leave() -> None:
    old = content(skills={"a": 9, "b": 8, "c": 8, "d": 2})
    new = content(skills={"a": 9, "b": 8, "c": 2, "d": 8})
    assert {change.item: change.kind for change in between(old, new, top=2)} == {
        "c": ChangeKind.MOVED,
        "d": ChangeKind.MOVED,
    }
    assert {change.item: change.kind for change in between(old, new, top=3)} == {
        "c": ChangeKind.LEFT,
        "d": ChangeKind.ENTERED,
    }


def test_a_tie_that_falls_off_the_end_is_no_news() -> None:
    old, new = content(skills=top_of("abc") | {"d": 40, "e": 40}), content(skills=top_of("abc") | {"d": 40, "f": 40})
    for top in (3, 4, 5, 10):
        assert between(old, new, top) == [], top


def test_what_was_surely_among_the_top_and_is_below_the_cut_has_left() -> None:
    old = content(skills=top_of("abcde"))
    new = content(skills={skill.name: skill.count for skill in old.top_skills[1:]})
    found = {change.item: (change.kind, change.old, change.new) for change in between(old, new, top=3)}
    assert found == {
        "a": (ChangeKind.LEFT, old.top_skills[0].share, None),
        "d": (ChangeKind.ENTERED, old.top_skills[3].share, old.top_skills[3].share),
    }


def test_with_a_list_no_longer_than_the_top_nobody_can_say_who_entered() -> None:
    old, new = content(skills={"a": 9, "b": 8}), content(skills={"a": 9, "c": 8})
    assert between(old, new, top=2) == []


def test_absent_is_below_the_cut_and_that_is_no_news_below_the_top() -> None:
    old, new = content(skills=top_of("abcd")), content(skills=top_of("abc"))
    assert between(old, new, top=2) == []
    assert between(new, old, top=2) == []


def test_a_skill_that_rises_from_below_the_cut_has_moved_by_what_lies_beyond_it() -> None:
    usual = {f"skill {place}": 100 - place for place in range(12)}
    old, new = content(skills={**usual, "last": 24}), content(skills={**usual, "Go": 84, "last": 24})
    (change,) = between(old, new, top=10)
    assert (change.item, change.kind, change.old, change.new) == ("Go", ChangeKind.APPEARED, None, 35)
    assert (min_share_change(change), change.difference) == (25, None)
    (back,) = between(new, old, top=10)
    assert (back.kind, min_share_change(back)) == (ChangeKind.DISAPPEARED, 25)


def test_the_share_of_a_skill_below_the_top_lists_cut_is_known_from_its_category() -> None:
    old = content(
        skills={"Python": 120, "Cobol": 96, "SQL": 72}, categories={"Languages": {"Python": 120, "Cobol": 96}}
    )
    new = content(skills={"Python": 120, "Java": 96, "SQL": 72}, categories={"Languages": {"Python": 120, "Cobol": 12}})
    found = {change.item: (change.kind, change.old, change.new) for change in between(old, new, top=2)}
    assert found == {
        "Cobol": (ChangeKind.LEFT, Decimal("40.00"), Decimal("5.00")),
        "Java": (ChangeKind.ENTERED, None, Decimal("40.00")),
    }


def test_a_skill_that_its_category_counts_as_often_as_the_last_is_tied_with_it() -> None:
    old = content(skills={"a": 9, "b": 5}, categories={"All": {"a": 9, "b": 5, "c": 5}})
    new = content(skills={"a": 9, "c": 5}, categories={"All": {"a": 9, "b": 5, "c": 5}})
    assert between(old, new, top=2) == []


def test_a_page_without_a_top_list_says_nothing_of_any_skill() -> None:
    assert between(content(), content(skills={})) == []
    assert between(content(skills={}), content()) == []


def test_with_the_rule_off_nobody_enters_or_leaves() -> None:
    found = between(content(skills=top_of("abc")), content(skills=top_of("cba")), top=0)
    assert {change.kind for change in found} == {ChangeKind.MOVED}


def test_a_share_that_is_not_printed_does_not_move() -> None:
    new = content(skills={"Python": 100, "SQL": 100, "Java": 80})
    unprinted = replace(new, top_skills=tuple(skill._replace(share=None) for skill in new.top_skills))
    assert between(content(), unprinted, top=3) == []


# Any page at all: what a cut list and the order of ties may never do


@dataclass(frozen=True)
class Asked:
    """How many ads ask for each of some skills, in which category each stands; nothing is cut off."""

    counts: Mapping[str, int]
    categories: Mapping[str, str]
    ads: int = 40

    def page(self, cut: int = 99, category_cut: int = 99, order: int = 1) -> Content:
        """Return the page that prints so many lines of each list, its ties in one order or (-1) the other."""
        ranked = sorted((name for name, count in self.counts.items() if count), reverse=order < 0)
        ranked.sort(key=lambda name: -self.counts[name])
        lists = {
            category: {name: self.counts[name] for name in ranked if self.categories[name] == category}
            for category in dict.fromkeys(self.categories.values())
        }
        return replace(
            content(vacancies=self.ads),
            top_skills=skill_list({name: self.counts[name] for name in ranked[:cut]}, self.ads),
            skills={
                category: skill_list(dict([*asked.items()][:category_cut]), self.ads)
                for category, asked in lists.items()
                if asked
            },
        )


NAMES = [f"skill {number:02}" for number in range(16)]
counts = st.fixed_dictionaries({name: st.integers(0, 12) for name in NAMES}).filter(lambda each: any(each.values()))
categories = st.fixed_dictionaries({name: st.sampled_from(["Languages", "Vendors", "General"]) for name in NAMES})
tops = st.integers(0, 12)
cuts = st.integers(1, 20)


@settings(max_examples=150)
@given(counts, categories, tops, cuts, cuts, st.sampled_from([1, -1]))
def test_the_same_page_cut_elsewhere_with_its_ties_in_another_order_is_no_change(
    asked: dict[str, int], of: dict[str, str], top: int, cut: int, category_cut: int, order: int
) -> None:
    whole, short = Asked(asked, of).page(), Asked(asked, of).page(cut, category_cut, order)
    assert between(whole, short, top) == []
    assert between(short, whole, top) == []


@settings(max_examples=150)
@given(counts, counts, categories, tops, cuts, cuts)
def test_who_enters_or_leaves_a_list_that_is_cut_does_so_of_one_that_is_not(
    then: dict[str, int], now: dict[str, int], of: dict[str, str], top: int, cut: int, other: int
) -> None:
    old, new = Asked(then, of), Asked(now, of)
    told = crossed(old.page(cut, other), new.page(other, cut, -1), top)
    assert told <= crossed(old.page(), new.page(), top)


@settings(max_examples=100)
@given(counts, counts, categories, tops, cuts)
def test_the_order_of_ties_makes_no_difference(
    then: dict[str, int], now: dict[str, int], of: dict[str, str], top: int, cut: int
) -> None:
    old, new = Asked(then, of), Asked(now, of)
    one = crossed(old.page(category_cut=cut), new.page(category_cut=cut), top)
    assert one == crossed(old.page(category_cut=cut, order=-1), new.page(category_cut=cut), top)
    assert one == crossed(old.page(category_cut=cut), new.page(category_cut=cut, order=-1), top)


@settings(max_examples=100)
@given(counts, counts, categories, tops, st.integers(1, 6))
def test_more_that_are_tied_with_the_last_of_a_list_make_nobody_enter_or_leave(
    then: dict[str, int], now: dict[str, int], of: dict[str, str], top: int, more: int
) -> None:
    old, new = Asked(then, of).page(), Asked(now, of).page()
    last = new.top_skills[-1]
    longer = (*new.top_skills, *(last._replace(name=f"tied {number}") for number in range(more)))
    assert crossed(old, replace(new, top_skills=longer), top) <= crossed(old, new, top)


@settings(max_examples=100)
@given(counts, counts, categories, tops)
def test_of_a_skill_there_is_one_change_though_it_stands_in_two_lists(
    then: dict[str, int], now: dict[str, int], of: dict[str, str], top: int
) -> None:
    names = [change.item for change in between(Asked(then, of).page(), Asked(now, of).page(), top)]
    assert len(names) == len(set(names))


@settings(max_examples=100)
@given(counts, counts, categories, tops, st.sampled_from(["Languages", "Vendors"]))
def test_a_category_that_appears_or_vanishes_whole_is_left_by_nobody(
    then: dict[str, int], now: dict[str, int], of: dict[str, str], top: int, gone: str
) -> None:
    old, new = Asked(then, of).page(), Asked(now, of).page()
    without = replace(new, skills={name: each for name, each in new.skills.items() if name != gone})
    for found in (between(old, without, top), between(without, old, top)):
        assert not any(list_name(change) == gone and change.kind in CROSSINGS for change in found)


@settings(max_examples=25)
@given(counts, counts, categories, tops, cuts, cuts, st.integers(1, 8))
def test_what_the_database_gives_to_compare_is_all_that_matters(
    then: dict[str, int], now: dict[str, int], of: dict[str, str], top: int, cut: int, category_cut: int, points: int
) -> None:
    old, new = Asked(then, of).page(cut, category_cut), Asked(now, of).page(cut, category_cut)
    least = Decimal(points)
    with TemporaryDirectory() as folder, Database.open(Path(folder) / "jobs.db") as database:
        stage = DigestScenario(database)
        stage.crawl(MORNING, {NORTH_WEST: old})
        stage.crawl(MORNING + WEEK, {NORTH_WEST: new})
        (head,) = Reader(database).latest_snapshots()
        ids = (1, head.content_id)
        some = Reader(database).content_pairs([ids], top, least)[ids]
    assert {*skills.changes(comparison(*some), top, least)} == {*skills.changes(comparison(old, new), top, least)}


# Categories, and the way back


def listed(**counts: int) -> Content:
    """Return a page that is asked for Java and SQL, and lists these languages."""
    return content(skills={"Java": 200, "SQL": 180, "Git": 160}, categories={"Languages": dict(counts)})


def test_a_skill_below_the_top_list_enters_the_first_of_its_category() -> None:
    old, new = listed(Java=200, C=60, Go=50, Rust=10), listed(Java=200, C=60, Rust=58, Go=50)
    (entered, left) = sorted(between(old, new, top=3), key=lambda change: change.kind)
    assert (entered.item, entered.kind, list_name(entered)) == ("Rust", ChangeKind.ENTERED, "Languages")
    assert (left.item, left.kind, list_name(left)) == ("Go", ChangeKind.LEFT, "Languages")
    assert entered.skill is not None
    assert entered.skill.ad_counts == (10, 58)


def test_one_below_the_cut_of_its_category_is_asked_for_no_more_often_than_its_last() -> None:
    old, new = listed(Java=200, C=60, Go=50), listed(Java=200, Rust=90, C=60, Go=50)
    (change,) = between(old, new, top=0)
    assert (change.item, change.kind) == ("Rust", ChangeKind.APPEARED)
    assert change.skill is not None
    assert (change.skill.list_name, change.skill.ad_counts) == ("Languages", (50, 90))
    assert change.skill.min_share_change == new.skills["Languages"][1].share - old.skills["Languages"][2].share  # type: ignore[operator]


def test_what_the_site_puts_into_another_category_has_not_entered_it() -> None:
    general = {"Finance": 90, "Banking": 80, "Retail": 70}
    other = {"Mobile": 30, "Games": 20, "Law": 10}
    lists = (
        {"General": general | {"Analysis": 60}, "Other": other},
        {"General": general, "Other": {"Analysis": 60} | other},
    )
    old, new = (content(skills={"Java": 200, "SQL": 180}, categories=each) for each in lists)
    assert [change for change in between(old, new, top=2) if change.item == "Analysis"] == []


def test_a_step_over_the_border_is_a_crossing_once_it_is_two_places_of_ten() -> None:
    ranked = {f"skill {place:02}": 100 - place for place in range(1, 15)}
    for count, kinds in ((88.5, []), (87.5, [ChangeKind.LEFT])):
        doubled = {name: 2 * each for name, each in ranked.items()} | {"skill 10": int(2 * count)}
        new = content(skills=doubled)
        old = content(skills={name: 2 * each for name, each in ranked.items()})
        assert [change.kind for change in between(old, new) if change.kind in CROSSINGS] == kinds, count


def test_the_skills_that_are_followed_are_counted_once() -> None:
    assert skills.hypothesis_counts(30, 144) == {SKILLS_TOPIC: 30, CATEGORY_SKILLS: 84}
    assert skills.hypothesis_counts(20, 42) == {SKILLS_TOPIC: 20, CATEGORY_SKILLS: 2}
    assert skills.hypothesis_counts(20, 30) == {SKILLS_TOPIC: 20, CATEGORY_SKILLS: 0}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[DigestScenario]:
    with Database.open(tmp_path / "jobs.db") as database:
        yield DigestScenario(database)


def asking_for(first: Sequence[str]) -> Content:
    """Return a page on which these are asked for most, of fifteen skills."""
    rest = [name for name in NAMES[:15] if name not in first]
    ranked = {name: 230 - 6 * place for place, name in enumerate([*first, *rest])}
    return content(skills=ranked, categories={"Languages": dict([*ranked.items()][-4:])})


def news(digest: Digest) -> dict[str | None, ChangeKind]:
    lines = [line for group in digest.groups for line in group.lines]
    assert all(line.decision is Decision.REPORTED for line in lines)
    return {line.change.item: line.change.kind for line in lines}


def test_who_was_told_to_have_left_returns(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: asking_for(NAMES)})
    stage.tell(MORNING + HOUR)
    without = asking_for(NAMES[3:15])
    stage.crawl(MORNING + WEEK, {NORTH_WEST: without})
    assert news(stage.tell(MORNING + WEEK + HOUR))[NAMES[0]] is ChangeKind.LEFT
    stage.crawl(MORNING + 2 * WEEK, {NORTH_WEST: asking_for(NAMES)})
    back = news(stage.tell(MORNING + 2 * WEEK + HOUR))
    assert back[NAMES[0]] is ChangeKind.RETURNED
    assert ChangeKind.ENTERED not in back.values()
    stage.crawl(MORNING + 3 * WEEK, {NORTH_WEST: without})
    assert news(stage.tell(MORNING + 3 * WEEK + HOUR))[NAMES[0]] is ChangeKind.LEFT


def test_who_was_never_told_to_have_left_has_nowhere_to_return_from(stage: DigestScenario) -> None:
    stage.crawl(MORNING, {NORTH_WEST: asking_for(NAMES)})
    stage.tell(MORNING + HOUR)
    stage.crawl(MORNING + WEEK, {NORTH_WEST: asking_for(NAMES[3:15])})
    assert news(stage.bounce(MORNING + WEEK + HOUR))[NAMES[0]] is ChangeKind.LEFT
    stage.crawl(MORNING + 2 * WEEK, {NORTH_WEST: asking_for(NAMES)})
    assert news(stage.tell(MORNING + 2 * WEEK + HOUR)) == {}


# Real pages


def real(
    folder: Path = NORTH_WEST_PAGE, name: str = "page.html", address: str = "/jobs/north%20west/backend%20developer.do"
) -> Content:
    return read_page((folder / name).read_bytes(), f"https://www.itjobswatch.co.uk{address}").content


@pytest.mark.parametrize("lines", [15, 20, 22])
@pytest.mark.parametrize("top", [5, 10, 15, 20, 30])
def test_a_real_page_with_the_shorter_top_list_of_former_years_is_no_change(lines: int, top: int) -> None:
    page = real()
    short = replace(page, top_skills=page.top_skills[:lines])
    assert between(page, short, top) == between(short, page, top) == []


def test_real_ties_that_fall_off_the_end_are_no_change() -> None:
    # Six of its thirty are asked for five times; were there more of these, any of them could stand in their place.
    page = real()
    last = [skill for skill in page.top_skills if skill.count == page.top_skills[-1].count]
    assert len(last) == 6
    others = tuple(skill._replace(name=f"other {skill.name}") for skill in last)
    exchanged = replace(page, top_skills=(*page.top_skills[: -len(last)], *others))
    for top in (10, 20, 24, 25, 30):
        assert crossed(page, exchanged, top) == crossed(exchanged, page, top) == set()


def test_a_real_page_that_got_too_thin_for_lists_is_left_by_nobody() -> None:
    junior = "permanent-midlands-junior.html"
    thick, thin = (
        real(SITE / day, junior, "/jobs/midlands/junior%20backend%20developer.do")
        for day in ("2025-11-16", "2025-11-23")
    )
    assert (len(thick.top_skills), len(thin.top_skills)) == (30, 0)
    assert between(thick, thin) == between(thin, thick) == []


def test_of_one_real_week_on_few_ads_nobody_is_said_to_have_left_by_a_tie() -> None:
    address = "/contracts/west%20midlands/backend%20developer.do"
    then, now = (real(SITE / day, "contract-west-midlands.html", address) for day in ("2025-11-16", "2025-11-23"))
    lists = [{skill.name: skill.count for skill in page.top_skills} for page in (then, now)]
    assert lists[0].keys() != lists[1].keys()
    for name, kind in crossed(then, now, 10):
        inside, outside = lists if kind is ChangeKind.LEFT else lists[::-1]
        assert name is not None
        assert inside[name] > sorted(inside.values())[-11]
        assert outside.get(name, min(outside.values())) < sorted(outside.values())[-10]
