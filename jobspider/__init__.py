"""Fetch, read and keep the role and market pages of IT Jobs Watch."""

from typing import Final

__version__: Final = "0.1.0"
