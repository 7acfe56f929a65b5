"""Consistency checks: the figures of a parsed page are compared with each other."""
