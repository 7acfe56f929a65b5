"""Check the error for each response that is not the requested role page."""

import pytest

from jobspider.errors import BlockedPageError, LayoutChangedError, NotFoundError, PageError, UsageError, WrongPageError
from jobspider.pages import read_page
from tests.support.saved_pages import CONTRACT, PERMANENT, SAVED, THIN, SavedPage, as_body, data_rows, row_of, set_text

URL = "https://www.itjobswatch.co.uk/jobs/uk/developer.do"


def html_page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body>{body}</body></html>"
    )


@pytest.mark.parametrize(
    "page",
    [
        html_page(
            "Just a moment...",
            '<div id="cf-wrapper"><h1>www.itjobswatch.co.uk</h1><p>Verifying you are human.</p>'
            "<noscript>Enable JavaScript and cookies to continue</noscript></div>",
        ),
        html_page("Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1>"),
        html_page("Access denied", "<h1>Access denied</h1><p>Error code 1020</p>"),
        html_page("www.itjobswatch.co.uk", "<p>Please complete the security check below.</p>"),
        html_page("Before you continue", "<form><p>We use cookies.</p></form>"),
        html_page("IT Jobs Watch", "<h2>We value your privacy</h2><p>Accept all cookies</p>"),
        html_page("IT Jobs Watch", "<h1>Down for maintenance</h1>"),
        html_page("Service Unavailable", "<h2>Service Unavailable</h2><p>HTTP Error 503.</p>"),
        html_page("429 Too Many Requests", "<center><h1>429 Too Many Requests</h1></center>"),
        "503 Service Unavailable",
        "<html><head><title>Just a moment...</title></head><body><p>Checking your browser",
    ],
)
def test_read_page_challenge_or_maintenance_raises_blocked(page: str) -> None:
    with pytest.raises(BlockedPageError, match="challenge, a consent wall or maintenance"):
        read_page(page, URL)


@pytest.mark.parametrize(
    "page",
    [
        html_page("404 - File or directory not found.", "<h2>404 - File or directory not found.</h2>"),
        html_page("IT Jobs Watch", "<h1>The page you asked for cannot be found</h1>"),
        html_page("IT Jobs Watch", "<p>Sorry, no statistics available for this term.</p>"),
    ],
)
def test_read_page_missing_page_raises_not_found(page: str) -> None:
    with pytest.raises(NotFoundError, match="not found"):
        read_page(page, URL)


@pytest.mark.parametrize(
    "page",
    [
        html_page(
            "Tracking the IT Job Market | IT Jobs Watch",
            "<h1>IT Jobs Watch</h1><div>Results 1 - 50 of 5,261</div><table><tr><th>Description</th>"
            "<th>Rank 6 Months to 30 Jul 2025</th></tr><tr><td>SQL</td><td>1</td></tr></table>",
        ),
        html_page(
            "London",
            "<table><tr><td>Description</td><td>Rank<br>6 Months to <time>30 Jul 2025</time></td></tr></table>",
        ),
    ],
)
def test_read_page_market_index_raises_wrong_page(page: str) -> None:
    with pytest.raises(WrongPageError, match="market index"):
        read_page(page, URL)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "an empty response"),
        ("", "an empty response"),
        (b" \r\n\t ", "an empty response"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\x00\x81", "binary data"),
        (b"%PDF-1.7\n%\x81\x8d\x8f\x90\x9d", "binary data"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary data"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x9d\x81", "binary data"),
        ("Rank 1, vacancies 2", "other text"),
        ('{"rank": 1}', "other text"),
        ('<?xml version="1.0"?><rss version="2.0"><channel><title>Jobs</title></channel></rss>', "other text"),
        ("<!-- nothing -->", "without any element"),
        (b'<html><head><meta charset="utf-8"></head><body>\xa3</body></html>', "bytes that are not"),
        (b'<html><head><meta charset="klingon"></head><body></body></html>', "charset=klingon"),
        (b'<html><head><meta charset="hex"></head><body></body></html>', "charset=hex"),
        ("<html><body>\ud83d</body></html>", "an unpaired surrogate"),
        ("<html><body><div>" * 400 + "</body></html>", "(?i)depth"),
        (b"<html>" + b" " * 2_000_001, "2,000,007 bytes"),
        (b"\x07\x1b<\xc3\xa9" * 10_000_000, "50,000,000 bytes"),
        (html_page("Welcome", "<h1>Welcome</h1><p>A page of some other site.</p>"), "'Welcome'"),
    ],
)
def test_read_page_without_figures_raises_layout_changed(body: bytes | str, message: str) -> None:
    with pytest.raises(LayoutChangedError, match=message):
        read_page(body, URL)


@pytest.mark.parametrize("saved", SAVED, ids=lambda saved: saved.name)
def test_read_page_truncated_anywhere_is_rejected(saved: SavedPage) -> None:
    body = saved.body
    end = body.rindex(b"</body>")
    for cut in range(0, end, max(1, end // 60)):
        with pytest.raises(PageError):
            read_page(body[:cut], saved.url)


def test_read_page_truncated_after_figures_names_the_cause() -> None:
    body = CONTRACT.body
    with pytest.raises(LayoutChangedError, match="breaks off"):
        read_page(body[: body.index(b"Vendors")], CONTRACT.url)


def test_read_page_nested_too_deep_is_rejected() -> None:
    body = CONTRACT.body.replace(b'<h2 id="skill-set"', b"<div>" * 300 + b'<h2 id="skill-set"')
    assert body != CONTRACT.body
    with pytest.raises(LayoutChangedError, match=r"(?i)depth"):
        read_page(body, CONTRACT.url)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://www.itjobswatch.co.uk/jobs/west%20midlands/backend%20developer.do", "contract/west midlands"),
        ("https://www.itjobswatch.co.uk/contracts/midlands/backend%20developer.do", "contract/west midlands"),
        ("https://www.itjobswatch.co.uk/contracts/west%20midlands/developer.do", "backend developer"),
        ("https://www.itjobswatch.co.uk/contracts/west%20midlands/backend%20developer.do?p=3", "6 months to"),
    ],
)
def test_read_page_of_other_subject_raises_wrong_page(url: str, message: str) -> None:
    with pytest.raises(WrongPageError, match=message) as error:
        read_page(CONTRACT.body, url)
    assert error.value.url == url


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://www.itjobswatch.co.uk/jobs/west%20midlands/backend%20developer.do", "Contract jobs requiring"),
        ("https://www.itjobswatch.co.uk/contracts/midlands/backend%20developer.do", "'West Midlands' in the headline"),
        ("https://www.itjobswatch.co.uk/contracts/west%20midlands/developer.do", "'Backend Developer'"),
        ("https://www.itjobswatch.co.uk/contracts/west%20midlands/backend%20dev.do", "'Backend Developer'"),
    ],
)
def test_read_page_of_other_subject_without_canonical_raises(url: str, message: str) -> None:
    body = CONTRACT.body.replace(b'rel="canonical"', b'rel="nothing"')
    with pytest.raises(WrongPageError, match=message):
        read_page(body, url)


def test_read_page_url_variant_is_accepted() -> None:
    for url in (
        "http://itjobswatch.co.uk/contracts/west%2520midlands/backend%2520developer.do?p=6",
        "https://www.itjobswatch.co.uk:443/contracts/West%20Midlands/Backend%20Developer.do",
    ):
        assert read_page(CONTRACT.body, url).url == CONTRACT.url


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("csharp", "C#"),
        ("cicd", "CI/CD"),
        ("cyber%20security", "Cybersecurity"),
        ("webservices", "Web Services"),
        ("iso27001", "ISO 27001"),
        ("c++", "C++"),
        ("tcp/ip", "TCP/IP"),
        (".net", ".NET"),
    ],
)
def test_read_page_term_differing_from_slug_is_accepted(slug: str, name: str) -> None:
    text = CONTRACT.body.decode("utf-8").replace('rel="canonical"', 'rel="nothing"')
    page = read_page(
        text.replace("Backend Developer", name), f"https://www.itjobswatch.co.uk/contracts/west%20midlands/{slug}.do"
    )
    assert page.names.term_name == name


@pytest.mark.parametrize(("slug", "name"), [("java", "JavaScript"), ("c", "C#"), ("developer", "Web Developer")])
def test_read_page_term_sharing_prefix_raises_wrong_page(slug: str, name: str) -> None:
    text = CONTRACT.body.decode("utf-8").replace('rel="canonical"', 'rel="nothing"')
    with pytest.raises(WrongPageError):
        read_page(
            text.replace("Backend Developer", name),
            f"https://www.itjobswatch.co.uk/contracts/west%20midlands/{slug}.do",
        )


def test_read_page_canonical_url_overrides_term_name() -> None:
    text = THIN.body.decode("utf-8").replace("Junior Backend Developer", "Trainee Coder")
    assert read_page(text, THIN.url).names.term_name == "Trainee Coder"


@pytest.mark.parametrize("canonical", ["http://[::1/jobs/uk/developer.do", "/jobs/uk/developer.do?p=7"])
def test_read_page_malformed_canonical_url_is_rejected(canonical: str) -> None:
    body = PERMANENT.body.replace(PERMANENT.url.encode(), canonical.encode())
    with pytest.raises(LayoutChangedError, match="canonical URL"):
        read_page(body, PERMANENT.url)


def test_read_page_of_other_window_raises_wrong_page() -> None:
    body = PERMANENT.body.replace(b"6 months to", b"3 months to")
    with pytest.raises(WrongPageError, match="expected 6 months"):
        read_page(body, PERMANENT.url)


@pytest.mark.parametrize(
    "header", ["Same period 2023", "Same period 2022", "Same period", "2024", "", "6 months to 13 Oct 2024"]
)
def test_read_page_unexpected_years_are_rejected(header: str) -> None:
    tree = CONTRACT.tree()
    row = next(row for row in data_rows(tree) if len(row) == 4 and row[2].text == "Same period 2024")
    set_text(row[2], header)
    with pytest.raises(LayoutChangedError, match="period"):
        read_page(as_body(tree), CONTRACT.url)


@pytest.mark.parametrize("date", ["31 Feb 2025", "0 Oct 2025", "13 Okt 2025", "13 Octember 2025", "13 Oct 0000"])
def test_read_page_invalid_date_is_rejected(date: str) -> None:
    body = CONTRACT.body.replace(b"13 Oct 2025", date.encode())
    with pytest.raises(LayoutChangedError, match="a date like"):
        read_page(body, CONTRACT.url)


def test_read_page_full_month_name_equals_abbreviation() -> None:
    body = CONTRACT.body.replace(b"13 Oct 2025", b"13 October 2025")
    assert read_page(body, CONTRACT.url) == read_page(CONTRACT.body, CONTRACT.url)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.itjobswatch.co.uk/",
        "https://www.itjobswatch.co.uk/default.aspx?ll=London&p=6",
        "https://www.itjobswatch.co.uk/jobs/uk/developer.do?p=9",
        "not an address",
    ],
)
def test_read_page_url_of_other_page_raises_usage_error(url: str) -> None:
    with pytest.raises(UsageError):
        read_page(CONTRACT.body, url)


def test_page_error_names_url_expected_and_actual_text() -> None:
    tree = CONTRACT.tree()
    set_text(row_of(tree, "Rank")[1], "first")
    with pytest.raises(LayoutChangedError) as error:
        read_page(as_body(tree), CONTRACT.url)
    assert str(error.value) == f"{CONTRACT.url}: expected a whole number like 1,838 at 'Rank', found 'first'"
