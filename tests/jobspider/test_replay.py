import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobspider.errors import ReplayError
from jobspider.replay import ReplayServer, ReplaySite, load_site

ROOT = Path(__file__).parents[2]
NORTH_WEST = "/jobs/north%20west/backend%20developer.do"
ENTRY = f"""
[[page]]
address = "{NORTH_WEST}"
file    = "north-west.html"
as_of   = 2025-11-23
origin  = "true"
note    = "Figures of the saved page."
"""
INDEX_ENTRY = """
[[page]]
address = "/default.aspx?ql=&ll=London&p=6&page=1"
file    = "index.html"
as_of   = 2025-11-23
origin  = "synthetic"
note    = "Made up."
"""


def write_site(folder: Path, manifest: str = ENTRY, page: str = "<p>£60,000</p>") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "site.toml").write_text(manifest, encoding="utf-8")
    (folder / "north-west.html").write_text(page, encoding="utf-8")
    (folder / "index.html").write_text("<p>index</p>", encoding="utf-8")
    return folder


@pytest.fixture
def site(tmp_path: Path) -> ReplaySite:
    folder = write_site(tmp_path / "site", ENTRY + INDEX_ENTRY)
    (folder / "robots.txt").write_text("User-agent: *\nDisallow: /find/\n", encoding="utf-8")
    return load_site(folder)


@pytest.fixture
def server(site: ReplaySite) -> Iterator[ReplayServer]:
    with ReplayServer(site) as running:
        yield running


def ask(
    server: ReplayServer, path: str, method: str = "GET", **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_a_listed_page_is_served_as_it_was_saved(server: ReplayServer) -> None:
    status, headers, body = ask(server, NORTH_WEST)
    assert (status, body.decode()) == (200, "<p>£60,000</p>")
    assert headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "spelling",
    [f"{NORTH_WEST}?p=6", "/jobs/north%2520west/backend%2520developer.do", "/jobs/North%20West/Backend%20Developer.do"],
)
def test_every_spelling_of_a_role_page_is_that_page(server: ReplayServer, spelling: str) -> None:
    assert ask(server, spelling)[0] == 200


@pytest.mark.parametrize(
    "other",
    [
        f"{NORTH_WEST}?p=3",
        f"{NORTH_WEST}?p=12",
        "/contracts/north%20west/backend%20developer.do",
        "/jobs/wales/backend%20developer.do",
        "/default.aspx?ql=&ll=London&p=6&page=2",
        "/default.aspx",
        "/site.toml",
        "/north-west.html",
        "/../site.toml",
        "/",
    ],
)
def test_what_is_not_listed_is_not_found(server: ReplayServer, other: str) -> None:
    status, headers, body = ask(server, other)
    assert status == 404
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"<h1>Page not found</h1>" in body


def test_any_other_address_is_matched_exactly(server: ReplayServer) -> None:
    assert ask(server, "/default.aspx?ql=&ll=London&p=6&page=1")[2] == b"<p>index</p>"


def test_robots_are_served_where_the_folder_has_them(server: ReplayServer) -> None:
    status, headers, body = ask(server, "/robots.txt")
    assert (status, body) == (200, b"User-agent: *\nDisallow: /find/\n")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"


def test_without_a_robots_file_there_is_none(tmp_path: Path) -> None:
    with ReplayServer(load_site(write_site(tmp_path))) as server:
        assert ask(server, "/robots.txt")[0] == 404


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}'])
def test_a_page_that_the_client_has_is_not_sent_again(server: ReplayServer, form: str) -> None:
    tag = ask(server, NORTH_WEST)[1]["ETag"]
    status, headers, body = ask(server, NORTH_WEST, If_None_Match=form.format(tag))
    assert (status, headers["ETag"], body) == (304, tag, b"")


def test_a_changed_page_is_sent_although_the_client_has_the_old_one(server: ReplayServer, tmp_path: Path) -> None:
    tag = ask(server, NORTH_WEST)[1]["ETag"]
    server.site = load_site(write_site(tmp_path / "later", page="<p>£62,500</p>"))
    status, headers, body = ask(server, NORTH_WEST, If_None_Match=tag)
    assert (status, body.decode()) == (200, "<p>£62,500</p>")
    assert headers["ETag"] != tag


def test_a_page_that_left_the_site_is_not_found_from_then_on(server: ReplayServer, tmp_path: Path) -> None:
    server.site = load_site(write_site(tmp_path / "later", INDEX_ENTRY))
    assert ask(server, NORTH_WEST)[0] == 404


def test_head_answers_without_a_body(server: ReplayServer) -> None:
    status, headers, body = ask(server, NORTH_WEST, "HEAD")
    assert (status, body) == (200, b"")
    assert headers["Content-Length"] == str(len("<p>£60,000</p>".encode()))


def test_each_request_is_reported_in_one_line_without_control_characters(site: ReplaySite) -> None:
    lines: list[str] = []
    with ReplayServer(site, on_request=lines.append) as server:
        ask(server, NORTH_WEST)
        with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=10) as connection:
            connection.sendall(b"GET /\x1b[2J HTTP/1.0\r\n\r\n")
            assert connection.makefile("rb").readline().startswith(b"HTTP/1.0 404")
    assert lines == [f"200 GET {NORTH_WEST} HTTP/1.1", r"404 GET /\x1b[2J HTTP/1.0"]


def test_a_client_that_hangs_up_leaves_no_traceback(site: ReplaySite, capfd: pytest.CaptureFixture[str]) -> None:
    with ReplayServer(site) as server:
        with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=10) as connection:
            # Close with a reset, not politely.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            connection.sendall(f"GET {NORTH_WEST} HTTP/1.0\r\n".encode())
        assert ask(server, NORTH_WEST)[0] == 200
    assert capfd.readouterr().err == ""


def test_only_loopback_is_listened_on(server: ReplayServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.base_url == f"http://127.0.0.1:{server.server_address[1]}"


def test_a_port_in_use_is_named(site: ReplaySite) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ReplayError, match=rf"^port {port} is in use: choose another with --port$"):
            ReplayServer(site, port)


def test_the_port_is_free_again_afterwards(site: ReplaySite) -> None:
    with ReplayServer(site) as first:
        port = first.server_address[1]
    with ReplayServer(site, port) as second:
        assert ask(second, NORTH_WEST)[0] == 200


def test_the_origins_are_counted_truest_first(site: ReplaySite) -> None:
    assert list(site.origins.items()) == [("true", 1), ("synthetic", 1)]


@pytest.mark.parametrize(
    ("manifest", "complaint"),
    [
        ("", r"page: Field required"),
        ("page = []", r"page: List should have at least 1 item"),
        ("[[page", r"not valid TOML"),
        (ENTRY.replace('"true"', '"real"'), r"page\[0\]\.origin: Input should be 'true', 'partly synthetic'"),
        (ENTRY.replace("note ", "nota "), r"page\[0\]\.note: Field required \(\+ 1 more\)"),
        (ENTRY.replace("north-west.html", "other.html"), r"page\[0\]\.file: other\.html cannot be read: No such file"),
        (ENTRY.replace("north-west.html", "../a.html"), r"page\[0\]\.file: .*the file must lie in the folder"),
        (ENTRY.replace("north-west.html", "/etc/hosts"), r"page\[0\]\.file: .*the file must lie in the folder"),
        (ENTRY.replace('"/jobs', '"jobs'), r"page\[0\]\.address: String should match"),
        (ENTRY + ENTRY.replace(".do", ".do?p=6"), rf"page\[1\]\.address: the same page as {NORTH_WEST}"),
    ],
)
def test_a_mistake_in_the_manifest_is_told_in_one_line(tmp_path: Path, manifest: str, complaint: str) -> None:
    write_site(tmp_path, manifest)
    with pytest.raises(ReplayError, match=complaint) as caught:
        load_site(tmp_path)
    assert str(caught.value).startswith(str(tmp_path / "site.toml"))
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r"missing is not a folder$"):
        load_site(tmp_path / "missing")


def test_a_folder_of_dates_is_answered_with_one_of_its_dates(tmp_path: Path) -> None:
    write_site(tmp_path / "2025-11-16")
    with pytest.raises(ReplayError, match=r"holds no site.toml: give one of its dates, like .*2025-11-16$"):
        load_site(tmp_path)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_end(tmp_path: Path, end: signal.Signals) -> None:
    write_site(tmp_path / "site")
    process = subprocess.Popen(
        [sys.executable, "-c", "from jobspider.commands.replay import command; command()", "site", "--port", "0"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = [process.stdout.readline().rstrip("\n") for _ in range(4)]
        found = re.fullmatch(
            r"Serving site at http://127\.0\.0\.1:(\d+) \(pages: 1 true\)\. Press Ctrl-C to stop\.", said[0]
        )
        assert found
        assert said[-1] == f'  base_url = "http://127.0.0.1:{found[1]}"'
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=10)
        connection.request("GET", NORTH_WEST)
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(end)
        _, errors = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 0
    assert errors == f"200 GET {NORTH_WEST} HTTP/1.1\n"
