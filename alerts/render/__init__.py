"""A digest in words for each medium: text, HTML, Slack, e-mail. Pure."""
