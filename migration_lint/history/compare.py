"""What a change does to a history: revisions new, edited in meaning, and removed."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from migration_lint.history.graph import History
from migration_lint.history.script import Script
from migration_lint.named_tuple import NamedTuple

#: Modules that are imported for annotations, which do nothing when a script runs.
_ANNOTATING = frozenset({"__future__", "typing", "typing_extensions", "collections.abc"})

#: Fields of the syntax tree that do nothing when a script runs.
_SILENT = frozenset({"annotation", "returns", "type_comment", "kind", "type_ignores", "ctx"})


class HistoryChange(NamedTuple):
    """The difference between the histories of base and head.

    `new` and `edited` hold head's scripts in head's order, `removed` base's in base's order. A script
    that moved to another file is none of these, as long as its id and its meaning stay.
    """

    new: tuple[Script, ...]
    edited: tuple[Script, ...]
    removed: tuple[Script, ...]
    base_heads: tuple[str, ...]
    heads: tuple[str, ...]


def compare(base: History | None, head: History | None) -> HistoryChange:
    """What lies between two histories; None is one that does not exist.

    Raises CannotJudge only where a script that was known by its record alone cannot be parsed.
    """
    before = base.by_revision() if base else {}
    after = head.by_revision() if head else {}
    return HistoryChange(
        new=tuple(script for revision, script in after.items() if revision not in before),
        edited=tuple(
            script
            for revision, script in after.items()
            if revision in before and not same_meaning(before[revision], script)
        ),
        removed=tuple(script for revision, script in before.items() if revision not in after),
        base_heads=base.heads if base else (),
        heads=head.heads if head else (),
    )


def same_meaning(before: Script, after: Script) -> bool:
    """Whether two versions of a script do the same, as far as their code tells.

    Comments, docstrings, formatting, `pass`, annotations and the order of the imports do not count.
    """
    if before.content_id == after.content_id:
        return True
    old, old_imports = _parted(before.module().body)
    new, new_imports = _parted(after.module().body)
    return old_imports == new_imports and _same(old, new)


def same_code(before: list[ast.stmt], after: list[ast.stmt]) -> bool:
    """Whether statements do the same, as `same_meaning` has it; imports that nothing names may differ."""
    old, old_imports = _parted(before)
    new, new_imports = _parted(after)
    names = {node.id for each in (*old, *new) for node in ast.walk(each) if isinstance(node, ast.Name)} | {
        "*"
    }
    differ = set(old_imports) ^ set(new_imports)
    bound = {alias or (name if module else name.partition(".")[0]) for module, _, name, alias in differ}
    return bound.isdisjoint(names) and _same(old, new)


def _parted(body: list[ast.stmt]) -> tuple[list[ast.stmt], list[tuple[str, ...]]]:
    """A module's statements, and apart from them its imports in an order of their own."""
    rest: list[ast.stmt] = []
    imports: list[tuple[str, ...]] = []
    for statement in body:
        if isinstance(statement, ast.Import):
            imports.extend(("", "0", alias.name, alias.asname or "") for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            module, level = statement.module or "", str(statement.level)
            imports.extend((module, level, alias.name, alias.asname or "") for alias in statement.names)
        else:
            rest.append(statement)
    told = {item for item in imports if item[0] not in _ANNOTATING and item[2] not in _ANNOTATING}
    return rest, sorted(told)


def _same(left: object, right: object) -> bool:
    """Equality of syntax trees; a loop, since an expression may be as deep as the parser allows."""
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        if isinstance(one, list) and isinstance(other, list):
            ones, others = _telling(one), _telling(other)
            if len(ones) != len(others):
                return False
            pairs.extend(zip(ones, others, strict=True))
            continue
        if isinstance(one, ast.AnnAssign):
            one = _unannotated(one)
        if isinstance(other, ast.AnnAssign):
            other = _unannotated(other)
        if type(one) is not type(other):
            return False
        if isinstance(one, ast.AST):
            pairs.extend(
                (getattr(one, name, None), getattr(other, name, None))
                for name in one._fields
                if name not in _SILENT
            )
        elif one != other:
            return False
    return True


def _telling(items: list[object]) -> list[object]:
    """The items of a list in a syntax tree without what does nothing; imports side by side in one order."""
    told: list[object] = []
    for is_import, run in groupby(items, _is_import):
        if is_import:
            told += [
                each
                for _, each in sorted(
                    ((ast.dump(each), each) for each in _one_by_one(run)), key=itemgetter(0)
                )
            ]
        else:
            told += (item for item in run if not _says_nothing(item))
    return told


def _is_import(item: object) -> bool:
    return isinstance(item, (ast.Import, ast.ImportFrom))


def _one_by_one(imports: Iterable[object]) -> Iterator[ast.stmt]:
    """Each name that is imported as a statement of its own."""
    for each in imports:
        if isinstance(each, ast.Import):
            yield from (ast.Import([alias]) for alias in each.names)
        elif isinstance(each, ast.ImportFrom):
            yield from (ast.ImportFrom(each.module, [alias], each.level) for alias in each.names)


def _says_nothing(item: object) -> bool:
    if isinstance(item, ast.Expr):
        return isinstance(item.value, ast.Constant)
    return isinstance(item, ast.Pass) or (isinstance(item, ast.AnnAssign) and item.value is None)


def _unannotated(statement: ast.AnnAssign) -> ast.AST:
    if statement.value is None:
        return ast.Pass()
    return ast.Assign(targets=[statement.target], value=statement.value)


def pair(
    base: Sequence[History], head: Sequence[History]
) -> tuple[tuple[History | None, History | None], ...]:
    """Which history of head continues which of base; None beside one that has no counterpart.

    The same folder of scripts continues itself, then the same configuration, then whoever shares the
    most revisions, and of these the most files: a folder that is moved keeps its history. Head's come in
    their order, then what base alone has.
    """
    found: dict[int, int] = {}  # index in head → index in base
    for same in (_folder, _configuration):
        for at, history in enumerate(head):
            if at in found:
                continue
            for index, candidate in enumerate(base):
                if index not in found.values() and same(candidate) == same(history):
                    found[at] = index
                    break
    shared = [
        (-sum(revision in history.parents for revision in candidate.parents),
         -len(_places(history) & _places(candidate)), at, index)
        for at, history in enumerate(head) if at not in found
        for index, candidate in enumerate(base) if index not in found.values()
    ]  # fmt: skip
    for count, _, at, index in sorted(shared):
        if count and at not in found and index not in found.values():
            found[at] = index
    pairs: list[tuple[History | None, History | None]] = [
        (base[found[at]] if at in found else None, history) for at, history in enumerate(head)
    ]
    pairs.extend((history, None) for index, history in enumerate(base) if index not in found.values())
    return tuple(_followed(pairs))


def _followed(
    pairs: Sequence[tuple[History | None, History | None]],
) -> Iterator[tuple[History | None, History | None]]:
    """The pairs, where base's may come twice: beside its folder, and beside what is deployed in its place.

    A folder that stays where it is does not keep the database that a configuration has taken from it.
    """
    moved = [(base, head) for base, head in pairs if base is not None and head is not None]
    left = [each for each in moved if _is_left(*each)]
    for base, head in pairs:
        taken = [
            earlier
            for earlier, kept in left
            if head is not None and head is not kept and _takes_over(earlier, kept, head, new=base is None)
        ]
        if base is not None or not taken:
            yield base, head
        yield from ((earlier, head) for earlier in taken)


def _is_left(base: History, head: History) -> bool:
    """Whether a folder is still there, and what configured it in base does not speak of it any more."""
    return _folder(base) == _folder(head) and (
        not head.environment.config_path or _speaker(base) != _speaker(head)
    )


def _takes_over(base: History, kept: History, head: History, *, new: bool) -> bool:
    """Whether `head` is now run on the database of `base`, whose folder `kept` has; `new`: it was not there.

    Where nothing configures the folder any more, that is what its configuration names now. Else it is what
    knows the revisions that the database is at: Alembic refuses to go on with any other.
    """
    if base.environment.engine != head.environment.engine:
        return False
    named = bool(base.environment.config_path) and _speaker(base) == _speaker(head)
    knows = bool(base.heads) and all(revision in head.parents for revision in base.heads)
    return (named and not kept.environment.config_path) or (new and knows)


def _speaker(history: History) -> tuple[str, str]:
    """What configures a history: the file, or the folder of what Alembic reads by itself; and the section."""
    path, _, section = history.environment.name.partition(" [")
    folder, _, file = path.rpartition("/")
    return (folder if file in _BY_ITSELF else path), section


#: The files that Alembic reads without being told.
_BY_ITSELF = ("alembic.ini", "pyproject.toml")


def _places(history: History) -> set[str]:
    return {script.path for script in history.scripts}


def _folder(history: History) -> object:
    environment = history.environment
    return environment.script_location, environment.version_locations, environment.engine


def _configuration(history: History) -> object:
    return history.environment.config_path, history.environment.name, history.environment.engine
