"""Which changes are worth telling: large enough by the digest's rules, and not chance by its budget. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from alerts.config import NoiseSettings, Rules
from alerts.model.changes import (
    AssessedChange,
    Change,
    ChangeKind,
    Decision,
    NamedValues,
    Significance,
    SignificanceResult,
)
from alerts.model.topics import CATEGORY_SKILLS, LOCATIONS_TOPIC, RANK_TOPIC, SKILLS_TOPIC, VACANCIES_TOPIC, Topic
from alerts.stats.multiple_testing import benjamini_hochberg
from jobspider.model import TOP_SKILLS_LIST

NEAR_THRESHOLD: Final = 0.75
"""From this part of a rule's threshold on, a change that is no chance is told as nearly there."""
NO_FDR_CONTROL: Final = 1.0
MAX_P_VALUE: Final = 0.025
"""The largest p-value that is told, however much budget is left: with weekly looks at pages that share nearly all their
ads, this is what makes about 0.3 false alerts a subject-year (``docs/alert-quality.md``), in a digest of any size."""

ChangeWithResult = tuple[Change, SignificanceResult]
_Hypothesis = tuple[int, str, str | None]


@dataclass(frozen=True, slots=True)
class _FdrThreshold:
    """What the budget lets pass in one family of hypotheses: those up to ``limit``, of so many ``tested``."""

    tested: int
    limit: float

    @property
    def numbers(self) -> NamedValues:
        """What it rests on."""
        return ("changes weighed with it", self.tested), ("p-value up to which the budget reaches", self.limit)


class ChangeSelector:
    """Sorts the changes of one digest into those told, those nearly there and those held back as chance.

    What is smaller than its rule asks, or has no rule, is in none of them. Changes come one after the other; of the
    many small ones only the p-value is kept.
    """

    def __init__(self, rules: Rules, noise: NoiseSettings) -> None:
        self._rules = rules
        self._noise = noise
        self._sizable: list[tuple[Change, SignificanceResult, float]] = []
        self._tested: dict[str, dict[_Hypothesis, float]] = {}
        self._followed: Counter[str] = Counter()

    def add(self, change: Change, evidence: SignificanceResult) -> None:
        """Take note of a change that was weighed."""
        size = threshold_ratio(change, self._rules)
        if size is None:
            return
        if evidence.p_value is not None:
            self._tested.setdefault(_family(change), {})[_hypothesis(change)] = evidence.p_value
        if size >= NEAR_THRESHOLD:
            self._sizable.append((change, evidence, size))

    def add_hypotheses(self, hypotheses: Mapping[str, int]) -> None:
        """Take note of how many hypotheses of each family were looked at, most of which moved too little to be added.

        The budget is spread over all of them; what moved too little is taken for chance.
        """
        self._followed.update(hypotheses)

    def select(self) -> tuple[AssessedChange, ...]:
        """Decide about all of them."""
        gates = self._gates()
        lines = (self._line(*each, gates.get(_family(each[0]))) for each in self._sizable)
        return tuple(line for line in lines if line is not None)

    def _line(
        self, change: Change, evidence: SignificanceResult, size: float, gate: _FdrThreshold | None
    ) -> AssessedChange | None:
        numbers = (("times what its rule asks", size), *(gate.numbers if gate else ()))
        if not self._passes(evidence, gate):
            return (
                AssessedChange(change, evidence, Decision.SUPPRESSED, evidence.explanation, numbers)
                if size >= 1
                else None
            )
        if size >= 1:
            return AssessedChange(change, evidence, Decision.REPORTED, "reaches its rule", numbers)
        return AssessedChange(
            change, evidence, Decision.BELOW_THRESHOLD, f"{size * 100:.0f} % of what its rule asks", numbers
        )

    def _passes(self, evidence: SignificanceResult, gate: _FdrThreshold | None) -> bool:
        """Whether a change may be told.

            The budget is spent on what is no chance by itself (:data:`MAX_P_VALUE`): a lone change has no others to be
        weighed against.
        """
        if self._noise.false_alarm_budget >= NO_FDR_CONTROL:
            return True
        if evidence.p_value is None or gate is None:
            return evidence.verdict is Significance.CLEAR
        return evidence.p_value <= gate.limit

    def _gates(self) -> Mapping[str, _FdrThreshold]:
        """Return the gate of each family of hypotheses; the percentiles of one pay are one hypothesis.

        The budget is kept in each family for itself, and so in all together (Sun, Craiu, Paterson and Bull, "Stratified
        False Discovery Control for Large-Scale Hypothesis Testing", Genetic Epidemiology 30, 2006): else a page's sixty
        skills, whose shares all move a little every week, would make its one median ever less credible.
        """
        budget = self._noise.false_alarm_budget
        gates = {}
        for family, tested in self._tested.items():
            count = max(len(tested), self._followed[family])
            gates[family] = _FdrThreshold(count, min(MAX_P_VALUE, benjamini_hochberg(tested.values(), budget, count)))
        return gates


def has_rule(topic: Topic, rules: Rules) -> bool:
    """Whether any rule asks for changes about a topic."""
    by_topic = {
        RANK_TOPIC: rules.rank,
        VACANCIES_TOPIC: rules.vacancies,
        SKILLS_TOPIC: rules.skills,
        LOCATIONS_TOPIC: rules.locations,
    }
    return bool(by_topic.get(topic, rules.median or rules.percentiles))


def threshold_ratio(change: Change, rules: Rules) -> float | None:
    """Return how many times its rule's threshold a change is; ``None`` where the rule is off or does not apply."""
    if change.topic == SKILLS_TOPIC:
        return _skill_size(change, rules)
    if change.topic == RANK_TOPIC:
        difference = change.difference
        return abs(float(difference)) / rules.rank.places if rules.rank and difference is not None else None
    statistic = change.derived.watch.statistic if change.derived else change.statistic
    if statistic == VACANCIES_TOPIC:
        rule = rules.vacancies
    elif change.topic == LOCATIONS_TOPIC:
        rule = rules.locations
    else:
        rule = rules.median if statistic == "median" else rules.percentiles
    if not rule:
        return None
    if change.kind is not ChangeKind.MOVED:
        # A median that comes or goes is told whatever its size; another percentile does so on every thin page.
        return 1.0 if statistic == "median" else None
    percent = change.percent
    return 1.0 if percent is None else abs(float(percent)) / rule.percent


def min_share_points(rules: Rules) -> Decimal:
    """Return by how many points the share of a skill moves at least that is in a digest at all."""
    return Decimal(str(NEAR_THRESHOLD)) * Decimal(str(rules.skills.share_points)) if rules.skills else Decimal(0)


def _family(change: Change) -> str:
    """Name the kind of figure: pay on every basis is one; skills below the top list are a kind of their own."""
    if change.skill is not None and change.skill.list_name != TOP_SKILLS_LIST:
        return CATEGORY_SKILLS
    return change.topic.family


def _hypothesis(change: Change) -> _Hypothesis:
    """Name what is true or chance as one."""
    return change.snapshot.subject_id, change.topic, change.item


def _skill_size(change: Change, rules: Rules) -> float | None:
    if not rules.skills:
        return None
    if change.kind in (ChangeKind.ENTERED, ChangeKind.LEFT, ChangeKind.RETURNED):
        return 1.0
    detail = change.skill
    moved = change.difference if detail is None or detail.min_share_change is None else detail.min_share_change
    return abs(float(moved or 0)) / rules.skills.share_points
