"""The languages of source files, and their grammars, imported only when a file needs one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import cast

from migration_lint.errors import MissingExtra
from migration_lint.named_tuple import NamedTuple
from migration_lint.sources.code import Module
from migration_lint.sources.grammars.lowering import Grammar, Lowering, Node, Run

LARGEST = 2_000_000
"""Files of more bytes are generated, or data; they are not read."""


class Language(NamedTuple):
    """`package` and `function`: where tree-sitter's grammar is; `grammar`: our module for it."""

    name: str
    package: str
    function: str
    grammar: str


_GO = Language("Go", "tree_sitter_go", "language", "go")
_PYTHON = Language("Python", "tree_sitter_python", "language", "python")
_TYPESCRIPT = Language("TypeScript", "tree_sitter_typescript", "language_typescript", "javascript")
_TSX = Language("TypeScript", "tree_sitter_typescript", "language_tsx", "javascript")
_JAVASCRIPT = Language("JavaScript", "tree_sitter_javascript", "language", "javascript")
_JAVA = Language("Java", "tree_sitter_java", "language", "java")
_KOTLIN = Language("Kotlin", "tree_sitter_kotlin", "language", "kotlin")
_RUBY = Language("Ruby", "tree_sitter_ruby", "language", "ruby")
_RUST = Language("Rust", "tree_sitter_rust", "language", "rust")
_CSHARP = Language("C#", "tree_sitter_c_sharp", "language", "csharp")
_PHP = Language("PHP", "tree_sitter_php", "language_php", "php")
_SQL = Language("SQL", "", "", "")

_BY_ENDING = {
    ".go": _GO,
    ".py": _PYTHON,
    ".ts": _TYPESCRIPT,
    ".mts": _TYPESCRIPT,
    ".cts": _TYPESCRIPT,
    ".tsx": _TSX,
    ".js": _JAVASCRIPT,
    ".jsx": _JAVASCRIPT,
    ".mjs": _JAVASCRIPT,
    ".cjs": _JAVASCRIPT,
    ".java": _JAVA,
    ".kt": _KOTLIN,
    ".kts": _KOTLIN,
    ".rb": _RUBY,
    ".rs": _RUST,
    ".cs": _CSHARP,
    ".php": _PHP,
    ".sql": _SQL,
}


def language_at(path: str) -> Language | None:
    """The language of a path by its ending; None for a file that is no source."""
    dot = path.rfind(".")
    return _BY_ENDING.get(path[dot:].lower()) if dot > path.rfind("/") else None


def language_of(path: str) -> str | None:
    """The name of the language of a path: `Go`, `C#`; None for a file that is no source."""
    language = language_at(path)
    return language.name if language is not None else None


def parse(path: str, source: bytes) -> Module:
    """One file as code. A file that cannot be parsed whole says so in `problem`.

    Raises MissingExtra where the packages that parse its language are not installed.
    """
    language = language_at(path)
    if language is None or language is _SQL:
        return Module(path, "SQL" if language else "", "", {}, {}, {}, ())
    if len(source) > LARGEST:
        reason = f"it has {len(source):,} bytes; files of more than {LARGEST:,} are not read"
        return Module(path, language.name, "", {}, {}, {}, (), reason)
    lowering = Lowering(_grammar(language), path, source, lambda *runs: _tree(language, source, runs))
    return lowering.module(_tree(language, source))


def _tree(language: Language, source: bytes, runs: Sequence[Run] = ()) -> Node:
    """The syntax tree of a file, or of some runs of it as if they were all of the file, places kept."""
    try:
        import tree_sitter
    except ImportError as error:
        raise MissingExtra("parity", f"reading {language.name} source") from error
    parser = tree_sitter.Parser(tree_sitter.Language(_pointer(language)))
    if runs:
        parser.included_ranges = [
            tree_sitter.Range(
                tree_sitter.Point(*start.start_point), tree_sitter.Point(*end.end_point),
                start.start_byte, end.end_byte,
            )
            for start, end in runs
        ]  # fmt: skip
    return cast(Node, parser.parse(source).root_node)


@cache
def _pointer(language: Language) -> object:
    try:
        package = import_module(language.package)
    except ImportError as error:
        raise MissingExtra("parity", f"reading {language.name} source") from error
    found: object = getattr(package, language.function)()
    return found


@cache
def _grammar(language: Language) -> Grammar:
    module = import_module(f"migration_lint.sources.grammars.{language.grammar}")
    grammar = module.GRAMMAR
    assert isinstance(grammar, Grammar)
    return grammar._replace(name=language.name)
