"""What a trigger does to the row of an INSERT that fires it: what it fills, and whether it may refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migration_lint.operations import Trigger
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.on_insert import run_by_insert
from migration_lint.reading.sql.row_acts import acts_of, name_of, raises, written
from migration_lint.reading.sql.tokens import Token, tokenize

_TIMES = words("BEFORE AFTER INSTEAD")
_EVENTS = words("INSERT UPDATE DELETE TRUNCATE")
#: In front of a statement.
_BOUNDARIES = words("; BEGIN THEN ELSE LOOP SET ,")
_ROWS = words("NEW OLD NULL ;")
#: Any column may be among those that are filled.
ANY_COLUMN = "*"


def fired(tokens: Sequence[Token]) -> Trigger:
    """When a trigger fires, by CREATE TRIGGER; and what its body does, where that stands there."""
    end = next((place for place, token in enumerate(tokens) if token.word == "ON"), len(tokens))
    head = tokens[:end]
    if not any(token.word in _EVENTS for token in head):  # SQL Server: ON t AFTER INSERT AS
        head = tokens[: next((place for place, token in enumerate(tokens) if token.word == "AS"), end)]
    said = tuple(token.word.lower() for token in head if token.word in _TIMES | _EVENTS)
    said += tuple(f"of {name}" for name in _columns(head))
    said += tuple(f"table {name}" for name in _transitions(tokens[end:]))
    said += ("row",) * any(token.word == "ROW" for token in tokens[end:])
    body = run_by_insert(tokens[end:])
    when = _when(tokens[end:])
    if any(token.word == "EXECUTE" for token in body):
        return Trigger(said, when=when)
    filled = tuple(_filled(body))
    acts = acts_of(tokens[end:], filled)
    return Trigger(said, filled, _does("raises", acts), tuple(_nulls(body)), when=when, acts=tuple(acts))


def _columns(head: Sequence[Token]) -> Iterator[str]:
    """The columns of UPDATE OF; none where the trigger fires for any."""
    words = [token.word for token in head]
    for place in range(len(words) - 1):
        if words[place : place + 2] == ["UPDATE", "OF"]:
            for token in head[place + 2 :]:
                if token.word in ("OR", "ON"):
                    break
                if token.word != ",":
                    yield name_of(token)


def _transitions(tokens: Sequence[Token]) -> Iterator[str]:
    """The names of REFERENCING OLD TABLE AS name NEW TABLE AS name."""
    words = [token.word for token in tokens]
    for place in range(len(words) - 2):
        if words[place] in ("OLD", "NEW") and words[place + 1] == "TABLE":
            yield name_of(tokens[place + 2 + (words[place + 2] == "AS")])


def ruled(tokens: Sequence[Token]) -> Trigger:
    """Of PostgreSQL's CREATE RULE: for which statements, when, and whether instead of them."""
    words = [token.word for token in tokens]
    end = words.index("DO") if "DO" in words else len(words)
    on = words.index("ON") if "ON" in words[:end] else end
    where = words.index("WHERE", 0, end) if "WHERE" in words[:end] else end
    said = (*words[on + 1 : on + 2], *(each for each in words[end + 1 : end + 2] if each == "INSTEAD"))
    return Trigger(tuple(each.lower() for each in said), when=written(tokens[where + 1 : end]))


def _when(tokens: Sequence[Token]) -> str:
    """The condition behind WHEN, in front of what a trigger does."""
    words = [token.word for token in tokens]
    end = next((place for place, word in enumerate(words) if word in ("EXECUTE", "BEGIN")), 0)
    start = words.index("WHEN", 0, end) if "WHEN" in words[:end] else end
    return written(tokens[start + 1 : end])


def _does(kind: str, acts: Sequence[tuple[str, ...]]) -> bool:
    """Whether it does so under whatever condition."""
    return any(act[:2] == (kind, "") for act in acts)


def body_of(text: str) -> Trigger:
    """What the body of a trigger's function in PL/pgSQL does to the row."""
    whole = list(tokenize(text, "postgresql"))
    tokens = run_by_insert(whole)
    filled = tuple(dict.fromkeys(_filled(tokens)))
    acts = acts_of(whole, filled, returns=True)
    nulls = tuple(dict.fromkeys(_nulls(tokens)))
    return Trigger((), filled, _does("raises", acts), nulls, _does("skips", acts), acts=tuple(acts))


#: Of a function that is not read.
UNREAD = Trigger((), (ANY_COLUMN,), True)


def _filled(tokens: Sequence[Token]) -> Iterator[str]:
    """The columns of NEW that are set, in whatever case."""
    for place, token in enumerate(tokens):
        before = tokens[place - 1].word if place else ";"
        if token.word == "NEW":
            field = tokens[place + 1].word == "." if place + 2 < len(tokens) else False
            following = place + (3 if field else 1)
            assigns = tokens[following].word if following < len(tokens) else ""
            if assigns == ":=" or before == "INTO" or (assigns == "=" and before in _BOUNDARIES):
                yield tokens[place + 2].value.lower() if field else ANY_COLUMN
        elif before == "RETURN" and token.word not in _ROWS:
            yield ANY_COLUMN


def _nulls(tokens: Sequence[Token]) -> Iterator[str]:
    """The columns of NEW that are set to NULL, in whatever case."""
    for place in range(len(tokens) - 4):
        new, dot, _, assigns, value, *behind = (token.word for token in tokens[place : place + 6])
        sets = assigns == ":=" or (assigns == "=" and place and tokens[place - 1].word in _BOUNDARIES)
        if (new, dot, value) == ("NEW", ".", "NULL") and sets and behind in ([";"], []):
            yield tokens[place + 2].value.lower()


def refuses(tokens: Sequence[Token]) -> bool:
    """Whether a body may raise, by a statement of its own."""
    return any(raises(tokens, place) for place in range(len(tokens)))
