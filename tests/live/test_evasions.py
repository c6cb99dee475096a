"""No way to change a table under contract gets past the gate, if it works.

Whether it works, Alembic and PostgreSQL say: see `evasions`. What does not change the table is no evasion,
and has no place in its lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from ..database import servers
from .evasions.cases import Case, cases
from .evasions.judging import Judge
from .evasions.running import Alembic

#: What passes today. Whoever mends it takes it out of there.
PASSING = frozenset((Path(__file__).parent / "evasions" / "passing.txt").read_text().splitlines())


class NoEvasion(Exception):
    """A case does not do what it is there for."""


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """The newest PostgreSQL that is here, with the history in it."""
    try:
        with servers.postgresql() as url, Alembic() as alembic:
            yield Judge(url, tmp_path_factory.mktemp("evasions"), alembic)
    except servers.NoServer as missing:
        pytest.skip(str(missing))


def _marked(case: Case) -> ParameterSet:
    marks = (
        [pytest.mark.xfail(strict=True, raises=AssertionError, reason="passes today")]
        if case.name in PASSING
        else []
    )
    return pytest.param(case, id=case.name, marks=marks)


@pytest.mark.parametrize("case", map(_marked, cases()))
def test_what_breaks_the_contract_is_found(case: Case, judge: Judge) -> None:
    outcome = judge.of(case)
    if not outcome.broken:
        raise NoEvasion(outcome.error or "the table is as it was")
    assert not outcome.passed


def test_what_is_said_to_pass_is_there() -> None:
    assert {case.name for case in cases()} >= PASSING
