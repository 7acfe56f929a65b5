"""What can be told of a subject apart from the rest, as it is called in the store: ``rank``, ``pay/annual``."""

from typing import Final

from jobspider.model import Basis

RANK_TOPIC: Final = "rank"
VACANCIES_TOPIC: Final = "vacancies"
SKILLS_TOPIC: Final = "skills"
LOCATIONS_TOPIC: Final = "locations"
RESTATEMENT_TOPIC: Final = "history"
"""That the source restated the past of a subject: told once, and never compared."""

PAY_TOPICS: Final = "pay/"
"""How the topics of pay begin."""
ITEM_TOPICS: Final = (f"{SKILLS_TOPIC}/", f"{LOCATIONS_TOPIC}/")
"""How the topics of one skill or place begin."""
DERIVED_TOPICS: Final = "derived/"
"""How the topics of derived watches begin; the topic of one stands beside the other topics of both of its pages."""

CATEGORY_SKILLS: Final = f"{SKILLS_TOPIC} by category"
"""Skills that only the lists by category name: as chance is concerned, a family of their own."""


def item_topic(topic: str, item: str) -> str:
    """Return the topic of one skill or place, told apart from the others of its kind: ``skills/Python``."""
    return f"{topic}/{item}"


def pay_topic(basis: Basis) -> str:
    """Return the topic of pay on a basis: ``pay/annual``."""
    return f"{PAY_TOPICS}{basis}"
