"""Spiders: they request the planned pages in order. The pipelines parse and store the responses."""
