"""The shape of the house, held by a walk over the syntax trees of both packages: docs/ARCHITECTURE.md says why."""

import ast
import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator

import pytest

from tests.support.module_graph import MODULES, PACKAGES, ROOT, Module, is_broad, our_imports, passes_it_on, stands_in

# From the inside out. A module imports from its own ring and from those inside it, never from one further out.
RINGS = ("core", "pure", "storage", "edges", "conduct", "shell")

# Where each module stands. A name that ends in ".*" places a whole room. A new module fails until it is placed.
PLACES = {
    "jobspider": "core",
    "jobspider.model": "core",
    "jobspider.errors": "core",
    "jobspider.statistics": "core",
    "jobspider.cell_values": "core",
    "jobspider.urls": "core",
    "jobspider.scraping.items": "core",
    "jobspider.config.*": "pure",
    "jobspider.pages.*": "pure",
    "jobspider.plan": "pure",
    "jobspider.store.*": "storage",
    "jobspider.scraping.backoff": "pure",
    "jobspider.market_lists": "pure",
    "jobspider.scraping.spiders": "edges",
    "jobspider.scraping.spiders.base": "edges",
    "jobspider.scraping.spiders.roles": "edges",
    "jobspider.scraping.spiders.market": "edges",
    "jobspider.scraping.pipelines": "edges",
    "jobspider.scraping.settings": "edges",
    "jobspider.scraping.addon": "edges",
    "jobspider.scraping.middlewares": "edges",
    "jobspider.scraping.robots": "edges",
    "jobspider.scraping.http_cache": "edges",
    "jobspider.scraping.retry_after_file": "edges",
    "jobspider.scraping.shutdown": "edges",
    "jobspider.scraping.log_formatter": "edges",
    "jobspider.crawl": "conduct",
    "jobspider.replay": "conduct",
    "jobspider.reparse": "conduct",
    "jobspider.page_cases": "conduct",
    "jobspider.export.writer": "conduct",
    "jobspider.export.tables": "pure",
    "jobspider.commands.*": "shell",
    "jobspider.scrapy_commands.*": "shell",
    "alerts": "core",
    "alerts.model.changes": "core",
    "alerts.model.delivery": "core",
    "alerts.model.topics": "core",
    "alerts.errors": "core",
    "alerts.model.derived": "core",
    "alerts.model.report": "core",
    "alerts.config.*": "pure",
    "alerts.config.schedule_expressions": "pure",
    "alerts.stats.two_sample": "pure",
    "alerts.stats.counts": "pure",
    "alerts.reports.render.gaps": "pure",
    "alerts.detection.figures": "pure",
    "alerts.detection.composition": "pure",
    "alerts.detection.significance": "pure",
    "alerts.detection.locations": "pure",
    "alerts.stats.pay": "pure",
    "alerts.detection.restatements": "pure",
    "alerts.detection.selection": "pure",
    "alerts.detection.skills": "pure",
    "alerts.detection.derived": "pure",
    "alerts.digests.assembly": "pure",
    "alerts.wording.*": "pure",
    "alerts.render.*": "pure",
    "alerts.delivery.outbox": "storage",
    "alerts.delivery.rows": "storage",
    "alerts.delivery.schema": "storage",
    "alerts.digests.series": "storage",
    "alerts.reports.snapshots": "storage",
    "alerts.delivery.channels.credentials": "edges",
    "alerts.delivery.channels.*": "edges",
    "alerts.render.charts": "edges",
    "alerts.digests.builder": "conduct",
    "alerts.digests.baselines": "conduct",
    "alerts.digests.derived_watches": "conduct",
    "alerts.digests.backtest": "conduct",
    "alerts.delivery.sender": "conduct",
    "alerts.service.notices": "conduct",
    "alerts.service.crawl_process": "conduct",
    "alerts.service.heartbeat": "edges",
    "alerts.service.event_log": "edges",
    "alerts.service.problems": "conduct",
    "alerts.service.cycle": "conduct",
    "alerts.service.service": "conduct",
    "alerts.service.health": "conduct",
    "alerts.reports.builder": "conduct",
    "alerts.service.scheduler": "shell",
    "alerts.demo": "shell",
    "alerts.broken_pipe": "shell",
    "alerts.commands.*": "shell",
    "alerts.cli": "shell",
}

# What one half may know of the other; the shell alone also starts the other half's commands and its replay server.
SHARED = ("jobspider", "jobspider.model", "jobspider.errors", "jobspider.statistics", "jobspider.cell_values",
          "jobspider.urls", "jobspider.config.*", "jobspider.store.*")  # fmt: skip
SHARED_WITH_THE_SHELL = ("jobspider.commands.*", "jobspider.replay")

# Finer than the rings: what a room must not know although the rings would let it.
WALLS = {
    "jobspider.pages.*": ("jobspider.config.*", "jobspider.plan"),  # a page is read without a configuration
    "jobspider.scraping.spiders.*": ("jobspider.pages.*", "jobspider.store.*"),  # which pages, not what is in them
    "alerts.render.*": (
        "alerts.config.*",
        "alerts.detection.figures",
        "alerts.detection.significance",
        "alerts.detection.selection",
    ),  # what is told is decided
}

OUR_EDGES = [place for place, ring in PLACES.items() if ring == "edges" and place.startswith("jobspider.")]

# Every import from outside the standard library, and where alone it may stand; some of the standard library too.
CONFINED = {
    "scrapy": (*OUR_EDGES, "jobspider.crawl", "jobspider.scrapy_commands.*"),
    "twisted": ("jobspider.scraping.log_formatter",),
    "itemadapter": ("jobspider.scraping.pipelines",),
    "lxml": ("jobspider.pages.*",),
    "pydantic": ("jobspider.config.*", "jobspider.replay", "alerts.config.*"),
    "pydantic_core": ("jobspider.config.error_messages",),
    "sqlite_utils": ("jobspider.store.*", "alerts.delivery.schema"),
    "sqlite3": ("jobspider.store.*",),
    "backports": ("jobspider.store.captures",),
    "compression": ("jobspider.store.captures",),
    "pyarrow": ("jobspider.export.writer",),
    "filelock": ("jobspider.store.process_lock",),
    "jinja2": ("alerts.render.*",),
    "css_inline": ("alerts.render.*",),
    "feedgen": ("alerts.render.atom",),
    "altair": ("alerts.render.charts",),
    "vl_convert": ("alerts.render.charts",),
    "smtplib": ("alerts.delivery.channels.smtp",),
    "slack_sdk": ("alerts.delivery.channels.slack",),
    "apprise": ("alerts.delivery.channels.apprise",),
    "apscheduler": ("alerts.service.scheduler",),
    "click": ("jobspider.commands.*", "alerts.commands.*", "alerts.cli"),
    "rich": ("jobspider.commands.*", "alerts.commands.*"),
    "argparse": ("jobspider.crawl", "jobspider.scrapy_commands.*"),
    "subprocess": ("alerts.service.crawl_process",),
}  # fmt: skip

DECLARED_AS = {
    "pydantic_core": "pydantic", "twisted": "scrapy", "backports": "backports.zstd", "vl_convert": "vl_convert_python",
}  # fmt: skip
"""The project that an import comes with, where it is not its namesake."""
LATER = {"compression"}
"""What is in the standard library only since a later Python than the oldest that is supported."""

CLOCK = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today", "time.time",
    "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.sleep", "time.localtime",
    "time.gmtime", "time.strftime", "uuid.uuid1", "email.utils.formatdate", "email.utils.localtime",
    "email.utils.make_msgid",
}  # fmt: skip

MOST_LINES_OF_A_MODULE = 300
MOST_LINES_OF_A_FUNCTION = 40
NAMELESS = {"util", "utils", "utilities", "helper", "helpers", "misc", "common", "shared", "stuff"}

# Handlers that catch everything and do not pass it on, each with its reason: "module.function": "why".
MARKED_BORDERS = {
    "alerts.delivery.sender._attempt": "one channel's fault must not keep the others from sending; it is raised at the end",
}

SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|PRAGMA|BEGIN|WITH)\s+\S")
NOQA = re.compile(r"#\s*noqa\b(?!: [A-Z0-9]+(?:, [A-Z0-9]+)* - \S)", re.IGNORECASE)


def ring_of(module: Module) -> int:
    """Return the number of a module's ring; what is not placed yet counts as innermost, and fails by itself below."""
    return RINGS.index(next((PLACES[place] for place in PLACES if stands_in(module.name, [place])), "core"))


every_module = pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)


# The rings.


def test_every_module_stands_in_one_ring_and_every_place_is_taken() -> None:
    unplaced = [name for name in MODULES if sum(stands_in(name, [place]) for place in PLACES) != 1]
    empty = [place for place in PLACES if not any(stands_in(name, [place]) for name in MODULES)]
    assert not unplaced, "place each of these in exactly one ring, in PLACES"
    assert not empty, "these stand for no module any more"


@every_module
def test_imports_run_down_the_rings(module: Module) -> None:
    upward = [own for own in our_imports(module) if ring_of(MODULES[own]) > ring_of(module)]
    assert not upward, f"{module.name} stands in the {RINGS[ring_of(module)]} ring, and these further out"


@every_module
def test_the_halves_meet_only_where_they_may(module: Module) -> None:
    others = [own for own in our_imports(module) if own.partition(".")[0] != module.name.partition(".")[0]]
    if module.name.startswith("jobspider"):
        assert not others, "jobspider never imports alerts"
    allowed = SHARED + (SHARED_WITH_THE_SHELL if RINGS[ring_of(module)] == "shell" else ())
    assert not [own for own in others if not stands_in(own, allowed)], f"alerts may import {', '.join(allowed)}"


@every_module
def test_rooms_keep_their_walls(module: Module) -> None:
    for room, forbidden in WALLS.items():
        if stands_in(module.name, [room]):
            assert not [own for own in our_imports(module) if stands_in(own, forbidden)]


def test_no_two_modules_import_each_other() -> None:
    later: dict[str, set[str]] = {name: our_imports(module) - {name} for name, module in MODULES.items()}
    while leaves := [name for name, needs in later.items() if not needs & later.keys()]:
        for name in leaves:
            del later[name]
    assert not later, "these import each other in a circle"


def test_the_drawing_of_the_rooms_is_true() -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    (_, heads), *lines = _columns(text.partition("## The rooms")[2].split("```")[1])
    drawn, ring = dict[str, str](), ""
    for said, halves in lines:
        ring = said or ring
        for half, names in zip(heads, halves, strict=True):
            drawn |= {f"{half}.{name.replace('/', '.')}": ring for name in re.split(r",\s*", names) if name}
    within = {place.removesuffix(".*"): ring for place, ring in PLACES.items() if place not in PACKAGES}
    assert {room: within.get(room.removesuffix(".*")) for room in drawn} == drawn
    stands_for = {room.removesuffix(".*"): ring for room, ring in drawn.items()}
    missing = [room for room in within if room not in stands_for and room.rpartition(".")[0] not in stands_for]
    assert not missing, "docs/ARCHITECTURE.md does not show these"


def _columns(drawing: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the first column of each line, and both others, without a comma at their end."""
    for line in filter(str.strip, drawing.splitlines()):
        yield line[:12].strip(), (line[12:64].strip().rstrip(","), line[64:].strip().rstrip(","))


# What comes from outside.


@every_module
def test_what_comes_from_outside_stays_in_its_room(module: Module) -> None:
    for imported in module.imports:
        outside = imported.partition(".")[0]
        if outside in CONFINED:
            assert stands_in(module.name, CONFINED[outside]), f"{outside} belongs into {', '.join(CONFINED[outside])}"
        else:
            assert outside in sys.stdlib_module_names or outside in PACKAGES, f"say in CONFINED where {outside} belongs"


def test_nothing_is_confined_that_nobody_uses() -> None:
    imported = {name.partition(".")[0] for module in MODULES.values() for name in module.imports}
    assert not CONFINED.keys() - imported


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [each for extra, needs in project["optional-dependencies"].items() if extra != "dev" for each in needs]
    declared = {re.split(r"[<>=;\[ ]", each)[0].replace("-", "_") for each in [*project["dependencies"], *extras]}
    imported = {name.partition(".")[0] for module in MODULES.values() for name in module.imports}
    outside = {DECLARED_AS.get(name, name) for name in imported - sys.stdlib_module_names - LATER - set(PACKAGES)}
    assert outside <= declared


def test_sql_stays_in_the_storage_ring() -> None:
    strays = [
        f"{module.name}:{node.lineno}"
        for module in MODULES.values()
        if RINGS[ring_of(module)] != "storage"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]
    assert not strays


@every_module
def test_the_clock_is_read_only_in_conduct_and_shell(module: Module) -> None:
    if RINGS[ring_of(module)] in ("conduct", "shell"):
        return
    read = [f"{name} in line {line}" for name, line in module.uses if name in CLOCK]
    assert not read, "everyone else is given `now`"


# The size and the names of things.


@every_module
def test_a_module_can_be_read_in_one_sitting(module: Module) -> None:
    assert len(module.code_lines) <= MOST_LINES_OF_A_MODULE


@every_module
def test_a_function_fits_on_a_screen(module: Module) -> None:
    for function in module.functions:
        lines = [line for line in module.code_lines if function.lineno <= line <= (function.end_lineno or 0)]
        assert len(lines) <= MOST_LINES_OF_A_FUNCTION, function.name


@every_module
def test_a_module_is_named_for_what_it_is_about(module: Module) -> None:
    assert not NAMELESS & set(module.name.strip("_").split("."))


def test_an_error_that_is_caught_is_meant() -> None:
    hidden = {
        f"{module.name}.{function.name}"
        for module in MODULES.values()
        for function in module.functions
        for node in ast.walk(function)
        if is_broad(node) and not passes_it_on(node)
    }
    assert hidden == MARKED_BORDERS.keys()


@pytest.mark.parametrize("folder", [*PACKAGES, "tests", "benchmarks"])
def test_a_rule_is_waived_only_with_a_reason(folder: str) -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{token.start[0]}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
        if token.type == tokenize.COMMENT and NOQA.search(token.string)
    ]
    assert not bare, "write `# noqa: X000 - why`"


# The walk itself.


def test_an_import_counts_wherever_it_stands() -> None:
    module = Module(
        "alerts.render.html",
        "import smtplib\n"
        "def later():\n    from jobspider import crawl\n    import xml.dom as tree\n"
        "if TYPE_CHECKING:\n    from scrapy.http import Request as Asked\n"
        "from . import view\nfrom .. import jobs\nfrom ..channels.file import Files\n",
    )
    assert module.imports == {
        "smtplib", "jobspider.crawl", "xml.dom", "scrapy.http.Request", "alerts.render.presenter", "alerts.service.cycle",
        "alerts.delivery.channels.file.Files",
    }  # fmt: skip
    assert Module("alerts.render", "from . import view", is_package=True).imports == {"alerts.render.presenter"}
    assert our_imports(module) == {
        "jobspider.crawl",
        "alerts.render.presenter",
        "alerts.service.cycle",
        "alerts.delivery.channels.file",
    }


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.time()",
        "import time as t\nt.sleep(1)",
        "from time import monotonic\nmonotonic()",
        "from datetime import datetime\ndatetime.now(UTC)",
        "from datetime import datetime as moment\nfield(default_factory=moment.now)",
        "import datetime\ndatetime.date.today()",
        "def f():\n    import datetime as dt\n    return dt.datetime.utcnow()",
        "from email import utils\nutils.make_msgid()",
    ],
)
def test_the_clock_is_found_under_any_name(source: str) -> None:
    assert CLOCK & {name for name, _ in Module("x", source).uses}


def test_what_only_looks_like_the_clock_is_let_be() -> None:
    source = "from datetime import datetime\nfigures.now('median')\ndatetime.combine(day, at)\nclock()\ntime(6, 30)"
    assert not CLOCK & {name for name, _ in Module("x", source).uses}


@pytest.mark.parametrize(
    ("handler", "hides"),
    [
        ("except:\n  pass", True),
        ("except Exception:\n  log()", True),
        ("except (OSError, BaseException) as error:\n  raise Other from error", True),
        ("except BaseException:\n  close()\n  raise", False),
        ("except (OSError, ValueError):\n  pass", False),
    ],
)
def test_a_handler_for_everything_hides_what_it_does_not_pass_on(handler: str, hides: bool) -> None:  # noqa: FBT001 - a case
    tree = ast.parse(f"try:\n  x()\n{handler}")
    assert any(is_broad(node) and not passes_it_on(node) for node in ast.walk(tree)) is hides


def test_blank_lines_comments_and_docstrings_are_not_counted() -> None:
    lines = ['"""Docstring,', 'of two lines."""', "", "# comment", 'x = """a', 'b"""  # three', "", "def f():",
             '    """Too."""', "    g(", "        1", "    )", ""]  # fmt: skip
    assert Module("x", "\n".join(lines)).code_lines == {5, 6, 8, 10, 11, 12}
