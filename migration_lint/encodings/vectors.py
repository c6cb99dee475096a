"""Test vectors of an encoding: texts that decode and texts that do not, for tests in any language."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from migration_lint.encodings.compare import (
    Encoding,
    SchemaTooCostly,
    TrialFailed,
    ask,
    problem,
    samples,
    texts_of,
)
from migration_lint.errors import CannotJudge, Problem

#: How many made values a file of vectors holds, beside the examples.
MADE = 20


def vectors(encoding: Encoding, examples: tuple[str, ...]) -> dict[str, Any]:
    """`{"encoding", "valid", "invalid"}`.

    Each text is `{"text", "base64"}`: the second is its exact bytes. A valid one has `example` besides, which
    says whether the contract gives it, and its decoded `value` where it is JSON.

    Raises CannotJudge where an example is none, or a JSON Schema cannot be tried.
    """
    plain = dict(encoding) if isinstance(encoding, Mapping) else encoding
    for text in examples:
        why = problem("json" if isinstance(encoding, Mapping) else encoding, text)
        if why:
            shown = text if len(text) <= 40 else f"{text[:37]}..."
            raise CannotJudge(Problem(f"the example `{shown}` {why}", fix="correct it, or the encoding"))
    if isinstance(plain, Mapping):
        made, refused = _made_apart(json.dumps(plain))
    else:
        made, refused = texts_of(plain, problem, samples)
    texts = dict.fromkeys((*examples, *made[:MADE]))
    return {
        "encoding": plain,
        "valid": [_vector(encoding, text, text in examples) for text in texts],
        "invalid": [_bytes(text) for text in refused],
    }


@lru_cache(maxsize=64)  # columns share encodings, and a worker takes as long to start as all else
def _made_apart(encoding: str) -> tuple[list[str], list[str]]:
    """What `texts_of` gives of an encoding with a JSON Schema, from a process of its own."""
    try:
        made, refused = ask({"vectors": json.loads(encoding)})
    except SchemaTooCostly as reason:
        message = f"no values can be made of the encoding: it takes {reason}"
        raise CannotJudge(Problem(message, fix="write it in simpler terms")) from None
    except TrialFailed as failure:
        raise CannotJudge(Problem(f"no values can be made of the encoding, because {failure}")) from None
    return made, refused


def _vector(encoding: Encoding, text: str, example: bool) -> dict[str, Any]:
    made = {**_bytes(text), "example": example}
    if isinstance(encoding, Mapping) or encoding == "json":
        made["value"] = json.loads(text)
    return made


def _bytes(text: str) -> dict[str, Any]:
    return {"text": text, "base64": base64.b64encode(text.encode()).decode()}
