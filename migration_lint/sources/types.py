"""The types of expressions as code says them, and the functions of the project that its calls are to."""

from __future__ import annotations

import re

from migration_lint.named_tuple import NamedTuple
from migration_lint.sources.code import (
    Call,
    Constant,
    Expr,
    Function,
    Index,
    Member,
    Module,
    Name,
    Other,
    Pairs,
    Target,
    Text,
    dotted,
    qualified,
)
from migration_lint.sources.codebase import Codebase
from migration_lint.sources.folding import Folded, Listed, Rows
from migration_lint.sources.walking import Env

_DEEPEST = 8
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
    "datetime.datetime.now": "datetime",
    "datetime.datetime.utcnow": "datetime",
    "time.time": "float",
}
#: What languages call text.
_TEXT = {"Go": "string", "Python": "str", "TypeScript": "string"}
#: What languages call a mapping that is written out without a type.
_MAPS = {"Python": "dict"}
#: What is text whatever it is given, by the language. Of Python and TypeScript the last part of the name.
_TEXTS = {
    "Go": re.compile(
        r"strings\.(?:To\w+|Title|Trim\w*|Repl\w+|Repeat|Map|Join|Clone)|strconv\.(?:Itoa|Format\w+|Quote\w*)"
        r"|fmt\.Sprint\w*|(?:path|filepath)\.(?:Join|Base|Dir|Clean|Ext)|url\.\w*Escape|\w+\.EncodeToString"
    ),
    "Python": re.compile(
        r".*\.(?:lower|upper|title|capitalize|casefold|l?r?strip|replace|format|join|zfill|isoformat|hexdigest)"
    ),
    "TypeScript": re.compile(
        r".*\.(?:to(?:String|Lower\w*|Upper\w*|Fixed|ISOString)|trim\w*|replace\w*|padStart|padEnd|repeat|join)"
    ),
}
_ELEMENT = re.compile(r"(?:list|List|Sequence|Iterable|tuple|set)\[(\w+)(?:, \.\.\.)?\]")


class Typed(NamedTuple):
    """A type as it is written, "" for one that is not said nearby, and the file whose names it is made of."""

    name: str
    module: Module


class Types:
    """The types of the expressions in one class, or outside of any, of one file."""

    def __init__(self, codebase: Codebase, module: Module, owner: str) -> None:
        self._codebase = codebase
        self._module = module
        self._owner = owner

    def name(self, expression: Expr, env: Env) -> str:
        """The type of an expression as it is written; "" where it is not said, or not nearby."""
        return self.of(expression, env).name

    def of(self, expression: Expr, env: Env, depth: int = 0) -> Typed:
        """The type of an expression."""
        if depth > _DEEPEST:
            return self._here("")
        if isinstance(expression, Name):
            return self._of_name(expression.name, env, depth)
        if isinstance(expression, Member):
            return self.field(self.of(expression.of, env, depth + 1), expression.name)
        if isinstance(expression, Target):
            kind = self.of(expression.of, env, depth + 1)
            return kind._replace(name=f"*{kind.name}") if kind.name else kind
        if isinstance(expression, Pairs):
            return self._here(expression.type or _MAPS.get(self._module.language, ""))
        if isinstance(expression, Index):
            return self._of_item(expression, env, depth)
        if isinstance(expression, Call):
            return self._of_call(expression, env, depth)
        if isinstance(expression, Other) and len(expression.inside) == 1 and _is_plain(expression):
            return self.of(expression.inside[0], env, depth + 1)
        if isinstance(expression, Text):
            return self._here(_TEXT.get(self._module.language, "string"))
        return self._here("")

    def _here(self, name: str) -> Typed:
        return Typed(name, self._module)

    def _of_name(self, name: str, env: Env, depth: int) -> Typed:
        if env.types.get(name):
            return self._here(env.types[name])
        held = env.get(name)
        if isinstance(held, Folded):
            return self._here(_TEXT.get(self._module.language, ""))
        if held is None:
            found = self._codebase.definition(self._module, name)
            return Typed(found.definition.type, found.module) if found is not None else self._here("")
        return self._here("") if isinstance(held, (Listed, Rows)) else self.of(held, env, depth + 1)

    def _of_item(self, item: Index, env: Env, depth: int) -> Typed:
        kind = self.of(item.of, env, depth + 1)
        if kind.name.startswith("[]"):
            return kind._replace(name=kind.name[2:])
        element = _ELEMENT.fullmatch(kind.name)
        if element:
            return kind._replace(name=element[1])
        if kind.name.startswith("map["):
            return kind._replace(name=kind.name.partition("]")[2])
        fields = self.fields(kind)
        if fields and isinstance(item.key, Constant) and item.key.value.isdigit():
            place = int(item.key.value)
            return fields[place][1] if place < len(fields) else self._here("")
        return self._here("")

    def _of_call(self, call: Call, env: Env, depth: int) -> Typed:
        full = dotted(call.callee)
        known = next((_KNOWN[name] for name in (full, *qualified(self._module, full)) if name in _KNOWN), "")
        texts = _TEXTS.get(self._module.language)
        if not known and texts is not None and texts.fullmatch(full):
            known = _TEXT[self._module.language]
        if known:
            return self._here(known)
        of = call.callee.of if isinstance(call.callee, Member) else None
        kind = self.of(of, env, depth + 1) if of is not None else self._here("")
        if not call.args and isinstance(call.callee, Member):
            # a record's accessor: event.lines(), event.getLines()
            for name in (call.callee.name, getter(call.callee.name)):
                field = self.field(kind, name) if name else kind
                if name and field.name:
                    return field
        found = self._function(call, full, kind)
        if found is not None and found[1].returns:
            module, function = found
            returns = function.returns.strip()
            first = returns[1:-1].split(",")[0].strip() if returns.startswith("(") else returns
            return Typed(first, module)
        made = self._module.language == "Python" and full.rpartition(".")[2][:1].isupper()
        if made or (full and len(call.args) == 1 and self._codebase.type(self._module, full) is not None):
            return self._here(full)  # a conversion, or a class that is called
        return self._here("")

    # -- records

    def fields(self, kind: Typed) -> list[tuple[str, Typed]] | None:
        """The fields of a record in their order; None for a type that is none of the project."""
        name = _bare(kind.name)
        found = self._codebase.type(kind.module, name) if name else None
        if found is None or found[2]:
            return None
        module, fields, _ = found
        return [(field.name, Typed(field.type, module)) for field in fields]

    def field(self, kind: Typed, name: str, deep: int = 0) -> Typed:
        """The type of a field of a record, or of what is embedded in it."""
        fields = (self.fields(kind) or []) if deep <= _DEEPEST else []
        for known, field in fields:
            if known == name or (not known and _bare(field.name).rpartition(".")[2] == name):
                return field
        inherited = (self.field(field, name, deep + 1) for known, field in fields if not known)
        return next((field for field in inherited if field.name), self._here(""))

    # -- functions

    def function(self, call: Call, full: str, env: Env) -> tuple[Module, Function] | None:
        """The project's function that a call is to; None where it cannot be found."""
        of = call.callee.of if isinstance(call.callee, Member) else None
        return self._function(call, full, self.of(of, env) if of is not None else self._here(""))

    def _function(self, call: Call, full: str, on: Typed) -> tuple[Module, Function] | None:
        """As `function`. `on`: the type of what a method is called on."""
        first, _, rest = full.partition(".")
        if first in ("self", "this", "cls", "Self", "$this") and rest and self._owner:
            return self._codebase.function(self._module, rest, self._owner)
        found = self._codebase.function(self._module, full) if full else None
        if found is None and isinstance(call.callee, Member):
            found = self.method(on, call.callee.name)
        if found is None and self._owner and isinstance(call.callee, Name):
            found = self._codebase.function(self._module, full, self._owner)
        return found

    def method(self, kind: Typed, name: str) -> tuple[Module, Function] | None:
        """The method of a type of the project."""
        bare = kind.name.strip().strip("\"'").lstrip("*&[]").partition("[")[0].partition("<")[0].rstrip("?")
        return self._codebase.function(kind.module, f"{bare}.{name}") if bare else None


def getter(name: str) -> str:
    """`reason` of getReason; "" for another name."""
    match = re.match(r"get_?([A-Z]\w*)", name)
    return match[1][:1].lower() + match[1][1:] if match else ""


def _is_plain(other: Other) -> bool:
    """Whether what stands around the one expression inside changes no type: `await x`."""
    return bool(re.match(r"await\b|\(", other.span.text)) or other.span.text.endswith("!")


def _bare(kind: str) -> str:
    """The name of a type without pointers, null and quotes."""
    kind = re.sub(r"\s*\|\s*None\s*|^Optional\[(.*)\]$", r"\1", kind.strip().strip("\"'"))
    return kind.lstrip("*&[]").strip("?")
