"""First contracts for a table: what its schema, other contracts and the code show of it.

A draft says what can be seen and marks what only its owner knows, in comments that stand where the answer
belongs. It is valid as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from migration_lint.contracts.format import VERSION
from migration_lint.contracts.meaning import flow
from migration_lint.contracts.model import Role
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.writing.seen import Seen
from migration_lint.yaml_document import Json

#: What stands in the place of a type that nothing shows.
UNKNOWN = "unknown"


class DraftColumn(NamedTuple):
    """One column that a side writes or reads, as far as it is known."""

    name: str
    type: str = UNKNOWN
    nullable: bool | None = None
    from_database: bool = False
    values: tuple[str, ...] = ()
    encoding: str | Mapping[str, Json] | None = None
    json: bool = False  # what it holds may have one shape


class UniqueKey(NamedTuple):
    """What an ON CONFLICT goes by."""

    columns: tuple[str, ...]
    where: str | None = None


class Draft(NamedTuple):
    """What one side's first words on a table are made of."""

    service: str
    role: Role
    spelled: str  # the table's name, as contracts write it
    columns: Sequence[DraftColumn]
    bound: Sequence[Seen] = ()  # this side's statements
    needs: Sequence[UniqueKey] = ()  # that they have
    keys: Sequence[UniqueKey] = ()  # that the table has, and an ON CONFLICT might go by
    other_side: bool = True  # whether anybody is on the other side of the table
    source: str = ""  # what it is drafted from alone: "the schema", "the code"; "" for both
    ordered: bool = True  # what is said of the order of columns is said
    owner: str = ""
    database: str = ""  # whose table it is, where others have one of this name

    @property
    def id(self) -> str:
        """The contract's id, which is its file's name too."""
        return f"{self.service}.{self.role}"


def draft_text(draft: Draft) -> str:
    """The contract file."""
    return "\n".join([*_head(draft), *entry_lines(draft), ""])


def entry_lines(draft: Draft) -> list[str]:
    """The table's entry, as lines that stand two spaces in."""
    whose = [f"    database: {flow(draft.database)}"] if draft.database else []
    return [
        f"  {flow(draft.spelled)}:",
        *whose,
        *_columns(draft),
        *_needs(draft),
        *_code(draft),
        *_rest(draft),
    ]


def _head(draft: Draft) -> Iterator[str]:
    does = "writes" if draft.role == "producer" else "reads"
    yield f"# What {draft.service} relies on where it {does} {draft.spelled}."
    yield "# A migration that renames, retypes or drops one of these columns fails unless this file follows."
    if draft.source == "the schema":
        yield f"# Drafted from the schema alone: take out what {draft.service} does not {does[:-1]}."
    elif draft.source:
        yield "# Drafted from the code alone: its variables say the types. Write those that the table has."
    yield f"contract: {VERSION}"
    yield f"id: {flow(draft.id)}"
    yield f"service: {flow(draft.service)}"
    yield f"role: {draft.role}"
    yield f"owner: {flow(draft.owner)}" if draft.owner else f'# owner: "@team-of-{draft.service}"'
    yield "tables:"


def _columns(draft: Draft) -> Iterator[str]:
    yield "    columns:"
    width = max(len(flow(column.name)) for column in draft.columns)
    for column in draft.columns:
        name = f"{flow(column.name)}:".ljust(width + 1)
        unknown = "  # nothing here shows its type: write it" if column.type == UNKNOWN else ""
        yield f"      {name} {flow(_declaration(column))}{unknown}"
        if column.json and column.encoding is None:
            yield f"      # how {column.name} is encoded, if it has one shape: add to its line"
            yield "      #   encoding: {json: {type: array, items: {type: string}}}"


def _declaration(column: DraftColumn) -> dict[str, Json]:
    said: dict[str, Json] = {"type": column.type}
    if column.nullable is not None:
        said["nullable"] = column.nullable
    if column.from_database:
        said["from"] = "database"
    if column.values:
        said["values"] = list(column.values)
    if column.encoding is not None:
        said["encoding"] = column.encoding if isinstance(column.encoding, str) else dict(column.encoding)
    return said


def _needs(draft: Draft) -> Iterator[str]:
    if draft.needs:
        yield "    needs:"
        for key in draft.needs:
            yield from _unique(key, "      ")
    elif draft.keys and draft.role == "producer" and not draft.bound:
        yield "    # The unique index that an ON CONFLICT of this side goes by, if there is one:"
        yield "    # needs:"
        for key in draft.keys:
            yield from (f"    # {line[4:]}" for line in _unique(key, "      "))


def _unique(key: UniqueKey, indent: str) -> Iterator[str]:
    yield f"{indent}- unique: {flow(list(key.columns))}"
    if key.where:
        yield f"{indent}  where: {flow(key.where)}"


def _code(draft: Draft) -> Iterator[str]:
    if not draft.bound:
        yield "    # The statements that this side runs, for `migration-lint parity` to hold against it:"
        yield "    # code:"
        kind = "select" if draft.role == "consumer" else "insert"
        yield f"    #   - {{path: src/events.go, symbol: NameOfTheFunction, statement: {kind}}}"
        return
    yield "    code:"
    yield from dict.fromkeys(f"      - {flow(each)}" for each in _bindings(draft))


def _bindings(draft: Draft) -> Iterator[dict[str, Json]]:
    """What is bound; in the contract's order where all statements that a binding means have that."""
    together: dict[tuple[str, str, str], list[Seen]] = {}
    for each in draft.bound:
        together.setdefault((each.path, each.symbol, each.statement), []).append(each)
    for (path, symbol, statement), found in together.items():
        said: dict[str, Json] = {"path": path}
        if symbol:
            said["symbol"] = symbol
        said["statement"] = statement
        if draft.ordered and all(_is_in_order(draft, each) for each in found):
            said["order"] = "exact"
        yield said


def _is_in_order(draft: Draft, each: Seen) -> bool:
    """Whether a statement writes or reads just the columns of the draft, in their order."""
    if each.unresolved or each.star or each.statement in ("update", "delete"):
        return False
    only_named = set(each.named) - set(each.listed)
    names = [
        column.name
        for column in draft.columns
        if (column.name not in only_named if each.statement == "select" else not column.from_database)
    ]
    return len(names) > 1 and names == list(each.listed)


def _rest(draft: Draft) -> Iterator[str]:
    if not draft.other_side:
        yield f"    {'consumers' if draft.role == 'producer' else 'producers'}: none"


def encoded(text: str) -> bytes:
    """A draft's bytes. Raises CannotJudge for a name that no file can hold: half of a pair of surrogates."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        line = " ".join(text[text.rfind("\n", 0, error.start) + 1 :].partition("\n")[0].split())
        message = f"no contract can say `{line}`: {text[error.start]!r} is no character"
        fix = "correct the name where it comes from: an argument, a migration or the code"
        raise CannotJudge(Problem(message, fix=fix)) from None
