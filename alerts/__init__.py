"""Compare what was read with what was told, decide what is worth telling, and tell it."""
