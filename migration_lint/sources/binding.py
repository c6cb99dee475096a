"""Which value goes into which column, and what each column is read into."""

from __future__ import annotations

import re

from migration_lint.sources.code import (
    Call,
    Choice,
    Closure,
    Constant,
    Each,
    Expr,
    Function,
    Index,
    Items,
    Member,
    Module,
    Name,
    Other,
    Pairs,
    Slice,
    Spread,
    Target,
    Text,
    dotted,
    outcomes,
)
from migration_lint.sources.codebase import Codebase
from migration_lint.sources.encoding import passes
from migration_lint.sources.enumerations import is_written, members_of, values_of
from migration_lint.sources.folding import Folder
from migration_lint.sources.making import Made, Maker, distinct, plain
from migration_lint.sources.model import Bound, TableUse
from migration_lint.sources.records import records_of
from migration_lint.sources.sql import Fill, Marker, ParsedUse
from migration_lint.sources.types import Typed, Types, getter
from migration_lint.sources.walking import Env, Found


class Binder:
    """Binds the values of the statements of one file."""

    def __init__(
        self, codebase: Codebase, module: Module, owner: str, deep: int = 0, function: Function | None = None
    ) -> None:
        self._codebase = codebase
        self._module = module
        self._folder = Folder(codebase, module, owner)
        self._questions = _questions(function) if function is not None else ()
        self.types = Types(codebase, module, owner)
        self.maker = Maker(codebase, module, owner, self.types, deep)

    def uses(
        self,
        parsed: tuple[ParsedUse, ...],
        markers: tuple[Marker, ...],
        found: Found | None,
        calls: list[tuple[Call, Env]] | None = None,
    ) -> tuple[TableUse, ...]:
        """The uses of a statement with what is bound in each. `calls`: those of the function that runs it."""
        arguments = self._arguments(markers, found) if found is not None else {}
        return tuple(self._use(use, markers, arguments, found, calls or []) for use in parsed)

    def _use(
        self,
        parsed: ParsedUse,
        markers: tuple[Marker, ...],
        arguments: dict[int, Expr],
        found: Found | None,
        calls: list[tuple[Call, Env]],
    ) -> TableUse:
        bound: list[Bound] = []
        line = found.span.line if found is not None else 0
        for fill in parsed.fills:
            argument = arguments.get(fill.marker) if fill.marker is not None else None
            if fill.literal is not None:
                bound.append(Bound(fill.column, fill.text, line, literal=fill.literal))
            elif fill.around:
                bound += self._by_sql(fill, argument, line, found)
            elif fill.marker is None or found is None:
                bound.append(Bound(fill.column, fill.text, line, checked=True, unknown=_NOT_RUN))
            elif argument is not None:
                key = markers[fill.marker].key if fill.marker < len(markers) else ""
                bound += [
                    each._replace(called=key if key and not key.isdigit() else each.called)
                    for each in self.values(fill.column, argument, found.env)
                ]
            else:
                hole = markers[fill.marker].hole if fill.marker < len(markers) else None
                if hole is not None and hole.text:
                    bound.append(Bound(fill.column, hole.text, line))
                else:
                    why = "nothing tells which value of the code it is"
                    bound.append(Bound(fill.column, fill.text, line, unknown=why))
        miscounted = list(parsed.use.miscounted)
        if found is not None:
            bound += self._read(parsed, found, calls)
            miscounted += self._miscounted(parsed, markers, found)
        return parsed.use._replace(bound=tuple(bound), miscounted=tuple(dict.fromkeys(miscounted)))

    def _by_sql(self, fill: Fill, argument: Expr | None, line: int, found: Found | None) -> list[Bound]:
        """What a function of SQL makes of a value, or of none."""
        outermost = fill.around[0]
        if re.search(r"json", outermost):
            return [Bound(fill.column, fill.text, line, encoding="json", checked=True)]
        if set(fill.around) <= {"coalesce", "nullif"} and argument is not None and found is not None:
            never = outermost == "coalesce"
            return [
                each._replace(checked=each.checked or never)
                for each in self.values(fill.column, argument, found.env)
                if not (never and each.literal == "NULL")
            ]
        if outermost == "encode":
            return [
                Bound(
                    fill.column,
                    fill.text,
                    line,
                    encoding="",
                    unknown=f"it is {fill.text} of SQL",
                    checked=True,
                )
            ]
        return [Bound(fill.column, fill.text, line, unknown=f"it is {fill.text} of SQL", checked=True)]

    def _miscounted(self, parsed: ParsedUse, markers: tuple[Marker, ...], found: Found) -> list[str]:
        """Placeholders without a value, values without a placeholder, columns without a target."""
        told: list[str] = []
        given = self._counted(found)
        placeholders = [marker for marker in markers if marker.hole is None]
        numbers = [int(marker.key) for marker in placeholders if marker.key.isdigit()]
        holes = any(marker.hole is not None for marker in markers)
        if given is not None and not holes and len(numbers) in (0, len(placeholders)):
            wanted = max(numbers, default=len(placeholders))
            if given != wanted and not any(m.key for m in placeholders if not m.key.isdigit()):
                told.append(f"{_number(wanted, 'placeholder')} and {_number(given, 'value')}")
        targets = len(found.targets)
        known = found.exact and not any(isinstance(target, Spread) for target in found.targets)
        if known and parsed.width >= 0 and targets != parsed.width:
            places = f"{_number(targets, 'place')} to read them into"
            told.append(f"{_number(parsed.width, 'column')} and {places}")
        return told

    def _counted(self, found: Found) -> int | None:
        """How many values a call hands over with its statement; None where that is not sure."""
        if found.call is None or found.keywords or found.numbered:
            return None
        name = dotted(found.call.callee).rpartition(".")[2]
        args = list(found.args)
        if self._module.language == "Go":
            if not re.fullmatch(r"(?:Exec|Query|QueryRow)(?:Context|x)?|Queue", name):
                return None
            args = [arg for arg in args if "QueryExecMode" not in arg.span.text]
            if any(isinstance(arg, (Closure, Pairs)) or "NamedArgs" in arg.span.text for arg in args):
                return None
            given = self._expanded(args, found.env)
            return len(given) if given is not None else None
        if not _RUNS_WITH_LIST.fullmatch(name) or len(args) != 1:
            return None
        listed = self._folder.items(args[0], found.env)
        if listed is None or not listed.whole:
            return None
        given = self._expanded(list(listed.items), found.env)
        if given is None or any(isinstance(item, (Items, Pairs, Closure, Each, Other)) for item in given):
            return None
        return len(given)

    # -- what goes in

    def _arguments(self, markers: tuple[Marker, ...], found: Found) -> dict[int, Expr]:
        """The expression that each placeholder stands for, by the number of its marker."""
        args = list(found.args)
        env = found.env
        named = dict(found.keywords)
        placeholders = [(n, marker) for n, marker in enumerate(markers) if marker.hole is None]
        if not placeholders:
            return {}
        first = args[0] if args else next((v for k, v in found.keywords if k in _PARAMETERS), None)
        held = env.get(first.name) if isinstance(first, Name) else None
        first = held if isinstance(held, Each) else first
        given: list[Expr] | None = None
        pairs = self._pairs(first, env) if first is not None else None
        if pairs is not None:
            named |= pairs
        elif isinstance(first, Each):
            row = first.element
            given = self._expanded(list(row.items) if isinstance(row, Items) else [row], env)
        elif first is not None and (len(args) <= 1 or self._module.language != "Go"):
            listed = self._folder.items(first, env)
            if listed is not None:
                given = self._expanded(list(listed.items), env) if listed.whole else None
                many = bool(found.call and dotted(found.call.callee).lower().endswith(("many", "batch")))
                if many and given and len(given) == 1 and isinstance(given[0], Items):
                    given = self._expanded(list(given[0].items), env)
            else:
                given = self._expanded(args or [first], env)
        else:
            given = self._expanded(args, env)
        found_for: dict[int, Expr] = {}
        in_order = [n for n, marker in placeholders if marker.position >= 0]
        numbers = [int(m.key) for _, m in placeholders if m.key.isdigit()]
        for number, marker in placeholders:
            if marker.key.isdigit():
                index = int(marker.key) - 1
                if index + 1 in found.numbered:
                    found_for[number] = found.numbered[index + 1]
                elif given is not None and index < len(given) and len(given) >= max(numbers):
                    found_for[number] = given[index]
            elif marker.key:
                if marker.key in named:
                    found_for[number] = named[marker.key]
                elif (
                    re.fullmatch(r"p\d+", marker.key)
                    and given is not None
                    and int(marker.key[1:]) <= len(given)
                ):
                    found_for[number] = given[int(marker.key[1:]) - 1]
            elif marker.position + 1 in found.numbered:
                found_for[number] = found.numbered[marker.position + 1]
            elif given is not None and len(given) == len(in_order):
                found_for[number] = given[marker.position]
        return found_for

    def _pairs(self, expression: Expr, env: Env) -> dict[str, Expr] | None:
        if isinstance(expression, Name):
            held = env.get(expression.name)
            expression = held if isinstance(held, Pairs) else expression
        if (
            isinstance(expression, Call)
            and dotted(expression.callee) in ("dict", "gin.H")
            and expression.keywords
        ):
            return dict(expression.keywords)
        if not isinstance(expression, Pairs):
            return None
        tags = {}
        if expression.type:
            fields = self._codebase.fields(self._module, expression.type.lstrip("*&")) or ()
            tags = {field.name: field.tag for field in fields if field.tag}
        found: dict[str, Expr] = {}
        for key, value in expression.pairs:
            name = key.value if isinstance(key, Text) else key.name if isinstance(key, Name) else ""
            found[tags.get(name, name).lstrip(":@")] = value
        return found

    def _expanded(self, args: list[Expr], env: Env) -> list[Expr] | None:
        """The arguments with lists taken apart; None where a list is not known."""
        given: list[Expr] = []
        for arg in args:
            if not isinstance(arg, Spread):
                given.append(arg)
                continue
            inner = arg.of
            if isinstance(inner, Slice):
                taken = self._slice(inner, env)
                if taken is None:
                    return None
                given += taken
                continue
            listed = self._folder.items(inner, env)
            if listed is None or not listed.whole:
                return None
            more = self._expanded(list(listed.items), env)
            if more is None:
                return None
            given += more
        return given

    def _slice(self, part: Slice, env: Env) -> list[Expr] | None:
        """`*row[:4]`: the first fields of a tuple whose type is known."""
        fields = self.types.fields(self.types.of(part.of, env))
        if fields is None or part.high is None:
            return None
        names = fields[part.low or 0 : part.high]
        return [Member(part.span, part.of, name) for name, _ in names]

    def values(self, column: str, expression: Expr, env: Env) -> list[Bound]:
        """What goes into a column: one for each thing that the value may be."""
        options = self._options(expression, env)
        found = [
            each
            for option in options
            for each in self._value(column, option, env, expression, several=len(options) > 1)
        ]
        return list(dict.fromkeys(found))

    def _options(self, expression: Expr, env: Env, depth: int = 0) -> list[Expr]:
        """The arms of a conditional expression, or of one that a name holds."""
        held = env.get(dotted(expression)) if isinstance(expression, (Name, Member)) else None
        at = held if isinstance(held, (Choice, Closure)) else expression
        options = (
            outcomes(at.body) if isinstance(at, Closure) else at.options if isinstance(at, Choice) else ()
        )
        if not options or depth > 3:
            return [expression]
        return [each for option in options for each in self._options(option, env, depth + 1)]

    def _value(self, column: str, expression: Expr, env: Env, whole: Expr, *, several: bool) -> list[Bound]:
        """A value as it is bound: its text, its type, and what was done to it on the way."""
        text = " ".join(whole.span.text.split())
        if isinstance(whole, Member) and isinstance(whole.of, Name) and whole.span.text.endswith("]"):
            text = f"{whole.of.name}.{whole.name}"
        kind, there = self.types.of(expression, env)
        start = Bound(
            column,
            text,
            whole.span.line,
            kind,
            values=self._all(expression, env),
            called=_called(whole),
            checked=several or self._is_checked(expression) or self._is_checked(whole),
        )
        literal = self._literal(expression, env)
        if literal is not None:
            return [start._replace(literal=literal, values=())]
        found: list[Bound] = []
        for made in self.maker.made(expression, env):
            if made.literal is not None:
                found.append(start._replace(literal=made.literal, values=()))
                continue
            one = start._replace(encoding=made.encoding, of=made.of, unknown=made.unknown)
            if one.values and not made.encoding:
                one = one._replace(unknown="")  # its type tells enough
            if made.encoding == "" and not made.unknown and made.of and not kind:
                one = one._replace(type=made.of)
            one = one._replace(of="") if made.encoding == "" else one._replace(values=())
            home = made.module or (there if one.type == kind else self._module)
            records = records_of(self._codebase, home, one.of or one.type)
            found.append(one._replace(records=records))
        return found or [start]

    def _all(self, expression: Expr, env: Env) -> tuple[str, ...]:
        """The values that an expression has, where its type lists them; empty where nothing does."""
        if isinstance(expression, Call):
            full = dotted(expression.callee)
            enumerated = self._codebase.enumeration(self._module, full) is not None
            if enumerated and self._module.language == "Go":  # which any text is turned into
                return self._all(expression.args[0], env) if len(expression.args) == 1 else ()
            through = passes(full) if full != "str" and not enumerated else None
            if through is not None or (len(expression.args) == 1 and full in _NUMBERS):
                on = isinstance(expression.callee, Member) and through is not None and through.at < 0
                inner = expression.callee.of if on and isinstance(expression.callee, Member) else None
                return self._all(inner or expression.args[0], env) if inner or expression.args else ()
        kind = self.types.of(expression, env)
        if isinstance(expression, Member) and expression.name in ("value", "name") and not kind.name:
            kind = self.types.of(expression.of, env)
            listed = members_of(self._codebase, kind.module, kind.name)
            if listed is None:
                return ()
            return tuple(listed.members.values() if expression.name == "value" else listed.members)
        return values_of(self._codebase, kind.module, kind.name)

    def _literal(self, expression: Expr, env: Env) -> str | None:
        if isinstance(expression, Constant):
            return expression.value
        kind = self.types.of(expression, env)
        written = is_written(self._codebase, kind.module, kind.name)
        folded = self._folder.text(expression, env) if written else None
        if folded is not None and all(isinstance(piece, str) for piece in folded.pieces):
            return "".join(str(piece) for piece in folded.pieces)
        return None

    def _is_checked(self, expression: Expr) -> bool:
        """Whether the function asks, anywhere, whether a value is anything."""
        text = re.sub(r"^[&*]|\.(?:unwrap|get|as_ref)\(\)$", "", " ".join(expression.span.text.split()))
        return any(text in question for question in self._questions) if text else False

    # -- what comes back

    def _read(self, parsed: ParsedUse, found: Found, calls: list[tuple[Call, Env]]) -> list[Bound]:
        bound: list[Bound] = []
        env = found.scanned_in or found.env
        for output in parsed.outputs:
            target = found.targets[output.position] if 0 <= output.position < len(found.targets) else None
            names = {f".{plain(output.name)}", f".{plain(output.column)}"}
            if output.position >= 0:
                names.add(f"#{output.position}")
            place: Expr | None = None
            start, home = Bound(output.column, output.name, found.span.line, read=True), self._module
            if target is not None:
                place = target.of if isinstance(target, Target) else target
                names.add(f"= {dotted(place)}")
                text = " ".join(target.span.text.split())
                kind, home = self.types.of(place, env)
                start = start._replace(text=text, line=target.span.line, type=kind, called=_called(place))
            decoded = distinct(self.maker.decoded(calls, frozenset(names)))
            decoded = decoded or distinct(self.maker.scanned(Typed(start.type, home)))
            if not decoded and target is None:
                continue
            for made in decoded or (Made(),):
                of = made.of
                records = records_of(self._codebase, made.module or home, of or start.type)
                bound.append(start._replace(encoding=made.encoding, of=of, records=records))
        return bound


#: Calls that take the values as one list beside the statement.
_RUNS_WITH_LIST = re.compile(
    r"execute|query|run|exec|one|none|any|many|oneOrNone|get|all|fetch_?\w*|exec_params"
)
#: Calls that make a number of another number.
_NUMBERS = frozenset("int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 Number".split())
_NOT_RUN = "nothing tells where it is run, and with which values"
_ASKS = re.compile(
    r"\b(?:if|unless|elif|assert\w*|match|switch|when|require\w*|check\w*|guard|raise|Assert|let|while)\b|\?\?|\|\|"
)


def _questions(function: Function) -> tuple[str, ...]:
    """The lines of a function that ask for something."""
    return tuple(line for line in function.span.text.splitlines() if _ASKS.search(line))


def _called(expression: Expr) -> str:
    """The name of a value in the code; "" for one that has none."""
    at = expression
    while True:
        if isinstance(at, (Target, Spread)):
            at = at.of
        elif isinstance(at, Other) and len(at.inside) == 1:
            at = at.inside[0]
        elif isinstance(at, Call) and not at.args and isinstance(at.callee, Member):
            at = at.callee  # a.getReason()
        elif isinstance(at, Call) and len(at.args) == 1 and passes(dotted(at.callee)) is not None:
            at = at.args[0]  # string(reason)
        elif isinstance(at, Index) and isinstance(at.key, Text):
            return at.key.value
        else:
            break
    if isinstance(at, Member):
        return getter(at.name) or at.name
    return at.name if isinstance(at, Name) else ""


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


_PARAMETERS = ("params", "parameters", "args", "vars", "parameter", "values", "binds", "seq_of_parameters")
