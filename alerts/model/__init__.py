"""Dataclasses: changes, digests, deliveries, reports, derived watches. No I/O."""
