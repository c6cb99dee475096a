"""Classes of a project: their bases in order, their members, and what their type variables stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from migration_lint.sources.sqlalchemy.project import bound_names, top_level
from migration_lint.sources.sqlalchemy.terms import (
    Class,
    External,
    Item,
    Listed,
    Made,
    Part,
    Term,
    options,
    text_of,
)

if TYPE_CHECKING:
    from migration_lint.sources.sqlalchemy.machine import Machine

_DEEPEST = 30


class Classes:
    """What there is to know of the classes of one project, each worked out once."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._bases: dict[Class, tuple[Term, ...]] = {}
        self._ancestors: dict[Class, list[Term]] = {}
        self._members: dict[Class, dict[str, ast.stmt]] = {}
        self._assigned: dict[
            Class, dict[str, list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.stmt]]]
        ] = {}

    def bases(self, of: Class) -> tuple[Term, ...]:
        """The bases as they are written, `Generic[T]` and `Base[X]` too."""
        found = self._bases.get(of)
        if found is None:
            self._bases[of] = ()  # a class that is its own base
            frame = self._machine.module_frame(of.path)
            found = tuple(self._machine.evaluate(each, frame) for each in of.node.bases)
            self._bases[of] = found
        return found

    def ancestors(self, of: Class) -> list[Term]:
        """The class and what it inherits from, as Python looks through them; a library's are External."""
        if of not in self._ancestors:
            self._ancestors[of] = [of]  # a class that is its own base
            self._ancestors[of] = _merged(of, self, 0)
        return self._ancestors[of]

    def project_ancestors(self, of: Class) -> Iterator[Class]:
        return (each for each in self.ancestors(of) if isinstance(each, Class))

    def members(self, of: Class) -> dict[str, ast.stmt]:
        """The statements of a class's body by the names that they bind, in order."""
        found = self._members.get(of)
        if found is None:
            found = {}
            typed = self.typed(of)
            for statement in top_level(of.node.body):
                for name in bound_names(statement) if statement not in typed else ():
                    if not (
                        name in found and isinstance(statement, ast.AnnAssign) and statement.value is None
                    ):
                        found[name] = statement
            for statement in typed:
                for name in bound_names(statement):
                    found.setdefault(name, statement)
            self._members[of] = found
        return found

    def typed(self, of: Class) -> list[ast.stmt]:
        """The statements of a class's body that never run: `if TYPE_CHECKING:` is for type checkers."""
        return [
            statement
            for each in of.node.body
            if isinstance(each, ast.If) and ast.unparse(each.test).rpartition(".")[2] == "TYPE_CHECKING"
            for statement in top_level(each.body)
        ]

    def member(self, of: Class, name: str, after: Class | None = None) -> tuple[Class, ast.stmt] | None:
        """Where a class has a member, and what binds it; `after`: only in what follows that class."""
        passed = after is None
        for each in self.project_ancestors(of):
            if passed and name in self.members(each):
                return each, self.members(each)[name]
            passed = passed or each is after
        return None

    def assigned(
        self, of: Class, name: str
    ) -> list[tuple[Class, ast.FunctionDef | ast.AsyncFunctionDef, ast.stmt]]:
        """The statements that set `self.name`, of the nearest class that has any."""
        for each in self.project_ancestors(of):
            found = self._assignments(each).get(name)
            if found:
                return [(each, function, statement) for function, statement in found]
        return []

    def _assignments(
        self, of: Class
    ) -> dict[str, list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.stmt]]]:
        found = self._assigned.get(of)
        if found is not None:
            return found
        found = self._assigned[of] = {}
        for function in top_level(of.node.body):
            if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or not function.args.args:
                continue
            me = function.args.args[0].arg
            for node in ast.walk(function):
                if not isinstance(node, (ast.Assign, ast.AnnAssign)):
                    continue
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if (
                        isinstance(target, ast.Attribute)
                        and isinstance(target.value, ast.Name)
                        and target.value.id == me
                    ):
                        found.setdefault(target.attr, []).append((function, node))
        return found

    def type_variables(self, of: Class) -> dict[str, Term]:
        """What the type variables of a class's ancestors stand for in it."""
        found: dict[str, Term] = {}
        waiting = [of]
        seen = {of}
        while waiting:
            for base in self.bases(waiting.pop()):
                plain = base.of if isinstance(base, Item) else base
                if not isinstance(plain, Class) or plain in seen:
                    continue
                seen.add(plain)
                waiting.append(plain)
                if isinstance(base, Item):
                    given = base.key.items if isinstance(base.key, Listed) else (base.key,)
                    for name, term in zip(self._parameters(plain), given, strict=False):
                        other = type_variable(term)
                        if other is None or other in found:
                            found.setdefault(name, found[other] if other is not None else term)
        return found

    def _parameters(self, of: Class) -> list[str]:
        """The names of a generic class's type variables, in order."""
        declared = [each.name for each in getattr(of.node, "type_params", ())]
        for base in self.bases(of):
            if isinstance(base, Item):
                keys = base.key.items if isinstance(base.key, Listed) else (base.key,)
                names = [name for key in keys if (name := type_variable(key)) is not None]
                if isinstance(base.of, External) and base.of.name.endswith(".Generic"):
                    return names
                declared += [name for name in names if name not in declared]
        return declared


def type_variable(term: Term) -> str | None:
    """The name of a type variable; None for anything else."""
    if (
        isinstance(term, Made)
        and isinstance(term.callee, External)
        and term.callee.name.rpartition(".")[2] == "TypeVar"
        and term.args
    ):
        return text_of(term.args[0])
    return None


def _merged(of: Class, classes: Classes, depth: int) -> list[Term]:
    """The C3 order, as far as the bases allow one; a base that comes again later counts there."""
    if depth > _DEEPEST:
        return [of]
    sequences: list[list[Term]] = []
    own: list[Term] = []
    for base in classes.bases(of):
        plain = base.of if isinstance(base, Item) else base
        own.append(plain)
        behind = _behind(plain)
        if behind is not None:
            sequences.append([plain, *_merged(behind, classes, depth + 1)])
        else:
            sequences.append(_merged(plain, classes, depth + 1) if isinstance(plain, Class) else [plain])
    sequences.append(own)
    merged: list[Term] = [of]
    while any(sequences):
        sequences = [each for each in sequences if each]
        head = next(
            (
                each[0]
                for each in sequences
                if not any(each[0] is later for other in sequences for later in other[1:])
            ),
            sequences[0][0],
        )
        merged.append(head)
        sequences = [[each for each in sequence if each is not head] for sequence in sequences]
    return merged


def _behind(base: Term) -> Class | None:
    """The class that a call makes a base of: `declarative_base(cls=…)`, `SQLAlchemy(model_class=…).Model`."""
    for each in options(base.of) if isinstance(base, Part) and base.name == "Model" else ():
        given = each.keyword("model_class") if isinstance(each, Made) else None
        if given is not None:
            return given if isinstance(given, Class) else _behind(given)
    stated = base.keyword("cls") if isinstance(base, Made) else None
    return stated if isinstance(stated, Class) else None
