"""Where only root may enter: servers that root's tests start as another user."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from . import servers
from .servers import WHEELS, Install, NoServer, postgresql, postgresql_installs

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")

pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root starts servers as somebody else"
)

INSTALLS = postgresql_installs()
PACKAGED = [install for install in INSTALLS if install.programs.parts[-3] in WHEELS]


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder below one that only root may enter."""
    (tmp_path / "closed").mkdir(mode=0o700)
    (tmp_path / "closed/home").mkdir()
    return tmp_path / "closed/home"


def answers(install: Install | None = None) -> bool:
    with (
        postgresql(install) as url,
        psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://")) as connection,
    ):
        return connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("install", PACKAGED, ids=lambda install: str(install.version))
def test_programs_below_a_closed_folder_are_run_from_elsewhere(install: Install, closed: Path) -> None:
    packages = install.programs.parents[2]
    for each in packages.glob(f"{install.programs.parts[-3]}*"):
        (closed / each.name).symlink_to(each)
    programs = closed / install.programs.relative_to(packages)
    assert (programs / "postgres").is_file()
    assert answers(Install(install.version, programs))


def test_temporary_files_below_a_closed_folder_stay_closed(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not INSTALLS:
        pytest.skip("no PostgreSQL is here")
    monkeypatch.setattr(tempfile, "tempdir", str(closed))
    assert answers()
    assert closed.parent.stat().st_mode & 0o777 == 0o700


def test_where_no_other_user_gets_there_is_no_server(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not INSTALLS:
        pytest.skip("no PostgreSQL is here")
    monkeypatch.setattr(tempfile, "tempdir", str(closed))
    monkeypatch.setattr(servers, "PLACES", (str(closed),))
    with pytest.raises(NoServer, match=f"only root gets at {closed}"):
        answers()
