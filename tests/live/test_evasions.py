"""No way to change a table under contract gets past the gate, if it works.

Whether it works, Alembic and PostgreSQL say: see `evasions`. What does not change the table is no evasion,
and has no place in its lists. The gate is shown every case here; a sample is carried out, and all of them by
`python -m tests.live.evasions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from ..database import servers
from .evasions.__main__ import main
from .evasions.cases import CARRIERS, Case, cases, forms, sample
from .evasions.judging import Gate, Judge, project
from .evasions.running import Alembic

#: What passes today. Whoever mends it takes it out of there.
PASSING = frozenset((Path(__file__).parent / "evasions" / "passing.txt").read_text().splitlines())
SAMPLE = sample()


class NoEvasion(Exception):
    """A case does not do what it is there for."""


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    return Gate(tmp_path_factory.mktemp("gate"))


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """The newest PostgreSQL that is here, with the history in it."""
    try:
        with servers.postgresql() as url, Alembic() as alembic:
            yield Judge(url, tmp_path_factory.mktemp("evasions"), alembic)
    except servers.NoServer as missing:
        pytest.skip(str(missing))


def _marked(case: Case) -> ParameterSet:
    marks = [pytest.mark.xfail(strict=True, reason="passes today")] if case.name in PASSING else []
    return pytest.param(case, id=case.name, marks=marks)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("case", [_marked(case) for case in cases()])
def test_what_breaks_the_contract_is_found(case: Case, gate: Gate, tmp_path: Path) -> None:
    assert not gate.passes(project(case, tmp_path))


@pytest.mark.parametrize("case", SAMPLE, ids=[case.name for case in SAMPLE])
def test_what_is_found_breaks_the_contract(case: Case, judge: Judge) -> None:
    outcome = judge.of(case)
    if not outcome.broken:
        raise NoEvasion(outcome.error or "the table is as it was")
    assert not outcome.passed


def test_the_sample_has_every_form_and_every_list_of_carriers() -> None:
    assert all(case.name.startswith(f"{form.name}, ") for form, case in zip(forms(), SAMPLE, strict=True))
    assert all(any(f", {group}: " in case.name for case in SAMPLE) for group in CARRIERS)


def test_a_folder_that_holds_something_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kept").write_text("")
    monkeypatch.setattr("sys.argv", ["evasions", str(tmp_path)])
    assert main() == 2
    assert capsys.readouterr().err == f"{tmp_path} is no empty folder: name a new one\n"
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


def test_what_is_said_to_pass_is_there() -> None:
    assert {case.name for case in cases()} >= PASSING
