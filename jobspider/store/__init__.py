"""Keep what was read: SQLite through sqlite-utils. Dataclasses go in and come out; no row, dict or SQL leaves."""
