from __future__ import annotations

import io

import pytest

from migration_lint.report.progress import PATIENCE, Progress
from migration_lint.report.screen import visible, wants_colour


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hint", "hint"),
        ("Größe 日本 e\u0301", "Größe 日本 e\u0301"),
        ("no\u00a0break", "no\u00a0break"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\r\tc\x00", "a\\nb\\r\\tc\\x00"),
        ("\u202eabc", "\\u202eabc"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("line\u2028end", "line\\u2028end"),
        ("lone \udc80", "lone \\udc80"),
        ("events_\ue000", "events_…"),
    ],
)
def test_what_is_printed_is_what_is_seen(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("terminal", "environ", "colour"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "0"}, False),
        (False, {"FORCE_COLOR": ""}, False),
        (False, {"CLICOLOR_FORCE": "1"}, True),
        (True, {"CLICOLOR": "0"}, False),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_when_there_is_colour(terminal: bool, environ: dict[str, str], colour: bool) -> None:
    assert wants_colour(Terminal() if terminal else io.StringIO(), environ) is colour


def drawn(stream: io.StringIO, environ: dict[str, str], *, late: bool) -> str:
    begun = 1000.0
    now = [begun]
    with Progress(stream, environ, clock=lambda: now[0]) as progress:
        now[0] += PATIENCE + 0.01 if late else PATIENCE / 2
        progress("reading", 250, 1000)
    return stream.getvalue()


def test_a_long_run_draws_a_bar_and_wipes_it_away() -> None:
    assert (
        drawn(Terminal(), {}, late=True) == "\r[======                  ] reading 250 of 1000\x1b[K\r\x1b[K"
    )


def test_a_short_run_draws_nothing() -> None:
    assert drawn(Terminal(), {}, late=False) == ""


def test_pipes_and_ci_logs_get_no_bar() -> None:
    assert drawn(io.StringIO(), {}, late=True) == ""
    assert drawn(Terminal(), {"CI": "true"}, late=True) == ""


def test_the_bar_is_not_drawn_more_often_than_an_eye_can_follow() -> None:
    stream, now = Terminal(), [0.0]
    with Progress(stream, {}, clock=lambda: now[0]) as progress:
        now[0] = PATIENCE
        for done in range(100):
            progress("reading", done, 100)
    assert stream.getvalue().count(" of 100") == 1
