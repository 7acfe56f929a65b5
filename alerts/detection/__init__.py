"""Detect changes between two snapshots of a subject and test their significance. Pure."""
