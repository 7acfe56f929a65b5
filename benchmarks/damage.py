"""How much damage goes unnoticed: ``python benchmarks/damage.py [CASES [SEED]]``, 10,000 cases by default.

Damages saved role pages, one random damage a case, reads and judges them, and prints for each kind of damage how many
pages were refused, how many were read without a wrong figure (what is missing is left out), and in how many a wrong
figure was accepted; then where. Exits with 1 if a wrong figure was accepted of which docs/READING.md does not say so.
"""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.page_corruption import count, uncovered

CASES = 10_000


def main(cases: int = CASES, seed: int = 1) -> int:
    """Count and print."""
    where: Counter[str] = Counter()
    for damage, found in count(cases, seed).items():
        unnoticed = len({case.html for case, _ in found.unnoticed})
        harmless = found.cases - found.refused - unnoticed
        print(f"{damage:<18} {found.cases:>5}: {found.refused:>5} refused {harmless:>5} harmless {unnoticed:>4} wrong")
        where.update(uncovered(path) or f"not documented: {path}" for _, path in found.unnoticed)
    print("wrong figures by the names that docs/READING.md gives them:")
    for name, number in where.most_common():
        print(f"  {number:>5} {name}")
    return int(any(name.startswith("not documented") for name in where))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
