"""A text of YAML is data to a loader that makes nothing else, and code to any other."""

from __future__ import annotations

import pytest

from migration_lint.reading import read_script_text

SCRIPT = 'import yaml\nrevision = "1"\ndown_revision = None\n{}\ndef upgrade():\n    yaml.load(open("x"){})\n'
FALLING_BACK = """\
try:
    from yaml import CSafeLoader as Loader
except ImportError:
    from yaml import SafeLoader as Loader
"""


@pytest.mark.parametrize(
    ("before", "argument", "kinds"),
    [
        ("", ", Loader=yaml.SafeLoader", []),
        ("", ", yaml.CSafeLoader", []),
        (FALLING_BACK, ", Loader=Loader", []),
        ("", "", ["opaque"]),
        ("", ", Loader=yaml.UnsafeLoader", ["opaque"]),
    ],
)
def test_loaders(before: str, argument: str, kinds: list[str]) -> None:
    found = read_script_text(SCRIPT.format(before, argument))
    assert [each.kind for each in found.upgrade] == kinds
