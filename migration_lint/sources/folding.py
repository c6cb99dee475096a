"""The text that an expression is: literals, constants, concatenations, formats, joins, embedded files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from migration_lint.named_tuple import NamedTuple
from migration_lint.sources.code import (
    Call,
    Choice,
    Constant,
    Definition,
    Enumeration,
    Expr,
    Index,
    Items,
    Joined,
    Member,
    Module,
    Name,
    Pairs,
    Percent,
    Spread,
    Target,
    Text,
    dotted,
    inside,
)
from migration_lint.sources.codebase import Codebase
from migration_lint.sources.sql.markers import Hole, Piece

DEEPEST = 24
_LONGEST_PIECES = 400


class Folded(NamedTuple):
    """A text as far as it is known.

    `literals`: where its literals stand. `constant`: the constant whose text it begins with.
    """

    pieces: tuple[Piece, ...]
    literals: frozenset[tuple[str, int]] = frozenset()
    constant: str = ""


class Listed(NamedTuple):
    """A list that code puts together. `whole`: nothing else was added that is not known."""

    items: tuple[Expr, ...]
    whole: bool = True


class Rows(NamedTuple):
    """What came back from a statement, or the statement itself once it is prepared."""

    found: object


Value: TypeAlias = Folded | Listed | Rows | Expr
Values: TypeAlias = Mapping[str, Value]

# Calls that give back the text that they are given.
_SAME = frozenset(
    "strip lstrip rstrip trim trimIndent trimMargin stripIndent dedent cleandoc TrimSpace text SQL Rebind"
    " rebind String toString ToString to_s to_string to_owned as_str into squish freeze decode encode str"
    " bytes string literal_column Composed raw unsafe html strip_heredoc intern concat_ws sql sqlStatement"
    " TextClause StringBuilder StringBuffer upper_case SqlString Sql RawSql".split()
)
_APPENDS = frozenset("append Append concat Concat push_str".split())
_FORMATS = frozenset("Sprintf sprintf format Format formatted".split())
#: What code takes of a member of an enumeration.
_TAKEN = ("", "value", "name")
_OWN = ("self", "this", "cls", "Self", "static", "$this", "base", "@")


class _Member(NamedTuple):
    """A member of an enumeration, and what is taken of it."""

    kind: str
    name: str
    taken: str  # "value", "name", or "" for the member itself
    listed: Enumeration


class Folder:
    """Folds the expressions of one file.

    `call`: the text that a call to the project's own code gives back; None where it is no text.
    """

    def __init__(
        self,
        codebase: Codebase,
        module: Module,
        owner: str = "",
        call: Callable[[Call, Values, int], Folded | None] | None = None,
    ) -> None:
        self._codebase = codebase
        self._module = module
        self._owner = owner
        self._call = call

    def text(self, expression: Expr, values: Values, depth: int = 0) -> Folded | None:
        """The text of an expression; None for one that is no text, or of which nothing is known."""
        if depth > DEEPEST:
            return None
        if isinstance(expression, Text):
            place = (expression.span.path, expression.span.start)
            return Folded((expression.value,), frozenset({place}))
        if isinstance(expression, Joined):
            return self._joined([self.part(part, values, depth + 1) for part in expression.parts])
        if isinstance(expression, (Name, Member)):
            return self._named(expression, values, depth)
        if isinstance(expression, Call):
            return self._called(expression, values, depth)
        if isinstance(expression, Percent):
            return self._percent(expression, values, depth)
        if isinstance(expression, Index):
            return self._indexed(expression, values, depth)
        if isinstance(expression, (Target, Spread)):
            return self.text(expression.of, values, depth + 1)
        if isinstance(expression, Choice):
            texts = [self.text(option, values, depth + 1) for option in expression.options]
            return next((text for text in texts if text is not None), None) if None in texts else None
        return None

    def part(self, expression: Expr, values: Values, depth: int = 0) -> Folded:
        """The text of a part of a text: a hole where it is not known."""
        if isinstance(expression, Constant):
            return Folded((expression.value,))
        found = self.text(expression, values, depth)
        if found is not None:
            return found
        return Folded((Hole(expression.span.text, self._why(expression)),))

    def _why(self, expression: Expr) -> str:
        if isinstance(expression, Call):
            return "is worked out by a call"
        if isinstance(expression, Choice):
            return "is one of several"
        return "is not a constant"

    def _joined(self, parts: list[Folded], between: tuple[Piece, ...] = ()) -> Folded:
        pieces: list[Piece] = []
        literals: frozenset[tuple[str, int]] = frozenset()
        for index, part in enumerate(parts):
            if index:
                pieces += between
            pieces += part.pieces
            literals |= part.literals
        merged = _merged(pieces)
        if len(merged) > _LONGEST_PIECES:
            merged = (*merged[:_LONGEST_PIECES], Hole("…", "has too many parts"))
        return Folded(merged, literals, parts[0].constant if parts else "")

    # -- names

    def _named(self, expression: Name | Member, values: Values, depth: int) -> Folded | None:
        name = dotted(expression)
        value = values.get(name)
        if value is not None:
            if isinstance(value, Folded):
                return value
            return None
        first, _, rest = name.partition(".")
        if first in values and first not in _OWN:
            value = values[first]
            return self._inside(value, rest, values, depth) if isinstance(value, Pairs) and rest else None
        if isinstance(expression, Member) and not name.startswith(_root(expression)):
            return None
        if first in _OWN and rest and self._owner:
            name = f"{self._owner}.{rest}"
        names = [name, f"{self._owner}.{name}"] if self._owner else [name]
        for candidate in names:
            member = self._member(candidate) if rest else None
            if member is not None:
                return self._of_member(member, depth)
            found = self._codebase.definition(self._module, candidate)
            if found is not None:
                folder = self if found.module is self._module else Folder(self._codebase, found.module)
                text = folder.constant(found.definition, depth + 1)
                return text._replace(constant=found.name) if text is not None else None
        if rest:
            holder, _, key = name.rpartition(".")
            found = self._codebase.definition(self._module, holder)
            if found is not None and isinstance(found.definition.value, Pairs):
                folder = self if found.module is self._module else Folder(self._codebase, found.module)
                text = folder._inside(found.definition.value, key, {}, depth)
                return text._replace(constant=name) if text is not None else None
        return None

    def _member(self, name: str) -> _Member | None:
        """The member of an enumeration that a name stands for: `Status.DONE`, `Status.DONE.value`."""
        holder, _, last = name.rpartition(".")
        outer, _, before = holder.rpartition(".")
        for kind, key, taken in ((holder, last, ""), (outer, before, last)):
            listed = self._codebase.enumeration(self._module, kind) if kind and taken in _TAKEN else None
            if listed is not None and key in listed.members:
                return _Member(kind, key, taken, listed)
        return None

    def _of_member(self, member: _Member, depth: int) -> Folded | None:
        """The text of a member; None where it is its driver's matter what is written."""
        if member.taken == "name":
            return Folded((member.name,))
        if not member.taken and not member.listed.bare:
            return None
        value = member.listed.members[member.name]
        found = self._codebase.definition(self._module, f"{member.kind}.{member.name}")
        text = self.constant(found.definition, depth + 1) if found is not None else None
        return text if text is not None and text.pieces == (value,) else Folded((value,))

    def constant(self, definition: Definition, depth: int = 0) -> Folded | None:
        """The text of a constant, or of the file that is embedded in it."""
        if definition.embeds:
            path = posixpath.join(posixpath.dirname(definition.span.path), definition.embeds)
            text = self._codebase.text(path)
            return Folded((text,)) if text is not None and path.endswith(".sql") else None
        if isinstance(definition.value, Constant):
            return Folded((definition.value.value,))
        return self.text(definition.value, {}, depth)

    def _inside(self, pairs: Value, key: str, values: Values, depth: int) -> Folded | None:
        if not isinstance(pairs, Pairs):
            return None
        for name, value in pairs.pairs:
            if (isinstance(name, Text) and name.value == key) or (
                isinstance(name, Name) and name.name == key
            ):
                return self.text(value, values, depth + 1)
        return None

    def _indexed(self, expression: Index, values: Values, depth: int) -> Folded | None:
        if not isinstance(expression.key, Text):
            return None
        name = dotted(expression.of)
        value = values.get(name)
        if value is None:
            found = self._codebase.definition(self._module, name)
            value = found.definition.value if found is not None else None
        return self._inside(value, expression.key.value, values, depth) if isinstance(value, Pairs) else None

    # -- calls

    def _called(self, call: Call, values: Values, depth: int) -> Folded | None:
        callee = call.callee
        name = callee.name if isinstance(callee, (Name, Member)) else ""
        of = callee.of if isinstance(callee, Member) else None
        full = dotted(callee)
        if name in ("join", "Join", "implode"):
            return self._join(call, of, values, depth)
        if name in _FORMATS:
            found = self._format(call, name, of, values, depth)
            if found is not None:
                return found
        if name in ("replace", "Replace", "ReplaceAll", "replaceAll") and of is not None:
            return self._replace(call, of, values, depth)
        if name in _APPENDS and of is not None and len(call.args) == 1:
            start = self.text(of, values, depth + 1)
            return (
                None if start is None else self._joined([start, self.part(call.args[0], values, depth + 1)])
            )
        if name in ("read_text", "include_str", "readFileSync", "read") or full.endswith("loadQuery"):
            return self._file(call, values, depth)
        if name in ("bindparams", "execution_options", "columns") and of is not None:
            return self.text(of, values, depth + 1)
        if name in ("Identifier", "quote_ident", "Literal", "table", "column") and len(call.args) == 1:
            return self.text(call.args[0], values, depth + 1)
        if name in _SAME:
            candidates = [*call.args[-1:]] if call.args else []
            if of is not None and (
                not call.args or name in ("strip", "lstrip", "rstrip", "trim", "encode", "decode")
            ):
                candidates = [of]
            for candidate in candidates:
                found = self.text(candidate, values, depth + 1)
                if found is not None:
                    return found
            if name in ("StringBuilder", "StringBuffer") and not call.args:
                return Folded(("",))
        return self._call(call, values, depth) if self._call is not None else None

    def _format(self, call: Call, name: str, of: Expr | None, values: Values, depth: int) -> Folded | None:
        args = list(call.args)
        template: Folded | None = None
        if of is not None and name in ("format", "formatted"):
            template = self.text(of, values, depth + 1)
        if template is None and args and (isinstance(of, (Name, Member)) or of is None):
            template = self.text(args[0], values, depth + 1)
            args = args[1:]
        if template is None:
            return None
        parts = [self.part(arg, values, depth + 1) for arg in args]
        named = {key: self.part(value, values, depth + 1) for key, value in call.keywords}
        here = frozenset({(call.span.path, call.span.start)})
        template = template._replace(literals=template.literals | here)
        braces = (name == "format" and self._module.language in ("Python", "Rust")) or name == "Format"
        if braces:
            return self._filled(template, _BRACES, parts, named)
        return self._filled(template, _PERCENTS, parts, named)

    def _percent(self, expression: Percent, values: Values, depth: int) -> Folded | None:
        template = self.text(expression.template, values, depth + 1)
        if template is None:
            return None
        given = expression.values
        if isinstance(given, Pairs):
            named = {
                key.value: self.part(value, values, depth + 1)
                for key, value in given.pairs
                if isinstance(key, Text)
            }
            return self._filled(template, _PERCENTS, [], named)
        items = given.items if isinstance(given, Items) else (given,)
        return self._filled(template, _PERCENTS, [self.part(item, values, depth + 1) for item in items], {})

    def _filled(
        self, template: Folded, pattern: re.Pattern[str], parts: list[Folded], named: dict[str, Folded]
    ) -> Folded:
        """A template with its verbs replaced, in order, by number or by name."""
        pieces: list[Piece] = []
        literals = template.literals
        next_one = 0
        for piece in template.pieces:
            if not isinstance(piece, str):
                pieces.append(piece)
                continue
            at = 0
            for match in pattern.finditer(piece):
                pieces.append(piece[at : match.start()])
                at = match.end()
                if match.group() in ("%%", "{{", "}}"):
                    pieces.append(match.group()[0])
                    continue
                key = match["key"] or ""
                part: Folded | None
                if key.isdigit():
                    index = int(key) - (1 if pattern is _PERCENTS else 0)
                    part = parts[index] if 0 <= index < len(parts) else None
                elif key:
                    part = named.get(re.split(r"[.\[!:]", key)[0])
                else:
                    part = parts[next_one] if next_one < len(parts) else None
                    next_one += 1
                if part is None:
                    pieces.append(
                        match.group() if not parts and not named else Hole(match.group(), "is not given")
                    )
                else:
                    pieces += part.pieces
                    literals |= part.literals
            pieces.append(piece[at:])
        return Folded(_merged(pieces), literals, template.constant)

    def _join(self, call: Call, of: Expr | None, values: Values, depth: int) -> Folded | None:
        """strings.Join(list, sep), sep.join(list), list.join(sep), implode(sep, list)."""
        language = self._module.language
        between: Expr | None
        items: Expr | None
        if language == "Python":
            between, items = of, call.args[0] if call.args else None
        elif language in ("TypeScript", "JavaScript", "Ruby", "Rust"):
            between, items = call.args[0] if call.args else None, of
        elif language == "Go" and len(call.args) == 2:
            items, between = call.args
        elif len(call.args) == 2:
            between, items = call.args
        elif len(call.args) > 2:
            between, items = call.args[0], Items(call.span, call.args[1:])
        else:
            return None
        separator = self.text(between, values, depth + 1) if between is not None else None
        if separator is None or items is None:
            return None
        listed = self.items(items, values)
        if listed is None or not listed.items:
            return Folded((Hole(call.span.text, "joins a list that is not known"),), separator.literals)
        parts = [self.part(item, values, depth + 1) for item in listed.items]
        if not listed.whole:
            parts.append(Folded((Hole(items.span.text, "is a list that grows"),)))
        return self._joined(parts, separator.pieces)

    def items(self, expression: Expr, values: Values) -> Listed | None:
        """The items of a list that is written out or kept in a name; None for another."""
        if isinstance(expression, Items):
            items: list[Expr] = []
            whole = True
            for item in expression.items:
                inner = self.items(item.of, values) if isinstance(item, Spread) else None
                if inner is not None:
                    items += inner.items
                    whole = whole and inner.whole
                else:
                    items.append(item)
            return Listed(tuple(items), whole)
        if isinstance(expression, (Name, Member)):
            value = values.get(dotted(expression))
            if isinstance(value, Listed):
                return value
            if isinstance(value, Items):
                return self.items(value, values)
            if value is None:
                name = dotted(expression)
                found = self._codebase.definition(self._module, name)
                if found is None and self._owner:
                    inner_name = name.partition(".")[2] if name.partition(".")[0] in _OWN else name
                    found = self._codebase.definition(self._module, f"{self._owner}.{inner_name}")
                if found is not None and isinstance(found.definition.value, Items):
                    return self.items(found.definition.value, {})
        if isinstance(expression, Call) and dotted(expression.callee) in (
            "list",
            "tuple",
            "List.of",
            "Arrays.asList",
        ):
            if dotted(expression.callee) in ("list", "tuple") and len(expression.args) == 1:
                return self.items(expression.args[0], values)
            return Listed(expression.args)
        return None

    def _replace(self, call: Call, of: Expr, values: Values, depth: int) -> Folded | None:
        args = call.args
        start = self.text(of, values, depth + 1)
        if start is None and len(args) >= 3:  # strings.Replace(text, old, new, n)
            start, args = self.text(args[0], values, depth + 1), args[1:]
        if start is None or len(args) < 2:
            return start
        old = self.text(args[0], values, depth + 1)
        new = self.part(args[1], values, depth + 1)
        if old is None or len(old.pieces) != 1 or not isinstance(old.pieces[0], str) or not old.pieces[0]:
            return Folded((*start.pieces, Hole(call.span.text, "replaces a part of it")), start.literals)
        pieces: list[Piece] = []
        for piece in start.pieces:
            if not isinstance(piece, str):
                pieces.append(piece)
                continue
            for index, between in enumerate(piece.split(old.pieces[0])):
                pieces += new.pieces if index else ()
                pieces.append(between)
        return Folded(_merged(pieces), start.literals | new.literals, start.constant)

    def _file(self, call: Call, values: Values, depth: int) -> Folded | None:
        """The text of a `.sql` file beside the code, by the last part of the path that the code names."""
        names = [text.value for text in _texts(call) if text.value.endswith(".sql")]
        if not names:
            return None
        here = posixpath.dirname(self._module.path)
        folders = [
            text.value for text in _texts(call) if not text.value.endswith(".sql") and "." not in text.value
        ]
        for place in (here, posixpath.join(here, *folders), ""):
            path = posixpath.normpath(posixpath.join(place, names[-1]))
            text = self._codebase.text(path)
            if text is not None:
                return Folded((text,))
        return None


_PERCENTS = re.compile(r"%%|%[\[(]?(?P<key>(?<=[\[(])\w+)?[\])]?[-+#0]*\d*(?:\.\d+)?[sdvqxfTtirb]")
_BRACES = re.compile(r"\{\{|\}\}|\{(?P<key>[^{}]*)\}")


def _texts(expression: Expr) -> list[Text]:
    found: list[Text] = []
    waiting: list[Expr] = [expression]
    while waiting:
        at = waiting.pop(0)
        if isinstance(at, Text):
            found.append(at)
        elif isinstance(at, Call):
            waiting = [at.callee, *at.args, *waiting]
        elif isinstance(at, Member):
            waiting = [at.of, *waiting]
        elif not isinstance(at, (Name, Constant)):
            waiting = [*inside(at), *waiting]
    return found


def _root(expression: Member) -> str:
    at: Expr = expression
    while isinstance(at, Member):
        at = at.of
    return at.name if isinstance(at, Name) else "\0"


def _merged(pieces: list[Piece]) -> tuple[Piece, ...]:
    merged: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        elif piece != "":
            merged.append(piece)
    return tuple(merged)
