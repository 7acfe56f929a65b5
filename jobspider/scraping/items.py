"""What a spider hands to the pipeline: a page as fetched, or why there is none."""

from dataclasses import dataclass, field
from datetime import datetime

from jobspider.model import FetchStatus, PlannedPage


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A planned page that was answered, whatever the answer was. ``body`` is as it came over the wire."""

    planned: PlannedPage
    http_status: int
    body: bytes = field(repr=False)
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """A planned page that was not answered. ``reason`` is one line for people."""

    planned: PlannedPage
    status: FetchStatus
    reason: str
    failed_at: datetime
