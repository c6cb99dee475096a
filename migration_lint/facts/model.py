"""The facts, by event. This module is what a rule's author reads.

An *event* is something that a rule can hang on (`on: column_dropped`). Its facts are one of the classes
under "Events" below, each field of which is a name that the rule's condition and message can use:
`column` is a `ColumnFacts`, so `column.old_type` is a text or None.

The text under a field says what it means: `explain` shows it, and a test holds that there is one. A field
that may be None says what None stands for; a condition must ask for it first (`column.old_type is not None`).

NamedTuples, and not dataclasses: these classes are made on every run, and making one is several times as
fast.
"""

from __future__ import annotations

from typing import Literal, get_args

from migration_lint.catalog.insertion import Writing
from migration_lint.effects.words import Algorithm, Blocks, Work
from migration_lint.models.difference import DifferenceKind
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import KINDS, ConstraintKind, Dialect, Generated, Kind, Lost, kinds_of
from migration_lint.parity.model import PARITY_EVENTS, Against, ParityEvent

Role = Literal["producer", "consumer"]
GENERATED: tuple[Generated, ...] = get_args(Generated)
DowngradeState = Literal["runs", "empty", "missing", "raises"]
Direction = Literal["upgrade", "downgrade"]


# Namespaces


class TableFacts(NamedTuple):
    """The table that the event is about. `{table}` in a message is its label."""

    name: str
    """Its name without the schema, as base calls it; "" if the script does not say."""
    schema: str
    """Its schema; the default schema if the script names none, "" if the dialect has none."""
    label: str
    """What a message calls it: the name, with its schema unless that is the default one."""
    new_name: str = ""
    """Its name at head, or the operation's new name; "" if it is gone or keeps its name."""
    new_schema: str = ""
    """Its schema at head; "" if it is gone or stays."""
    new_label: str = ""
    """What a message calls it at head; "" if it is gone or keeps name and schema."""
    existed: bool = False
    """It was there before this change."""
    protected: bool = False
    """A contract or the configuration names it, in base or in head."""
    made_here: bool = False
    """This change makes it, so that it is empty. False too where no revision makes it at all."""
    made_in_revision: bool = False
    """The very revision makes it that the event is about."""
    partitioned: bool = False
    """PostgreSQL: it has partitions for its rows, so that CONCURRENTLY and USING INDEX are refused on it."""
    small: bool = False
    """The configuration says so (`small-tables`), or its measured size: what takes long on others does not on
    it."""


class ColumnFacts(NamedTuple):
    """The column that the event is about. `{column}` in a message is its name."""

    name: str
    """Its name, as base calls it; "" where an INSERT is refused whatever it writes into which column."""
    new_name: str = ""
    """Its name at head, or the operation's new name; "" if it is gone or keeps its name."""
    old_type: str | None = None
    """Its type in base; None if it could not be worked out."""
    new_type: str | None = None
    """Its type at head, or the one that the operation gives it; None if there is none, or it could not be
    worked out."""
    old_nullable: bool | None = None
    """Whether it could hold NULL in base; None if that could not be worked out."""
    new_nullable: bool | None = None
    """Whether it can hold NULL at head, or after the operation; None if that is not said."""
    old_default: str | None = None
    """The server's default in base, as SQL; None if there was none."""
    new_default: str | None = None
    """The server's default at head, or the one that the operation sets, as SQL; None if there is none."""
    existed: bool = False
    """It was there before this change."""
    made_here: bool = False
    """This change makes it. False too where no revision makes it at all."""
    made_in_revision: bool = False
    """The very revision makes it that the event is about."""
    generated: Generated | None = None
    """What fills it where an INSERT does not, as it was or, of a new one, as it is made; None: nothing does,
    or it is not known."""
    insert: Writing = "may"
    """Whether an INSERT must write it, may, never may, or must write something other than it does, where the
    event is about that."""
    because: str = ""
    """What makes it so that an INSERT must or may not write it: `NOT NULL, no default`."""
    certain: bool = True
    """False where an INSERT may be refused, and what decides that could not be worked out."""


class DependentsFacts(NamedTuple):
    """What hangs on the column, or on the table, just before the operation.

    What has no name is called by what it is: `unique (a, b)`.
    """

    indexes: tuple[str, ...] = ()
    """The indexes that it stands in, or that the table has."""
    constraints: tuple[str, ...] = ()
    """The constraints that it stands in, or that the table has."""
    views: tuple[str, ...] = ()
    """The views that read it: of a column those that give it out, or of which that is not known."""
    keys: tuple[str, ...] = ()
    """Those of the constraints that are a primary key, unique or foreign key, and of the indexes that are
    unique."""
    shared: tuple[str, ...] = ()
    """Those of the indexes and constraints that hold other columns too."""
    primary: bool = False
    """The column is of the primary key."""
    references: tuple[str, ...] = ()
    """The other tables with foreign keys that refer to the table."""


class DowngradeFacts(NamedTuple):
    """What `downgrade()` of a revision does. `{downgrade}` in a message is its state."""

    state: DowngradeState
    """Whether it does something, does nothing, refuses by raising, or is not there."""
    needed: bool = False
    """`upgrade()` changes tables, columns, indexes, constraints, types or views."""
    left: tuple[str, ...] = ()
    """What `upgrade()` makes and it does not take away: `table audit`, `type mood`. Empty where it runs
    something that could not be worked out."""
    lost: tuple[str, ...] = ()
    """What `upgrade()` takes away and it does not put back. Empty where it runs something that could not
    be worked out."""


class OrderFacts(NamedTuple):
    """Where a revision stands among the others. `{order}` in a message is `above`."""

    above: tuple[str, ...] = ()
    """The revisions that were there before this change and that stand on it: where they have run, it is
    never run."""


class ImportFacts(NamedTuple):
    """An import in a script. `{module}` in a message is the module's name."""

    name: str
    """The module: `shop.models`."""
    names: tuple[str, ...] = ()
    """What is imported from it; empty if it is imported itself."""


class ValueFacts(NamedTuple):
    """A value that an enum has no more. `{value}` in a message is that value."""

    old: str
    """The value."""
    new: str = ""
    """What it is called now; "" if it is gone."""
    type: str = ""
    """The type that had it."""


class ViewFacts(NamedTuple):
    """A view. `{view}` in a message is its label."""

    label: str
    """What a message calls it: the name, with its schema unless that is the default one."""
    missing: tuple[str, ...] = ()
    """The columns that it gives out no more, where the view itself stays."""
    new_label: str = ""
    """Its new name; "" if it is gone or keeps its name."""


class ContractsFacts(NamedTuple):
    """All contracts that cover the table. `{contracts}` in a message is those that are behind."""

    updated: bool
    """Every contract on both sides follows or acknowledges what happened."""
    behind: tuple[str, ...] = ()
    """The ids of the contracts that did not change with it."""
    covering: tuple[str, ...] = ()
    """The ids of all contracts that cover the table."""
    producers: tuple[str, ...] = ()
    """The services that write the table."""
    consumers: tuple[str, ...] = ()
    """The services that read the table."""
    missing: tuple[Role, ...] = ()
    """The sides that have no contract for the table at all, though they should."""
    must_acknowledge: bool = False
    """No declaration can follow: all that the contracts behind can do is acknowledge the revision."""


class ContractFacts(NamedTuple):
    """The one contract that the event is about. `{contract}` in a message is its id."""

    id: str
    """Its id, as the file says."""
    role: Role
    """The side that it speaks for."""
    service: str
    """The service that it speaks for."""
    path: str
    """The file that it stands in, or stood in."""


class OutcomeFacts(NamedTuple):
    """How the change arrives at what it does to the table."""

    kept: bool = False
    """The old name still answers: a view under it, or the old column beside the new one."""
    conditional: bool = False
    """It happens only under a condition that could not be worked out."""
    partial: bool = False
    """Rows go in bulk, and whether all of them do could not be worked out; or they are kept from some."""
    by_operation: bool = True
    """An operation in a revision of this change does it; otherwise an old script was edited or removed."""
    reason: str = ""
    """Why an operation could not be read, or what becomes of a view is not known, "" if it is known; or what
    is taken from which roles."""


class RevisionFacts(NamedTuple):
    """The revision that the event is about. `{revision}` in a message is its id."""

    id: str
    """Its id; "" if no revision of head does it."""
    path: str = ""
    """The script that it stands in."""
    new: bool = False
    """It is added by this change."""
    edited: bool = False
    """It was there before this change, and its script does something else now."""
    squashed: bool = False
    """It is removed, and one new baseline makes all that the removed revisions made."""
    certain: bool = True
    """False: its own text stays, and whether it does something else with a module of the application that is
    edited is not known."""
    also: tuple[str, ...] = ()
    """The other revisions of which the same is not known, and which the finding stands for; empty if it is
    certain."""


class SideFacts(NamedTuple):
    """The side of a table that has no contract. `{side}` in a message is its role."""

    role: Role
    """The side that has no contract."""
    other: tuple[str, ...] = ()
    """The ids of the contracts on the other side."""


class DisagreementFacts(NamedTuple):
    """How a contract and the schema differ. `{disagreement}` in a message is the element."""

    element: str
    """What they differ in: a column's name, or the table's."""
    declared: str
    """What the contract says of it."""
    actual: str
    """What the migrations make of it."""


class DisparityFacts(NamedTuple):
    """What a contract says and something else shows otherwise. `{disparity}` in a message is the element."""

    element: str
    """What it is about: a column, a need, a function of the source code, or the table."""
    declared: str = ""
    """What the contract says of it; "" if it says nothing."""
    found: str = ""
    """What the other place says of it; "" if nothing."""
    other: str = ""
    """The id of the other contract; "" if it is held against something else."""
    example: str = ""
    """A value or a line that shows it; "" if none is needed."""
    against: Against = "contract"
    """What the contract is held against: another contract, the migrations, a live database, the code, or
    the lock of vendored files."""
    certain: bool = True
    """Whether it is sure; otherwise a table may be made elsewhere, or a producer may not INSERT at all."""


class DifferenceFacts(NamedTuple):
    """What a model of SQLAlchemy has otherwise than the migrations. `{difference}` is its text."""

    text: str
    """The difference as a sentence: "the model has account.email (VARCHAR), and no migration adds it"."""
    kind: DifferenceKind
    """What is not the same; where Alembic has an operation for it, that operation's name."""
    element: str = ""
    """The column, the index or the constraint; "" for the table."""
    model: str = ""
    """What the model says of it; "" if nothing."""
    schema: str = ""
    """What the migrations make of it; "" if nothing."""
    writes: str = ""
    """The line that autogenerate would write for it; "" if there is none, or it takes more than one."""
    needed: bool = True
    """The model needs what the migrations do not make; otherwise they make what it has no use for."""
    edited: bool = True
    """The change edits the model of the table."""


class RemovalFacts(NamedTuple):
    """What was removed of a contract."""

    what: Literal["contract", "table"]
    """The whole contract, or only its entry for the table."""


class NeedFacts(NamedTuple):
    """What a contract needs besides columns. `{need}` in a message is its text."""

    text: str
    """The need as the contract says it: `unique (deployment_id, kind) where kind = 'failure_autopsy'`."""
    name: str = ""
    """The name of the index or constraint that met it; "" if it had none."""
    visible: bool = True
    """Others see that it is not met; False where that is over before the transaction ends."""


class HeadsFacts(NamedTuple):
    """The heads of one Alembic environment. `{heads}` in a message is those at head."""

    base: tuple[str, ...]
    """The ids of the heads before this change."""
    head: tuple[str, ...]
    """The ids of the heads with this change."""
    environment: str
    """What the environment is called: the path of its configuration."""


class SuppressionFacts(NamedTuple):
    """A comment that asks for silence. `{suppression}` in a message is the rule that it names."""

    rule: str
    """The rule that it names; "" if it names none."""
    reason: str = ""
    """The reason that it gives."""
    text: str = ""
    """The comment as it stands in the script."""
    nearest: str = ""
    """The name of the rule that was probably meant; "" if none is near."""


class OperationFacts(NamedTuple):
    """One thing that a revision does, as it was read. `{operation}` in a message is its kind."""

    kind: Kind
    """What it does."""
    direction: Direction = "upgrade"
    """Whether `upgrade()` or `downgrade()` does it."""
    said: str = ""
    """What it does, in SQL's words: DROP TABLE, DROP COLUMN, DROP DOMAIN; "" of dml and opaque."""
    name: str = ""
    """The index, constraint, enum or schema that it names; "" if none, or unnamed."""
    new_name: str = ""
    """The new name that it gives; "" if it renames nothing."""
    columns: tuple[str, ...] = ()
    """The columns of the table, index or constraint that it makes or drops, or the one that it alters."""
    type: str | None = None
    """The type that it gives a column; None if none, or it could not be worked out."""
    using: str | None = None
    """The USING expression of a type change; None if there is none."""
    nullable: bool | None = None
    """set_nullable, add_column: whether NULL is allowed after it; None otherwise."""
    default: str | None = None
    """The server's default that it sets, as SQL; None if it sets none, or drops it."""
    constraint: ConstraintKind | None = None
    """The kind of constraint that it adds or drops; None if it is about none."""
    unique: bool = False
    """It makes a unique index."""
    concurrently: bool = False
    """It makes or drops an index without locking the table against writes."""
    not_valid: bool = False
    """It adds a constraint without checking the rows that are there."""
    action: str = ""
    """alter_enum: add_value, rename_value, rename or move; dml: insert, update, delete, truncate, …, "" where
    it was no text; other_ddl: the statement's first words."""
    values: tuple[str, ...] = ()
    """The values of the enum that it makes, or the one that it adds or renames."""
    tables: tuple[str, ...] = ()
    """dml and other_ddl: the tables that it names; opaque: those that it may touch."""
    if_exists: bool = False
    """IF EXISTS or IF NOT EXISTS is said."""
    cascade: bool = False
    """The script says CASCADE; not of what goes by way of another operation's."""
    every_row: bool = False
    """dml: it is an UPDATE or DELETE without a WHERE, or a TRUNCATE."""
    rewritten: tuple[str, ...] = ()
    """dml: the table, made before this change and not small, of which an UPDATE writes every row anew."""
    destroys: Lost = "nothing"
    """What goes with it and cannot be had back: the rows of a table, a schema or a partition, the values of a
    column, or nothing; unknown of dml and opaque, whatever else is said of them."""
    emptied: tuple[str, ...] = ()
    """dml: the columns, made before this change, that an UPDATE of every row sets to NULL, unless an earlier
    statement of the revision names them, as one does that moves their values."""
    key: ConstraintKind | None = None
    """drop_constraint: the kind of key that goes where the revision makes none that is as strict;
    None: none."""
    stops: str = ""
    """other_ddl, PostgreSQL: what it puts an end to that protects rows or passes them on, as a sentence; ""
    if nothing, or if the change takes it back."""
    again: bool = False
    """drop_…: the change makes something of the same kind and name again, later on. Not of a column whose
    values the server works out, or that the revision reads before and writes afterwards."""
    kept: bool = False
    """rename_table, move_table: the change makes a view under the old name, later on."""
    passing: bool = False
    """rename_table, rename_column: nobody has to follow, as nobody knew the old name before the change, or
    the thing bears it again afterwards; or a new column bears it, and the change writes its rows."""
    replaced: bool = False
    """drop_table, drop_column: what was called so before the change is gone, something else has its name in
    the end, and the revision writes rows of that."""
    returned: bool = False
    """drop_table: the revision reads rows before, of it for all that is known, and writes rows of the one
    that it makes again."""
    anyway: bool = False
    """drop_index, PostgreSQL: another statement of the revision, which is no DROP INDEX, keeps reads and
    writes of the table waiting as well."""
    counterpart: str = ""
    """drop_column: the column of a like name and the same type that the revision adds to the table, where it
    drops and adds just one of that type and writes no rows of the table; "" if there is none."""
    primary_key: tuple[str, ...] = ()
    """create_table: the columns of its primary key as the revision leaves it."""
    incomplete: bool = False
    """create_table: it has columns that could not be worked out, or that it copies from elsewhere."""
    numbered: bool = False
    """column_made: it is the whole primary key, and the server numbers it."""
    unindexed: bool = False
    """add_constraint, a foreign key: no index of the table begins with its columns as the revision leaves
    it."""
    duplicates: tuple[str, ...] = ()
    """create_index: the indexes and constraints of the table that do the same already."""
    spare: tuple[str, ...] = ()
    """create_index: those of `duplicates` that are indexes, so that one of the two may be dropped."""
    reserved: tuple[str, ...] = ()
    """The names that it gives and that the dialect reserves or folds: they have to be quoted everywhere."""
    too_long: tuple[str, ...] = ()
    """The names that it gives and that are longer than the dialect allows."""
    more: bool = False
    """The call does more than this: it sets a default, too, or changes a type."""
    temporary: bool = False
    """It makes a temporary table, or is about one."""
    conditional: bool = False
    """It runs only under a condition that could not be worked out."""
    autocommit: bool = False
    """It stands inside an autocommit_block."""
    batch: bool = False
    """It stands inside a batch_alter_table."""
    sql: str | None = None
    """The statement; None if it was not written as SQL."""
    reason: str = ""
    """Why it, or its condition, could not be worked out; "" if it could be."""


class EffectFacts(NamedTuple):
    """What the statement does to a database that others are using, as Alembic renders it.

    Of an `add_column` it is the ADD COLUMN alone: what it does besides are `constraint_made` events.
    `{effect}` in a message is the lock.
    """

    statement: str = ""
    """How the statement begins: `ALTER TABLE … ADD FOREIGN KEY`; "" if nothing is known of what it does."""
    lock: str = ""
    """PostgreSQL: the lock that it takes on its table: `ACCESS EXCLUSIVE`; MySQL, MariaDB: SHARE where it
    needs LOCK=SHARED; "" if it takes none."""
    blocks: Blocks = "nothing"
    """What of the work of others on its table waits until the transaction ends."""
    others: tuple[str, ...] = ()
    """The other tables, made before this change, on which at least writes wait: those that a foreign key
    refers to; of statements that are about no one table, all. What no script names
    is told in words: "every table"."""
    awaited: tuple[str, ...] = ()
    """The table for whose lock it has to wait, or if that is a new one, the others: without those that are
    small."""
    stops_reads: bool = False
    """On one of all these tables reads wait too."""
    rewrites: bool = False
    """The whole table is written anew, and its indexes."""
    scans: bool = False
    """All rows are read."""
    builds: bool = False
    """An index is built."""
    rebuilds: tuple[str, ...] = ()
    """The indexes that are built anew."""
    long: bool = False
    """It takes the longer, the more rows there are: it rewrites, scans, or builds."""
    certain: bool = True
    """Whether that is sure; otherwise it may do less: a type, a function or the server's version is not
    known."""
    usual: bool = False
    """It is not certain, but so where nobody has set the server up otherwise: MySQL, MariaDB with utf8mb4."""
    fails: str = ""
    """Why the server refuses it; "" if it does not."""
    refused: str = ""
    """PostgreSQL: why the server refuses it because of what is there, as a clause; "" if nothing is known to
    be in its way."""
    why: str = ""
    """Why it takes long: a clause."""
    algorithm: Algorithm | None = None
    """MySQL, MariaDB: the cheapest way in which the server can do it; None on others, or if that is not
    known."""
    lost: tuple[str, ...] = ()
    """MySQL, MariaDB: what Alembic's MODIFY or CHANGE takes from the column, because the call does not pass
    it: `NOT NULL`, `DEFAULT 'x'`; SQLite: what the table loses that batch mode makes anew."""
    obstacle: str = ""
    """MySQL, MariaDB: the foreign key because of which the server refuses it; "" if it is another reason, or
    the key has no name."""
    obstacle_table: str = ""
    """MySQL, MariaDB: the table that has this foreign key."""
    estimate: str = ""
    """How long it takes, and on what that stands: `about 4 min (61 GB read at 250 MB/s)`; "" where nobody has
    measured the tables, or where it takes no longer for more rows."""
    overlong: bool = False
    """It takes longer than `durations.long`, by the measured sizes."""
    brief: bool = False
    """All tables that it goes through are small ones, or made by this change and without a row so far."""
    on_call: str = ""
    """For somebody on call, in one line: which locks it takes on which tables, what waits for them and for
    how long, and since which earlier statement of the transaction others are held; "" if nobody waits."""


class TypeChangeFacts(NamedTuple):
    """What a change of a column's type costs. `{type_change}` in a message says why."""

    work: Work = "same"
    """What the server does: nothing, note it down, build indexes anew, read all rows, write the table anew,
    or refuse."""
    lossy: bool = False
    """Some value of the old type has no equal in the new one, and no USING of its own says what becomes of
    it."""
    certain: bool = True
    """Whether that is sure: the types, and what it hangs on, are known."""
    why: str = ""
    """Why it costs that: a clause."""


class TransactionFacts(NamedTuple):
    """The transaction that the statement runs in. `{transaction}` in a message is the tables that wait."""

    open: bool = False
    """It runs in a transaction, which ends after the last statement."""
    waiting: tuple[str, ...] = ()
    """The tables, made before this change, on which at least writes wait since an earlier statement of the
    same transaction."""
    everything: bool = False
    """On one of these reads wait too."""
    since: str = ""
    """The first of these earlier statements: `ALTER TABLE … ADD COLUMN`; "" if there is none. Where it
    stands, `effect.on_call` says."""
    own: bool = False
    """The table that the operation is about, or whose rows it writes, is one of these."""
    lock_timeout: bool = False
    """A limit for waiting for locks is set, by the revision or by env.py."""
    statement_timeout: bool = False
    """A limit for the run of a statement is set, by the revision or by env.py."""
    unlimited: bool = False
    """It is the first of the change that keeps work on a table waiting that was made before the change, and
    may itself wait for it without a limit."""
    committed: int = 0
    """The line of the first statement of the revision that is committed by then and cannot be run a second
    time; 0: there is none."""
    added_values: tuple[str, ...] = ()
    """The enum values that the same transaction has added, and that cannot be used in it."""
    enum: str = ""
    """The enum of `used_value`, as SQL."""
    used_value: str = ""
    """The one of these that the operation uses; "" if it uses none."""


class Told(NamedTuple):
    """What there is to say of one statement: no namespace, but three at once."""

    effect: EffectFacts = EffectFacts()
    """What it does."""
    transaction: TransactionFacts = TransactionFacts()
    """What it runs in."""
    type_change: TypeChangeFacts = TypeChangeFacts()
    """What it costs, if it changes a type."""


class CodeFacts(NamedTuple):
    """The operation's own names as code, for a fix. `{code}` in a message is the table."""

    table: str = ""
    """The table as a Python text: `"audit"`."""
    schema: str = ""
    """`, schema="app"`, or "" where the operation names none."""
    name: str = ""
    """The index or constraint as a Python text; of one without a name, a name for it."""
    column: str = ""
    """The column, or the first one, as a Python text."""
    columns: str = ""
    """The columns as a Python list of texts; entries that are expressions as `sa.text("…")`."""
    source_schema: str = ""
    """The same for `create_foreign_key`: `, source_schema="app"`."""
    options: str = ""
    """What else the index says: `, unique=True, postgresql_where=sa.text("…")`; or a foreign key:
    `, ondelete="CASCADE"`."""
    referred: str = ""
    """The table that a foreign key refers to, as a Python text."""
    referred_columns: str = ""
    """The columns that it refers to, as a Python list of texts."""
    condition: str = ""
    """The expression of a CHECK as a Python text."""
    made: str = ""
    """The column that it adds, as `sa.Column(…)` with its default, NOT NULL and comment, without constraints;
    "" where that cannot be written, or another constraint is made with it."""
    bare: str = ""
    """The same as one that may be NULL and has no default; "" where that cannot be written, or a constraint
    is made with it."""
    concurrent_index: str = ""
    """The statement that builds, drops or builds anew the index concurrently, with all that is said of it:
    `op.create_index(…)` or `op.execute(…)`; "" where a part cannot be written. Of one that drops it only
    where that is SQL."""
    named: bool = True
    """The script or a convention names the constraint, or it is known how the server calls it."""
    timing: str = ""
    """When the constraint is checked, as SQL: ` DEFERRABLE INITIALLY DEFERRED`, or ""."""
    whole: bool = True
    """All that the script says of the index or constraint is in these names; otherwise code made of them is
    of something else."""
    type: str = ""
    """The new type of the column as SQLAlchemy code, `sa.BigInteger()`; "" where that is not known."""
    old_type: str = ""
    """The type that the column had, likewise."""
    statement: str = ""
    """The SQL of an operation that was read from SQL, as a Python text; "" where a piece is not known."""
    default: str = ""
    """The default as code: `sa.text("gen_random_uuid()")`; "" if there is none."""
    restated: str = ""
    """MySQL, MariaDB: the alter_column call with what it forgets; "" if it forgets nothing, or not all of it
    can be written."""
    sql_table: str = ""
    """The table as SQL, with its schema if the operation names one."""
    sql_name: str = ""
    """The index or constraint as SQL."""
    sql_column: str = ""
    """The column, or the first one, as SQL."""
    sql_columns: str = ""
    """The columns as an SQL list, without parentheses."""
    short: str = ""
    """The table and the columns, joined by `_`, for new names: `audit_kind_day`."""


class DatabaseFacts(NamedTuple):
    """The database that the migrations run on, as the configuration says. `{database}` is its dialect."""

    dialect: Dialect
    """What it is."""
    version: tuple[int, ...] = ()
    """Its version, `(15,)` or `(10, 11)`; empty if the configuration does not say, so that
    `database.version < (11,)` then holds."""


#: Which field of a namespace stands for it where a message names the namespace alone.
LABELS: dict[type, str] = {
    TableFacts: "label",
    ColumnFacts: "name",
    ContractsFacts: "behind",
    ContractFacts: "id",
    RevisionFacts: "id",
    SideFacts: "role",
    DisagreementFacts: "element",
    DisparityFacts: "element",
    DifferenceFacts: "text",
    NeedFacts: "text",
    DependentsFacts: "indexes",
    DowngradeFacts: "state",
    OrderFacts: "above",
    ImportFacts: "name",
    ValueFacts: "old",
    ViewFacts: "label",
    HeadsFacts: "head",
    SuppressionFacts: "rule",
    OperationFacts: "kind",
    DatabaseFacts: "dialect",
    EffectFacts: "lock",
    TypeChangeFacts: "why",
    TransactionFacts: "waiting",
    CodeFacts: "table",
}


# Events


class TableOutcome(NamedTuple):
    """What the change does, on balance, to a protected table that was there before it."""

    table: TableFacts
    contracts: ContractsFacts
    revision: RevisionFacts
    outcome: OutcomeFacts
    database: DatabaseFacts


class ColumnOutcome(NamedTuple):
    """What the change does, on balance, to a column of a protected table that was there before it."""

    table: TableFacts
    column: ColumnFacts
    contracts: ContractsFacts
    revision: RevisionFacts
    outcome: OutcomeFacts
    database: DatabaseFacts


class SideMissing(NamedTuple):
    """A protected table changes, and one side has no contract for it."""

    table: TableFacts
    side: SideFacts
    revision: RevisionFacts


class ContractDisagrees(NamedTuple):
    """A contract that this change adds, or an entry of one, does not say what the migrations make."""

    table: TableFacts
    contract: ContractFacts
    disagreement: DisagreementFacts


class ContractDisparity(NamedTuple):
    """A contract does not say what another contract, the schema, the code or a database says."""

    table: TableFacts
    contract: ContractFacts
    disparity: DisparityFacts
    database: DatabaseFacts


class ModelDiffers(NamedTuple):
    """A model of SQLAlchemy and the migrations differ, and did not before this change.

    model_changed: on a table whose model the change edits; model_behind: on any other.
    """

    table: TableFacts
    difference: DifferenceFacts
    database: DatabaseFacts


class ContractRemoved(NamedTuple):
    """A contract, or its entry for a table, is removed while the table lives."""

    table: TableFacts
    contract: ContractFacts
    removal: RemovalFacts


class NeedBroken(NamedTuple):
    """An index or constraint that a contract needs is gone at head, or was gone in between."""

    table: TableFacts
    contract: ContractFacts
    need: NeedFacts
    revision: RevisionFacts


class ValueLost(NamedTuple):
    """A value of an enum is renamed or gone, and a column of a protected table has that type."""

    table: TableFacts
    column: ColumnFacts
    value: ValueFacts
    contracts: ContractsFacts
    revision: RevisionFacts
    database: DatabaseFacts


class ViewLost(NamedTuple):
    """A view that reads a protected table is dropped, renamed, or gives out less than it did."""

    table: TableFacts
    view: ViewFacts
    contracts: ContractsFacts
    revision: RevisionFacts
    database: DatabaseFacts


class RevisionAdded(NamedTuple):
    """A revision is new in this change, or judged as if it were."""

    revision: RevisionFacts
    downgrade: DowngradeFacts
    order: OrderFacts
    database: DatabaseFacts


class CodeImported(NamedTuple):
    """The script of a new or edited revision imports a module of the project from outside the migrations."""

    revision: RevisionFacts
    module: ImportFacts


class RevisionChange(NamedTuple):
    """A revision that was there before this change is edited or removed."""

    revision: RevisionFacts


class HeadsChange(NamedTuple):
    """The change leaves more heads than there were, and more than one."""

    heads: HeadsFacts
    revision: RevisionFacts


class SuppressionEvent(NamedTuple):
    """A suppression comment that does not do what it says."""

    suppression: SuppressionFacts


class TableOperation(NamedTuple):
    """One operation on a table, an index, a constraint or a view, in a new or edited revision.

    constraint_made is one constraint, however it is made: by itself, with its table or with its column.
    """

    operation: OperationFacts
    table: TableFacts
    revision: RevisionFacts
    database: DatabaseFacts
    dependents: DependentsFacts = DependentsFacts()
    effect: EffectFacts = EffectFacts()
    transaction: TransactionFacts = TransactionFacts()
    code: CodeFacts = CodeFacts()


class ColumnOperation(NamedTuple):
    """One operation on a column, in a new or edited revision.

    column_made is one column, however it is made: by itself or with its table.
    """

    operation: OperationFacts
    table: TableFacts
    column: ColumnFacts
    revision: RevisionFacts
    database: DatabaseFacts
    dependents: DependentsFacts = DependentsFacts()
    effect: EffectFacts = EffectFacts()
    transaction: TransactionFacts = TransactionFacts()
    type_change: TypeChangeFacts = TypeChangeFacts()
    code: CodeFacts = CodeFacts()


class OtherOperation(NamedTuple):
    """One operation that is about no single table, in a new or edited revision."""

    operation: OperationFacts
    revision: RevisionFacts
    database: DatabaseFacts
    effect: EffectFacts = EffectFacts()
    transaction: TransactionFacts = TransactionFacts()
    code: CodeFacts = CodeFacts()


Facts = (
    TableOutcome
    | ColumnOutcome
    | SideMissing
    | ContractDisagrees
    | ContractDisparity
    | ModelDiffers
    | ContractRemoved
    | NeedBroken
    | ValueLost
    | ViewLost
    | RevisionAdded
    | CodeImported
    | RevisionChange
    | HeadsChange
    | SuppressionEvent
    | TableOperation
    | ColumnOperation
    | OtherOperation
)

OutcomeEvent = Literal[
    "column_dropped",
    "column_renamed",
    "column_retyped",
    "column_recreated",
    "table_dropped",
    "table_renamed",
    "table_moved",
    "table_recreated",
    "table_emptied",
    "access_narrowed",
    "opaque_change",
]
#: The events that the gate judges.
BREAKING: frozenset[str] = frozenset(get_args(OutcomeEvent))
ColumnEvent = Literal["nullability_changed", "default_changed", "insert_refused"]
SuppressionKind = Literal[
    "suppression_unused",
    "suppression_without_reason",
    "suppression_unknown_rule",
    "suppression_forbidden",
    "suppression_malformed",
]
Event = (
    Literal[
        "side_missing",
        "contract_disagrees",
        "contract_removed",
        "need_broken",
        "value_lost",
        "view_lost",
        "need_interrupted",
        "revision_added",
        "code_imported",
        "revision_edited",
        "revision_removed",
        "head_added",
        "model_changed",
        "model_behind",
        "column_made",
        "constraint_made",
    ]
    | OutcomeEvent
    | ColumnEvent
    | ParityEvent
    | SuppressionKind
    | Kind
)

#: What an operation leads to besides its own event.
PARTS: tuple[Literal["column_made", "constraint_made"], ...] = ("column_made", "constraint_made")
COLUMN_OPERATIONS = kinds_of("column")
OTHER_OPERATIONS = kinds_of("enum", "schema", "rows", "statement", "anything")

#: Every event that a rule's `on` can name, and the facts that it carries.
EVENTS: dict[str, type[Facts]] = {
    **{
        name: ColumnOutcome if name.startswith("column_") else TableOutcome for name in get_args(OutcomeEvent)
    },
    **dict.fromkeys(get_args(ColumnEvent), ColumnOutcome),
    "side_missing": SideMissing,
    "contract_disagrees": ContractDisagrees,
    "contract_removed": ContractRemoved,
    "need_broken": NeedBroken,
    "value_lost": ValueLost,
    "view_lost": ViewLost,
    "need_interrupted": NeedBroken,
    "revision_added": RevisionAdded,
    "code_imported": CodeImported,
    "revision_edited": RevisionChange,
    "revision_removed": RevisionChange,
    "head_added": HeadsChange,
    "model_changed": ModelDiffers,
    "model_behind": ModelDiffers,
    "column_made": ColumnOperation,
    "constraint_made": TableOperation,
    **dict.fromkeys(PARITY_EVENTS, ContractDisparity),
    **dict.fromkeys(get_args(SuppressionKind), SuppressionEvent),
    **{
        kind: ColumnOperation
        if kind in COLUMN_OPERATIONS
        else OtherOperation
        if kind in OTHER_OPERATIONS
        else TableOperation
        for kind in KINDS
    },
}


class ContractLine(NamedTuple):
    """A place in a contract file that an occurrence is about, and what stands there."""

    path: str
    line: int  # from 1; 0: the file as a whole
    id: str
    text: str  # "still reads hint: text, not null"


class Occurrence(NamedTuple):
    """One event that happened, and where. Lines and columns count from 1; 0 means the whole file."""

    event: str  # a key of EVENTS
    facts: Facts
    path: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0  # one past the last character
    revision: str | None = None
    table: str | None = None
    contracts: tuple[ContractLine, ...] = ()
