"""Texts: the methods of `str`, `string.Template`, `textwrap`, `re`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import partial

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.operations import HOLE
from migration_lint.reading.models import table
from migration_lint.reading.models.strangers import call_stranger
from migration_lint.reading.models.table import Model
from migration_lint.reading.python.containers import inside
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import (
    CHARACTERS_A_STEP,
    ENTRIES_A_STEP,
    LONGEST_TEXT,
    Arguments,
    Exhausted,
)
from migration_lint.reading.python.values import (
    Choice,
    Dict,
    FilePath,
    List,
    Maybe,
    RowText,
    Template,
    Unknown,
    Value,
    pasted_value,
    whole,
)

_TEXT_METHODS = frozenset(
    "capitalize casefold center count encode endswith expandtabs find index isalnum isalpha isdigit "
    "isidentifier islower isspace isupper join ljust lower lstrip partition removeprefix removesuffix "
    "replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title "
    "translate upper zfill format format_map decode isnumeric isdecimal".split()
)


#: What keeps a text's meaning even where the text has holes.
_HOLE_PROOF = frozenset(
    "strip lstrip rstrip replace lower upper encode decode removesuffix removeprefix".split()
)


#: Encodings of which ASCII is a part.
_LIKE_ASCII = frozenset("ascii us-ascii latin-1 latin1 iso-8859-1 cp1252 utf-8-sig".split())


@table.method(str)
def text_method(run: Interpreter, of: str, name: str, a: Arguments) -> Value:
    """Call a method of a str."""
    if name not in _TEXT_METHODS:
        return Unknown("a text has no such method")
    run.spend(len(of) // CHARACTERS_A_STEP)
    if name == "join":
        return _join_text(run, of, a)
    if name in ("format", "format_map"):
        if name == "format_map":
            names = a.get(0, "mapping")
            a = Arguments([], names.plain() if isinstance(names, Dict) else {}, not isinstance(names, Dict))
        return format_text(run, of, a)
    if any(isinstance(each, Choice) for each in a.args):
        return run.lift(lambda *row: text_method(run, of, name, Arguments(list(row), a.kwargs)), *a.args)
    known = [run.constant(each) for each in a.args]
    if name in ("encode", "decode"):
        return _encoded(run, of, a.get(0, "encoding", "utf-8"))
    usable = all(each is not None or value is None for each, value in zip(known, a.args, strict=True))
    if not usable or a.more or not (whole(of) or name in _HOLE_PROOF or _sure(of, name, known)):
        if name in _HOLE_PROOF or name in (
            "format",
            "center",
            "title",
            "capitalize",
            "zfill",
            "ljust",
            "rjust",
        ):
            if name == "replace" and len(a.args) >= 2 and whole(a.args[0]) and HOLE not in of:
                return of.replace(a.args[0], run.text(a.args[1]))
            return run.hole("a part of a text is not known")
        return Unknown("what a text gives is not known")
    if (
        name in ("center", "ljust", "rjust", "zfill")
        and known
        and isinstance(known[0], int)
        and known[0] > 10_000
    ):
        raise Exhausted("a string of the script grows too long")
    if name == "replace" and len(known) > 1 and len(of) * max(len(str(known[1])), 1) > LONGEST_TEXT:
        raise Exhausted("a string of the script grows too long")
    named = {key: value for key, value in a.kwargs.items() if isinstance(value, (int, str, bool))}
    wide = next(iter([*known, *named.values()]), 8)
    if name == "expandtabs" and isinstance(wide, int) and of.count("\t") * wide > LONGEST_TEXT:
        raise Exhausted("a string of the script grows too long")
    try:
        made = getattr(of, name)(*known, **named)
    except Exception:  # what Python itself would raise here: the script could not run
        return Unknown("a text's method fails")
    run.spend(len(made) // ENTRIES_A_STEP if isinstance(made, list) else 0)
    return List(made) if isinstance(made, list) else made


def _encoded(run: Interpreter, of: str, encoding: Value) -> Value:
    """A text in an encoding, or from it: bytes of a script are text all the same."""
    name = encoding.lower().replace("_", "-") if whole(encoding) else ""
    if name in ("utf-8", "utf8") or (name in _LIKE_ASCII and of.replace(HOLE, "").isascii()):
        return of
    return run.hole("what another encoding makes of a text is not worked out")


def _sure(of: str, name: str, known: list[Value]) -> bool:
    """Whether a test on a text with holes has an answer all the same."""
    if name == "startswith" and known and isinstance(known[0], str):
        head = of.partition(HOLE)[0]
        return head.startswith(known[0]) or not known[0].startswith(head)
    return name in ("split", "splitlines", "partition")


def _join_text(run: Interpreter, of: str, a: Arguments) -> Value:
    source = a.get(0, "iterable")
    if isinstance(source, Choice):
        return run.lift(lambda each: _join_text(run, of, Arguments([each], {})), source)
    items = run.items(source)
    if any(type(each) is Maybe for each in items.slots):
        return run.hole("what is joined is not known")
    parts: list[Value] = []
    for item in items.slots:
        if parts:
            parts.append(of)
        parts.append(item if isinstance(item, FilePath) else run.text(item))
    if items.open:
        hole = run.hole("what is joined is not known")
        own = None if parts else pasted_value(source)
        parts.append(hole if own is None else RowText(hole, (own,)))
    return run.concatenate(parts) if parts else ""


_FIELD = lazy_pattern(r"\{\{|\}\}|\{([^{}:!]*)(![rsa])?(?::((?:[^{}]|\{[^{}]*\})*))?\}")


def format_text(run: Interpreter, of: str, a: Arguments) -> Value:
    """`str.format`, without the attribute tricks."""
    values: list[Value] = []
    pieces: list[str | int] = []
    at = automatic = 0
    for found in _FIELD.finditer(of):
        pieces.append(of[at : found.start()])
        at = found.end()
        if found.group(0) in ("{{", "}}"):
            pieces.append(found.group(0)[0])
            continue
        name = (found.group(1) or "").strip()
        if not name:
            name, automatic = str(automatic), automatic + 1
        value = _field(run, name, a)
        if found.group(3):
            value = run.lift(partial(run.formatted, spec=found.group(3)), value)
        pieces.append(len(values))
        values.append(value)
    pieces.append(of[at:])

    def fill(*row: Value) -> Value:
        shown = [row[each] if isinstance(each, int) else each for each in pieces if each != ""]
        return run.concatenate([each if isinstance(each, FilePath) else run.text(each) for each in shown])

    return run.lift(fill, *values)


def _field(run: Interpreter, name: str, a: Arguments) -> Value:
    first, *rest = re.split(r"\.|\[", name)
    if first.isdigit():
        found = (
            a.args[int(first)] if len(first) < 4 and int(first) < len(a.args) else Unknown("it is not given")
        )
    else:
        found = a.kwargs.get(first, Unknown(f"`{first}` is not given"))
    for part in rest:
        if part.endswith("]"):
            key = part[:-1]
            found = run.item(found, int(key) if key.isdigit() and len(key) < 6 else key)
        else:
            found = run.attribute(found, part)
    return found


def _textwrap(function: Callable[..., str]) -> Model:
    def model(run: Interpreter, a: Arguments) -> Value:
        value = a.get(0, "text")
        if isinstance(value, Choice):
            return run.lift(lambda each: model(run, Arguments([each, *a.args[1:]], {})), value)
        rest = [each for each in a.args[1:] if isinstance(each, str)]
        return function(value, *rest) if isinstance(value, str) else run.text(value)

    return model


def _dedent(text: str) -> str:
    from textwrap import dedent  # few scripts ask for it

    return dedent(text)


_PLACEHOLDER = lazy_pattern(r"\$(?:(\$)|(\w+)|\{(\w+)\})")


def substitute(run: Interpreter, text: Value, a: Arguments) -> Value:
    """`Template.substitute`."""
    if not isinstance(text, str):
        return run.hole("the text of a template is not known")
    given = a.get(0, "mapping")
    names = {**(given if isinstance(given, Dict) else {}), **a.kwargs}
    names = {key: inside(value) for key, value in names.items()}
    parts: list[Value] = []
    at = 0
    for found in _PLACEHOLDER.finditer(text):
        name = found[2] or found[3]
        value = names.get(name, Unknown(f"`{name}` is not given")) if name else "$"
        parts += (text[at : found.start()], run.text(value))
        at = found.end()
    return run.concatenate([*parts, text[at:]])


@table.library("builtins.str")
def _of_class(run: Interpreter, path: str, a: Arguments) -> Value:
    """`str.upper(text)`."""
    if a.args and isinstance(a.args[0], str):
        text, *others = a.args
        return text_method(run, text, path.rpartition(".")[2], a._replace(args=others))
    return call_stranger(run, path, a)


@table.method(Template)
def _of_template(run: Interpreter, of: Template, name: str, a: Arguments) -> Value:
    return substitute(run, of.text, a)


table.names({
    "textwrap.dedent": _textwrap(_dedent), "inspect.cleandoc": _textwrap(inspect.cleandoc),
    "string.Template": lambda run, a: Template(a.get(0, "template")),
})  # fmt: skip
