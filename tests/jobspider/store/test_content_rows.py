from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from jobspider.errors import StoreError
from jobspider.model import TOP_SKILLS_LIST, Content, Figures
from jobspider.store import content_rows
from jobspider.store.content_rows import content_to_rows, live_jobs_of, rows_to_content
from tests.support.sample_pages import content
from tests.support.strategies import contents


def returned(kept: Content) -> Content:
    apart = content_to_rows(kept)
    return rows_to_content(apart.category_name, apart.figures, apart.locations, apart.skills, live_jobs_of(kept))


@given(contents)
def test_a_content_comes_back_from_its_rows_as_it_was(kept: Content) -> None:
    assert returned(kept) == kept


@given(contents)
def test_whole_figures_come_back_as_int_and_the_others_as_decimal(kept: Content) -> None:
    for key, values in returned(kept).term.rows.items():
        assert list(map(type, values)) == list(map(type, kept.term.rows[key]))


def test_a_round_amount_comes_back_without_an_exponent_or_a_fraction() -> None:
    kept = replace(content(), term=Figures({(None, "share_of_all"): (Decimal("100.00"), Decimal("26.50"), None)}))
    assert [str(value) for value in returned(kept).term.rows[None, "share_of_all"]] == ["100", "26.5", "None"]


@given(contents, contents)
def test_two_contents_have_the_same_hash_exactly_if_they_are_equal_but_for_live_jobs(
    one: Content, other: Content
) -> None:
    def bare(kept: Content) -> Content:
        return replace(kept, locations=tuple(row._replace(live_jobs=None) for row in kept.locations))

    assert (content_to_rows(one).hash == content_to_rows(other).hash) == (bare(one) == bare(other))
    assert content_to_rows(one).hash == content_to_rows(bare(one)).hash


def test_the_hash_does_not_depend_on_the_order_of_rows_and_categories_nor_on_trailing_zeros() -> None:
    kept = content()
    figures = dict(reversed(list(kept.term.rows.items())))
    figures[None, "share_of_all"] = (Decimal("0.370"), None, Decimal("0.0990"))
    skills = {**kept.skills, "Vendors": kept.top_skills}
    turned = replace(kept, term=Figures(figures), skills=dict(reversed(skills.items())))
    assert content_to_rows(turned).hash == content_to_rows(replace(kept, skills=skills)).hash


def test_a_change_of_minus_zero_is_a_change_of_zero() -> None:
    hashes = set()
    for zero in ("0.00", "-0.00"):
        content_rows._to_float.cache_clear()
        hashes.add(
            content_to_rows(
                replace(content(), term=Figures({(None, "share_of_all"): (Decimal(zero), None, None)}))
            ).hash
        )
    assert len(hashes) == 1


def test_a_category_called_like_the_top_list_is_refused() -> None:
    with pytest.raises(ValueError, match="'top'"):
        content_to_rows(replace(content(), skills={TOP_SKILLS_LIST: content().top_skills}))


@pytest.mark.parametrize("digits", ["0.12345678901234567", "12345678901234567.25"])
def test_a_figure_with_more_digits_than_a_double_holds_is_refused(digits: str) -> None:
    kept = replace(content(), term=Figures({(None, "share_of_all"): (Decimal(digits), None, None)}))
    with pytest.raises(ValueError, match=digits):
        content_to_rows(kept)


def test_a_count_that_a_double_cannot_hold_is_refused() -> None:
    kept = replace(content(), term=Figures({(None, "vacancies"): (2**53 + 1, None, None)}))
    with pytest.raises(ValueError, match="9007199254740993"):
        content_to_rows(kept)


def test_a_statistic_outside_the_registry_is_neither_stored_nor_read() -> None:
    unknown = replace(content(), term=Figures({(None, "mode"): (1, 2, 3)}))
    with pytest.raises(ValueError, match="'mode'"):
        content_to_rows(unknown)
    with pytest.raises(StoreError, match="'mode'"):
        rows_to_content(None, [("term", "", "mode", 1.0, 2.0, 3.0)], [], [], {})
