"""What one text of SQL leaves to the next that the same connection runs, as one immutable value."""

from __future__ import annotations

from migration_lint.data_class import dataclass, replace
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import HOLE
from migration_lint.reading.sql.tokens import PLAIN, Quoting, Token

#: Stands for a schema while a statement is read: the one in which the search path finds the name.
SEARCHED = "\ue001"

#: A search path; None: the default one.
Path = tuple[str, ...] | None
#: Those of MySQL's sql_mode that change what a type means; None: nobody knows.
Modes = tuple[str, ...] | None
#: Names that are looked up, each with the texts that it may hold.
Texts = tuple[tuple[str, tuple[str, ...]], ...]


class SessionSettings(NamedTuple):
    """The session settings that decide what a text of SQL means."""

    path: Path = None
    quoting: Quoting = PLAIN
    modes: Modes = ()


class SqlRoutine(NamedTuple):
    """A function or procedure that was made: its body is a text in quotes, or the tokens behind its head."""

    name: str  # in lower case, without a schema
    language: str
    body: str
    tokens: tuple[Token, ...] = ()
    parameters: tuple[str, ...] = ()  # names in lower case
    signature: str = ""  # the types of its parameters as written
    path: Path = None  # its own search path: SET search_path
    defaults: tuple[str, ...] = ()  # functions that the defaults of its parameters call
    certain: bool = True  # False: it may not have been made


@dataclass(frozen=True, slots=True)
class SqlSession:
    """What a connection holds between two texts: settings, and what was made that later texts may run.

    Equal sessions are equal values. `join` is what is known where two of them meet.
    """

    now: SessionSettings = SessionSettings()
    kept: SessionSettings = (
        SessionSettings()
    )  # what counts again when the transaction ends: SET LOCAL ends with it
    begun: SessionSettings = SessionSettings()  # what a rollback goes back to
    savepoints: tuple[tuple[str, SessionSettings, SessionSettings], ...] = ()
    autocommit: bool | None = False  # there is no transaction around: SET LOCAL has no effect; None: perhaps
    routines: tuple[SqlRoutine, ...] = ()
    prepared: Texts = ()
    values: Texts = ()  # MySQL's session variables

    @property
    def schema(self) -> str | None:
        """What an unqualified name means first; None: the default schema, HOLE: nobody knows."""
        return self.now.path[0] if self.now.path else None

    def join(self, other: SqlSession) -> SqlSession:
        """The join of two sessions."""
        if self == other:
            return self
        return SqlSession(
            _either(self.now, other.now),
            _either(self.kept, other.kept),
            _either(self.begun, other.begun),
            self.savepoints if self.savepoints == other.savepoints else (),
            self.autocommit if self.autocommit is other.autocommit else None,
            _routines_of_either(self.routines, other.routines),
            _texts_of_either(self.prepared, other.prepared),
            _texts_of_either(self.values, other.values),
        )

    # Settings

    def set(self, settings: SessionSettings, local: bool = False) -> SqlSession:
        """SET and SET LOCAL."""
        if self.autocommit is None:
            surely = replace(self, autocommit=True).set(settings, local)
            return replace(replace(self, autocommit=False).set(settings, local).join(surely), autocommit=None)
        if local:
            return self if self.autocommit else replace(self, now=settings)
        if self.autocommit:
            return replace(self, now=settings, kept=settings, begun=settings)
        return replace(self, now=settings, kept=settings)

    def with_path(self, path: Path, local: bool = False) -> SqlSession:
        return self.set(self.now._replace(path=path), local)

    def with_schema(self, schema: str | None) -> SqlSession:
        """USE and the like: what an unqualified name means from here on."""
        return self.with_path(None if schema is None else (schema,))

    # Transactions

    def committed(self) -> SqlSession:
        """The transaction ended well."""
        if self.now is self.kept is self.begun and not self.savepoints:
            return self
        return replace(self, now=self.kept, begun=self.kept, savepoints=())

    def rolled_back(self) -> SqlSession:
        """The transaction was taken back."""
        return replace(self, now=self.begun, kept=self.begun, savepoints=())

    def saved(self, name: str) -> SqlSession:
        """SAVEPOINT."""
        return replace(self, savepoints=(*self.savepoints, (name, self.now, self.kept)))

    def saved_once(self) -> SqlSession:
        """A savepoint without a name, unless there is the same already."""
        known = ("", self.now, self.kept) in self.savepoints
        return self if known else self.saved("")

    def rolled_back_to(self, name: str) -> SqlSession:
        """ROLLBACK TO SAVEPOINT. What it goes back to is not known where the savepoint is not."""
        for index in range(len(self.savepoints) - 1, -1, -1):
            found, now, kept = self.savepoints[index]
            if found == name:
                return replace(self, now=now, kept=kept, savepoints=self.savepoints[: index + 1])
        return self.join(self.rolled_back())

    def rolled_back_somewhere(self) -> SqlSession:
        """The transaction was taken back, or what it did since one of its savepoints."""
        found = self.join(self.rolled_back())
        for _, now, kept in self.savepoints:
            found = found.join(replace(self, now=now, kept=kept))
        return found

    def in_one_text(self) -> SqlSession:
        """Within one text: the statements that are sent together are a transaction, where there is none."""
        return replace(self, autocommit=False) if self.autocommit is not False else self

    def after_one_text(self, autocommit: bool | None) -> SqlSession:
        """Behind it, on a connection that was in autocommit, was not, or perhaps was."""
        if autocommit is False:
            return self
        ended = replace(self.committed(), autocommit=True)
        return ended if autocommit else replace(ended.join(self), autocommit=None)

    def in_autocommit(self, value: bool) -> SqlSession:
        """A connection goes in or out of autocommit, which ends its transaction."""
        return replace(self.committed(), autocommit=value)

    # What was made

    def with_routine(self, routine: SqlRoutine, replacing: bool) -> SqlSession:
        """A routine is made; `replacing`: in the place of one of the same name and parameters."""
        kept = tuple(
            each
            for each in self.routines
            if not (routine.certain and each.name == routine.name)
            or not (replacing and each.signature == routine.signature)
            and each != routine
        )
        return replace(self, routines=(*kept, routine))

    def without_routine(self, name: str, signature: str | None) -> SqlSession:
        """A routine is dropped; None: the only one of its name."""
        kept = tuple(
            each
            for each in self.routines
            if each.name != name or (signature is not None and each.signature != signature)
        )
        return self if len(kept) == len(self.routines) else replace(self, routines=kept)

    def with_prepared(self, name: str, texts: tuple[str, ...]) -> SqlSession:
        """PREPARE."""
        return replace(self, prepared=_with(self.prepared, name, texts))

    def statement_of(self, name: str) -> tuple[str, ...]:
        """The texts that a prepared statement may have; empty: it was not prepared here."""
        return next((texts for found, texts in self.prepared if found == name), ())


def _with(texts: Texts, name: str, new: tuple[str, ...]) -> Texts:
    return (*(each for each in texts if each[0] != name), (name, new))


def _either(one: SessionSettings, other: SessionSettings) -> SessionSettings:
    if one == other:
        return one
    quoting = Quoting(
        one.quoting.turned if one.quoting.turned == other.quoting.turned else None,
        one.quoting.double_is_name and other.quoting.double_is_name,
    )
    modes = one.modes if one.modes == other.modes else None
    return SessionSettings(one.path if one.path == other.path else (HOLE,), quoting, modes)


def _routines_of_either(one: tuple[SqlRoutine, ...], other: tuple[SqlRoutine, ...]) -> tuple[SqlRoutine, ...]:
    if one == other:
        return one
    both = set(one) & set(other)
    return tuple(
        each if each in both else each._replace(certain=False) for each in dict.fromkeys((*one, *other))
    )


def _texts_of_either(one: Texts, other: Texts) -> Texts:
    if one == other:
        return one
    first, second = dict(one), dict(other)
    return tuple(
        (name, tuple(dict.fromkeys((*first.get(name, (HOLE,)), *second.get(name, (HOLE,))))))
        for name in dict.fromkeys((*first, *second))
    )
