"""How long statements take on tables of known sizes."""

from __future__ import annotations

import pytest

from migration_lint.effects.duration import POSTGRESQL, Rates, amount, estimate, rates, spoken, whole
from migration_lint.effects.model import Effect
from migration_lint.settings.model import Durations
from migration_lint.sizes.model import TableSize

AUDIT = TableSize(410_000_000, 60_000_000_000, indexes=3)
PLANS = TableSize(12, 10_000_000, indexes=1)
AT = Rates(read=200, write=20, build=30)


@pytest.mark.parametrize(
    ("effect", "seconds", "basis"),
    [
        (Effect(scans=True), 300, "60 GB read at 200 MB/s"),
        (Effect(scans=True, builds=True), 2000, "1 index built from 60 GB at 30 MB/s"),
        (Effect(builds=True, builds_all=True), 6000, "3 indexes built from 60 GB at 30 MB/s"),
        (Effect(rebuilds=("a", "b")), 4000, "2 indexes built from 60 GB at 30 MB/s"),
        (
            Effect(rewrites=True, scans=True, rebuilds=("a",)),
            9000,
            "60 GB written at 20 MB/s, 3 indexes built at 30 MB/s",
        ),
    ],
)
def test_a_statement_takes_as_long_as_what_it_goes_through(
    effect: Effect, seconds: float, basis: str
) -> None:
    found = estimate(effect, [AUDIT], AT)
    assert found is not None
    assert (round(found.seconds), found.basis) == (seconds, basis)


def test_several_tables_are_added_up() -> None:
    found = estimate(Effect(scans=True), [AUDIT, PLANS], AT)
    assert found is not None
    assert round(found.seconds, 2) == 300.05


def test_what_goes_through_nothing_has_no_length() -> None:
    assert estimate(Effect("ALTER TABLE … DROP COLUMN"), [AUDIT], AT) is None


def test_nothing_takes_longer_than_writing_all_anew() -> None:
    assert whole(PLANS, AT) == pytest.approx(0.5 + 10 / 30)


def test_the_configuration_says_some_rates_and_the_dialect_the_others() -> None:
    assert rates(Durations(read=90), "postgresql") == POSTGRESQL._replace(read=90)
    assert rates(Durations(), "mariadb") != POSTGRESQL


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "a second"), (40, "40 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (9000, "2 h")],
)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert spoken(seconds) == said


@pytest.mark.parametrize(
    ("number", "said"), [(8192, "8.19 kB"), (3_500_000, "3.5 MB"), (61e9, "61 GB"), (1.2e12, "1.2 TB")]
)
def test_so_are_bytes(number: float, said: str) -> None:
    assert amount(number) == said
