from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from migration_lint.settings import Settings

from .documented import DOCUMENTS, PAGES, ROOT, commands, renewed

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_output_shown_is_what_the_commands_print(document: Path) -> None:
    assert commands(document)
    assert renewed(document) == document.read_text(encoding="utf-8"), "mend it: python tests/documented.py"


def test_ci_runs_the_readme_s_command_for_the_tests() -> None:
    (pattern,) = re.findall(r"grep -E '([^']+)' README\.md", (ROOT / ".ci/run").read_text(encoding="utf-8"))
    found = subprocess.run(
        ["grep", "-E", pattern, "README.md"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    most, everything = [line for line in README.splitlines() if "-m pytest" in line]
    assert found == [everything]
    assert everything == most.replace("'.[test]'", "'.[test-all]'")
    assert " -c tests/constraints.txt " in everything


def test_the_commands_need_nothing_but_python_and_git() -> None:
    blocks = re.findall(r"^```sh\n(python3 .+)\n```$", README, re.MULTILINE)
    assert len(blocks) == 3
    for line in blocks:
        create, install, *_ = line.split(" && ")
        # Debian's Python refuses to install anything outside a virtual environment.
        assert create == "python3 -m venv .venv"
        assert install.startswith(".venv/bin/python -m pip install ")


def test_every_key_of_the_configuration_is_listed_with_its_default() -> None:
    listed = dict(re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", README, re.MULTILINE))
    keys = {name.replace("_", "-") for name in Settings.__slots__} - {"path", "lines", "floor"}
    assert listed.keys() == keys
    default = Settings()
    assert listed["contracts"] == f"`{list(default.contracts)}`".replace("'", '"')
    assert listed["require"] == f'`"{default.require}"`'
    assert listed["dialect"] == f'`"{default.dialect}"`'
    assert listed["fail-on"] == f'`"{default.fail_on}"`'


def test_the_contract_shown_is_one(tmp_path: Path) -> None:
    from migration_lint.contracts.parse import parse_contract

    (text,) = re.findall(r"^```yaml\n(# contracts/.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert parse_contract(text.encode(), "contracts/api.consumer.yaml", "").id == "api.consumer"


def test_nothing_is_installed_by_a_name_that_no_index_has() -> None:
    """Whoever took the name there would be trusted with every change."""
    for path in [ROOT / "README.md", *sorted((ROOT / "examples").rglob("*.*"))]:
        if path.suffix in (".md", ".yml"):
            text = path.read_text(encoding="utf-8")
            pip = r"(?:pipx?\"?|tool) install(?: -[\w-]+)*"
            named = re.findall(pip + r" ['\"]?(migration-(?:contract-)?lint\b[^'\"\n]*)", text)
            added = "migration-contract-lint[parity]"  # to what is installed already
            assert [each for each in named if " @ " not in each and each != added] == [], path


def test_every_link_leads_somewhere() -> None:
    for document in (
        *DOCUMENTS,
        *PAGES.values(),
        ROOT / "examples/ci/other.md",
        *sorted((ROOT / ".github").glob("*.md")),
    ):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), target
