"""Market indexes that are read again and again: what is told of a date is one list, never parts of two."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobspider.model import Capture, FetchStatus, Market, MarketRow, PlannedPage
from jobspider.pages.market_lists import next_page_numbers
from jobspider.site import urls
from jobspider.store.crawl_writer import Writer
from jobspider.store.database import Database
from jobspider.store.market_indexes import MarketIndexStore
from tests.support.market_site import DAY, LONDON, page, renumbered, row, rows

MORNING = datetime(2025, 7, 31, 6, 30, tzinfo=UTC)
A_PAGE = 50
TOKENS = count()


def crawl(
    database: Database,
    listed: Sequence[MarketRow],
    *,
    of: Market = LONDON,
    wanted: int = 9,
    failing: Collection[int] = (),
    as_of: date = DAY,
    at: datetime = MORNING,
) -> int:
    """Read an index that lists these rows, as a crawl does, and return the crawl's id."""
    first = PlannedPage(urls.market_url(of), None, wanted)
    crawl_id = Writer(database).begin_crawl(f"{of.region} {next(TOKENS)}", "market", at, "0.1.0", [first])
    pending = [first]
    for planned in pending:
        shown = page(listed, urls.parse_market_url(planned.url), as_of)
        if shown.market.page in failing:
            Writer(database).record_failure(crawl_id, planned.url, FetchStatus.FETCH_FAILED, "HTTP 500", 500, at)
            continue
        body = repr(shown).encode()
        captured = Capture(planned.url, body, sha256(body).hexdigest(), at)
        numbers = next_page_numbers(shown, wanted)
        more = [PlannedPage(urls.market_url(replace(of, page=number)), None, wanted) for number in numbers]
        MarketIndexStore(database).store_page(crawl_id, planned.url, shown, captured, 200, more)
        pending += more
    return crawl_id


def told(database: Database, of: Market = LONDON) -> list[MarketRow]:
    """Return what is told of the date, in the order of the ranks."""
    return list(MarketIndexStore(database).rows(of, DAY).values())


def kept(database: Database) -> int:
    return int(database.rows("SELECT count(*) FROM market_rows")[0][0])


def ends(database: Database, crawl_id: int) -> list[str]:
    """Return where the pages of a crawl ended, the first page first."""
    return [end for (end,) in database.rows("SELECT status FROM fetches WHERE crawl_id = ? ORDER BY url", (crawl_id,))]


def test_a_term_that_left_the_list_is_not_told_any_more(database: Database) -> None:
    before = rows(120)
    crawl(database, before)
    crawl(database, renumbered(before[1:]))
    assert told(database) == renumbered(before[1:])


def test_a_term_that_left_a_rank_it_shared_is_not_told_any_more(database: Database) -> None:
    """Every row that is left was read before, with the same figures: only the whole list tells."""
    tied = [row(1, rank=1), row(2, rank=1), *(row(number, rank=number - 1) for number in range(3, 121))]
    crawl(database, tied)
    again = crawl(database, tied[1:])
    assert told(database) == tied[1:]
    assert ends(database, again) == ["stored"] * 3


def test_a_list_that_went_back_to_what_it_was_is_told_as_it_is_now(database: Database) -> None:
    before, after = rows(60), renumbered([*rows(60)[1:], row(1)])
    for listed in (before, after, before):
        crawl(database, listed)
    assert told(database) == before


def test_one_page_that_differs_keeps_the_list_whole(database: Database) -> None:
    crawl(database, rows(120))
    changed = [*rows(60), row(61, vacancies=1), *rows(120)[61:]]
    again = crawl(database, changed)
    assert ends(database, again) == ["stored"] * 3
    assert told(database) == changed
    assert kept(database) == 240


def test_a_list_read_again_and_again_is_kept_once(database: Database) -> None:
    for live_jobs in range(4):
        again = crawl(database, [each._replace(live_jobs=live_jobs) for each in rows(120)])
    assert ends(database, again) == ["unchanged"] * 3
    assert kept(database) == 120
    assert told(database)[0].live_jobs == 0


def test_the_first_page_read_again_as_it_was_leaves_the_longer_list(database: Database) -> None:
    crawl(database, rows(120))
    again = crawl(database, rows(120), wanted=1)
    assert ends(database, again) == ["unchanged"]
    assert told(database) == rows(120)


def test_the_first_page_read_again_with_other_rows_is_the_list(database: Database) -> None:
    before = rows(120)
    crawl(database, before)
    after = renumbered([*before[1:100], before[0], *before[100:]])
    crawl(database, after, wanted=1)
    assert told(database) == after[:A_PAGE]


@pytest.mark.parametrize("left", [119, 100, 60, 50, 1])
def test_terms_that_left_the_end_of_the_list_are_not_told_any_more(left: int, database: Database) -> None:
    crawl(database, rows(120))
    crawl(database, rows(left))
    assert told(database) == rows(left)


def test_a_list_of_which_a_page_is_missing_does_not_replace_a_whole_one(database: Database) -> None:
    crawl(database, rows(120))
    crawl(database, renumbered(rows(120)[1:]), failing={2})
    assert told(database) == rows(120)


def test_where_no_list_is_whole_what_the_newest_crawl_has_read_is_told(database: Database) -> None:
    crawl(database, rows(120), failing={3})
    after = renumbered(rows(120)[1:])
    crawl(database, after, failing={2})
    assert told(database) == [*after[:50], *after[100:]]
    crawl(database, after, failing={1})
    assert told(database) == [*after[:50], *after[100:]]


def test_a_whole_list_replaces_one_of_which_a_page_was_missing(database: Database) -> None:
    crawl(database, rows(120), failing={2})
    again = crawl(database, rows(120))
    assert ends(database, again) == ["stored"] * 3
    assert told(database) == rows(120)


def forget_rows_in_common(database: Database, crawl_id: int, pages: Collection[int]) -> None:
    """Make of a crawl what the first versions kept of it: no rows of the pages that were read before."""
    with database.immediate() as connection:
        for number in pages:
            names = [f"Term {term:03}" for term in range(number * A_PAGE - A_PAGE + 1, number * A_PAGE + 1)]
            connection.executemany(
                "DELETE FROM market_rows WHERE (crawl_id, name) = (?, ?)", [(crawl_id, name) for name in names]
            )
            connection.execute(
                "UPDATE fetches SET status = 'unchanged' WHERE (crawl_id, url) = (?, ?)",
                (crawl_id, urls.market_url(replace(LONDON, page=number))),
            )


def test_a_list_that_an_old_version_kept_in_parts_is_put_together_where_the_parts_do_not_overlap(
    database: Database,
) -> None:
    crawl(database, rows(120), failing={2})
    again = crawl(database, rows(120))
    forget_rows_in_common(database, again, {1, 3})
    assert kept(database) == 120
    assert told(database) == rows(120)


def test_of_a_list_that_an_old_version_kept_in_part_the_whole_one_before_it_is_told(database: Database) -> None:
    crawl(database, rows(120))
    again = crawl(database, [row(1, vacancies=1), *rows(120)[1:]])
    forget_rows_in_common(database, again, {2, 3})
    assert kept(database) == 170
    assert told(database) == rows(120)


@pytest.mark.parametrize("second", [{"failing": {2}}, {"failing": {1}}, {"as_of": DAY - timedelta(days=1)}])
def test_an_index_is_read_as_the_newest_crawl_has_read_it(second: dict[str, object], database: Database) -> None:
    crawl(database, rows(60))
    assert [len(pages) for pages in MarketIndexStore(database).read_since(MORNING)] == [2]
    crawl(database, rows(60), **second)  # type: ignore[arg-type]  # the parameters stand above
    assert not MarketIndexStore(database).read_since(MORNING)
    crawl(database, rows(60))
    assert [len(pages) for pages in MarketIndexStore(database).read_since(MORNING)] == [2]


def test_a_crawl_that_was_interrupted_before_it_came_to_an_index_says_nothing_of_it(database: Database) -> None:
    crawl(database, rows(60))
    first = PlannedPage(urls.market_url(LONDON), None, 9)
    Writer(database).begin_crawl("interrupted", "market", MORNING, "0.1.0", [first])
    assert [len(pages) for pages in MarketIndexStore(database).read_since(MORNING)] == [2]


# Any readings.


class Reading(NamedTuple):
    """What the site lists, terms in pairs of one rank, and how much of it a crawl reads."""

    most: int
    gone: set[int]
    changed: tuple[int, int]
    """A term, and its number of advertisements."""
    wanted: int
    failing: set[int]

    @property
    def listed(self) -> list[MarketRow]:
        """All rows of the index; equal numbers of advertisements share a rank, and none is left out after them."""
        numbers = {number: 1000 - number // 2 for number in range(1, self.most + 1)}
        numbers |= dict([self.changed])
        terms = {f"Term {number:03}": ads for number, ads in numbers.items() if number not in self.gone}
        ranks = {ads: rank for rank, ads in enumerate(sorted(set(terms.values()), reverse=True), start=1)}
        order = sorted(terms.items(), key=lambda term: (-term[1], term[0]))
        return [row(1, name=name, url="", rank=ranks[ads], vacancies=ads) for name, ads in order]

    @property
    def seen(self) -> list[MarketRow]:
        """The rows that come."""
        pages = set() if 1 in self.failing else set(range(1, self.wanted + 1)) - self.failing
        return [each for place, each in enumerate(self.listed) if place // A_PAGE + 1 in pages]

    @property
    def is_whole(self) -> bool:
        """Whether every page comes that is wanted and there."""
        return not self.failing & set(range(1, min(self.wanted, -(-len(self.listed) // A_PAGE)) + 1))

    @property
    def is_to_the_end(self) -> bool:
        """Whether every page comes that is there."""
        return self.is_whole and self.wanted * A_PAGE >= len(self.listed)


READINGS = st.builds(
    Reading,
    most=st.sampled_from([130, 101, 100, 60, 50]),
    gone=st.sets(st.integers(1, 130), max_size=2),
    changed=st.tuples(st.sampled_from([1, 49, 75]), st.sampled_from([1, 950, 2000])),
    wanted=st.integers(1, 4),
    failing=st.sampled_from([set(), set(), {1}, {2}, {3}]),
)


@pytest.fixture(scope="module")
def any_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with Database.open(tmp_path_factory.mktemp("lists") / "jobs.db") as opened:
        yield opened


@settings(max_examples=50)
@given(st.lists(READINGS, min_size=1, max_size=4))
def test_after_any_readings_the_newest_whole_list_is_told(any_database: Database, made: list[Reading]) -> None:
    of = urls.make_market("permanent", f"place {next(TOKENS)}")
    for each in made:
        crawl(any_database, each.listed, of=of, wanted=each.wanted, failing=each.failing)
    found = [each._replace(url="") for each in told(any_database, of)]
    whole = [reading for reading in made if reading.is_whole]
    if whole:
        assert found in [reading.seen for reading in whole]
        assert {*found} >= {*whole[-1].seen}
        assert found == whole[-1].seen or not whole[-1].is_to_the_end
    else:
        assert found == next((reading.seen for reading in reversed(made) if reading.seen), [])
