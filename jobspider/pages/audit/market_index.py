"""The identities of a page of the market index, checked on the page for London of 30 July 2025."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from operator import itemgetter
from typing import Final

from jobspider.model import AuditFinding, MarketPage
from jobspider.pages.audit.rounding import implied_total


def audit_index(page: MarketPage) -> tuple[AuditFinding, ...]:
    """Return every identity that fails on a page of the market index; each refuses it."""
    return tuple(finding for identity in INDEX_IDENTITIES for finding in identity(page))


def index_order(page: MarketPage) -> Iterator[AuditFinding]:
    """Expect ads that never rise down the page, and ranks that number their groups of equals: 1, 2, 2, 3."""
    first = page.rows[0]
    if page.market.page == 1 and first.rank != 1:
        yield AuditFinding("index_order", f"rank 1 for {first.name!r}, the first", str(first.rank))
    for above, row in pairwise(page.rows):
        rank = above.rank + (row.vacancies != above.vacancies)
        if row.vacancies > above.vacancies or row.rank != rank:
            found = f"rank {row.rank} with {row.vacancies} ads"
            yield AuditFinding(
                "index_order",
                f"rank {rank} with at most {above.vacancies} ads for {row.name!r}, below {above.name!r}",
                found,
            )


def index_total(page: MarketPage) -> Iterator[AuditFinding]:
    """Expect the ads of every row and their share to imply the total that the largest share implies."""
    stated = [(row, row.share) for row in page.rows if row.share]
    if not stated:
        return
    largest, share = max(stated, key=itemgetter(1))
    all_ads = implied_total(largest.vacancies, share)
    for row, share in stated:
        if not all_ads.allows_share(row.vacancies, share):
            found = f"{row.vacancies} ({share}%)"
            yield AuditFinding("index_total", f"a part of {all_ads} ads in all for {row.name!r}", found)


INDEX_IDENTITIES: Final[tuple[Callable[[MarketPage], Iterator[AuditFinding]], ...]] = (index_order, index_total)
