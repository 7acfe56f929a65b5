"""Stored data: captures of responses and snapshots of subjects, as the store returns them."""

from dataclasses import dataclass
from datetime import date, datetime

from jobspider.model.content import Content
from jobspider.model.pages import SubjectNames
from jobspider.model.subjects import Subject


@dataclass(frozen=True, slots=True)
class Capture:
    """A response as received. ``sha256`` is the digest of ``body``; ``fetched_at`` is in UTC."""

    url: str
    body: bytes
    sha256: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """The identity of a snapshot without its figures. Equal ``content_id`` means equal figures.

    ``names`` and ``url`` come from the newest parsed page of the subject; ``fetched_at`` is in UTC.
    """

    snapshot_id: int
    subject_id: int
    content_id: int
    subject: Subject
    names: SubjectNames
    url: str
    as_of: date
    fetched_at: datetime
    parser_version: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The stored figures of one subject as of one date."""

    head: SnapshotInfo
    content: Content
