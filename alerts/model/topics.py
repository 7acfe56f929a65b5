"""Define the topics: what is reported independently of the rest of a subject."""

from typing import Final, Self

from jobspider.model import Basis


class Topic(str):
    """A topic: ``rank``, ``pay/annual``, ``skills/Python``, ``derived/London premium``.

    It is a string, because the database and JSON hold it as text. The part before the first slash is the family, the
    rest the key.
    """

    __slots__ = ()

    @property
    def family(self) -> str:
        """``pay``, ``rank``, ``vacancies``, ``skills``, ``locations``, ``derived`` or ``history``."""
        return self.partition("/")[0]

    @property
    def key(self) -> str | None:
        """The pay basis, the skill or location, or the name of the derived watch; ``None`` if the family has none."""
        return self.partition("/")[2] or None

    @property
    def is_pay(self) -> bool:
        """Whether it is pay on some basis."""
        return self.family == _PAY

    @property
    def is_derived(self) -> bool:
        """Whether it is a derived watch; its topic exists for both of its subjects."""
        return self.family == _DERIVED

    @property
    def is_item(self) -> bool:
        """Whether it is one skill or location, which has a baseline of its own once it was reported alone."""
        return self.key is not None and self.family in (SKILLS_TOPIC, LOCATIONS_TOPIC)

    def with_item(self, item: str | None) -> Self:
        """Return the topic of one skill or location, or this topic for ``None``."""
        return self if item is None else type(self)(f"{self}/{item}")


_PAY: Final = "pay"
_DERIVED: Final = "derived"
RANK_TOPIC: Final = Topic("rank")
VACANCIES_TOPIC: Final = Topic("vacancies")
SKILLS_TOPIC: Final = Topic("skills")
LOCATIONS_TOPIC: Final = Topic("locations")
RESTATEMENT_TOPIC: Final = Topic("history")
"""A restatement of the source's history. It is reported once and never compared."""

CATEGORY_SKILLS: Final = f"{SKILLS_TOPIC} by category"
"""Skills that only the lists by category name. The false-discovery procedure treats them as a family of their own."""


def pay_topic(basis: Basis) -> Topic:
    """Return the topic of pay on a basis: ``pay/annual``."""
    return Topic(f"{_PAY}/{basis}")


def derived_topic(name: str) -> Topic:
    """Return the topic of a derived watch: ``derived/London premium``."""
    return Topic(f"{_DERIVED}/{name}")
