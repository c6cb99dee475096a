"""Bytes of a Python file → text and syntax tree, with every way to fail said in one sentence."""

from __future__ import annotations

import ast
import codecs
import re
import sys
import warnings

from migration_lint.errors import CannotJudge, Problem, merge_conflict

#: The largest script of 13,794 in the wild has 653 KB. A tree of this many bytes still fits in memory.
LARGEST = 8 * 1024 * 1024

#: The Python that reads the scripts.
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"

_COOKIE = rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)"  # PEP 263
_BLANK = rb"^[ \t\f]*(?:#.*)?$"
_LINE_END = rb"\r\n|\r|\n"
_MARKS = ((codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))

_F_STRING = "quotes, backslashes and line ends inside the braces of an f-string"

_TYPES = "`except` with several types and no parentheses"

_MEND = "mend the line if it is a mistake"
#: What is written in the place of some of it, by what it is. Python 2 had another meaning for this one.
_MENDED = {_TYPES: "write `except (A, B):`; what Python 2 has as `except A, b:` is `except A as b:`"}

#: Grammar that a newer Python reads: the version, how the line looks, how the parser words its refusal.
_NEWER: tuple[tuple[tuple[int, int], str, str, str], ...] = (
    ((3, 11), "`except*`", r"^\s*except\s*\*", ""),
    ((3, 13), "defaults of type parameters", r"^\s*(async\s+)?(def|class|type)\s+\w+\s*\[[^\]]*=.*\]", ""),
    ((3, 12), "the `type` statement", r"^\s*type\s+\w+\s*(\[.*\]\s*)?=", ""),
    ((3, 12), "type parameters", r"^\s*((async\s+)?def|class)\s+\w+\s*\[", ""),
    ((3, 12), _F_STRING, "", r"^f-string"),
    ((3, 12), _F_STRING, r"\b[rR]?[fF][rR]?(['\"])[^'\"]*\{[^}'\"]*\1", ""),
    ((3, 12), _F_STRING, r"\b[rR]?[fF][rR]?['\"]", r"^unterminated string"),
    ((3, 14), "t-strings", r"\b[rR]?[tT][rR]?['\"]", ""),
    ((3, 14), _TYPES, r"^\s*except\*?\s+[\w.]+\s*,", ""),
)


def encoding(data: bytes) -> str:
    """The encoding that Python reads `data` in: its byte order mark, its PEP 263 cookie, else UTF-8."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if b"coding" not in data[:4096]:
        return "utf-8"
    first, *rest = re.split(_LINE_END, data[:4096], maxsplit=2)
    found = re.match(_COOKIE, first)
    if not found and rest and re.match(_BLANK, first):
        found = re.match(_COOKIE, rest[0])
    return found.group(1).decode("ascii", "replace") if found else "utf-8"


def decode(path: str, data: bytes) -> str:
    """The text as Python's own tokenizer sees it: without a byte order mark, lines ended by `\\n`.

    Raises CannotJudge where the bytes are not text in the encoding that the file claims.
    """
    name = encoding(data)
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{data[error.start]:02x} is not {_spoken(name)}"
        raise CannotJudge(Problem(found, path, line, fix="save the file as UTF-8")) from None
    except (LookupError, UnicodeError):
        message = f"the file says that its encoding is {name!r}, which Python cannot read"
        raise CannotJudge(Problem(message, path, 1, fix="save the file as UTF-8")) from None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def parse(path: str, data: bytes) -> ast.Module:
    """The syntax tree, whose offsets count characters, as those of every place that is shown.

    Raises CannotJudge with one Problem, whatever is in the bytes.
    """
    if len(data) > LARGEST:
        size = len(data) / (1024 * 1024)
        message = f"the file has {size:.1f} MB; no migration script that could be read is that large"
        raise CannotJudge(Problem(message, path, fix="move it out of the folder of revisions, or split it"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence": the author's business, not ours
            tree = ast.parse(data, path)
        if not data.isascii():
            _count_characters(tree, decode(path, data).split("\n"))
        return tree
    except (SyntaxError, ValueError) as error:
        raise CannotJudge(_unreadable(path, data, error)) from None
    except (RecursionError, MemoryError):
        message = "the code is nested too deeply to be read"
        raise CannotJudge(Problem(message, path, fix="split the deepest expression up")) from None


def _count_characters(tree: ast.AST, lines: list[str]) -> None:
    """Let offsets count characters, where `ast` counts bytes of UTF-8."""
    wide = {number: line.encode("utf-8") for number, line in enumerate(lines, 1) if not line.isascii()}
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", None)
        if first in wide:
            node.col_offset = _characters(wide[first], node.col_offset)  # type: ignore[attr-defined]
        if last in wide:
            node.end_col_offset = _characters(wide[last], node.end_col_offset)  # type: ignore[attr-defined]
        if last is None or any(line in wide for line in range(first, last + 1)):
            waiting += ast.iter_child_nodes(node)


def _characters(line: bytes, offset: int) -> int:
    return len(line[:offset].decode("utf-8", "ignore"))


def _unreadable(path: str, data: bytes, error: SyntaxError | ValueError) -> Problem:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Problem(f"the file is {name}, which Python does not read", path, 1, fix="save it as UTF-8")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        fix = "restore the file; it holds something other than text"
        return Problem("the file holds a NUL byte, which Python does not read", path, line, fix=fix)
    try:
        text = decode(path, data)
    except CannotJudge as undecodable:
        return undecodable.problems[0]
    if not isinstance(error, SyntaxError):
        return Problem(f"Python cannot read the file: {error}", path)
    if unresolved := merge_conflict(path, text):
        return unresolved
    line, column = error.lineno or 0, error.offset or 0
    lines = text.split("\n")
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    needed = _newer(written, error.msg)
    if needed:
        (major, minor), what = needed
        message = f"needs Python {major}.{minor}, which brought {what}, and this is Python {HERE}"
        return Problem(message, path, line, column, run_with(f"{major}.{minor}", _MENDED.get(what, _MEND)))
    shown = f" in `{_shortened(written.strip())}`" if written.strip() else ""
    return Problem(
        f"syntax error: {error.msg}{shown}", path, line, column, "mend the line; Python cannot read it"
    )


def run_with(version: str, otherwise: str = _MEND) -> str:
    """What to do about a file that needs a newer Python."""
    return f"run migration-lint with Python {version} or newer, or {otherwise}"


def needs(problem: Problem) -> str:
    """The Python that a file needs, by what `parse` says of it; "" where it would not help."""
    found = re.match(r"needs Python (\d+\.\d+)", problem.message)
    return found[1] if found else ""


def said_once(problems: list[Problem]) -> list[Problem]:
    """The problems with one sentence for all files that need a newer Python."""
    newer = [problem for problem in problems if needs(problem)]
    if len(newer) < 2:
        return problems
    version = max((needs(problem) for problem in newer), key=lambda text: tuple(map(int, text.split("."))))
    message = f"needs Python {version}, as {_more(len(newer) - 1)}, and this is Python {HERE}"
    one = Problem(message, newer[0].path, newer[0].line, newer[0].column, run_with(version))
    return [one, *(problem for problem in problems if not needs(problem))]


def _more(count: int) -> str:
    return "one more file does" if count == 1 else f"{count} more files do"


def _newer(line: str, refusal: str) -> tuple[tuple[int, int], str] | None:
    for version, what, looks, worded in _NEWER:
        if sys.version_info < version and re.search(looks, line) and re.search(worded, refusal):
            return version, what
    return None


def _shortened(text: str, most: int = 80) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _spoken(name: str) -> str:
    return "UTF-8" if name in ("utf-8", "utf-8-sig") else f"{name}, the encoding that the file names"
