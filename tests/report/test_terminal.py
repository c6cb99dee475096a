"""What a person sees on a terminal of 80 or 60 columns, as it is sent, with ␛ for the escape character.

Colours are the eight that every terminal has, bold, and never the only way in which a thing is told.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from ..documented import ROOT
from ..projects import PROJECT, Repository, revision

pty = pytest.importorskip("pty", reason="there are no pseudo-terminals here")

EXPECTED = Path(__file__).parent / "expected/terminal"

CHANGE = """\
op.drop_column("deployment_events", "hint")
op.execute("ALTER TABLE deployment_events ALTER COLUMN exit_code TYPE bigint USING exit_code::bigint")
op.create_index("events_kind", "deployment_events", ["kind"])
"""


def seen(folder: Path, columns: int, **environ: str) -> str:
    """All that a run sends to a terminal of so many columns."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    clean = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    ran = subprocess.Popen(
        [sys.executable, "-m", "migration_lint", "check", "--base", "main"],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), "TERM": "xterm", "PYTHONIOENCODING": "utf-8", **environ},
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    told = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so that the other end is closed
            break
        if not part:
            break
        told += part
    assert ran.wait() == 1
    os.close(ours)
    return told.decode().replace("\r\n", "\n").replace("\x1b", "␛")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Repository.new(tmp_path_factory.mktemp("terminal") / "project", PROJECT)
    made.git("checkout", "--quiet", "-b", "topic")
    made.commit(revision(CHANGE))
    return made.path


SCREENS = {"80 in colour": (80, {}), "60 in colour": (60, {}), "60 without": (60, {"NO_COLOR": "1"})}


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_as_stored(name: str, project: Path) -> None:
    columns, environ = SCREENS[name]
    shown = seen(project, columns, **environ)
    file = EXPECTED / f"{name.replace(' ', '-')}.txt"
    if os.environ.get("UPDATE_EXPECTED"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")
    plain = [re.sub("␛\\[[0-9;]*m", "", line) for line in shown.splitlines()]
    for line in plain:
        wide = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)
        assert wide <= columns or line.startswith("       "), line  # code stays whole, to be copied


#: What terminals make of bold red, blue and magenta, and their backgrounds: the defaults of xterm, GNOME's
#: terminal, Visual Studio Code and macOS' Terminal, as they publish them.
PALETTES = {
    "xterm, dark": ("#000000", "#ff0000", "#5c5cff", "#ff00ff"),
    "xterm, light": ("#ffffff", "#ff0000", "#5c5cff", "#ff00ff"),
    "gnome, dark": ("#171421", "#f66151", "#2a7bde", "#c061cb"),
    "gnome, light": ("#ffffff", "#f66151", "#2a7bde", "#c061cb"),
    "code, dark": ("#1e1e1e", "#f14c4c", "#3b8eea", "#d670d6"),
    "code, light": ("#ffffff", "#cd3131", "#0451a5", "#bc05bc"),
    "macos, dark": ("#000000", "#e50000", "#0000ff", "#e500e5"),
    "macos, light": ("#ffffff", "#e50000", "#0000ff", "#e500e5"),
}
#: Of the words of a finding, by the Web Content Accessibility Guidelines (1.4.3) for bold text; of lines and
#: arrows beside it, less.
LEAST = {"31": 3.0, "35": 3.0, "34": 2.4}


def _contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        red, green, blue = (
            each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", PALETTES)
def test_what_is_coloured_can_be_read_on_dark_and_on_light(palette: str) -> None:
    background, red, blue, magenta = PALETTES[palette]
    shown = {"31": red, "34": blue, "35": magenta}
    used = {
        style
        for file in EXPECTED.glob("*.txt")
        for styles in re.findall("␛\\[([0-9;]*)m", file.read_text(encoding="utf-8"))
        for style in styles.split(";")
    }
    assert used <= {"0", "1", *shown}
    for style in used - {"0", "1"}:
        assert _contrast(background, shown[style]) >= LEAST[style], style


def test_colour_changes_nothing_but_colour(project: Path) -> None:
    assert re.sub("␛\\[[0-9;]*m", "", seen(project, 60)) == seen(project, 60, NO_COLOR="1")


def test_what_goes_to_no_terminal_is_not_wrapped(project: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "migration_lint", "check", "--base", "main"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "60"},
        capture_output=True,
        text=True,
        check=False,
    )
    whole = (
        "error[contract-column-dropped]: deployment_events.hint is dropped, but api.consumer and "
        "worker.producer did not change with it\n"
    )
    assert whole in ran.stdout
    assert whole not in seen(project, 60, NO_COLOR="1")
