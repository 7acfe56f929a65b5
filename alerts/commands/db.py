"""``jobspider db``: the database, with the tables of both halves."""

from alerts.delivery.schema import OUTBOX
from jobspider.commands import db
from jobspider.store.schema import SCHEMA

group = db.group((SCHEMA, OUTBOX))
