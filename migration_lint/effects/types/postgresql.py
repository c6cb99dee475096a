"""PostgreSQL: which changes of type leave the rows as they are.

A change keeps the rows where both types store a value in the same bytes and the server knows it: the cast is
binary coercible (pg_cast), or the type's own support function says that a limit was only relaxed. All other
casts read every row and write a new table. Where there is no cast that an assignment may use, the statement
is refused, unless USING gives one.
"""

from __future__ import annotations

from typing import Literal

from migration_lint.catalog.types import canonical
from migration_lint.effects.types.spelling import Spelled, spelled
from migration_lint.effects.types.terms import UNKNOWN, Around, TypeJudgement
from migration_lint.named_tuple import NamedTuple

#: How the limits must stand to each other for a pair to keep the rows.
Relation = Literal[
    "any",
    "unlimited",  # the new type has no limit
    "relaxed",  # the new type has no limit, or one that is no lower
    "same_scale",  # numeric: no limit, or the same scale and no lower precision
    "finest",  # of times: the new type keeps all 6 digits, or at least as many as the old one has
    "full",  # of times: the new type keeps all 6 digits
]


class Free(NamedTuple):
    """A pair of types that keeps the rows."""

    relation: Relation = "any"
    indexes: Literal["kept", "rebuilt"] = "kept"


#: Old type, new type → under which condition the rows stay, and whether indexes on the column do.
FREE: dict[tuple[str, str], Free] = {
    ("varchar", "varchar"): Free("relaxed"),
    ("varchar", "text"): Free(),
    ("varchar", "bpchar"): Free(indexes="rebuilt"),
    ("varchar", "citext"): Free(indexes="rebuilt"),
    ("text", "varchar"): Free("unlimited"),
    ("text", "bpchar"): Free(indexes="rebuilt"),
    ("text", "citext"): Free(indexes="rebuilt"),
    ("citext", "text"): Free(indexes="rebuilt"),
    ("citext", "varchar"): Free("unlimited", indexes="rebuilt"),
    ("citext", "bpchar"): Free(indexes="rebuilt"),
    ("char", "bpchar"): Free(),
    ("varchar[]", "varchar[]"): Free("unlimited"),
    ("numeric", "numeric"): Free("same_scale"),
    ("timestamp", "timestamp"): Free("finest"),
    ("timestamptz", "timestamptz"): Free("finest"),
    ("time", "time"): Free("finest"),
    ("timetz", "timetz"): Free("finest"),
    ("interval", "interval"): Free("finest"),
    ("bit", "varbit"): Free("unlimited", indexes="rebuilt"),
    ("varbit", "varbit"): Free("relaxed"),
    ("cidr", "inet"): Free(),
    ("xml", "text"): Free(),
    ("xml", "varchar"): Free("unlimited"),
    ("xml", "bpchar"): Free(),
}
#: The same where the session's time zone is UTC: the bytes are equal then, and the server looks (since 12).
FREE_IN_UTC: dict[tuple[str, str], Free] = {
    ("timestamp", "timestamptz"): Free("full", indexes="rebuilt"),
    ("timestamptz", "timestamp"): Free("full", indexes="rebuilt"),
}
UTC_SINCE = (12,)
#: A float's text is exact without any setting (extra_float_digits).
EXACT_FLOATS_SINCE = (12,)

_NUMBERS = frozenset("int2 int4 int8 float4 float8 numeric".split())
_TIMES = frozenset("timestamp timestamptz time timetz interval".split())
TEXTS = frozenset("text varchar char bpchar citext".split())
_NOTHING: frozenset[str] = frozenset()
#: Old type → new types that an assignment casts to (pg_cast: `a` or `i`); to a text anything does.
CASTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(_NUMBERS, _NUMBERS),
    "int4": _NUMBERS | {"money"},
    "int8": _NUMBERS | {"money"},
    "numeric": _NUMBERS | {"money"},
    "money": frozenset(("numeric",)),
    **dict.fromkeys(TEXTS, _NOTHING),
    "bit": frozenset(("varbit",)),
    "varbit": frozenset(("bit",)),
    "bytea": _NOTHING,
    "bool": _NOTHING,
    "date": frozenset(("timestamp", "timestamptz")),
    "timestamp": frozenset(("date", "time", "timestamptz")),
    "timestamptz": frozenset(("date", "time", "timestamp", "timetz")),
    "time": frozenset(("interval", "timetz")),
    "timetz": frozenset(("time",)),
    "interval": frozenset(("time",)),
    "json": frozenset(("jsonb",)),
    "jsonb": frozenset(("json",)),
    "uuid": _NOTHING,
    "inet": frozenset(("cidr",)),
    "cidr": frozenset(("inet",)),
    "macaddr": frozenset(("macaddr8",)),
    "macaddr8": frozenset(("macaddr",)),
    "xml": _NOTHING,
}

#: Old type → new types that hold every value of it, as far as their limits allow.
HOLDS: dict[str, frozenset[str]] = {
    "int2": frozenset(("int4", "int8", "numeric", "float4", "float8")),
    "int4": frozenset(("int8", "numeric", "float8")),
    "int8": frozenset(("numeric",)),
    "float4": frozenset(("float8",)),
    "money": frozenset(("numeric",)),
    "date": frozenset(("timestamp", "timestamptz")),
    "time": frozenset(("interval", "timetz")),
    "bit": frozenset(("varbit",)),
    "cidr": frozenset(("inet",)),
    "jsonb": frozenset(("json",)),
    "macaddr": frozenset(("macaddr8",)),
}
#: How many decimal digits a float, or money, holds for certain; and how many an integer may have.
_DIGITS = {"float4": 6, "float8": 15, "money": 16}
#: How many letters the longest value has as a text.
LONGEST_TEXT = {"bool": 5, "int2": 6, "int4": 11, "int8": 20, "uuid": 36}
_LONGEST = {"int2": 5, "int4": 10, "int8": 19, "money": 17}


def judge(old: str, new: str, version: tuple[int, ...], around: Around, recollated: bool) -> TypeJudgement:
    """The judgement of two canonical types; `recollated`: the collation changes besides."""
    before, after = spelled(old), spelled(new)
    known = _known(before) and _known(after)
    lossy = known and not _holds(before, after, version, around)
    if around.using is not None and not _is_plain_cast(around.using, around.column, new):
        return TypeJudgement("rewrite", False, "USING works out every value anew")
    if old == new and not recollated:
        return TypeJudgement("same")
    if not known:
        return UNKNOWN._replace(why=f"what {old if not _known(before) else new} stores is not known")
    free = Free() if old == new else _free(before, after, FREE)
    if free is None and (before.name, after.name) in FREE_IN_UTC and around.utc is not False:
        free = _free(before, after, FREE_IN_UTC)
        if version and version < UTC_SINCE:
            free = None
        elif free is not None and around.utc is None:
            return TypeJudgement(
                "rewrite",
                lossy,
                "every value is shifted, unless the session's time zone is UTC",
                certain=False,
            )
    if free is not None:
        return _kept(free, lossy, around, recollated)
    if not _casts(before, after) and around.using is None:
        return TypeJudgement("impossible", lossy, f"{old} is not cast to {new} without USING")
    if before.name == after.name:
        return TypeJudgement("rewrite", lossy, f"every value is fitted into {new}")
    return TypeJudgement("rewrite", lossy, f"{after.name} is stored in another form than {before.name}")


def _kept(free: Free, lossy: bool, around: Around, recollated: bool) -> TypeJudgement:
    """The rows stay. What is worked out from them need not."""
    if around.checked:
        return TypeJudgement("scan", lossy, "a CHECK names the column, and is checked again")
    if around.indexed_by_expression:
        return TypeJudgement(
            "index_rebuild", lossy, "an index works the column into an expression or condition"
        )
    if around.indexed and (free.indexes == "rebuilt" or recollated):
        return TypeJudgement("index_rebuild", lossy, "the index compares the values another way afterwards")
    return TypeJudgement("metadata", lossy)


def _known(type: Spelled) -> bool:
    return type.name in CASTS


def _name(type: Spelled) -> str:
    return f"{type.name}[]" if type.array else type.name


def _free(before: Spelled, after: Spelled, table: dict[tuple[str, str], Free]) -> Free | None:
    free = table.get((_name(before), _name(after)))
    return free if free is not None and _relates(free.relation, before.limits, after.limits) else None


def _relates(relation: Relation, old: tuple[int, ...], new: tuple[int, ...]) -> bool:
    match relation:
        case "any":
            return True
        case "unlimited":
            return not new
        case "relaxed":
            return not new or (bool(old) and new[0] >= old[0])
        case "same_scale":
            return not new or (bool(old) and new[1] == old[1] and new[0] >= old[0])
        case "finest":
            return not new or new[0] == 6 or (bool(old) and new[0] >= old[0])
        case "full":
            return not new or new[0] == 6


def _casts(before: Spelled, after: Spelled) -> bool:
    if after.name in TEXTS and not after.array:
        return True
    if before.array != after.array:
        return False
    if before.array and after.name in TEXTS:
        return True
    return before.name == after.name or after.name in CASTS[before.name]


def _holds(before: Spelled, after: Spelled, version: tuple[int, ...], around: Around) -> bool:
    """Whether every value of the one has its equal in the other."""
    old, new = before.limits, after.limits
    if before.array != after.array or before.array:
        return not new and (before.name == after.name or after.name in TEXTS)
    match before.name, after.name:
        case "numeric", "numeric":
            return not new or (bool(old) and old[1] <= new[1] and old[0] - old[1] <= new[0] - new[1])
        case "numeric", "float4" | "float8" | "money":
            return bool(old) and old[0] <= _DIGITS[after.name] and (old[1] <= 2 or after.name != "money")
        case (("int2" | "int4" | "int8" | "money"), "numeric") if new:
            return _LONGEST[before.name] <= new[0] - new[1] and (before.name != "money" or new[1] >= 2)
        case ("bit", "bit"):
            return old == new
        case ("timestamp", "timestamptz") | ("timestamptz", "timestamp"):
            return around.utc is True and _relates("finest", old, new)
        case ("date", "timestamp" | "timestamptz"):
            return True
        case (name, other) if name == other and name in _TIMES:
            return _relates("finest", old, new)
        case (name, other) if name == other or (name in TEXTS and other in TEXTS):
            return _relates("relaxed", old, new)
        case (name, other) if other in TEXTS:
            exact = name not in ("float4", "float8") or not version or version >= EXACT_FLOATS_SINCE
            return LONGEST_TEXT[name] <= new[0] if new and name in LONGEST_TEXT else not new and exact
    if after.name not in HOLDS.get(before.name, _NOTHING):
        return False
    return _relates("finest" if before.name in _TIMES else "relaxed", old, new)


def _is_plain_cast(using: str, column: str, new: str) -> bool:
    """Whether USING says no more than the cast that is made anyway: `c::bigint`, `CAST(c AS bigint)`, `c`."""
    text = " ".join(using.split())
    if text.lower().startswith("cast(") and text.endswith(")"):
        value, found, type = text[5:-1].lower().rpartition(" as ")
    else:
        value, found, type = text.partition("::")
    if value.strip().strip('"').strip("()").strip('"') != column:
        return False
    return not found or canonical(type, "postgresql") == new
