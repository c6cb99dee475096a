"""Two sides of a column: can the one read what the other writes?

What is tried: each side's examples under the other side's encoding, and values made from the producer's
encoding under the consumer's. A counterexample proves a clash; that there is none proves nothing, but
that nobody found one.

JSON Schemas are input that nobody has approved: one may hold a regular expression that never ends, or ask
for a list of a billion items. They are tried in a process of their own, with limits, and what exceeds them
is said to be undecided: neither to agree nor to clash. So is what a library fails on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal

from migration_lint.encodings.covering import covers
from migration_lint.encodings.names import NAMES
from migration_lint.errors import MissingExtra
from migration_lint.named_tuple import NamedTuple

SECONDS = 30  # for one pair, at most

Encoding = str | Mapping[str, Any] | None


class EncodingSide(NamedTuple):
    """What one side says of a column. `encoding` None: nothing."""

    encoding: Encoding
    examples: tuple[str, ...] = ()


class Clash(NamedTuple):
    """Why two sides do not understand each other, or why nobody can tell whether they do."""

    #: A made value, or an example that a side gives itself. Undecided: the schemas ask too much. Untried: the
    #: libraries that try them failed, which says nothing of the schemas.
    kind: Literal["encoding", "example", "undecided", "untried"]
    by: Literal["producer", "consumer"]  # whose value it is
    example: str | None  # the value as it would be stored; None where there is none
    reason: str  # a clause about the example, "is no JSON: …", or about the pair, to stand behind "because"


def spoken(encoding: Encoding) -> str:
    """An encoding in one line."""
    if encoding is None:
        return "no encoding"
    return encoding if isinstance(encoding, str) else json.dumps(dict(encoding), ensure_ascii=False)


def clashes(producer: EncodingSide, consumer: EncodingSide) -> tuple[Clash, ...]:
    """At most one clash of each kind. Raises MissingExtra where JSON Schemas cannot be tried."""
    found: list[Clash] = []
    names = [each.encoding for each in (producer, consumer) if isinstance(each.encoding, str)]
    if len(names) == 2 and names[0] != names[1] and not set(names) <= NAMES.keys():
        unknown = next(name for name in names if name not in NAMES)
        found.append(Clash("encoding", "producer", None, f"{unknown} is no encoding that is known here"))
        return tuple(found)
    if any(isinstance(each.encoding, Mapping) for each in (producer, consumer)):
        if _is_plainly_read(producer, consumer):
            return ()
        return _tried_apart(
            json.dumps([_plain(producer), _plain(consumer)], sort_keys=True, ensure_ascii=True)
        )
    return tuple(compare(producer, consumer, lambda encoding, text: problem(encoding, text), samples))


def _is_plainly_read(producer: EncodingSide, consumer: EncodingSide) -> bool:
    """Whether two JSON Schemas show that the one reads the other, and no example is to be tried."""
    if producer.examples or consumer.examples:
        return False
    if not (isinstance(producer.encoding, Mapping) and isinstance(consumer.encoding, Mapping)):
        return False
    written, read = producer.encoding, consumer.encoding
    return written.keys() == read.keys() == {"json"} and covers(read["json"], written["json"])


def problem(encoding: Encoding, text: str) -> str:
    """Why a text does not decode by a plain name, as a clause; "" if it does or nobody can tell."""
    named = NAMES.get(encoding) if isinstance(encoding, str) else None
    return "" if named is None else named.problem(text)


def samples(encoding: Encoding) -> tuple[str, ...]:
    """Values that a plain name stands for."""
    named = NAMES.get(encoding) if isinstance(encoding, str) else None
    return () if named is None else named.samples


def compare(producer: EncodingSide, consumer: EncodingSide, problem: Any, samples: Any) -> Iterator[Clash]:
    """The trial itself, by functions that know the encodings at hand; what they raise goes through."""
    for by, text, encoding in (
        *(("producer", text, consumer.encoding) for text in producer.examples),
        *(("consumer", text, producer.encoding) for text in consumer.examples),
        *(("producer", text, producer.encoding) for text in producer.examples),
        *(("consumer", text, consumer.encoding) for text in consumer.examples),
    ):
        why = problem(encoding, text)
        if why:
            yield Clash("example", "producer" if by == "producer" else "consumer", text, why)
            break
    if producer.encoding is not None and consumer.encoding is not None:
        for text in samples(producer.encoding) if producer.encoding != consumer.encoding else ():
            why = problem(consumer.encoding, text)
            if why:
                yield Clash("encoding", "producer", text, why)
                break


def texts_of(encoding: Encoding, problem: Any, samples: Any) -> tuple[list[str], list[str]]:
    """Texts that decode, and texts that do not, by functions as for `compare`."""
    texts = (text for named in NAMES.values() for text in named.samples)
    refused = [text for text in dict.fromkeys(texts) if problem(encoding, text)]
    return list(samples(encoding)), refused


def _plain(side: EncodingSide) -> list[Any]:
    return [
        side.encoding if side.encoding is None or isinstance(side.encoding, str) else dict(side.encoding),
        list(side.examples),
    ]


@lru_cache(maxsize=256)
def _tried_apart(pair: str) -> tuple[Clash, ...]:
    try:
        found = ask({"pair": json.loads(pair)})
    except SchemaTooCostly as reason:
        return (Clash("undecided", "producer", None, f"comparing the two takes {reason}"),)
    except TrialFailed as failure:
        return (Clash("untried", "producer", None, str(failure)),)
    return tuple(Clash(*each) for each in found)


class SchemaTooCostly(Exception):
    """A schema asks for more time or memory than it may have."""


class TrialFailed(Exception):
    """A library failed on a schema; the text says how, as a clause."""


def ask(question: dict[str, Any]) -> Any:
    """The answer of a worker, see there.

    Raises TooMuch, Failed, and MissingExtra where it lacks its libraries.
    """
    command = [sys.executable, "-m", WORKER]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    try:
        ran = subprocess.run(
            command,
            input=json.dumps(question).encode(),
            capture_output=True,
            timeout=SECONDS,
            env=environment,
            check=False,
            cwd=os.sep,  # `-m` puts the folder that it runs in on the path: never one of the project's
        )
    except subprocess.TimeoutExpired:
        raise SchemaTooCostly(f"more than {SECONDS} seconds") from None
    if ran.returncode == MISSING:
        raise MissingExtra("parity", "trying encodings")
    if ran.returncode == FAILED:
        raise TrialFailed(ran.stdout.decode("utf-8", "replace"))
    if ran.returncode:
        raise SchemaTooCostly("more memory than it may have")
    return json.loads(ran.stdout)


WORKER = "migration_lint.encodings.worker"
MISSING = 3  # the exit status of a worker that lacks its libraries
FAILED = 4  # and of one that says on its standard output which library failed, and how
