from __future__ import annotations

import json

from migration_lint.check.finding import Report
from migration_lint.report import render

from .samples import AWKWARD_LINES, TWO_PLACES


def test_a_finding_with_all_it_says() -> None:
    document = json.loads(render(TWO_PLACES, "json"))
    place = {
        "path": "contracts/api.consumer.yaml",
        "line": 14,
        "id": "api.consumer",
        "text": "still reads hint: text, not null",
    }
    assert document["findings"][0] == {
        "rule": "contract-column-dropped",
        "severity": "error",
        "message": "deployment_events.hint is dropped, but api.consumer did not change with it",
        "path": "migrations/versions/4f1c2a9d7b31_drop_hint.py",
        "line": 11,
        "end_line": 11,
        "column": 5,
        "end_column": 48,
        "revision": "4f1c2a9d7b31",
        "table": "deployment_events",
        "contract": place,
        "contracts": [place],
        "fix": "remove hint from api.consumer in this change, once api no longer reads it",
        "notes": ["order: deploy api, then worker, then this migration"],
        "fingerprint": "0f3a",
    }
    assert document["summary"] == {
        "errors": 1,
        "warnings": 1,
        "infos": 0,
        "suppressed": 1,
        "baselined": 0,
        "revisions": 3,
        "failed": True,
        "notes": ['migration-lint.toml: require = "touched" takes effect once it is merged'],
    }


def test_every_finding_has_the_same_keys() -> None:
    first, second = json.loads(render(TWO_PLACES, "json"))["findings"]
    assert first.keys() == second.keys()
    assert second["contract"] is None
    assert second["contracts"] == []


def test_text_from_the_change_comes_back_as_it_was_and_travels_in_ascii() -> None:
    text = render(AWKWARD_LINES, "json")
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)["findings"][2]["message"] == AWKWARD_LINES.findings[2].message


def test_nothing_found() -> None:
    document = json.loads(render(Report(revisions=2), "json"))
    assert document["findings"] == []
    assert document["summary"]["failed"] is False
