"""Statistical tests: counts and shares, pay, two samples, multiple testing. Pure functions."""
