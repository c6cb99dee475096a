"""The conditions of Core's updates and deletes as the SQL that they become."""

from __future__ import annotations

import re

from migration_lint.operations import HOLE, Dialect
from migration_lint.reading.models import table
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    NOTHING,
    ColumnModel,
    Data,
    Dict,
    GivenText,
    List,
    Parameter,
    SqlFunction,
    SqlText,
    Unknown,
    Value,
    alternatives,
    whole,
)

#: Operators by their names in `ast`, and methods that are one.
_BINARY = {
    "operate Eq": "=", "operate NotEq": "<>", "operate Lt": "<", "operate LtE": "<=", "operate Gt": ">",
    "operate GtE": ">=", "operate BitAnd": "AND", "operate BitOr": "OR", "operate Add": "+",
    "operate Sub": "-", "operate Mult": "*", "is_": "IS", "is_not": "IS NOT", "isnot": "IS NOT",
    "is_distinct_from": "IS DISTINCT FROM", "isnot_distinct_from": "IS NOT DISTINCT FROM",
    "is_not_distinct_from": "IS NOT DISTINCT FROM", "like": "LIKE", "not_like": "NOT LIKE",
    "notlike": "NOT LIKE", "ilike": "ILIKE", "operate Mod": "%",
}  # fmt: skip
_UNARY = {"operate Not": "NOT", "operate Invert": "NOT", "operate USub": "-", "operate UAdd": ""}
_LISTS = {"in_": "IN", "not_in": "NOT IN", "notin_": "NOT IN"}
#: Those of texts, as the pattern of LIKE.
_PATTERNS = {"startswith": "{}%", "endswith": "%{}", "contains": "%{}%"}
#: Methods that make a condition of an expression, or of a text that is one.
COMPARING = frozenset((*_BINARY, *_LISTS, *_PATTERNS, "between", "regexp_match"))
#: A name, a number, or a text: nothing that an operator beside it could take apart.
_SIMPLE = rf"{HOLE}|:?\w+|\"[^\"]+\"|`[^`]+`|'(?:[^']|'')*'"
#: An operator of a server's own.
_MARK = r"[-+*/<>=~!@#%^&|?]{1,4}"
_SAME = frozenset(("label", "self_group", "bindparams", "scalar_subquery", "correlate", "as_scalar"))
_LONGEST = 4000
_CHANGING = r"(?i)\s*(?:delete|update|with)\b"


def condition_text(value: Value, dialect: Dialect) -> str | None:
    """An expression of Core, or what it compares with, as SQL; None: it is not known."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, SqlText):
        if isinstance(value.text, Unknown):
            return HOLE
        return value.text if isinstance(value.text, str) else None
    if isinstance(value, SqlFunction):
        return value.text if whole(value.text) else None
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'" if whole(value) else None
    if isinstance(value, ColumnModel):
        name = value.column.name
        mark = "`" if dialect in ("mysql", "mariadb") else '"'
        return f"{mark}{name}{mark}" if whole(name) and mark not in name else None
    if isinstance(value, Parameter) and value.value is not NOTHING:
        return condition_text(value.value, dialect)
    if isinstance(value, Data) and value.condition is not None and value.action in (None, "select"):
        return value.condition if value.action is None else f"({value.condition})"
    return None


def is_unknown_text(value: Value) -> bool:
    """Whether something may be a text of SQL that is not known."""
    texts = (each.text for each in alternatives(value) if isinstance(each, SqlText))
    return any(isinstance(each, Unknown) or (isinstance(each, str) and HOLE in each) for each in texts)


def condition_of(name: str, of: Value, a: Arguments, dialect: Dialect) -> str | None:
    """What an operator, or a method of an expression, makes of its operands; None: it is not known."""
    if a.kwargs or a.more:
        return None
    operands = [*a.args] if name.startswith("operate ") else [of, *a.args]
    if name in _LISTS and len(operands) == 2 and isinstance(operands[1], (List, tuple)):
        items = operands[1]
        entries = list(items) if isinstance(items, tuple) else [] if items.open else items.every()
        listed = [condition_text(each, dialect) for each in entries]
        first = condition_text(operands[0], dialect)
        if not entries and not (isinstance(items, List) and items.open):
            return "1 = 1" if name != "in_" else "1 <> 1"  # as SQLAlchemy has it, also of NULL
        if first is None or not listed or None in listed:
            return None
        return f"{_operand(first)} {_LISTS[name]} ({', '.join(each for each in listed if each is not None)})"
    texts = [condition_text(each, dialect) for each in operands]
    known = [each for each in texts if each is not None]
    if len(known) < len(texts) or sum(map(len, known)) > _LONGEST:
        return None
    if name in _SAME and known:
        return known[0]
    if name in _LISTS and len(known) == 2:  # a query, or a parameter that becomes a list
        is_list = known[1].startswith(("(SELECT", ":"))
        return f"{_operand(known[0])} {_LISTS[name]} {known[1]}" if is_list else None
    if name == "exists" and known and known[0].startswith("(SELECT"):
        return f"EXISTS {known[0]}"
    if name == "between" and len(known) == 3:
        return f"{_operand(known[0])} BETWEEN {_operand(known[1])} AND {_operand(known[2])}"
    if name in _PATTERNS and len(known) == 2 and isinstance(operands[1], str):
        return f"{_operand(known[0])} LIKE '{_PATTERNS[name].format(known[1][1:-1])}'"
    if name == "regexp_match" and len(known) == 2 and dialect == "postgresql":
        return f"{_operand(known[0])} ~ {_operand(known[1])}"
    if name in _UNARY and len(known) == 1:
        return f"{_UNARY[name]} ({known[0]})"
    operator = _BINARY.get(name)
    if operator is None or len(known) != 2:
        return None
    if known[1] == "NULL" and operator in ("=", "<>"):
        operator = "IS" if operator == "=" else "IS NOT"
    return f"{_operand(known[0])} {operator} {known[1] if operator.startswith('IS') else _operand(known[1])}"


def _operand(text: str) -> str:
    """An expression as it stands beside an operator."""
    return text if re.fullmatch(_SIMPLE, text) else f"({text})"


def conditional(run: Interpreter, name: str, a: Arguments, dialect: Dialect) -> str | None:
    """What one of Core's functions makes of its arguments; None: it is not known."""
    if name == "case":
        return _case(run, a, dialect)
    given = a.args[:1] if name in ("cast", "type_coerce") else a.args
    arguments = [run.resolve(each) for each in given]
    texts = [condition_text(each, dialect) for each in arguments]
    known = [each for each in texts if each is not None]
    if a.more and name in ("and_", "or_") and any(map(is_unknown_text, arguments)):
        return HOLE
    if a.kwargs or a.more or len(known) < len(texts):
        return None
    if name in ("and_", "or_"):
        joined = f" {name[:-1].upper()} ".join(f"({each})" for each in known)
        return joined or ("true" if name == "and_" else None)
    if name == "exists" and len(known) == 1 and known[0].startswith(("(SELECT", HOLE)):
        return f"EXISTS {known[0]}" if known[0] != HOLE else f"EXISTS ({HOLE})"
    if name == "not_" and len(known) == 1:
        return f"NOT ({known[0]})"
    if name == "between" and len(known) == 3:
        return f"{_operand(known[0])} BETWEEN {_operand(known[1])} AND {_operand(known[2])}"
    if name == "cast" and len(a.args) == 2 and len(known) == 1:
        from migration_lint.reading.models.column_types import sql_type

        type = sql_type(run, dialect, a.args[1]).text
        return known[0] if type is None else f"CAST({known[0]} AS {type})"
    return known[0] if name in ("literal", "cast", "type_coerce") and known else None


def _case(run: Interpreter, a: Arguments, dialect: Dialect) -> str | None:
    """`case((condition, result), …, value=…, else_=…)`, or as SQLAlchemy 1 has it, with one list or dict."""
    given: list[Value] = [*a.args]
    first = run.resolve(given[0]) if len(given) == 1 else None
    if isinstance(first, List):
        given = [] if first.open else first.every()
    elif isinstance(first, Dict):
        given = list(first.plain().items()) if first.exact else []
    pairs = [run.resolve(each) for each in given]
    if a.more or not pairs or not {"value", "else_"}.issuperset(a.kwargs):
        return None
    said: list[str | None] = []
    if "value" in a.kwargs:
        said.append(condition_text(run.resolve(a.kwargs["value"]), dialect))
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            return None
        condition, result = (condition_text(run.resolve(each), dialect) for each in pair)
        said += ["WHEN", condition, "THEN", result]
    if "else_" in a.kwargs:
        said += ["ELSE", condition_text(run.resolve(a.kwargs["else_"]), dialect)]
    known = [each for each in said if each is not None]
    return f"CASE {' '.join(known)} END" if len(known) == len(said) else None


def operator_of(name: str, of: Value, a: Arguments, dialect: Dialect) -> Data | None:
    """What `a.op("~")` gives, for the call that gives its other operand; None: it is not known."""
    if name not in ("op", "bool_op"):
        return None
    mark, left = a.get(0, "opstring"), condition_text(of, dialect)
    if left is None or not isinstance(mark, str) or re.fullmatch(_MARK, mark) is None:
        return None
    return Data(action="operator", texts=(left, mark))


def operated(of: Data, a: Arguments, dialect: Dialect) -> str | None:
    """The expression that this call makes; None: it is not known."""
    right = condition_text(a.args[0], dialect) if len(a.args) == 1 and not (a.kwargs or a.more) else None
    if of.action != "operator" or right is None:
        return None
    left, mark = of.texts
    return f"{_operand(left)} {mark} {_operand(right)}"


def bound(run: Interpreter, of: Value, given: Value | None, dialect: Dialect) -> Value:
    """A text that changes or deletes rows with its parameters in it, where those are constants."""
    text = of.text if isinstance(of, SqlText) else None
    given = None if given is None else run.resolve(given)
    if not isinstance(text, str) or not isinstance(given, Dict) or not re.match(_CHANGING, text):
        return of
    for name, value in given.items():
        plain = value is None or isinstance(value, (bool, int)) or (whole(value) and "\\" not in value)
        said = condition_text(value, dialect) if plain else None
        if isinstance(name, str) and name.isidentifier() and said is not None:
            text = re.sub(rf"(?<![:\w]):{name}\b", said.replace("\\", r"\\"), text)
    return GivenText(text, of.given) if isinstance(of, GivenText) else SqlText(text)


def selection(run: Interpreter, a: Arguments, tables: tuple[str, ...], dialect: Dialect) -> str | None:
    """`select(…)` as SQL, of one table or of none; None: it is not known."""
    arguments = [run.resolve(each) for each in a.args]
    texts = [condition_text(each, dialect) for each in arguments]
    known = [each for each in texts if each is not None]
    if a.kwargs or a.more or not known or len(known) < len(texts) or len(tables) > 1:
        return None
    return f"SELECT {', '.join(known)}{''.join(f' FROM {each}' for each in tables)}"


def _function(name: str) -> table.SqlAlchemyModel:
    def make(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
        from migration_lint.reading.models.statements import statement

        made = statement(run, dialect, a.values())
        return Data(
            made.tables,
            name == "exists",
            texts=made.texts,
            deleted=made.deleted,
            condition=conditional(run, name, a, dialect),
        )

    return make


_FUNCTIONS = ("and_", "or_", "not_", "literal", "between", "cast", "type_coerce", "exists", "case")


def _parameter(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    name = a.get(0, "key")
    given = len(a.args) > 1 or "value" in a.kwargs
    if a.more or not isinstance(name, str) or not name.isidentifier():
        return Data()
    return Parameter(name, a.get(1, "value") if given else NOTHING)


table.SQLALCHEMY.update({name: _function(name) for name in _FUNCTIONS})
table.SQLALCHEMY.update({"bindparam": _parameter})
