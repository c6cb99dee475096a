"""What a change adds up to for the tables that were there before it: outcomes, shifts and notes.

Base and head are compared thing by thing, by identity and, where that is of no help (a history that was
squashed, a table rebuilt and its rows copied over), by name. The journal says which line did it, and what
only may have been done. Where the catalogs differ and no line of the journal is to blame, an old script
was edited or taken away, and the outcome names that script.

balance       the whole of a comparison, in order
comparison    base, head and the journal, looked up
implied       tables and columns that base's scripts never made
tables, columns, views
remade        types of the same name that are made of something else
rebuilt       things made anew beside the old ones, rows and all
opaque        operations that nobody can read
shifts        what breaks only who relies on it
passing       what comes to nothing
outcomes      a finding's kind and steps
blame         whose doing it is
revisions     every revision of a history as if it were the change
result        what all of this hands on
"""

from __future__ import annotations

from migration_lint.catalog.difference.balance import difference
from migration_lint.catalog.difference.comparison import Rewritten
from migration_lint.catalog.difference.result import (
    Difference,
    Note,
    NoteKind,
    Shift,
    ShiftKind,
)
from migration_lint.catalog.difference.revisions import difference_by_revision

__all__ = [
    "Difference",
    "Note",
    "NoteKind",
    "Rewritten",
    "Shift",
    "ShiftKind",
    "difference",
    "difference_by_revision",
]
