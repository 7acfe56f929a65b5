"""The outbox and the channels: queue rendered digests, send them, record the outcome."""
