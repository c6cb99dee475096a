"""What a migration does when it runs is what the reader says of it, however the migration is written."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from tests.reading.random_migrations.judging import differences
from tests.reading.random_migrations.running import Truth
from tests.reading.random_migrations.structure import migration


@pytest.fixture(scope="module")
def truth() -> Iterator[Truth]:
    with Truth() as running:
        yield running


@given(st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_what_runs_is_what_is_read(truth: Truth, random: Random) -> None:
    made = migration(random)

    assert not differences(made, truth.of(made)), f"{made.source}\n# {made.helper}"
