from __future__ import annotations

import pytest

from migration_lint.wording import listed


@pytest.mark.parametrize(
    ("words", "expected"), [("", ""), ("a", "a"), ("a b", "a or b"), ("a b c", "a, b or c")]
)
def test_listed(words: str, expected: str) -> None:
    assert listed(words.split(), "or") == expected
