"""A walk over the syntax trees of both packages: what each module imports, uses, and how long it is."""

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("jobspider", "alerts")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of the packages; ``is_package`` for an ``__init__.py``."""

    name: str
    source: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def names(self) -> dict[str, str]:
        """What each imported name stands for, wherever in the file it is imported: in functions, for types only."""
        found = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for each in node.names:
                    found[each.asname or each.name.partition(".")[0]] = (
                        each.name if each.asname else each.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                for each in node.names:
                    found[each.asname or each.name] = f"{self._origin(node)}.{each.name}"
        return found

    @cached_property
    def imports(self) -> set[str]:
        """The dotted names that are imported: modules, and what is taken out of them."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {each.name for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                found |= {f"{self._origin(node)}.{each.name}" for each in node.names}
        return found

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        package = parts[: len(parts) - node.level + self.is_package]
        return ".".join([*package, *filter(None, [node.module])])

    @property
    def uses(self) -> Iterator[tuple[str, int]]:
        """Every dotted name that is used, spelt out whole, with its line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute | ast.Name):
                head, *rest = dotted(node).split(".")
                yield ".".join([self.names.get(head, head), *rest]), node.lineno

    @cached_property
    def code_lines(self) -> set[int]:
        """The lines that hold code: not blank, no comment, no docstring."""
        skipped = {
            tokenize.COMMENT,
            tokenize.NL,
            tokenize.NEWLINE,
            tokenize.INDENT,
            tokenize.DEDENT,
            tokenize.ENDMARKER,
        }
        lines = {
            line
            for token in tokenize.generate_tokens(io.StringIO(self.source).readline)
            if token.type not in skipped
            for line in range(token.start[0], token.end[0] + 1)
        }
        return lines - {
            line
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }

    @property
    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def stands_in(name: str, places: Iterable[str]) -> bool:
    """Whether a dotted name is one of the places, or in a room of them (``jobspider.pages.*``)."""
    return any(name == place or (place.endswith(".*") and f"{name}.".startswith(place[:-1])) for place in places)


def read_modules() -> dict[str, Module]:
    found = {}
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = Module(name, path.read_text(encoding="utf-8"), path.name == "__init__.py")
    return found


MODULES = read_modules()


def module_of(imported: str) -> str | None:
    """Return our module that an imported name belongs to: ``jobspider.model`` for ``jobspider.model.Subject``."""
    while imported not in MODULES:
        imported, _, last = imported.rpartition(".")
        if not last:
            return None
    return imported


def our_imports(module: Module) -> set[str]:
    return {own for imported in module.imports if (own := module_of(imported))}


def is_broad(node: ast.AST) -> bool:
    """Whether a node is a handler for everything, or a ``suppress`` of everything."""
    if isinstance(node, ast.ExceptHandler):
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        return any(each is None or dotted(each) in ("Exception", "BaseException") for each in caught)
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "suppress":
        return any(dotted(each) in ("Exception", "BaseException") for each in node.args)
    return False


def passes_it_on(node: ast.AST) -> bool:
    """Whether a handler only tidies up: its last word is a bare ``raise``."""
    last = node.body[-1] if isinstance(node, ast.ExceptHandler) else None
    return isinstance(last, ast.Raise) and last.exc is None
