"""Audit a page of the market index. The checks were verified on the page of London, 30 July 2025."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from operator import itemgetter
from typing import Final

from jobspider.model import AuditFinding, MarketPage
from jobspider.pages.audit.rounding import implied_total


def audit_index(page: MarketPage) -> tuple[AuditFinding, ...]:
    """Return the failed checks of a page of the market index. Each of them rejects the page."""
    return tuple(finding for check in INDEX_IDENTITIES for finding in check(page))


def index_order(page: MarketPage) -> Iterator[AuditFinding]:
    """Check that vacancies never increase, and that rows with equal vacancies share a rank: 1, 2, 2, 3."""
    first = page.rows[0]
    if page.market.page == 1 and first.rank != 1:
        yield AuditFinding("index_order", f"rank 1 for {first.name!r}, the first", str(first.rank))
    for above, row in pairwise(page.rows):
        rank = above.rank + (row.vacancies != above.vacancies)
        if row.vacancies > above.vacancies or row.rank != rank:
            actual = f"rank {row.rank} with {row.vacancies} ads"
            yield AuditFinding(
                "index_order",
                f"rank {rank} with at most {above.vacancies} ads for {row.name!r}, below {above.name!r}",
                actual,
            )


def index_total(page: MarketPage) -> Iterator[AuditFinding]:
    """Check that every row implies the same total number of ads as the row with the largest share."""
    rows = [(row, row.share) for row in page.rows if row.share]
    if not rows:
        return
    largest, share = max(rows, key=itemgetter(1))
    all_ads = implied_total(largest.vacancies, share)
    for row, share in rows:
        if not all_ads.allows_share(row.vacancies, share):
            actual = f"{row.vacancies} ({share}%)"
            yield AuditFinding("index_total", f"a part of {all_ads} ads in all for {row.name!r}", actual)


INDEX_IDENTITIES: Final[tuple[Callable[[MarketPage], Iterator[AuditFinding]], ...]] = (index_order, index_total)
