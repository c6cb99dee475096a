"""MySQL and MariaDB: which changes of type leave the rows as they are.

InnoDB notes down a longer `varchar`, further values at the end of an `enum` or `set`, another display width,
and on MariaDB a wider character set that holds the old one. All else makes a copy of the table:
https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html#online-ddl-column-operations and
https://mariadb.com/kb/en/innodb-online-ddl-operations-with-the-instant-alter-algorithm/
"""

from __future__ import annotations

import re
from typing import Literal

from migration_lint.catalog.types import canonical
from migration_lint.effects.types.spelling import spelled
from migration_lint.effects.types.terms import Around, TypeJudgement
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect

#: MariaDB: since then `varchar` grows from at most 127 bytes over 255 without a copy (MDEV-15563).
LONGER_SINCE = (10, 4, 3)
#: MariaDB: since then a change of the collation, or to a character set that holds the old one, is noted down.
RECODED_SINCE = (10, 4, 3)
#: Bytes of a letter at most.
WIDTHS = {"ascii": 1, "latin1": 1, "binary": 1, "utf8": 3, "utf8mb3": 3, "utf8mb4": 4}
#: The character set that is meant where nobody says one: MySQL's since 8.0, MariaDB's since 11.6, and the
#: one that Debian's packages, and the images made of them, set for MariaDB before that.
USUAL = "utf8mb4"
#: Character set → those that hold all its letters.
HOLDS = {
    "ascii": frozenset(("latin1", "utf8mb3", "utf8mb4")),
    "latin1": frozenset(("utf8mb3", "utf8mb4")),
    "utf8mb3": frozenset(("utf8mb4",)),
}

_INTEGERS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
#: Bytes of the longest text, or bytes, that a type without a limit of its own holds.
LONGEST = {"tiny": 255, "": 65535, "medium": 16777215, "long": 4294967295}
_TIMES = frozenset(("time", "datetime", "timestamp"))
_SIZES = (1, 2, 3, 4, 8)

Family = Literal[
    "integer", "decimal", "float", "text", "bytes", "values", "time", "bit", "year", "date", "json", "other"
]


class MySQLType(NamedTuple):
    """A type in its parts."""

    name: str  # without unsigned and zerofill
    canonical: str
    family: Family
    limits: tuple[int, ...] = ()
    values: tuple[str, ...] = ()  # of enum and set
    unsigned: bool = False
    charset: str = ""  # "": not said
    collation: str = ""  # "": not said


def parts(text: str, dialect: Dialect) -> MySQLType:
    """The parts of a type, as SQLAlchemy renders it or raw SQL writes it."""
    plain = canonical(text, dialect)
    name, _, rest = plain.partition("(")
    words = name.split()
    unsigned = "unsigned" in plain.replace(name, "", 1).split(")")[-1].split() or "unsigned" in words
    base = words[0] if words else name
    collation = _word(text, r"collate\s+")
    charset = _word(text, r"(?:character\s+set|charset)\s+") or collation.partition("_")[0]
    if re.match(r"(?i)\s*(?:n(?:var)?char|national)\b", text):
        charset = "utf8mb3"
    charset = {"utf8": "utf8mb3"}.get(charset, charset)
    if base in ("enum", "set"):
        values = tuple(each.replace("''", "'") for each in re.findall(r"'((?:[^']|'')*)'", rest))
        return MySQLType(base, plain, "values", (), values, False, charset, collation)
    limits = spelled(plain.replace(" unsigned", "").replace(" zerofill", "")).limits
    return MySQLType(base, plain, _family(base), limits, (), unsigned, charset, collation)


def _word(text: str, before: str) -> str:
    found = re.search(rf"(?i)\b{before}[\"'`]?(\w+)", text)
    return found[1].lower() if found is not None else ""


def _family(name: str) -> Family:
    if name in _INTEGERS:
        return "integer"
    if name in ("char", "varchar") or name.endswith("text"):
        return "text"
    if name in ("binary", "varbinary") or name.endswith("blob"):
        return "bytes"
    if name in _TIMES:
        return "time"
    match name:
        case "float" | "double":
            return "float"
        case "decimal" | "bit" | "year" | "date" | "json":
            return name
    return "other"


def judge(old: str, new: str, dialect: Dialect, version: tuple[int, ...], around: Around) -> TypeJudgement:
    """The judgement of two types, as they are written."""
    judged = _judge(old, new, dialect, version, around)
    if dialect == "mysql" and judged.work == "rewrite":
        # Where MariaDB needs no copy there is only MySQL's manual to go by.
        same = _judge(old, new, "mariadb", (), around).work == "rewrite"
        return judged._replace(certain=judged.certain and same)
    return judged


def _judge(old: str, new: str, dialect: Dialect, version: tuple[int, ...], around: Around) -> TypeJudgement:
    one, other = parts(old, dialect), parts(new, dialect)
    lossy = "other" not in (one.family, other.family) and not holds(one, other)
    if one.family in ("text", "values") and other.family == one.family:
        recoded = _recoded(one, other, dialect, version, around)
    else:
        recoded = TypeJudgement("same")
    sized = _sized(one, other, dialect, version, around)
    order = ("same", "metadata", "index_rebuild", "rewrite")
    # Of two changes the more expensive one counts, and of two as expensive ones the one that is sure.
    both = max(sized, recoded, key=lambda each: (order.index(each.work), each.certain))
    return both._replace(lossy=lossy)


def _sized(
    one: MySQLType, other: MySQLType, dialect: Dialect, version: tuple[int, ...], around: Around
) -> TypeJudgement:
    """What the change costs apart from character sets."""
    if one.canonical == other.canonical:
        return TypeJudgement("same")
    copied = TypeJudgement("rewrite", why=f"{other.canonical} is stored in another form than {one.canonical}")
    if one.name != other.name:
        return copied._replace(certain="other" not in (one.family, other.family))
    if one.family == "values":
        more = len(other.values) >= len(one.values)
        if not more or other.values[: len(one.values)] != one.values:
            return copied._replace(why="values are removed, or no longer in the same place")
        if _bytes_of_values(one) != _bytes_of_values(other):
            return copied._replace(why="so many values take another number of bytes")
        return TypeJudgement("metadata")
    if one.name in ("varchar", "varbinary") and one.limits and other.limits:
        if other.limits[0] < one.limits[0]:
            return copied._replace(why=f"every value is fitted into {other.canonical}")
        return _longer(one, other, dialect, version, around)
    if (
        one.family == "integer"
        and one.unsigned == other.unsigned
        and "zerofill" not in (one.canonical + other.canonical)
    ):
        return TypeJudgement("metadata")  # tinyint(1) and tinyint: how it is shown
    if one.family == "float":
        return TypeJudgement("metadata")
    if one.family in ("decimal", "time", "bit", "text", "bytes"):
        return copied._replace(why=f"every value is fitted into {other.canonical}")
    return copied


def _longer(
    one: MySQLType, other: MySQLType, dialect: Dialect, version: tuple[int, ...], around: Around
) -> TypeJudgement:
    """A longer varchar or varbinary: it depends on the bytes that the length of a value takes."""
    old, new = one.limits[0], other.limits[0]
    charset = "binary" if one.name == "varbinary" else one.charset or around.charset or ""
    known = WIDTHS.get(charset)
    # Of a table whose character set is not known, the widest and the narrowest that people use.
    widths = (1, 3, 4) if known is None else (known,)
    late = dialect == "mariadb" and not (version and version < LONGER_SINCE)
    kept = {
        width: (old * width <= 255) == (new * width <= 255) or (late and old * width <= 127)
        for width in widths
    }
    if all(kept.values()):
        return TypeJudgement("metadata")
    why = f"the length of {other.canonical} takes two bytes, and that of {one.canonical} one"
    certain, usual = not any(kept.values()), not charset and not kept.get(WIDTHS[USUAL], True)
    if not certain and usual:
        why += f", where the table's character set is {USUAL}"
    return TypeJudgement("rewrite", why=why, certain=certain, usual=usual and not certain)


def _recoded(
    one: MySQLType, other: MySQLType, dialect: Dialect, version: tuple[int, ...], around: Around
) -> TypeJudgement:
    """Another character set or collation."""
    if (one.charset, one.collation) == (other.charset, other.collation):
        return TypeJudgement("same")
    copied = TypeJudgement("rewrite", why=f"every value is written in {other.charset}")
    if not one.charset or not other.charset:
        why = "the character set of the table is not known, and the column may get another one"
        return copied._replace(certain=False, why=why)
    if dialect == "mariadb" and not (version and version < RECODED_SINCE):
        if one.charset == other.charset:
            if not around.indexed or (one.collation == other.collation):
                return TypeJudgement("metadata")
            return TypeJudgement("index_rebuild", why="the index compares the values another way afterwards")
        if (one.charset, other.charset) == ("utf8mb3", "utf8mb4") and one.family == "text":
            return _widened(one, other, version, around)
    elif one.charset == other.charset:
        return copied._replace(certain=False, why="the values are compared another way afterwards")
    return copied


def _widened(one: MySQLType, other: MySQLType, version: tuple[int, ...], around: Around) -> TypeJudgement:
    """MariaDB: from utf8mb3 to utf8mb4, which holds it, letter by letter."""
    if around.indexed:
        # The default collations of the two order alike; others, and indexes on a part, need not.
        return TypeJudgement("rewrite", why="the index holds the values in utf8mb3", certain=False)
    if one.name in ("varchar", "char") and one.limits and other.limits:
        old, new = one.limits[0] * 3, other.limits[0] * 4
        if one.name == "varchar" and old > 127 and (old <= 255) != (new <= 255):
            return TypeJudgement("rewrite", why="the length of the values takes two bytes instead of one")
    return TypeJudgement("metadata")


def _bytes_of_values(type: MySQLType) -> int:
    """How many bytes a value of an enum or set takes."""
    count = len(type.values)
    if type.name == "enum":
        return 1 if count <= 255 else 2
    return next((size for size in _SIZES if count <= size * 8), 8)


# What fits


def holds(one: MySQLType, other: MySQLType) -> bool:
    """Whether every value of the one has its equal in the other; False where that is not known."""
    recoded = one.charset and other.charset and one.charset != other.charset
    if recoded and other.charset not in HOLDS.get(one.charset, frozenset()):
        return False
    if one.canonical == other.canonical:
        return True
    match one.family, other.family:
        case "integer", "integer":
            (low, high), (least, most) = _range(one), _range(other)
            return least <= low and high <= most
        case "integer", "decimal":
            return len(str(_range(one)[1])) <= other.limits[0] - other.limits[1] and (
                not other.unsigned or one.unsigned
            )
        case "integer", "float":
            return _INTEGERS[one.name] <= (24 if other.name == "float" else 53)
        case "decimal", "decimal":
            (digits, scale), (more, finer) = one.limits[:2], other.limits[:2]
            return scale <= finer and digits - scale <= more - finer and (not other.unsigned or one.unsigned)
        case "float", "float":
            return other.name == "double" and not other.limits
        case "text", "text":
            return _text_fits(one, other)
        case "bytes", "bytes":
            return _length(one) <= _length(other) and other.name != "binary" and one.name != "binary"
        case "values", "values":
            return other.name in (one.name, "set") and set(one.values) <= set(other.values)
        case "values", "text":
            longest = max((len(each) for each in one.values), default=0)
            return one.name == "enum" and longest <= (other.limits or (255,))[0]
        case "time", "time":
            return one.name == other.name and (one.limits or (0,))[0] <= (other.limits or (0,))[0]
        case "bit", "bit":
            return one.limits[0] <= other.limits[0]
        case "year", "integer":
            return _range(other)[1] >= 2155
        case "date", "time":
            return other.name == "datetime"
        case "json", "text":
            return other.name == "longtext"
    return False


def _range(type: MySQLType) -> tuple[int, int]:
    bits = _INTEGERS[type.name]
    return (0, 2**bits - 1) if type.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _length(type: MySQLType) -> int:
    if type.limits:
        return type.limits[0]
    return next(
        (LONGEST[size] for size in ("tiny", "medium", "long") if type.name.startswith(size)), LONGEST[""]
    )


def _text_fits(one: MySQLType, other: MySQLType) -> bool:
    """char and varchar count letters, the others bytes; char loses blanks at the end."""
    if other.name == "char":
        return one.name == "char" and one.limits[0] <= other.limits[0]
    if other.limits:
        return bool(one.limits) and one.limits[0] <= other.limits[0]
    if one.limits:
        return one.limits[0] * WIDTHS.get(one.charset, 4) <= _length(other)
    return _length(one) <= _length(other)
