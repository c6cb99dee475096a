"""Which value goes into which column, and what each column is read into."""

from __future__ import annotations

import re

from migration_lint.sources.code import (
    Call,
    Choice,
    Constant,
    Each,
    Expr,
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
)
from migration_lint.sources.codebase import Codebase
from migration_lint.sources.folding import Folded, Folder, Listed, Rows
from migration_lint.sources.model import Bound, TableUse
from migration_lint.sources.sql import Marker, ParsedUse
from migration_lint.sources.walking import Env, Found

_JSON = (
    "json.Marshal json.MarshalIndent json.dumps orjson.dumps ujson.dumps JSON.stringify json_encode"
    " JSON.generate JSON.dump serde_json.to_string serde_json.to_value serde_json.to_vec"
    " JsonSerializer.Serialize JsonConvert.SerializeObject json_encoder.encode jsonutil.Marshal"
    " jsoniter.Marshal sonic.Marshal"
).split()
_JSON_METHODS = "writeValueAsString toJson to_json encodeToString writeValueAsBytes".split()
_JSON_WRAPPERS = "Json Jsonb".split()
_TEXTS = "Join join implode Sprintf format".split()
_BASE64 = (
    "EncodeToString b64encode btoa base64_encode strict_encode64 encode64 ToBase64String urlsafe_b64encode"
).split()
_ISO = "isoformat toISOString iso8601 toIsoString".split()
# Calls that change the type of a value and nothing of what it says.
_PASSES = (
    "string bytes []byte []uint8 str encode decode RawMessage toString String to_s as_bytes Valuer Array"
).split()
_KNOWN = {
    "str": "str",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "bytes": "bytes",
    "string": "string",
    "int32": "int32",
    "int64": "int64",
    "time.Now": "time.Time",
    "len": "int",
    "json.dumps": "str",
    "json.Marshal": "[]byte",
    "strings.Join": "string",
    "fmt.Sprintf": "string",
    "JSON.stringify": "string",
    "uuid.New": "uuid.UUID",
    "uuid.uuid4": "UUID",
    "datetime.now": "datetime",
    "datetime.utcnow": "datetime",
    "time.time": "float",
}


class Binder:
    """Binds the values of the statements of one file."""

    def __init__(self, codebase: Codebase, module: Module, owner: str) -> None:
        self._codebase = codebase
        self._module = module
        self._folder = Folder(codebase, module, owner)

    def uses(
        self, parsed: tuple[ParsedUse, ...], markers: tuple[Marker, ...], found: Found | None
    ) -> tuple[TableUse, ...]:
        """The uses of a statement with what is bound in each."""
        arguments = self._arguments(markers, found) if found is not None else {}
        return tuple(self._use(use, markers, arguments, found) for use in parsed)

    def _use(
        self, parsed: ParsedUse, markers: tuple[Marker, ...], arguments: dict[int, Expr], found: Found | None
    ) -> TableUse:
        bound: list[Bound] = []
        line = found.span.line if found is not None else 0
        for fill in parsed.fills:
            if fill.literal is not None:
                bound.append(Bound(fill.column, fill.text, line, literal=fill.literal))
            elif fill.marker is not None and found is not None:
                argument = arguments.get(fill.marker)
                if argument is not None:
                    bound.append(self.value(fill.column, argument, found.env))
                else:
                    hole = markers[fill.marker].hole if fill.marker < len(markers) else None
                    if hole is not None and hole.text:
                        bound.append(Bound(fill.column, hole.text, line))
        if found is not None:
            bound += self._read(parsed, found)
        return parsed.use._replace(bound=tuple(bound))

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
        fields = self._fields(self.type_of(part.of, env))
        if fields is None or part.high is None:
            return None
        names = fields[part.low or 0 : part.high]
        return [Member(part.span, part.of, name) for name, _ in names]

    def _fields(self, kind: str) -> list[tuple[str, str]] | None:
        name = _bare(kind)
        fields = self._codebase.fields(self._module, name) if name else None
        return [(field.name, field.type) for field in fields] if fields is not None else None

    def value(self, column: str, expression: Expr, env: Env) -> Bound:
        """A value as it is bound: its text, its type, and what was done to it on the way."""
        text = " ".join(expression.span.text.split())
        if (
            isinstance(expression, Member)
            and isinstance(expression.of, Name)
            and expression.span.text.endswith("]")
        ):
            text = f"{expression.of.name}.{expression.name}"
        encoding, of = self._encoding(expression, env)
        literal: str | None = None
        if isinstance(expression, Constant):
            literal = expression.value
        elif encoding == "":
            folded = self._folder.text(expression, env)
            if folded is not None and all(isinstance(piece, str) for piece in folded.pieces):
                literal = "".join(str(piece) for piece in folded.pieces)
        return Bound(column, text, expression.span.line, self.type_of(expression, env), literal, encoding, of)

    def _encoding(self, expression: Expr, env: Env, depth: int = 0) -> tuple[str, str]:
        if depth > 8:
            return "", ""
        if isinstance(expression, (Name, Member)):
            held = env.get(dotted(expression))
            if isinstance(held, Folded) and any(not isinstance(piece, str) for piece in held.pieces):
                return "text", ""
            if held is None or isinstance(held, (Folded, Listed, Rows)) or held is expression:
                return "", ""
            return self._encoding(held, env, depth + 1)
        if isinstance(expression, Choice):
            known = [self._encoding(option, env, depth + 1) for option in expression.options]
            known = [pair for pair in known if pair[0]]
            return known[0] if known and len(set(known)) == 1 else ("", "")
        if isinstance(expression, Joined):
            return ("text", "") if any(not isinstance(part, Text) for part in expression.parts) else ("", "")
        if isinstance(expression, Percent):
            return "text", ""
        if isinstance(expression, Other) and len(expression.inside) == 1:
            return self._encoding(expression.inside[0], env, depth + 1)
        if not isinstance(expression, Call):
            return "", ""
        full = dotted(expression.callee)
        name = full.rpartition(".")[2]
        argument = expression.args[0] if expression.args else None
        of = expression.callee.of if isinstance(expression.callee, Member) else None
        if (
            any(full == known or full.endswith(f".{known}") for known in _JSON)
            or name in _JSON_METHODS + _JSON_WRAPPERS
        ):
            source = argument if argument is not None else of
            return "json", self.type_of(source, env) if source is not None else ""
        if name in _BASE64:
            return "base64", ""
        if name in _ISO or "RFC3339" in expression.span.text:
            return "iso8601", ""
        if name in _TEXTS:
            return "text", ""
        if name in _PASSES:
            source = argument if argument is not None and name not in ("encode", "decode") else of
            return self._encoding(source, env, depth + 1) if source is not None else ("", "")
        return "", ""

    # -- what comes back

    def _read(self, parsed: ParsedUse, found: Found) -> list[Bound]:
        bound: list[Bound] = []
        env = found.scanned_in or found.env
        for output in parsed.outputs:
            target = found.targets[output.position] if 0 <= output.position < len(found.targets) else None
            names = [output.name, output.column]
            if output.position >= 0:
                names.append(f"#{output.position}")
            if target is not None:
                place = target.of if isinstance(target, Target) else target
                names.append(f"= {dotted(place)}")
            encoding, of = next((found.decoded[name] for name in names if name in found.decoded), ("", ""))
            if of.startswith("&"):
                of = self._type_of_path(of[1:], env)
            if target is not None:
                place = target.of if isinstance(target, Target) else target
                text = " ".join(target.span.text.split())
                bound.append(
                    Bound(output.column, text, target.span.line, self.type_of(place, env), None, encoding, of)
                )
            elif encoding:
                bound.append(Bound(output.column, output.name, found.span.line, "", None, encoding, of))
        return bound

    # -- types

    def _type_of_path(self, path: str, env: Env) -> str:
        first, *rest = path.split(".")
        kind = self._type_of_name(first, env, 0)
        for name in rest:
            kind = self._field_type(kind, name)
        return kind

    def _field_type(self, kind: str, name: str) -> str:
        fields = self._fields(kind)
        return next((field for known, field in fields or [] if known == name), "")

    def _type_of_name(self, name: str, env: Env, depth: int) -> str:
        if env.types.get(name):
            return env.types[name]
        held = env.get(name)
        if isinstance(held, Folded):
            return (
                "string"
                if self._module.language == "Go"
                else "str"
                if self._module.language == "Python"
                else ""
            )
        if held is None or isinstance(held, (Listed, Rows)):
            return ""
        return self.type_of(held, env, depth + 1)

    def type_of(self, expression: Expr, env: Env, depth: int = 0) -> str:
        """The type of an expression as the code says it; "" where it does not, or not nearby."""
        if depth > 8:
            return ""
        if isinstance(expression, Name):
            return self._type_of_name(expression.name, env, depth)
        if isinstance(expression, Member):
            kind = self.type_of(expression.of, env, depth + 1)
            return self._field_type(kind, expression.name) if kind else ""
        if isinstance(expression, Target):
            kind = self.type_of(expression.of, env, depth + 1)
            return f"*{kind}" if kind else ""
        if isinstance(expression, Pairs):
            return expression.type
        if isinstance(expression, Index):
            kind = self.type_of(expression.of, env, depth + 1)
            if kind.startswith("[]"):
                return kind[2:]
            element = re.match(r"^(?:list|List|Sequence|Iterable|tuple|set)\[(\w+)(?:, \.\.\.)?\]$", kind)
            if element:
                return element[1]
            if kind.startswith("map["):
                return kind.partition("]")[2]
            fields = self._fields(kind)
            if fields and isinstance(expression.key, Constant) and expression.key.value.isdigit():
                place = int(expression.key.value)
                return fields[place][1] if place < len(fields) else ""
            return ""
        if isinstance(expression, Call):
            return self._type_of_call(expression)
        if isinstance(expression, Text):
            return {"Go": "string", "Python": "str"}.get(self._module.language, "string")
        return ""

    def _type_of_call(self, call: Call) -> str:
        full = dotted(call.callee)
        if full in _KNOWN:
            return _KNOWN[full]
        found = self._codebase.function(self._module, full) if full else None
        if found is not None and found[1].returns:
            returns = found[1].returns.strip()
            return returns[1:-1].split(",")[0].strip() if returns.startswith("(") else returns
        if self._module.language == "Python" and full and full.rpartition(".")[2][:1].isupper():
            return full
        return ""


_PARAMETERS = ("params", "parameters", "args", "vars", "parameter", "values", "binds", "seq_of_parameters")


def _bare(kind: str) -> str:
    """The name of a type without pointers, null and quotes."""
    kind = re.sub(r"\s*\|\s*None\s*|^Optional\[(.*)\]$", r"\1", kind.strip().strip("\"'"))
    return kind.lstrip("*&[]").strip("?")
