"""Text to syntax trees: sqlglot, kept quiet, with holes left out where the text only parses without them."""

from __future__ import annotations

import logging
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.sources.sql.markers import Marker, Piece, marked

_DIALECTS: dict[Dialect, str] = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "mssql": "tsql",
    "oracle": "oracle",
}
_MOST_TRIES = 10
_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "WITH")
_LONGEST = 200_000


class Parsed(NamedTuple):
    """`roots`: one tree a statement. `left_out`: markers that the text only parses without."""

    roots: tuple[exp.Expression, ...]
    markers: tuple[Marker, ...]
    left_out: frozenset[int]
    problem: str = ""


def parse(pieces: tuple[Piece, ...], dialect: Dialect) -> Parsed:
    """The statements of a text; `problem` says why it cannot be parsed."""
    whole = marked(pieces)
    if len(whole.text) > _LONGEST:
        return Parsed((), whole.markers, frozenset(), "it is too long to be parsed")
    holes = [number for number, marker in enumerate(whole.markers) if marker.hole is not None]
    tries: list[frozenset[int]] = [frozenset()]
    tries += [frozenset({hole}) for hole in reversed(holes)]
    tries += [frozenset(holes[index:]) for index in range(len(holes) - 2, -1, -1)]
    problem = ""
    for left_out in list(dict.fromkeys(tries))[:_MOST_TRIES]:
        text = marked(pieces, left_out).text if left_out else whole.text
        roots, reason = _roots(text, _DIALECTS.get(dialect, "postgres"))
        if not reason:
            return Parsed(roots, whole.markers, left_out)
        problem = problem or reason
    return Parsed((), whole.markers, frozenset(), problem)


@lru_cache(maxsize=4096)
def _roots(text: str, dialect: str) -> tuple[tuple[exp.Expression, ...], str]:
    logger = logging.getLogger("sqlglot")
    was, logger.disabled = logger.disabled, True
    try:
        roots = sqlglot.parse(text, read=dialect)
    except SqlglotError as error:
        return (), "it cannot be parsed as SQL" + _where(error)
    except RecursionError:
        return (), "it is nested too deeply to be parsed"
    except (ValueError, AttributeError, TypeError, KeyError, IndexError) as error:
        return (), f"the SQL parser fails on it ({type(error).__name__})"
    finally:
        logger.disabled = was
    found = tuple(root for root in roots if isinstance(root, exp.Expression))
    if any(isinstance(root, exp.Command) and str(root.this).upper() in _VERBS for root in found):
        return (), "it cannot be parsed as SQL"
    return found, ""


def _where(error: SqlglotError) -> str:
    errors = getattr(error, "errors", None)
    if not errors:
        return ""
    near = errors[0].get("highlight") or ""
    return f" near {near!r}" if near and "zqk" not in near.lower() else ""
