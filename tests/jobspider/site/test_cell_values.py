"""Tests of the cell parsers, in the formats of saved pages, 2013 to 2026."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobspider.errors import UnreadableFigureError
from jobspider.site import cell_values

Parser = Callable[[str], int | Decimal | None]

PARSERS: tuple[Parser, ...] = (
    cell_values.parse_count,
    cell_values.parse_money,
    cell_values.parse_whole_pounds,
    cell_values.parse_pounds_and_pence,
    cell_values.parse_share,
    cell_values.parse_percent_change,
    cell_values.parse_rank_change,
)
NO_BREAK, THIN, EN_DASH, EM_DASH, MINUS = "\u00a0", "\u2009", "\u2013", "\u2014", "\u2212"

# Every format that the site has printed (2013 to 2026), with its value.
VALID: dict[Parser, dict[str, int | Decimal]] = {
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

# No parser may accept these: misplaced commas, non-ASCII digits, two numbers, words, other notations.
INVALID = [
    "n/a", "N/A", "NaN", "nan", "inf", "-inf", "Infinity", "None", "null", "?", "--", "---", "- -", "...", "x", "%",
    "£", "£%", "+", "+%", ",", ".", "()", "1 234", f"1{NO_BREAK}234", f"1{THIN}234", "1,23", "12,34", "1,2345", ",123",
    "1,,234", "123,", "1234,567", "0,123", "007", "00", "1.234,56", "1'234", "1_234", "1e3", "1E3", "0x10", "1k",
    "1,234 5", "5 (0.37%)", "(5)", "5*", "~5", ">5", "<5", "5+", "5-", "5-7", "5/7", "½", "²", "٣", "४", "\uff11\uff12",
    "\uff11,\uff12\uff13\uff14", "1\u200b234", "\ufeff5", "five", "1\u066c234", "1\uff12", "1,\uff12\uff13\uff14",
    "£1234,567", "£0,123", "£1,23", "+-5", "-+5", "++5", "+ 5", "- 5", "9" * 13, "1" + ",000" * 4, "9" * 5_000,
]  # fmt: skip

# Texts that look like a value of the parser but are not.
INVALID_FOR: dict[Parser, list[str]] = {
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


def padded(text: str) -> str:
    return f" \t\n{NO_BREAK}{text}{NO_BREAK}\r\n"


def accepted_texts(parse: Parser, texts: Iterable[str]) -> list[str]:
    accepted = []
    for text in texts:
        with suppress(UnreadableFigureError):
            parse(text)
            accepted.append(text)
    return accepted


each_parser = pytest.mark.parametrize("parse", PARSERS, ids=lambda parse: parse.__name__)


@pytest.mark.parametrize("parse", VALID, ids=lambda parse: parse.__name__)
def test_parser_printed_format_returns_value(parse: Parser) -> None:
    for text, value in VALID[parse].items():
        assert parse(text) == parse(padded(text)) == value, text
        assert type(parse(text)) is type(value), text


@each_parser
def test_parser_dash_or_blank_returns_none(parse: Parser) -> None:
    for text in ("-", EN_DASH, MINUS, "", " ", NO_BREAK, padded("-"), padded("")):
        assert parse(text) is None, ascii(text)


@each_parser
def test_parser_invalid_text_is_rejected(parse: Parser) -> None:
    assert accepted_texts(parse, [*INVALID, *INVALID_FOR.get(parse, ())]) == []


@pytest.mark.parametrize("parse", VALID, ids=lambda parse: parse.__name__)
def test_parser_value_of_other_unit_is_rejected(parse: Parser) -> None:
    texts = {text for valid in VALID.values() for text in valid} - set(VALID[parse])
    assert accepted_texts(parse, sorted(texts)) == []


def test_parser_error_names_expected_and_actual_text() -> None:
    message = r"^expected an amount like £25,438 or £26\.50, found 'n/a'$"
    with pytest.raises(UnreadableFigureError, match=message) as error:
        cell_values.parse_money(" n/a ")
    assert error.value.text == "n/a"


def test_collapse_whitespace_any_run_becomes_one_space() -> None:
    assert cell_values.collapse_whitespace("  10th\n\tPercentile ") == "10th Percentile"
    assert cell_values.collapse_whitespace(f"Median{NO_BREAK}{NO_BREAK}daily rate") == "Median daily rate"
    assert cell_values.collapse_whitespace(f"a{THIN}b\u2028c\x85d") == "a b c d"


# Round trips: the tests format values as the site does, without the parsers' patterns.


@given(st.integers(0, 10**9), st.booleans())
def test_parse_count_formatted_value_round_trips(value: int, commas: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
    assert cell_values.parse_count(f"{value:,}" if commas else str(value)) == value


@given(st.decimals(0, 1_000_000, places=2))
def test_parse_money_with_pence_round_trips(value: Decimal) -> None:
    assert cell_values.parse_money(f"£{value:,}") == cell_values.parse_pounds_and_pence(f"£{value:,}") == value
    with pytest.raises(UnreadableFigureError, match="expected whole pounds"):
        cell_values.parse_whole_pounds(f"£{value:,}")


@given(st.integers(0, 10**9))
def test_parse_money_whole_pounds_round_trips(value: int) -> None:
    assert cell_values.parse_money(f"£{value:,}") == cell_values.parse_whole_pounds(f"£{value:,}") == value
    with pytest.raises(UnreadableFigureError, match="expected pounds and pence"):
        cell_values.parse_pounds_and_pence(f"£{value:,}")


@given(st.decimals(0, 100, places=3) | st.decimals(0, 100, places=2))
def test_parse_share_formatted_value_round_trips(value: Decimal) -> None:
    assert cell_values.parse_share(f"{value}%") == value


@given(st.decimals(100, 10**6, places=2).filter(lambda value: value > 100))
def test_parse_share_above_100_is_rejected(value: Decimal) -> None:
    with pytest.raises(UnreadableFigureError):
        cell_values.parse_share(f"{value}%")


@given(st.decimals(-1_000, 10_000, places=2))
def test_parse_percent_change_formatted_value_round_trips(value: Decimal) -> None:
    assert cell_values.parse_percent_change(f"{value:+,}%") == value


@given(st.integers(-9_999, 9_999).filter(bool), st.sampled_from(["", " "]), st.sampled_from(["-", MINUS]))
def test_parse_rank_change_with_and_without_words_round_trips(moved: int, space: str, minus: str) -> None:
    word, places = "Up" if moved > 0 else "Down", "place" if abs(moved) == 1 else "places"
    number = f"{moved:+,}"
    for text in (number, f"{word} {moved:,} {places}{space}{number}", f"{word} {abs(moved):,} {places}{space}{number}"):
        assert cell_values.parse_rank_change(text.replace("-", minus)) == moved


@given(st.integers(-9_999, 9_999), st.integers(-9_999, 9_999))
def test_parse_rank_change_words_contradicting_number_is_rejected(worded: int, moved: int) -> None:
    if worded == moved or (worded, moved) == (abs(moved), moved):
        return
    word = "Up" if worded > 0 else "Down"
    with pytest.raises(UnreadableFigureError):
        cell_values.parse_rank_change(f"{word} {worded} places{moved:+}")


@given(st.text(st.sampled_from("0123456789,.-+%£ \u00a0\u2212\uff11aUp"), max_size=12))
def test_parser_returns_printed_digits_or_rejects(text: str) -> None:
    digits = "".join(character for character in text if character.isdigit() or character == ".")
    for parse in PARSERS:
        try:
            value = parse(text)
        except UnreadableFigureError:
            continue
        if value is None:
            assert not digits
        elif parse is not cell_values.parse_rank_change:  # its text may contain the number twice
            assert abs(value) == Decimal(digits)
            assert digits.isascii()
