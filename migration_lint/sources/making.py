"""What code makes of a value before it is bound, and of a column after it was read.

Functions of the project are followed, over files and packages, as far as they can be found. What cannot be
worked out is said in `unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from migration_lint.named_tuple import NamedTuple
from migration_lint.sources.code import (
    Call,
    Choice,
    Constant,
    Each,
    Expr,
    Function,
    Index,
    Items,
    Joined,
    Member,
    Module,
    Name,
    Other,
    Pairs,
    Percent,
    Slice,
    Spread,
    Target,
    Text,
    dotted,
    qualified,
)
from migration_lint.sources.codebase import Codebase
from migration_lint.sources.encoding import Coding, decoder, encoder, encodes_itself, is_rfc3339, passes
from migration_lint.sources.folding import Folded, Listed, Rows
from migration_lint.sources.types import Typed, Types
from migration_lint.sources.walking import Env, Walk

_DEEPEST = 8
_MOST_HELPERS = 4
_MOST_MADE = 12


class Made(NamedTuple):
    """One thing that a value may be. `encoding`: "" where it goes as it is; `of`: the type encoded."""

    encoding: str = ""
    of: str = ""
    unknown: str = ""
    module: Module | None = None
    """The file in which `of` is a name."""
    literal: str | None = None
    """The value itself, of a constant; NULL is the text `NULL`."""


class Maker:
    """Works out what becomes of the values of one file."""

    def __init__(self, codebase: Codebase, module: Module, owner: str, types: Types, deep: int = 0) -> None:
        self._codebase = codebase
        self._module = module
        self._types = types
        self._deep = deep

    # -- what goes in

    def made(
        self, expression: Expr, env: Env, given: Mapping[str, tuple[Made, ...]] | None = None, depth: int = 0
    ) -> tuple[Made, ...]:
        """All that a value may be, one for each way through the code. `given`: what parameters are."""
        if depth > _DEEPEST:
            return (Made(unknown="it is worked out in too many steps"),)
        if isinstance(expression, (Constant, Text)):
            return (Made(literal=expression.value),)
        if isinstance(expression, (Name, Member)):
            return self._named(expression, env, given, depth)
        if isinstance(expression, Choice):
            found = [
                made for option in expression.options for made in self.made(option, env, given, depth + 1)
            ]
            return distinct(found)
        if isinstance(expression, Joined):
            put = any(not isinstance(part, Text) for part in expression.parts)
            return (Made("text" if put else ""),)
        if isinstance(expression, Percent):
            return (Made("text"),)
        if isinstance(expression, (Target, Spread)):
            return self.made(expression.of, env, given, depth + 1)
        if isinstance(expression, Other) and len(expression.inside) == 1:
            return self.made(expression.inside[0], env, given, depth + 1)
        if isinstance(expression, (Items, Each)):
            return (Made(of="[]"),)
        if isinstance(expression, Pairs):
            return self._pairs(expression, env, given, depth)
        if isinstance(expression, Call):
            return self._called(expression, env, given, depth)
        return (Made(),)

    def _named(
        self, expression: Name | Member, env: Env, given: Mapping[str, tuple[Made, ...]] | None, depth: int
    ) -> tuple[Made, ...]:
        name = dotted(expression)
        held = env.get(name)
        if given and name in given and (held is None or (isinstance(held, Other) and not held.inside)):
            return given[name]
        if isinstance(held, Folded):
            return (Made("text" if any(not isinstance(piece, str) for piece in held.pieces) else ""),)
        if isinstance(held, Listed):
            return (Made(of="[]"),)
        if held is None or isinstance(held, Rows) or held is expression:
            return self._by_type(expression, env)
        if isinstance(held, Other) and not held.inside:
            return self._by_type(expression, env)
        return self.made(held, env, given, depth + 1)

    def _by_type(self, expression: Expr, env: Env) -> tuple[Made, ...]:
        """A value that goes as it is, unless its type says how it is written: `Value()` of Go."""
        kind = self._types.of(expression, env)
        found = self._types.method(kind, "Value") if self._module.language == "Go" else None
        return self._followed(*found, {}) if found is not None else (Made(),)

    def _pairs(
        self, pairs: Pairs, env: Env, given: Mapping[str, tuple[Made, ...]] | None, depth: int
    ) -> tuple[Made, ...]:
        """`sql.NullString{String: x, Valid: true}` is what is in it."""
        if pairs.type.startswith(("sql.Null", "pgtype.", "null.")) and pairs.pairs:
            return self.made(pairs.pairs[0][1], env, given, depth + 1)
        return (Made(of=pairs.type or "{}"),)

    def _called(
        self, call: Call, env: Env, given: Mapping[str, tuple[Made, ...]] | None, depth: int
    ) -> tuple[Made, ...]:
        full = dotted(call.callee)
        of = call.callee.of if isinstance(call.callee, Member) else None
        if is_rfc3339(call.span.text):
            return (Made("iso8601"),)
        followed = self._helper(call, full, env, given, depth)
        if followed is not None:
            return followed
        coding = self._known(encoder, full)
        if coding is not None:
            source = call.args[0] if call.args else of if encodes_itself(full) else None
            if coding.encoding == "json" and source is not None:
                return (self._json(source, env, given, depth),)
            return (Made(coding.encoding),)
        if _is_join(call, full):
            return (Made("text"),)
        through = self._known(passes, full)
        if through is not None:
            value = of if through.at < 0 else call.args[0] if call.args else of
            if value is not None:
                within = self.made(value, env, given, depth + 1)
                # what is trimmed or cut is not the constant any more, but NULL is NULL
                return tuple(one if one.literal == "NULL" else one._replace(literal=None) for one in within)
        return (Made(unknown=f"nothing tells what {_short(call)} gives"),)

    def _known(self, look: Callable[[str], Coding | None], full: str) -> Coding | None:
        """What a table of calls says of a call, by its own name or by what the file calls it."""
        found = (look(name) for name in qualified(self._module, full))
        return next((coding for coding in found if coding is not None), None)

    def _json(self, source: Expr, env: Env, given: Mapping[str, tuple[Made, ...]] | None, depth: int) -> Made:
        kind, module = self._types.of(source, env)
        name = dotted(source) if isinstance(source, (Name, Member)) else ""
        before = given.get(name) if given else None
        if before and (not kind or kind in _ANYTHING):
            return Made("json", before[0].of, module=before[0].module)
        if not kind:
            made = self.made(source, env, given, depth + 1)
            if made and all(one.encoding == "text" for one in made):
                kind = "string"
        return Made("json", kind, module=module)

    # -- functions of the project

    def _helper(
        self, call: Call, full: str, env: Env, given: Mapping[str, tuple[Made, ...]] | None, depth: int
    ) -> tuple[Made, ...] | None:
        """What a function of the project gives back; None where the call is to none that can be found."""
        found = self._types.function(call, full, env)
        if found is None or self._deep >= _MOST_HELPERS:
            return None
        module, function = found
        made: dict[str, tuple[Made, ...]] = {}
        for parameter, argument in _arguments(module, function, call):
            kind = self._types.of(argument, env)
            what = self.made(argument, env, given, depth + 1)
            made[parameter] = tuple(
                one if one.encoding else one if one.of else one._replace(of=kind.name, module=kind.module)
                for one in what
            )
        if isinstance(call.callee, Member) and function.owner:
            own = _receiver(module, function)
            if own:
                kind = self._types.of(call.callee.of, env)
                made[own] = (Made(of=kind.name, module=kind.module),)
        return self._followed(module, function, made)

    def _followed(
        self,
        module: Module,
        function: Function,
        given: Mapping[str, tuple[Made, ...]],
    ) -> tuple[Made, ...]:
        from migration_lint.sources.binding import Binder

        walk = Walk(self._codebase, module, function, self._deep + 1)
        env = Env(types={})
        walk.run(env)
        binder = Binder(self._codebase, module, function.owner, self._deep + 1)
        found: list[Made] = []
        for value, at in walk.returns:
            for one in binder.maker.made(value, at, given):
                if one.literal == "NULL":
                    one = Made(unknown=f"{function.symbol} gives NULL on one of its ways")
                elif one == Made():
                    kind = binder.types.of(value, at)
                    one = one._replace(of=kind.name, module=kind.module)
                found.append(one)
        if not found:
            return (Made(unknown=f"nothing tells what {function.symbol} gives"),)
        return distinct(found)

    # -- what comes back

    def decoded(self, calls: list[tuple[Call, Env]], names: frozenset[str]) -> Iterator[Made]:
        """What calls take one of some values for: `names` of variables, `#2` and `.name` of rows."""
        for call, env in calls:
            full = dotted(call.callee)
            coding = self._known(decoder, full)
            arguments: list[Expr] = list(call.args)
            if coding is not None:
                if coding.at < 0 and isinstance(call.callee, Member):
                    arguments = [call.callee.of]
                if any(self._about(argument, env) & names for argument in arguments[:2]):
                    into = next((a.of for a in call.args if isinstance(a, Target)), None)
                    kind = self._types.of(into, env) if into is not None else None
                    of, module = kind if kind is not None else ("", self._module)
                    yield Made(coding.encoding, of, module=module)
                continue
            about = [index for index, a in enumerate(arguments) if self._about(a, env) & names]
            if about and self._deep < _MOST_HELPERS:
                yield from self._decoded_by(call, full, env, about)

    def _decoded_by(self, call: Call, full: str, env: Env, about: list[int]) -> Iterator[Made]:
        from migration_lint.sources.binding import Binder

        if full.rpartition(".")[2] in ("Scan", "append"):
            return
        if full.rpartition(".")[2] in ("Decode", "decode") and isinstance(call.callee, Member):
            return
        found = self._types.function(call, full, env)
        if found is None:
            return
        module, function = found
        places = {call.args[index].span.start for index in about}
        names = frozenset(
            f"= {parameter}"
            for parameter, argument in _arguments(module, function, call)
            if argument.span.start in places
        )
        if names:
            walk = Walk(self._codebase, module, function, self._deep + 1)
            walk.run()
            binder = Binder(self._codebase, module, function.owner, self._deep + 1)
            yield from binder.maker.decoded(walk.calls, names)

    def scanned(self, kind: Typed) -> tuple[Made, ...]:
        """What a type of Go that has a method Scan takes a column for."""
        from migration_lint.sources.binding import Binder

        found = self._types.method(kind, "Scan") if self._module.language == "Go" else None
        if found is None or self._deep >= _MOST_HELPERS:
            return ()
        module, function = found
        walk = Walk(self._codebase, module, function, self._deep + 1)
        walk.run()
        binder = Binder(self._codebase, module, function.owner, self._deep + 1)
        names = frozenset(f"= {each.name}" for each in function.parameters[1:])
        return tuple(one._replace(of="") for one in binder.maker.decoded(walk.calls, names))

    def _about(self, expression: Expr, env: Env, depth: int = 0) -> frozenset[str]:
        """The values that an expression is, whatever its type: by name, and by the column that it takes."""
        if depth > _DEEPEST:
            return frozenset()
        if isinstance(expression, (Target, Spread, Slice)):
            return self._about(expression.of, env, depth + 1)
        if isinstance(expression, Choice):
            return frozenset().union(*(self._about(one, env, depth + 1) for one in expression.options))
        if isinstance(expression, Other) and len(expression.inside) == 1:
            return self._about(expression.inside[0], env, depth + 1)
        if isinstance(expression, (Name, Member)):
            name = dotted(expression)
            found = {f"= {name}"}
            if isinstance(expression, Member):
                found.add(f".{plain(expression.name)}")
            held = env.get(name)
            if held is not None and held is not expression and not isinstance(held, (Folded, Listed, Rows)):
                found |= self._about(held, env, depth + 1)
            return frozenset(found)
        if isinstance(expression, Index):
            if isinstance(expression.key, Text):
                return frozenset({f".{plain(expression.key.value)}"})
            if isinstance(expression.key, Constant) and expression.key.value.isdigit():
                return frozenset({f"#{expression.key.value}"})
            return self._about(expression.of, env, depth + 1)
        if isinstance(expression, Call):
            return self._about_call(expression, env, depth)
        return frozenset()

    def _about_call(self, call: Call, env: Env, depth: int) -> frozenset[str]:
        full = dotted(call.callee)
        if len(call.args) in (1, 2) and isinstance(call.callee, Member):
            key = call.args[0]
            if isinstance(key, Text):
                return frozenset({f".{plain(key.value)}"})
            if isinstance(key, Constant) and key.value.isdigit():
                first = 1 if self._module.language in ("Java", "Kotlin") else 0
                return frozenset({f"#{int(key.value) - first}"})
        if (
            not call.args
            and isinstance(call.callee, Member)
            and self._known(passes, full) is None
            and self._known(decoder, full) is None
        ):
            return frozenset({f".{plain(call.callee.name)}"})
        through = self._known(passes, full) or self._known(decoder, full)
        if through is None:
            return frozenset()
        value = call.callee.of if through.at < 0 and isinstance(call.callee, Member) else None
        value = value or (call.args[0] if call.args else None)
        return self._about(value, env, depth + 1) if value is not None else frozenset()


_ANYTHING = ("any", "interface{}", "object", "Object", "T", "unknown", "Any", "mixed", "dynamic")


def distinct(found: Iterable[Made]) -> tuple[Made, ...]:
    """Each thing once; of too many it is said that there are more."""
    by_key = {(one.encoding, one.of, one.unknown, one.literal): one for one in found}
    things = tuple(by_key.values())
    if len(things) <= _MOST_MADE:
        return things
    return (*things[:_MOST_MADE], Made(unknown="it is one of too many things"))


def plain(name: str) -> str:
    """A name as it is compared over languages: `lastLines`, `LastLines` and `last_lines` are one."""
    return name.replace("_", "").replace("-", "").lower()


def _is_join(call: Call, full: str) -> bool:
    """`"\\n".join(lines)`, whose callee has no name to begin with."""
    return isinstance(call.callee, Member) and call.callee.name == "join" and isinstance(call.callee.of, Text)


def _arguments(module: Module, function: Function, call: Call) -> Iterator[tuple[str, Expr]]:
    """The parameters of a function with what a call gives for them."""
    parameters = [each.name for each in function.parameters if each.name not in ("self", "cls", "&self")]
    if function.owner and module.language == "Go":
        parameters = parameters[1:]
    yield from zip(parameters, call.args, strict=False)
    for name, value in call.keywords:
        if name in parameters:
            yield name, value


def _receiver(module: Module, function: Function) -> str:
    if module.language == "Go":
        return function.parameters[0].name if function.parameters else ""
    return {"Python": "self", "Rust": "self", "Ruby": "self", "PHP": "$this"}.get(module.language, "this")


def _short(call: Call) -> str:
    text = " ".join(call.span.text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."
