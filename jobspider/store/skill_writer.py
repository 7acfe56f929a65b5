"""Write the skills of a page, each in a few bytes: its name once and for all, its share only where its count lacks it.

``skill_tables.py`` says how they lie in the file; the views ``skills`` and ``skill_history`` give them back whole.
"""

from typing import Final

from jobspider.store.content_rows import ContentRows
from jobspider.store.database import Database
from jobspider.store.skill_schema import SKILL_BITS

_NAME: Final = "INSERT INTO skill_names (name, list) VALUES (?, ?) ON CONFLICT DO NOTHING"
_ID: Final = "SELECT id FROM skill_names WHERE name = ? AND list = ?"
_COUNT: Final = "INSERT INTO skill_counts (id, position, ties, count) VALUES (?, ?, ?, ?)"
_SHARE: Final = "INSERT INTO printed_shares (content_id, skill_id, share) VALUES (?, ?, ?)"


def keep_skills(database: Database, content_id: int, content: ContentRows) -> None:
    """Write the skills of a content that has none yet, inside the caller's transaction."""
    connection, ids = database.connection, database.skill_ids
    for list_, name, *_ in content.skills:
        if (name, list_) not in ids:
            connection.execute(_NAME, (name, list_))
            ((ids[name, list_],),) = connection.execute(_ID, (name, list_))
    first = content_id << SKILL_BITS
    # In the order of their keys: put in at the end, they fill the file's pages.
    connection.executemany(
        _COUNT,
        sorted(
            (first + ids[name, list_], position, position - rank, count)
            for list_, name, position, rank, count, _ in content.skills
        ),
    )
    if content.shares_of is None:
        connection.executemany(
            _SHARE,
            sorted(
                (content_id, ids[name, list_], share) for list_, name, *_, share in content.skills if share is not None
            ),
        )
