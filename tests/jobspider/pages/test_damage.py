"""A damaged page gives the true figures or an error, never a wrong number."""

from collections.abc import Callable
from copy import deepcopy
from typing import Final

import pytest
from lxml import etree

from jobspider.errors import PageError
from tests.support.saved_pages import (
    CONTRACT,
    PERMANENT,
    THIN,
    SavedPage,
    as_body,
    data_rows,
    leaves,
    parent_of,
    row_of,
    set_text,
    swap_elements,
    text_of,
)

STEPS: Final = {CONTRACT: 11, THIN: 11, PERMANENT: 23}
"""Of the many alike rows of the skill lists, only every nth is damaged."""

UNCOVERED: Final = {
    "Number of salaries quoted": "of quotes a page prints no share or change; above the ads they are only a hint",
    "Number of daily rates quoted": "likewise",
    "Number of hourly rates quoted": "likewise",
    "10th Percentile": "no change is printed for it, so only the order of the percentiles in its column holds it",
    "25th Percentile": "likewise",
    "75th Percentile": "likewise",
    "90th Percentile": "likewise",
}
"""Rows in which two figures that changed columns can go unseen, and why no identity covers them."""


def drop(element: etree._Element) -> None:
    parent_of(element).remove(element)


def duplicate(element: etree._Element) -> None:
    element.addnext(deepcopy(element))


def exchange_with_next(element: etree._Element) -> None:
    following = element.getnext()
    if following is not None:
        swap_elements(element, following)


def blank(element: etree._Element) -> None:
    set_text(element, "")


def dash(element: etree._Element) -> None:
    set_text(element, "-")


def rename(element: etree._Element) -> None:
    set_text(element, f"{text_of(element)} or so")


ROW_DAMAGE: Final = (drop, duplicate, exchange_with_next)
CELL_DAMAGE: Final = (drop, duplicate, exchange_with_next, blank, dash, rename)


def is_damaged_here(row: etree._Element, place: int, step: int) -> bool:
    is_skill = len(row) == 3
    return not is_skill or place % step == 0


def wrong_figures(truth: dict[str, object], found: dict[str, object]) -> dict[str, object]:
    """Return what an accepted document states and the true one does not; what is left out is no wrong figure."""
    known = dict(leaves(truth))
    return {
        path: value
        for path, value in leaves(found)
        if value is not None and known.get(path) != value and not path.startswith(("unknown_labels", "findings"))
    }


def damaged(saved: SavedPage, place: int, cell: int | None, damage: Callable[[etree._Element], None]) -> bytes:
    tree = saved.tree()
    row = data_rows(tree)[place]
    damage(row if cell is None else row[cell])
    return as_body(tree)


def names_something(row: etree._Element, cell: int) -> bool:
    """Whether a cell is where the page names a term, a category, a place or a skill: nothing else names it."""
    text = text_of(row[0])
    return (
        len(row) == 1
        or (len(row) == 3 and cell == 2)
        or (len(row) == 6 and cell == 0)
        or (cell == 0 and " jobs requiring a" in text)
    )


@pytest.mark.parametrize("saved", STEPS, ids=lambda saved: saved.name)
@pytest.mark.parametrize("damage", ROW_DAMAGE, ids=lambda damage: damage.__name__)
def test_damaged_row_never_gives_wrong_figure(saved: SavedPage, damage: Callable[[etree._Element], None]) -> None:
    truth = saved.truth()
    for place, row in enumerate(data_rows(saved.tree())):
        if not is_damaged_here(row, place, STEPS[saved]):
            continue
        try:
            found = saved.accepted(damaged(saved, place, None, damage))
        except PageError:
            continue
        assert not wrong_figures(truth, found), text_of(row)


@pytest.mark.parametrize("saved", STEPS, ids=lambda saved: saved.name)
@pytest.mark.parametrize("damage", CELL_DAMAGE, ids=lambda damage: damage.__name__)
def test_damaged_cell_never_gives_wrong_figure(saved: SavedPage, damage: Callable[[etree._Element], None]) -> None:
    truth = saved.truth()
    for place, row in enumerate(data_rows(saved.tree())):
        if not is_damaged_here(row, place, STEPS[saved]):
            continue
        for cell in range(len(row)):
            if damage is rename and names_something(row, cell):
                continue
            try:
                found = saved.accepted(damaged(saved, place, cell, damage))
            except PageError:
                continue
            if damage is exchange_with_next and text_of(row[0]) in UNCOVERED:
                continue
            assert not wrong_figures(truth, found), (text_of(row), cell)


@pytest.mark.parametrize("label", UNCOVERED)
def test_damage_uncovered_rows_are_still_uncovered(label: str) -> None:
    """The list above says no more than it must: each of its rows can hide an exchange on some page."""
    hidden = []
    for saved in STEPS:
        tree = saved.tree()
        for place, row in enumerate(data_rows(tree)):
            if len(row) and text_of(row[0]) == label:
                for cell in (1, 2):
                    try:
                        found = saved.accepted(damaged(saved, place, cell, exchange_with_next))
                    except PageError:
                        continue
                    hidden.append(wrong_figures(saved.truth(), found))
    assert any(hidden)


@pytest.mark.parametrize(
    "label",
    [
        *("Rank", "Contract jobs requiring a Backend Developer", "Number of daily rates quoted"),
        *("England median daily rate", "Median daily rate (50th Percentile)"),
    ],
)
def test_page_without_mandatory_row_is_rejected(label: str) -> None:
    tree = CONTRACT.tree()
    drop(row_of(tree, label))
    with pytest.raises(PageError):
        CONTRACT.accepted(as_body(tree))


@pytest.mark.parametrize("saved", STEPS, ids=lambda saved: saved.name)
def test_swapped_tables_give_same_page_or_are_rejected(saved: SavedPage) -> None:
    tree = saved.tree()
    one = parent_of(row_of(tree, "Rank"))
    two = parent_of(next(row for row in data_rows(tree) if len(row) == 6))
    first, second = deepcopy(one), deepcopy(two)
    parent_of(one).replace(one, second)
    parent_of(two).replace(two, first)
    try:
        found = saved.accepted(as_body(tree))
    except PageError:
        return
    assert not wrong_figures(saved.truth(), found)


@pytest.mark.parametrize("saved", STEPS, ids=lambda saved: saved.name)
@pytest.mark.parametrize("digit", "0123456789")
def test_changed_digit_of_date_is_detected(saved: SavedPage, digit: str) -> None:
    """The date is what everything is keyed on; the lead sentence states it again."""
    tree = saved.tree()
    header = next(row for row in data_rows(tree) if len(row) == 4 and " months to" in text_of(row[1]))
    as_printed = text_of(header[1])
    for place, sign in enumerate(as_printed):
        if sign.isdigit() and sign != digit:
            set_text(header[1], as_printed[:place] + digit + as_printed[place + 1 :])
            with pytest.raises(PageError):
                saved.accepted(as_body(tree))
