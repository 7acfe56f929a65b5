"""Control the false discovery rate of many tests (Benjamini-Hochberg). Pure."""

from collections.abc import Iterable


def benjamini_hochberg(p_values: Iterable[float], budget: float, tested: int | None = None) -> float:
    """Return the largest p-value that may pass if at most ``budget`` of those passing shall be false, -1 for none.

    Benjamini and Hochberg, "Controlling the False Discovery Rate", Journal of the Royal Statistical Society B 57, 1995.

    Args:
        p_values: Of the hypotheses.
        budget: Which part.
        tested: How many hypotheses there are; those without a p-value are taken for chance. ``None``: all have one.
    """
    ordered = sorted(p_values)
    count = len(ordered) if tested is None else tested
    passing = [p for index, p in enumerate(ordered, start=1) if p <= budget * index / count]
    return passing[-1] if passing else -1.0
