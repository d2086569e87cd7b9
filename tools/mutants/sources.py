"""Finds the definition of a name, regardless of the file it is in.

A name is that of a function, a class, a method or a constant as Python qualifies it: `push`,
`Source.key`, `finish.arguments`, `BUCKETS`. Where several modules define the same name, a package
in front distinguishes them: `timelines:push` is the one within `timelines`, at any depth.
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from pathlib import Path

DEVELOPMENT_PACKAGES = {"bench", "tests", "tools"}  # packages that are not part of an installation


class NotFound(LookupError):
    """A name is not defined, or is ambiguous."""


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a name is defined: a file, relative to its tree, and its first and last line."""

    name: str
    file: Path
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.module}:{self.name} (line {self.first})"

    @property
    def module(self) -> str:
        """The dotted name of the module."""
        return ".".join(self.file.with_suffix("").parts)

    def is_within(self, package: str) -> bool:
        """Whether it is in a package or module of this name; always true for ""."""
        return f".{self.module}.".startswith(f".{package}." if package else ".")

    def changed(self, text: str, change: Callable[[str], str]) -> str:
        """The file's text, after `change` was applied to the lines of this definition alone."""
        lines = list(StringIO(text))
        before, after = lines[: self.first - 1], lines[self.last :]
        code = "".join(lines[self.first - 1 : self.last])
        return "".join([*before, change(code), *after])


class Index:
    """The definitions in some files of a tree, by name."""

    def __init__(self, root: Path, files: Iterable[Path]) -> None:
        self._by_name: dict[str, list[Definition]] = defaultdict(list)
        for file in files:
            for definition in definitions(file.relative_to(root), file.read_text("utf-8")):
                self._by_name[definition.name].append(definition)

    def find(self, target: str) -> Definition:
        """The only definition of `name` or `package:name`. Raises NotFound."""
        package, _, name = target.rpartition(":")
        everywhere = self._by_name.get(name, [])
        found = [definition for definition in everywhere if definition.is_within(package)]
        if len(found) == 1:
            return found[0]
        if found:
            raise NotFound(f"{target} is ambiguous: {_listed(found)}")
        raise NotFound(f"{target} is not defined{self._instead(name)}")

    def _instead(self, name: str) -> str:
        """A suggestion: the same name in other packages, else similar names."""
        names = [name] if name in self._by_name else get_close_matches(name, self._by_name)
        similar = [definition for each in names for definition in self._by_name[each]]
        return f"; there is {_listed(similar)}" if similar else ""


def index_code(root: Path) -> Index:
    """The index of the code of an installation, without tests and tools."""
    return Index(root, (f for f in _modules(root) if _is_installed(f.relative_to(root))))


def index_tests(root: Path) -> Index:
    """The index of all tests."""
    return Index(root, (file for file in _modules(root) if file.name.startswith("test_")))


def node_id(test: str, index: Index) -> str:
    """A test as pytest names it; parameters in brackets are kept. Raises NotFound."""
    name, bracket, parameters = test.partition("[")
    found = index.find(name)
    return "::".join([found.file.as_posix(), *found.name.split(".")]) + bracket + parameters


def definitions(file: Path, source: str) -> Iterator[Definition]:
    """The definitions in the source of a module, outer before inner."""
    for name, node in _named(ast.parse(source, str(file)), scope=""):
        decorators = getattr(node, "decorator_list", [])
        first = min(each.lineno for each in [node, *decorators])
        yield Definition(name, file, first, node.end_lineno or node.lineno)


def _named(parent: ast.AST, scope: str) -> Iterator[tuple[str, ast.stmt]]:
    """The statements that define a name, at any depth, with the qualified name."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.stmt):
            yield from ((scope + name, node) for name in _names(node))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _named(node, f"{scope}{node.name}.")
        elif not isinstance(node, ast.expr):
            yield from _named(node, scope)


def _names(node: ast.stmt) -> list[str]:
    """The names that one statement defines."""
    match node:
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            return [name]
        case ast.AnnAssign(target=ast.Name(name)):
            return [name]
        case ast.Assign(targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
    return []


def _modules(root: Path) -> list[Path]:
    """The Python files of all packages."""
    packages = sorted(init.parent for init in root.glob("*/__init__.py"))
    return [file for package in packages for file in sorted(package.rglob("*.py"))]


def _is_installed(file: Path) -> bool:
    return file.parts[0] not in DEVELOPMENT_PACKAGES and "tests" not in file.parts


def _listed(found: list[Definition]) -> str:
    return ", ".join(map(str, found))
