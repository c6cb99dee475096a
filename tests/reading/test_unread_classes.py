"""What a library that cannot be read makes of a class: its body's functions may run, so they are said."""

from __future__ import annotations

import pytest

from migration_lint.reading import read_script_text

SCRIPT = """
from alembic import op
import outside_library

def upgrade():
    {head}
        @classmethod
        def now(cls):
            op.drop_column("deployment_events", "hint")
        {then}
"""


@pytest.mark.parametrize(
    ("head", "then"),
    [
        ("@outside_library.registered\n    class Given:", ""),
        ("@outside_library.registered()\n    class Given:", ""),
        ("class Given:", "x = outside_library.Field()"),
        ("class Given(metaclass=outside_library.made()):", ""),
        ("class Given(metaclass=outside_library.Meta):", ""),
        ("class Given(outside_library.Register):", ""),
        ("class Given(outside_library.Register, kind='x'):", ""),
        ("class Given(dict, outside_library.Register):", ""),
        ("class Given(**outside_library.words):", ""),
        ("class Given(*outside_library.bases):", ""),
    ],
)
def test_a_class_of_an_unread_library_is_said(head: str, then: str) -> None:
    found = read_script_text(SCRIPT.format(head=head, then=then)).upgrade

    assert {each.kind for each in found} & {"drop_column", "opaque"}
