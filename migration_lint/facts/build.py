"""Builds the facts: outcome, judgement, operation → occurrence.

One function per family of events. Nothing is decided here: whether something breaks is the catalog's and
the contracts' word, whether it is a finding is the rules'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from migration_lint.catalog.outcome import Outcome, TableName
from migration_lint.contracts.judgement import Behind, Disagreement, Judgement
from migration_lint.facts.code import Types, code_facts
from migration_lint.facts.model import (
    EVENTS,
    OTHER_OPERATIONS,
    CodeImported,
    ColumnEvent,
    ColumnFacts,
    ColumnOperation,
    ColumnOutcome,
    ContractDisagrees,
    ContractDisparity,
    ContractFacts,
    ContractLine,
    ContractRemoved,
    ContractsFacts,
    DatabaseFacts,
    DependentsFacts,
    DifferenceFacts,
    Direction,
    DisagreementFacts,
    DisparityFacts,
    DowngradeFacts,
    Facts,
    HeadsChange,
    HeadsFacts,
    ImportFacts,
    ModelDiffers,
    NeedBroken,
    NeedFacts,
    Occurrence,
    OperationFacts,
    OrderFacts,
    OtherOperation,
    OutcomeFacts,
    RemovalFacts,
    RevisionAdded,
    RevisionChange,
    RevisionFacts,
    Role,
    SideFacts,
    SideMissing,
    TableFacts,
    TableOperation,
    TableOutcome,
    Told,
    ValueFacts,
    ValueLost,
    ViewFacts,
    ViewLost,
)
from migration_lint.facts.scale import NO_SCALE, Scale
from migration_lint.models.difference import ModelDifference
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import TRAITS, Operation, destroyed_by, kinds_of
from migration_lint.parity.model import Disparity
from migration_lint.wording import listed

_OF_CONSTRAINTS = kinds_of("constraint")
#: What several statements do, so that an operation says itself by which.
_BY_ACTION = ("other_ddl", "drop_enum")

NO_REVISION = RevisionFacts("")
NOTHING_HANGS = DependentsFacts()
NOTHING_TOLD = Told()


class Background(NamedTuple):
    """What the facts of a run have in common."""

    database: DatabaseFacts
    default_schema: str
    revisions: Mapping[str, RevisionFacts]  # of base and head, by id
    contracts: Mapping[str, ContractFacts]  # of base and head, by id
    scale: Scale = NO_SCALE

    def revision(self, revision: str) -> RevisionFacts:
        """The facts of a revision; of one that neither tree has, its id alone."""
        return self.revisions.get(revision) or RevisionFacts(revision)

    def contract(self, contract: str, role: Role, path: str) -> ContractFacts:
        """The facts of a contract; of one that is not listed, what little there is."""
        return self.contracts.get(contract) or ContractFacts(contract, role, contract, path)

    def label(self, table: TableName | None) -> str:
        """What a message calls a table."""
        if table is None:
            return ""
        return table.name if table.schema in ("", self.default_schema) else f"{table.schema}.{table.name}"


class Place(NamedTuple):
    """A place in a script, counted as findings count: from 1, the end one past the last character."""

    path: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    @classmethod
    def of(cls, operation: Operation | None, path: str) -> Place:
        """The operation's place; `path` if there is no operation, or it has none."""
        if operation is None or not operation.line:
            return cls((operation.path if operation else "") or path)
        return cls(
            operation.path or path,
            operation.line,
            operation.column_offset + 1,
            operation.end_line,
            operation.end_column_offset + 1,
        )


def outcome_occurrence(
    outcome: Outcome, judgement: Judgement, background: Background, also: Sequence[TableName] = ()
) -> Occurrence:
    """What the change does to a protected table or a column of it.

    `also` are further tables that the same opaque operation may touch; `judgement` is then that of all.
    """
    revision = background.revision(outcome.revision) if outcome.revision else NO_REVISION
    table = table_facts(outcome.table, background, outcome.new_table, existed=True, protected=True)
    name = table.label
    if also:
        labels = [name, *map(background.label, also)]
        few = listed(labels, "and")
        table = table._replace(
            label=few if len(labels) < 4 else f"{name} and {len(also)} more protected tables"
        )
    contracts = contracts_facts(judgement, background)
    outcome_facts = OutcomeFacts(
        kept=outcome.kept,
        conditional=outcome.conditional,
        partial=outcome.partial,
        by_operation=outcome.operation is not None,
        reason=outcome.reason or ((outcome.operation.reason or "") if outcome.operation else ""),
    )
    facts: TableOutcome | ColumnOutcome
    if outcome.kind.startswith("column_"):
        column = ColumnFacts(
            outcome.column or "",
            _changed(outcome.new_column, outcome.column),
            outcome.old_type,
            outcome.new_type,
            existed=True,
        )
        facts = ColumnOutcome(table, column, contracts, revision, outcome_facts, background.database)
    else:
        facts = TableOutcome(table, contracts, revision, outcome_facts, background.database)
    return _occurrence(
        "opaque_change" if outcome.kind == "opaque" else outcome.kind,
        facts,
        Place.of(outcome.operation, outcome.path),
        outcome.revision,
        name,
        tuple(behind_line(each) for each in judgement.behind),
    )


def side_missing_occurrences(
    outcome: Outcome, judgement: Judgement, background: Background
) -> tuple[Occurrence, ...]:
    """For each side of the table that has no contract: the caller sees to it that each table has one."""
    table = table_facts(outcome.table, background, outcome.new_table, existed=True, protected=True)
    revision = background.revision(outcome.revision) if outcome.revision else NO_REVISION
    place = Place.of(outcome.operation, outcome.path)
    return tuple(
        _occurrence(
            "side_missing",
            SideMissing(table, SideFacts(role, judgement.covering), revision),
            place,
            outcome.revision,
            table.label,
        )
        for role in judgement.missing_sides
    )


def disagreement_occurrence(disagreement: Disagreement, background: Background) -> Occurrence:
    """A newly added declaration that the schema contradicts; it stands in the contract."""
    table = table_facts(disagreement.table, background, protected=True)
    contract = background.contract(disagreement.contract, disagreement.role, disagreement.path)
    declared, actual = _spoken(disagreement.found), _spoken(disagreement.expected)
    facts = ContractDisagrees(
        table, contract, DisagreementFacts(disagreement.column or table.label, declared, actual)
    )
    place = Place(disagreement.path, disagreement.line)
    return _occurrence("contract_disagrees", facts, place, "", table.label)


def disparity_occurrence(disparity: Disparity, background: Background) -> Occurrence:
    """A contract that something else contradicts; it stands at the disparity's own place."""
    table = table_facts(disparity.table, background, protected=True)
    facts = ContractDisparity(
        table,
        background.contract(disparity.contract, "producer", disparity.place.path),
        DisparityFacts(
            disparity.element,
            disparity.declared,
            disparity.found,
            disparity.other,
            disparity.example,
            disparity.against,
            disparity.certain,
        ),
        background.database,
    )
    lines = tuple(ContractLine(each.path, each.line, each.id, each.text) for each in disparity.others)
    place = Place(disparity.place.path, disparity.place.line)
    return _occurrence(disparity.event, facts, place, "", table.label, lines)


def model_occurrence(
    difference: ModelDifference, table: TableName, place: Place, edited: bool, background: Background
) -> Occurrence:
    """A difference between a model and the migrations that is new; `edited`: the change edits the model."""
    writes = difference.writes
    facts = ModelDiffers(
        table_facts(table, background, existed=difference.kind != "add_table"),
        DifferenceFacts(
            difference.sentence,
            difference.kind,
            difference.element,
            difference.model,
            difference.schema,
            writes if "\n" not in writes else "",
            difference.is_needed,
            edited,
        ),
        background.database,
    )
    event = "model_changed" if edited else "model_behind"
    return _occurrence(event, facts, place, "", facts.table.label)


def contract_removed_occurrence(
    contract: ContractFacts, table: TableName, whole: bool, background: Background
) -> Occurrence:
    """A contract (`whole`), or its entry for a table, is gone, and the table is not.

    It stands in `contract.path`: head's, or base's where head has none.
    """
    facts = ContractRemoved(
        table_facts(table, background, existed=True, protected=True),
        contract,
        RemovalFacts("contract" if whole else "table"),
    )
    return _occurrence("contract_removed", facts, Place(contract.path), "", facts.table.label)


def need_broken_occurrence(
    contract: ContractFacts,
    table: TableName,
    need: NeedFacts,
    line: int,
    background: Background,
    *,
    operation: Operation | None = None,
    revision: str = "",
    path: str = "",
    event: Literal["need_broken", "need_interrupted"] = "need_broken",
) -> Occurrence:
    """What a contract needs, in line `line` of its file, is gone.

    `operation` dropped it, in the script at `path`.
    """
    facts = NeedBroken(
        table_facts(table, background, existed=True, protected=True),
        contract,
        need,
        background.revision(revision) if revision else NO_REVISION,
    )
    where = ContractLine(contract.path, line, contract.id, f"needs {need.text}")
    place = Place.of(operation, path) if operation or path else Place(contract.path, line)
    return _occurrence(event, facts, place, revision, facts.table.label, (where,))


def value_lost_occurrence(
    table: TableName,
    column: ColumnFacts,
    value: ValueFacts,
    judgement: Judgement,
    background: Background,
    *,
    operation: Operation | None = None,
    revision: str = "",
    path: str = "",
) -> Occurrence:
    """An enum lost a value; `judgement.behind` are the contracts that still list it."""
    facts = ValueLost(
        table_facts(table, background, existed=True, protected=True),
        column,
        value,
        contracts_facts(judgement, background),
        background.revision(revision) if revision else NO_REVISION,
        background.database,
    )
    lines = tuple(behind_line(each) for each in judgement.behind)
    return _occurrence("value_lost", facts, Place.of(operation, path), revision, facts.table.label, lines)


def view_lost_occurrence(
    table: TableName,
    view: ViewFacts,
    covering: tuple[str, ...],
    background: Background,
    *,
    operation: Operation | None = None,
    revision: str = "",
    path: str = "",
) -> Occurrence:
    """A view over a protected table is gone, or gives out less; `covering` are the table's contracts."""
    facts = ViewLost(
        table_facts(table, background, existed=True, protected=True),
        view,
        contracts_facts(Judgement((), (), covering), background),
        background.revision(revision) if revision else NO_REVISION,
        background.database,
    )
    return _occurrence("view_lost", facts, Place.of(operation, path), revision, facts.table.label)


def revision_added_occurrence(
    revision: RevisionFacts, downgrade: DowngradeFacts, order: OrderFacts, background: Background, line: int
) -> Occurrence:
    """A new revision; `line` is where its script names its id."""
    facts = RevisionAdded(revision, downgrade, order, background.database)
    return _occurrence("revision_added", facts, Place(revision.path, line), revision.id, "")


def code_imported_occurrence(revision: RevisionFacts, module: ImportFacts, place: Place) -> Occurrence:
    """A script imports a module of the project."""
    return _occurrence("code_imported", CodeImported(revision, module), place, revision.id, "")


def column_occurrence(
    event: ColumnEvent,
    table: TableName,
    column: ColumnFacts,
    judgement: Judgement,
    background: Background,
    *,
    operation: Operation | None = None,
    revision: str = "",
    path: str = "",
) -> Occurrence:
    """A change to a column of a protected table that is none of the breaking outcomes.

    `judgement.behind` are the contracts that the change concerns and that did not change with it.
    """
    facts = ColumnOutcome(
        table_facts(table, background, existed=True, protected=True),
        column,
        contracts_facts(judgement, background),
        background.revision(revision) if revision else NO_REVISION,
        OutcomeFacts(
            conditional=bool(operation and operation.conditional), by_operation=operation is not None
        ),
        background.database,
    )
    lines = tuple(behind_line(each) for each in judgement.behind)
    return _occurrence(event, facts, Place.of(operation, path), revision, facts.table.label, lines)


def revision_occurrence(revision: RevisionFacts, removed: bool, line: int = 0) -> Occurrence:
    """A revision of base that is edited, or removed; `line` is where the script names its id."""
    event = "revision_removed" if removed else "revision_edited"
    return _occurrence(event, RevisionChange(revision), Place(revision.path, line), revision.id, "")


def head_added_occurrence(heads: HeadsFacts, revision: RevisionFacts, line: int = 0) -> Occurrence:
    """More heads than before; `revision` is a new one that is a head, `line` is where its script names it."""
    return _occurrence(
        "head_added", HeadsChange(heads, revision), Place(revision.path, line), revision.id, ""
    )


def operation_occurrence(
    operation: Operation,
    revision: RevisionFacts,
    background: Background,
    *,
    direction: Direction = "upgrade",
    table: TableFacts | None = None,
    column: ColumnFacts | None = None,
    hanging: DependentsFacts = NOTHING_HANGS,
    described: OperationFacts | None = None,
    told: Told = NOTHING_TOLD,
    type: str | None = None,
    made_by: Operation | None = None,
    event: str = "",
    restated: str = "",
) -> Occurrence:
    """One operation as it was read.

    `table`, `column` and `hanging` are what the catalog knows of them, `described` what there is to say of
    the operation, `told` what its statement does; without them the facts are what the operation itself says,
    so that nothing existed and nothing is protected. `event` is one of its parts' (`PARTS`) instead of the
    operation's own; `type` is then that of the column that a constraint is made with, by `made_by`.
    """
    facts: OtherOperation | ColumnOperation | TableOperation
    described = described or operation_facts(operation, direction)
    if operation.kind in OTHER_OPERATIONS:
        code = code_facts(operation, background.database.dialect)
        facts = OtherOperation(described, revision, background.database, told.effect, told.transaction, code)
        label = ""
    else:
        table = table or operation_table(operation, background)
        label = table.label
        if EVENTS[event or operation.kind] is ColumnOperation:
            column = column or operation_column(operation)
            types = Types(column.new_type, column.old_type)
            code = code_facts(operation, background.database.dialect, types)
            code = code._replace(restated=restated) if restated else code
            facts = ColumnOperation(
                described, table, column, revision, background.database, hanging, *told, code
            )
        else:
            code = code_facts(operation, background.database.dialect, Types(type), made_by)
            code = code._replace(restated=restated) if restated else code
            facts = TableOperation(
                described, table, revision, background.database, hanging, told.effect, told.transaction, code
            )
    place = Place.of(operation, revision.path)
    return _occurrence(event or operation.kind, facts, place, revision.id, label)


def table_facts(
    table: TableName,
    background: Background,
    new: TableName | None = None,
    *,
    existed: bool = False,
    protected: bool = False,
) -> TableFacts:
    """The facts of a table; `new` is its name at head, None if it is gone or nothing is known."""
    moved = new is not None and new != table
    return TableFacts(
        name=table.name,
        schema=table.schema,
        label=background.label(table),
        new_name=_changed(new.name if new else None, table.name),
        new_schema=_changed(new.schema if new else None, table.schema),
        new_label=background.label(new) if moved else "",
        existed=existed,
        protected=protected,
        small=background.scale.is_small((table,)),
    )


def operation_table(
    operation: Operation, background: Background, *, existed: bool = False, protected: bool = False
) -> TableFacts:
    """The facts of the table that an operation names."""
    schema = operation.schema if operation.schema is not None else background.default_schema
    table = TableName(schema, operation.table or "")
    new = None
    if operation.kind == "rename_table" and operation.new_name:
        new = TableName(schema, operation.new_name)
    elif operation.kind == "move_table" and operation.new_schema is not None:
        new = TableName(operation.new_schema or background.default_schema, operation.table or "")
    return table_facts(table, background, new, existed=existed, protected=protected)


def operation_column(operation: Operation, *, existed: bool = False) -> ColumnFacts:
    """The facts of the column that an operation names, as far as the operation tells."""
    added = operation.columns[0] if operation.kind == "add_column" and operation.columns else None
    return ColumnFacts(
        name=operation.column or (added.name if added else ""),
        new_name=(operation.new_name or "") if operation.kind == "rename_column" else "",
        old_type=operation.existing_type,
        new_type=added.type if added else operation.type,
        old_nullable=operation.existing_nullable,
        new_nullable=added.nullable if added else operation.nullable,
        new_default=added.default if added else operation.default,
        existed=existed,
    )


def operation_facts(operation: Operation, direction: Direction = "upgrade") -> OperationFacts:
    """The facts of an operation itself."""
    added = operation.columns[0] if operation.kind == "add_column" and operation.columns else None
    constraint = (
        operation.constraints[0] if operation.constraints and operation.kind in _OF_CONSTRAINTS else None
    )
    index = operation.index
    if index:
        columns = index.columns
    elif constraint:
        columns = constraint.columns
    elif operation.columns:
        columns = tuple(column.name for column in operation.columns)
    else:
        columns = (operation.column,) if operation.column else ()
    return OperationFacts(
        kind=operation.kind,
        direction=direction,
        said=_said(operation),
        name=operation.name or (index and index.name) or (constraint and constraint.name) or "",
        new_name=operation.new_name or "",
        columns=columns,
        type=added.type if added else operation.type,
        using=operation.using,
        nullable=added.nullable if added else operation.nullable,
        default=added.default if added else operation.default,
        constraint=constraint.kind if constraint else None,
        unique=bool(index and index.unique),
        concurrently=bool(index and index.concurrently),
        not_valid=bool(constraint and constraint.not_valid),
        action=operation.action or "",
        values=operation.values,
        tables=operation.tables,
        destroys=destroyed_by(operation),
        if_exists=operation.if_exists,
        cascade=operation.cascade and operation.via is None,
        temporary=operation.temporary,
        conditional=operation.conditional,
        autocommit=operation.autocommit,
        batch=operation.batch,
        sql=operation.sql,
        reason=operation.reason or "",
    )


def _said(operation: Operation) -> str:
    """What a statement does, as SQL calls it; "" of what is no one statement of DDL."""
    if TRAITS[operation.kind].subject in ("rows", "anything"):
        return ""
    if operation.kind in _BY_ACTION and operation.action:
        return operation.action.upper()
    return TRAITS[operation.kind].said.upper()


def contracts_facts(judgement: Judgement, background: Background) -> ContractsFacts:
    """The facts of all contracts that cover a table."""
    behind = tuple(dict.fromkeys(each.contract for each in judgement.behind))
    return ContractsFacts(
        updated=judgement.updated,
        behind=behind,
        covering=judgement.covering,
        producers=_services("producer", judgement.covering, background),
        consumers=_services("consumer", judgement.covering, background),
        missing=judgement.missing_sides,
        must_acknowledge=bool(behind)
        and all(each.expected.startswith("acknowledges") for each in judgement.behind),
    )


def _services(role: Role, contracts: Iterable[str], background: Background) -> tuple[str, ...]:
    found = (background.contracts.get(each) for each in contracts)
    return tuple(dict.fromkeys(each.service for each in found if each and each.role == role))


def behind_line(behind: Behind) -> ContractLine:
    """The contract's line of a diagnostic: what it still says, and what it has to say."""
    verb = "reads" if behind.role == "consumer" else "writes"
    found, expected = _spoken(behind.found), one_line(behind.expected)
    # What is no declaration is a phrase, and needs no verb before it: "no entry for hint".
    declared = ":" in behind.found
    if expected.startswith("acknowledges:"):
        said = f"{verb} {found}" if declared else found
        text = f"{said}; to be added: {expected}"
    else:
        said = f"still {verb} {found}" if declared else found
        text = f"{said}; expected: {_spoken(behind.expected)}" if expected else said
    return ContractLine(behind.path, behind.line, behind.contract, text)


def _spoken(yaml: str) -> str:
    """YAML on one line; of an entry that has nothing in it the name alone."""
    return one_line(yaml).removesuffix(":")


def one_line(text: str) -> str:
    """A few lines of YAML as one line that means the same: `acknowledges: {4f1c: reason}`."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2:
        return text.strip()
    made, depths = "", [_indent(lines[0])]
    for line in lines:
        while len(depths) > 1 and _indent(line) < depths[-1]:
            depths.pop()
            made += "}"
        if _indent(line) > depths[-1]:
            depths.append(_indent(line))
            made += " {"
        elif made:
            made += ", "
        made += line.strip()
    return made + "}" * (len(depths) - 1)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _changed(new: str | None, old: str | None) -> str:
    return new if new is not None and new != old else ""


def _occurrence(
    event: str,
    facts: Facts,
    place: Place,
    revision: str,
    table: str,
    contracts: tuple[ContractLine, ...] = (),
) -> Occurrence:
    return Occurrence(event, facts, *place, revision or None, table or None, contracts)
