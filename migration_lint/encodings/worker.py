"""Tries encodings that hold JSON Schemas, in a process of its own; see `compare`.

Standard input: `{"pair": [[encoding, examples], [encoding, examples]]}`, the producer first, or
`{"vectors": encoding}`. Standard output: the clashes; or texts that decode, and texts that do not. Nothing
is fetched: where a `$ref` leads out of its schema, nothing is decided.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from migration_lint.encodings import compare as by_name
from migration_lint.encodings.compare import FAILED, MISSING, Clash, Encoding, EncodingSide, compare, texts_of
from migration_lint.lazy_pattern import lazy_pattern

MEMORY = 2_000_000_000  # bytes
SAMPLES = 200
_SURROGATE = lazy_pattern("[\ud800-\udfff]")


def main() -> int:
    """Answer one pair."""
    _limit()
    try:
        import hypothesis  # noqa: F401
        import hypothesis_jsonschema  # noqa: F401
        import jsonschema  # noqa: F401
    except ImportError:
        return MISSING
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    if "vectors" in question:
        try:
            found = texts_of(question["vectors"], problem, samples)
        except MemoryError:
            raise
        except Exception as error:
            sys.stdout.write(_said(error))
            return FAILED
        json.dump(found, sys.stdout)
    else:
        json.dump(answer(question["pair"]), sys.stdout)
    return 0


def answer(pair: Any) -> tuple[Clash, ...]:
    """The clashes of one pair as it is asked for, where at least one has a JSON Schema."""
    producer, consumer = (EncodingSide(each[0], tuple(each[1])) for each in pair)
    found: list[Clash] = []
    try:
        for by, side in (("producer", producer), ("consumer", consumer)):
            invalid = _invalid(side.encoding)
            if invalid:
                return (Clash("encoding", "producer" if by == "producer" else "consumer", None, invalid),)
        found.extend(compare(producer, consumer, problem, samples))
    except MemoryError:
        raise
    except Undecided as error:
        found.append(Clash("undecided", "producer", None, str(error)))
    except Exception as error:  # whatever a schema makes of the libraries: it is neither agreement nor clash
        found.append(Clash("untried", "producer", None, _said(error)))
    return tuple(found)


_LOST = "a `$ref` leads out of its schema, to nothing in it, or to itself"


class Undecided(Exception):
    """A schema is such that nobody can tell; the text says why, as a clause."""


def _said(error: Exception) -> str:
    if isinstance(error, Undecided):
        return str(error)
    said = _one_line(error)
    return f"{_library(error)} fails with {type(error).__name__}" + (f": {said}" if said else "")


def _one_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]


def _library(error: Exception) -> str:
    """Who raised it: the package of the innermost frame that is one of those that try schemas."""
    found, trace = "a library", error.__traceback__
    while trace is not None:
        package = trace.tb_frame.f_globals.get("__name__", "").partition(".")[0]
        if package in ("hypothesis", "hypothesis_jsonschema", "jsonschema", "referencing"):
            found = package.replace("_", "-")
        trace = trace.tb_next
    return found


def problem(encoding: Encoding, text: str) -> str:
    """Why a text does not decode; "" if it does."""
    if not isinstance(encoding, Mapping):
        return by_name.problem(encoding, text)
    why = by_name.problem("json", text)
    if why:
        return why
    import jsonschema
    from referencing.exceptions import Unresolvable

    validator = _validator(encoding["json"])
    try:
        error = jsonschema.exceptions.best_match(validator.iter_errors(json.loads(text)))
    except Unresolvable:
        raise Undecided(_LOST) from None
    except RecursionError:
        raise Undecided("a schema, or a value, goes too deep into itself") from None
    if error is None:
        return ""
    where = "".join(f"[{part!r}]" for part in error.absolute_path)
    return f"does not fit{' at ' + where if where else ''}: {error.message[:200]}"


def samples(encoding: Encoding) -> tuple[str, ...]:
    """Values that an encoding allows, as they would be stored; the simplest first."""
    if not isinstance(encoding, Mapping):
        return by_name.samples(encoding)
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis.errors import HypothesisException
    from hypothesis_jsonschema import from_schema

    made: dict[str, None] = {}

    @settings(
        max_examples=SAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(from_schema(encoding["json"]))
    def collect(value: Any) -> None:
        text = json.dumps(value, ensure_ascii=False)
        if not _SURROGATE.search(text):  # no column holds one
            made[text] = None

    try:
        collect()
    except (HypothesisException, RecursionError):
        if not made:
            raise Undecided("no value could be made that fits the producer's schema") from None
    except Exception as error:
        # It is private, and comes from either of two libraries.
        if "RefResolutionError" in type(error).__name__:
            raise Undecided(_LOST) from None
        raise
    return tuple(sorted(made, key=lambda text: (len(text), text)))


def _invalid(encoding: Encoding) -> str:
    if not isinstance(encoding, Mapping):
        return ""
    import jsonschema

    schema = encoding["json"]
    try:
        jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator).check_schema(schema)
    except jsonschema.exceptions.SchemaError as error:
        return f"the JSON Schema is not valid: {error.message[:200]}"
    return ""


def _validator(schema: Any) -> Any:
    import jsonschema
    from referencing import Registry

    kind = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    # A registry of its own: the default one would fetch what a `$ref` names.
    return kind(schema, registry=Registry())


def _limit() -> None:
    sys.setrecursionlimit(3_000)
    try:
        import resource
    except ImportError:  # not on this system: the time limit is all there is
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    sys.exit(main())
