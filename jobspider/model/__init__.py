"""Frozen value types of the package ``jobspider``; import them from here.

Modules: ``subjects`` (what a page is about), ``content`` (figures), ``pages`` (parsed pages), ``snapshots`` (stored)
and ``crawls`` (ledger and outcome). They contain no I/O. ``None`` means "not stated on the page", never zero.
"""

from jobspider.model.content import (
    TOP_SKILLS_LIST,
    CategoryFigures,
    Content,
    FigureKey,
    Figures,
    LocationRow,
    SkillShare,
    ThreeYears,
    to_json_number,
)
from jobspider.model.crawls import CrawlRecord, CrawlResult, FetchStatus, LedgerRow, PlannedPage
from jobspider.model.pages import AuditFinding, Chart, MarketPage, MarketRow, RolePage, SubjectNames
from jobspider.model.snapshots import Capture, Snapshot, SnapshotInfo
from jobspider.model.subjects import DEFAULT_WINDOW, WINDOWS, Basis, JobType, Market, Scope, Subject

__all__ = [
    "DEFAULT_WINDOW",
    "TOP_SKILLS_LIST",
    "WINDOWS",
    "AuditFinding",
    "Basis",
    "Capture",
    "CategoryFigures",
    "Chart",
    "Content",
    "CrawlRecord",
    "CrawlResult",
    "FetchStatus",
    "FigureKey",
    "Figures",
    "JobType",
    "LedgerRow",
    "LocationRow",
    "Market",
    "MarketPage",
    "MarketRow",
    "PlannedPage",
    "RolePage",
    "Scope",
    "SkillShare",
    "Snapshot",
    "SnapshotInfo",
    "Subject",
    "SubjectNames",
    "ThreeYears",
    "to_json_number",
]
