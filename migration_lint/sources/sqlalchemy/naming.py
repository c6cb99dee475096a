"""What a term is called, whatever module of a library it is taken from."""

from __future__ import annotations

from migration_lint.sources.sqlalchemy.terms import (
    Class,
    Combined,
    External,
    Item,
    Known,
    Listed,
    Made,
    Part,
    Term,
)

_ROOTS = frozenset(
    "sqlalchemy sqlmodel flask_sqlalchemy flask_sqlalchemy_lite sqlalchemy_utils geoalchemy2"
    " advanced_alchemy".split()
)


def library_name(term: Term | None) -> str:
    """`select` for `sqlalchemy.select` and `sqlalchemy.sql.expression.select`; "" for other terms."""
    if isinstance(term, External):
        root, _, rest = term.name.partition(".")
        if root in _ROOTS and rest:
            return rest.rpartition(".")[2]
    return ""


def made_name(term: Term | None) -> str:
    """The name of what a call makes: `Column` for `sa.Column(…)`; "" for what is no call of the library."""
    return library_name(term.callee) if isinstance(term, Made) else ""


def method_name(term: Term | None) -> str:
    """`where` for `….where(…)`; "" for other terms."""
    return term.callee.name if isinstance(term, Made) and isinstance(term.callee, Part) else ""


def spelled(term: Term | None) -> str:
    """An annotation in one spelling, to compare two: `list[str]` for `typing.List[str]`."""
    match term:
        case External():
            name = term.name.rpartition(".")[2]
            return {"List": "list", "Dict": "dict", "Set": "set", "Tuple": "tuple"}.get(name, name)
        case Class():
            return f"{term.path}:{term.name}"
        case Item():
            return f"{spelled(term.of)}[{spelled(term.key)}]"
        case Listed():
            return ", ".join(map(spelled, term.items))
        case Known():
            return repr(term.value)
        case Combined(operator="BitOr"):
            return " | ".join(map(spelled, term.parts))
        case _:
            return f"<{id(term)}>"
