"""Role pages of a few rows, for the tests of one rule each."""

from collections.abc import Sequence

from jobspider.model import RolePage
from jobspider.pages import accept, read_page

PERMANENT_URL = "https://www.itjobswatch.co.uk/jobs/scotland/java.do"
CONTRACT_URL = "https://www.itjobswatch.co.uk/contracts/scotland/java.do"
NONE = ("-", "-", "-")
Row = tuple[str, ...]

PERMANENT_ROWS: tuple[Row, ...] = (
    ("Rank", "9", "19", "15"),
    ("Permanent jobs citing Java", "26", "17", "19"),
    ("As % of the Programming Languages category", "10.00%", "10.00%", "10.00%"),
    ("Number of salaries quoted", "20", "15", "17"),
)
CONTRACT_ROWS: tuple[Row, ...] = (
    ("Rank", "9", "19", "15"),
    ("Contract jobs citing Java", "26", "17", "19"),
    ("As % of the Programming Languages category", "10.00%", "10.00%", "10.00%"),
)
DAILY = ("Number of daily rates quoted", "20", "15", "17")
HOURLY = ("Number of hourly rates quoted", "2", "1", "3")


def table(rows: Sequence[Row]) -> str:
    return "<table>" + "".join(_row(row) for row in rows) + "</table>"


def _row(row: Row) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>"


HEADER = ("", "6 months to<br>21 Jan 2019", "Same period 2018", "Same period 2017")


ABOVE = "<h1>Java Jobs in Scotland</h1><p>UK / Scotland</p>"


def html_page(rows: Sequence[Row], below: str = "", above: str = ABOVE) -> str:
    return f"<!DOCTYPE html><html><body>{above}{table([HEADER, *rows])}{below}</body></html>"


def permanent(*rows: Row, below: str = "") -> RolePage:
    return accept(read_page(html_page([*PERMANENT_ROWS, *rows], below), PERMANENT_URL))


def contract(*rows: Row, below: str = "") -> RolePage:
    text = html_page([*CONTRACT_ROWS, *rows], below, above="<h1>Java Contracts in Scotland</h1><p>UK &gt; Scotland</p>")
    return accept(read_page(text, CONTRACT_URL))
