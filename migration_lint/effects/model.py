"""What a statement does to a database that others are using, as data."""

from __future__ import annotations

from migration_lint.catalog.model import Key
from migration_lint.effects.types.terms import TypeJudgement
from migration_lint.effects.words import Algorithm, LockMode
from migration_lint.named_tuple import NamedTuple


class Lock(NamedTuple):
    """A lock on a table, held until the transaction ends."""

    table: Key
    mode: LockMode


class Effect(NamedTuple):
    """What one statement does."""

    statement: str = ""  # "ALTER TABLE … ADD FOREIGN KEY"; "" where there is nothing to say
    locks: tuple[Lock, ...] = ()
    rewrites: bool = False  # the whole table is written anew, with its indexes
    scans: bool = False  # all rows are read
    builds: bool = False  # an index is built
    builds_all: bool = False  # or all of them
    through: tuple[Key, ...] = ()  # whose rows these are, where not those of the table that it names
    rebuilds: tuple[str, ...] = ()  # the names of the indexes that are built anew
    fails: str = ""  # why the server refuses it
    refused: str = ""  # why it refuses it because of what is there: "policy own of audit names kind"
    elsewhere: str = ""  # what is locked, too, whose tables no script names: "every table", "the table of ix"
    elsewhere_mode: LockMode = "ACCESS EXCLUSIVE"
    obstacle: tuple[str, str] = (
        "",
        "",
    )  # the foreign key for which it does: its name, and the table that has it
    alone: bool = False  # the server refuses it inside a transaction
    certain: bool = True  # False: it may do less
    judgement: TypeJudgement | None = None  # of a change of type
    algorithm: Algorithm | None = None  # MySQL, MariaDB
    why: str = ""  # of what takes long
    lost: tuple[
        str, ...
    ] = ()  # MySQL, MariaDB: what the column loses as the statement does not state it; SQLite: what the
    # table loses as it is made anew of what is reflected

    @property
    def long(self) -> bool:
        """Whether it takes longer, the more rows there are."""
        return self.rewrites or self.scans or self.builds or bool(self.rebuilds)


NOTHING = Effect()
