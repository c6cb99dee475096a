from __future__ import annotations

import pytest

from migration_lint.wording import did_you_mean, listed, near, nearest


@pytest.mark.parametrize(
    ("words", "expected"), [("", ""), ("a", "a"), ("a b", "a or b"), ("a b c", "a, b or c")]
)
def test_listed(words: str, expected: str) -> None:
    assert listed(words.split(), "or") == expected


@pytest.mark.parametrize(
    ("name", "names", "expected"),
    [
        ("indx", ["index", "worktree"], "index"),
        ("Deployment_Event", ["deployments", "deployment_events"], "deployment_events"),
        ("json_schema", ["odcs", "json-schema"], "json-schema"),
        ("main", ["main", "mian"], "mian"),
        ("qqqq", ["index", "worktree"], ""),
        ("", ["index"], ""),
        ("index", [], ""),
    ],
)
def test_near(name: str, names: list[str], expected: str) -> None:
    assert near(name, names) == expected


def test_nearest_first() -> None:
    names = ["github", "gitlab", "gitea", "bitbucket"]
    assert nearest("githb", names, 2) == ["github", "gitlab"]
    assert did_you_mean(nearest("githb", names, 2)) == "did you mean github or gitlab?"
    assert did_you_mean(nearest("azure", names), "name a host") == "name a host"
