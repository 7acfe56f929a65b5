"""A digest for each medium (text, HTML, Slack, e-mail, Atom, CSV, JSON), and the report. Pure."""
