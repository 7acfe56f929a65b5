from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobspider.errors import UnreadableFigureError
from jobspider.site import cell_values

Reader = Callable[[str], int | Decimal | None]

READERS: list[Reader] = [
    *(
        cell_values.parse_count,
        cell_values.parse_money,
        cell_values.parse_whole_pounds,
        cell_values.parse_pounds_and_pence,
        cell_values.parse_share,
        cell_values.parse_percent_change,
        cell_values.parse_rank_change,
    ),
]
NO_BREAK, THIN, EN_DASH, EM_DASH, MINUS = "\u00a0", "\u2009", "\u2013", "\u2014", "\u2212"

# Every form that the site has printed (2013 to 2026), and how it is to be read.
READ: dict[Reader, dict[str, int | Decimal]] = {
    cell_values.parse_count: {
        "1,838": 1838, "2073": 2073, "1086": 1086, "1,234": 1234, "0": 0, "7": 7, "100": 100, "1,234,567": 1_234_567,
    },
    cell_values.parse_money: {
        "£25,438": Decimal(25438), "£618": Decimal(618), "£1,150": Decimal(1150), "£26.50": Decimal("26.50"),
        "£25438": Decimal(25438), "£1,026.05": Decimal("1026.05"),
    },
    cell_values.parse_share: {
        "0.37%": Decimal("0.37"), "0.029%": Decimal("0.029"), "100.00%": Decimal(100), "0%": Decimal(0),
        "0.00%": Decimal(0), "100%": Decimal(100), "34.83%": Decimal("34.83"), "9.7%": Decimal("9.7"),
    },
    cell_values.parse_percent_change: {
        "+16.76%": Decimal("16.76"), "-8.33%": Decimal("-8.33"), f"{MINUS}8.33%": Decimal("-8.33"), "0.00%": Decimal(0),
        "0%": Decimal(0), "+0.00%": Decimal(0), "+1,233.33%": Decimal("1233.33"), "+1233.33%": Decimal("1233.33"),
        "+4%": Decimal(4),
    },
    cell_values.parse_rank_change: {
        "+34": 34, "-18": -18, "0": 0, f"{MINUS}18": -18, "+1,204": 1204, "Up 4 places+4": 4, "Up 4 places +4": 4,
        "Up 1 place+1": 1, "Down -9 places-9": -9, "Down 9 places-9": -9, "No change0": 0, "No change 0": 0,
        "Up 1,204 places+1,204": 1204, "Down -1,204 places-1,204": -1204,
    },
}  # fmt: skip

# What no reader may take for a figure: misplaced commas, other digits, two numbers, words, other notations.
NEVER = [
    "n/a", "N/A", "NaN", "nan", "inf", "-inf", "Infinity", "None", "null", "?", "--", "---", "- -", "...", "x", "%",
    "£", "£%", "+", "+%", ",", ".", "()", "1 234", f"1{NO_BREAK}234", f"1{THIN}234", "1,23", "12,34", "1,2345", ",123",
    "1,,234", "123,", "1234,567", "0,123", "007", "00", "1.234,56", "1'234", "1_234", "1e3", "1E3", "0x10", "1k",
    "1,234 5", "5 (0.37%)", "(5)", "5*", "~5", ">5", "<5", "5+", "5-", "5-7", "5/7", "½", "²", "٣", "४", "\uff11\uff12",
    "\uff11,\uff12\uff13\uff14", "1\u200b234", "\ufeff5", "five", "1\u066c234", "1\uff12", "1,\uff12\uff13\uff14",
    "£1234,567", "£0,123", "£1,23", "+-5", "-+5", "++5", "+ 5", "- 5", "9" * 13, "1" + ",000" * 4, "9" * 5_000,
]  # fmt: skip

NEAR_MISSES: dict[Reader, list[str]] = {
    cell_values.parse_count: ["+5", "-5", "1.0", "1,234.0", "5%", "£5", "5 ads", f"{MINUS}5", "1,234 1,234"],
    cell_values.parse_money: [
        "25,438", "618", "$618", "€618", "618£", "£ 618", "£-618", "-£618", "+£618", "£618.5", "£618.500", "£618.",
        "£.50", "£618 £690", "£618-£690", "£50k", "£50K", "£1,150 per day", "£25.438", "£25,43", "£١٢", "\uffe1618",
        "GBP 618", "£1\uff12", "£1.\uff15\uff10", "£26,50", "£1,0265.05", "£01", "£00.50",
    ],
    cell_values.parse_share: [
        "0.37", "100.01%", "101%", "1000%", "1,000%", "999.99%", "-0.37%", "+0.37%", "0,37%", ".37%", "37.%", "0.37 %",
        "0.37%%", "%0.37", "0.37% 0.37%", "0.37pp", "00.37%", "07%", "1\uff10%", "0.37\uff05", "0.3\uff17%",
        "1e1%", "(0.37%)",
    ],
    cell_values.parse_percent_change: [
        "16.76%", "+16.76", "16.76", "-8.33", "+ 16.76%", "+16,76%", "+.5%", "+5.%", "+16.76% +16.76%", "+16.76%*",
        "1%", "+1234,567%", "+12,34%", "+01%", f"{EN_DASH}8.33%", f"{EM_DASH}8.33%", "(8.33%)", "8.33%-", "+\uff11%",
        "+NaN%", "+1\uff11%", "+1.\uff11%", "+inf%", "0.01%", "\uff0b5%", "£5", "+5", "±5%",
    ],
    cell_values.parse_rank_change: [
        "34", "1", "+34%", "+3.5", "+34 places", "Up 4 places", "Up", "No change", "Down", "4 places+4", "Up 4 places4",
        "Up 4 places+5", "Up 4 places-4", "Down -9 places+9", "Down +9 places-9", "Up -4 places+4", "Down -9 places-8",
        "No change+1", "No change 3 places0", "Up 0 places0", "Up 0 places+0", "Down 0 places0", "up 4 places+4",
        "Up+4+4", "Up four places+4", "+4 -4", "+4+4", "+1,23", "+1234,567", "+034", "Same0", "New+4", "Up 14 places+4",
        "Up 1,204 places+1,205", f"{EN_DASH}4", "+\uff14", "+1\uff14", "Up 4 places Up 4 places+4", "00", "▲4", "▲ +4",
    ],
}  # fmt: skip


def cases(table: dict[Reader, list[str]]) -> list[tuple[Reader, str]]:
    return [(reader, text) for reader, texts in table.items() for text in texts]


def read_cases() -> list[tuple[Reader, str, int | Decimal]]:
    return [(reader, text, value) for reader, texts in READ.items() for text, value in texts.items()]


def padded(text: str) -> str:
    return f" \t\n{NO_BREAK}{text}{NO_BREAK}\r\n"


def name_of(value: object) -> str:
    return getattr(value, "__name__", None) or ascii(value)[:30]


@pytest.mark.parametrize(("reader", "text", "value"), read_cases(), ids=name_of)
def test_every_form_that_the_site_prints_is_read(reader: Reader, text: str, value: int | Decimal) -> None:
    assert reader(text) == value
    assert type(reader(text)) is type(value)


@pytest.mark.parametrize(("reader", "text", "value"), read_cases(), ids=name_of)
def test_white_space_around_a_figure_is_nothing(reader: Reader, text: str, value: int | Decimal) -> None:
    assert reader(padded(text)) == value


@pytest.mark.parametrize("dash", ["-", EN_DASH, MINUS, "", " ", NO_BREAK, padded("-"), padded("")], ids=name_of)
@pytest.mark.parametrize("reader", READERS, ids=name_of)
def test_a_dash_or_a_blank_is_not_stated_and_never_zero(reader: Reader, dash: str) -> None:
    assert reader(dash) is None


@pytest.mark.parametrize("text", NEVER, ids=name_of)
@pytest.mark.parametrize("reader", READERS, ids=name_of)
def test_what_is_no_figure_is_refused_by_every_reader(reader: Reader, text: str) -> None:
    with pytest.raises(UnreadableFigureError):
        reader(text)


@pytest.mark.parametrize(("reader", "text"), cases(NEAR_MISSES), ids=name_of)
def test_what_is_nearly_a_figure_is_refused(reader: Reader, text: str) -> None:
    with pytest.raises(UnreadableFigureError):
        reader(text)


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (reader, text)
        for reader, texts in READ.items()
        for other, foreign in READ.items()
        if other is not reader
        for text in foreign
        if text not in texts
    ],
    ids=name_of,
)
def test_a_figure_of_another_kind_is_refused(reader: Reader, text: str) -> None:
    with pytest.raises(UnreadableFigureError):
        reader(text)


def test_a_refusal_says_what_was_expected_and_what_was_found() -> None:
    with pytest.raises(
        UnreadableFigureError, match=r"^expected an amount like £25,438 or £26\.50, found 'n/a'$"
    ) as error:
        cell_values.parse_money(" n/a ")
    assert error.value.text == "n/a"


@pytest.mark.parametrize(
    ("text", "squashed"),
    [
        ("  10th\n\tPercentile ", "10th Percentile"),
        (f"Median{NO_BREAK}{NO_BREAK}daily rate", "Median daily rate"),
        (f"a{THIN}b\u2028c\x85d", "a b c d"),
        ("", ""),
    ],
)
def test_any_run_of_white_space_is_one_space(text: str, squashed: str) -> None:
    assert cell_values.collapse_whitespace(text) == squashed


# Printed as the site prints, written without a look at the readers.


@given(st.integers(0, 10**9), st.booleans())
def test_every_count_reads_back(value: int, commas: bool) -> None:  # noqa: FBT001 - drawn
    assert cell_values.parse_count(f"{value:,}" if commas else str(value)) == value


@given(st.decimals(0, 1_000_000, places=2))
def test_every_amount_with_pence_reads_back(value: Decimal) -> None:
    assert cell_values.parse_money(f"£{value:,}") == cell_values.parse_pounds_and_pence(f"£{value:,}") == value
    with pytest.raises(UnreadableFigureError, match="expected whole pounds"):
        cell_values.parse_whole_pounds(f"£{value:,}")


@given(st.integers(0, 10**9))
def test_every_amount_in_whole_pounds_reads_back(value: int) -> None:
    assert cell_values.parse_money(f"£{value:,}") == cell_values.parse_whole_pounds(f"£{value:,}") == value
    with pytest.raises(UnreadableFigureError, match="expected pounds and pence"):
        cell_values.parse_pounds_and_pence(f"£{value:,}")


@given(st.decimals(0, 100, places=3) | st.decimals(0, 100, places=2))
def test_every_share_reads_back(value: Decimal) -> None:
    assert cell_values.parse_share(f"{value}%") == value


@given(st.decimals(100, 10**6, places=2).filter(lambda value: value > 100))
def test_no_part_is_more_than_the_whole(value: Decimal) -> None:
    with pytest.raises(UnreadableFigureError):
        cell_values.parse_share(f"{value}%")


@given(st.decimals(-1_000, 10_000, places=2))
def test_every_change_reads_back(value: Decimal) -> None:
    assert cell_values.parse_percent_change(f"{value:+,}%") == value


@given(st.integers(-9_999, 9_999).filter(bool), st.sampled_from(["", " "]), st.sampled_from(["-", MINUS]))
def test_every_rank_change_reads_back_with_and_without_words(moved: int, space: str, minus: str) -> None:
    word, places = "Up" if moved > 0 else "Down", "place" if abs(moved) == 1 else "places"
    number = f"{moved:+,}"
    for text in (number, f"{word} {moved:,} {places}{space}{number}", f"{word} {abs(moved):,} {places}{space}{number}"):
        assert cell_values.parse_rank_change(text.replace("-", minus)) == moved


@given(st.integers(-9_999, 9_999), st.integers(-9_999, 9_999))
def test_words_that_disagree_with_the_number_are_refused(said: int, moved: int) -> None:
    if said == moved or (said, moved) == (abs(moved), moved):
        return
    word = "Up" if said > 0 else "Down"
    with pytest.raises(UnreadableFigureError):
        cell_values.parse_rank_change(f"{word} {said} places{moved:+}")


@given(st.text(st.sampled_from("0123456789,.-+%£ \u00a0\u2212\uff11aUp"), max_size=12))
def test_a_reader_gives_the_digits_that_stand_there_or_refuses(text: str) -> None:
    stated = "".join(character for character in text if character.isdigit() or character == ".")
    for reader in READERS:
        try:
            value = reader(text)
        except UnreadableFigureError:
            continue
        if value is None:
            assert not stated
        elif reader is not cell_values.parse_rank_change:  # which may say its number twice
            assert abs(value) == Decimal(stated)
            assert stated.isascii()


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    for reader in READERS:
        with suppress(UnreadableFigureError):
            assert reader(text) != text
