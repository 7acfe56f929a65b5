"""One cycle of work, the scheduler that repeats it, and the health checks of the service."""
