"""Libraries that are not read: a table that a service reaches only through one of them is told of.

`libraries.txt` has a small program for each row of `unread-libraries.tsv`: `== LIBRARY: PATH`, and its text.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import migration_lint.sources
from migration_lint.cli import main

from .projects import write

PROGRAMS = [
    (library, path, text)
    for library, path, text in re.findall(
        r"^== (.+?): (\S+)\n(.*?)(?=^== |\Z)",
        Path(__file__).with_name("libraries.txt").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
]
#: Code that names the table, or what looks like a model of it, and reaches it in a way that is read, or not.
CALM = {
    "store.go": (
        'package store\n\nimport "github.com/jackc/pgx/v5"\n\n'
        "type DeploymentEvent struct{ Reason string }\n\n"
        "func save(db pgx.Tx, e DeploymentEvent) {\n"
        '\tdb.Exec("INSERT INTO deployment_events (reason) VALUES ($1)", e.Reason)\n}\n'
    ),
    "other.py": (
        "from django.db import models\n\nclass Deployment(models.Model):\n    a = 1  # deployment_events\n"
    ),
    "frames.py": "import pandas as pd\n\nDEPLOYMENT_EVENTS = pd.DataFrame()\n",
    "Store.cs": (
        "using Dapper;\nclass Store { void Save(IDbConnection db, DeploymentEvent e) {\n"
        ' db.Execute("INSERT INTO deployment_events (reason) VALUES (@Reason)", e); } }\n'
    ),
    "EventMapper.java": (
        "import org.apache.ibatis.annotations.Insert;\ninterface EventMapper {\n"
        ' @Insert("INSERT INTO deployment_events (reason) VALUES (#{reason})")\n'
        " void save(DeploymentEvent e);\n}\n"
    ),
    "migrations/0001_initial.py": 'from django.db import migrations\nNAME = "deployment_events"\n',
    "db/schema.rb": (
        'ActiveRecord::Schema[7.1].define do\n  create_table "deployment_events" do |t|\n  end\nend\n'
    ),
}
SAVE = """\
package worker

import "gorm.io/gorm"

func save(db *gorm.DB, e any) { db.Create(e) }
"""


def contract(service: str, table: str = "deployment_events") -> str:
    return (
        f"contract: migration-lint/v1\nid: {service}.producer\nservice: {service}\nrole: producer\ntables:\n"
        f"  {table}:\n    consumers: none\n    columns:\n      reason: {{type: text, nullable: false}}\n"
    )


def said(capsys: pytest.CaptureFixture[str], project: Path) -> list[dict[str, str]]:
    capsys.readouterr()
    main(["parity", str(project), "--format", "json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    return [each for each in findings if each["rule"] == "code-library-unread"]


def test_each_library_has_a_program() -> None:
    listed = (
        Path(migration_lint.sources.__file__).with_name("unread-libraries.tsv").read_text(encoding="utf-8")
    )
    names = {line.split("\t")[1] for line in listed.splitlines()[1:]}
    assert names == {library for library, _, _ in PROGRAMS}


def test_each_is_told_of_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = {}
    for number, (library, path, text) in enumerate(PROGRAMS):
        service = f"service{number}"
        write(
            tmp_path,
            {f"services/{service}/{path}": text, f"contracts/{service}.producer.yaml": contract(service)},
        )
        expected[f"services/{service}/{path}"] = library
    found = {each["path"]: each["message"] for each in said(capsys, tmp_path)}
    silent = {path: library for path, library in expected.items() if path not in found}
    assert not silent
    for path, library in expected.items():
        assert f"uses {library}, which is not read" in found[path]


def test_what_is_read_or_of_another_table_is_calm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path, text in CALM.items():
        write(tmp_path, {f"services/worker/{path}": text})
    write(tmp_path, {"contracts/worker.producer.yaml": contract("worker")})
    assert said(capsys, tmp_path) == []


def test_a_client_in_a_package_that_services_share(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        tmp_path,
        {
            "packages/db/prisma/schema.prisma": "model DeploymentEvent {\n  reason String\n}\n",
            "services/worker/save.ts": (
                'import { db } from "@acme/db";\n'
                'export const save = () => db.deploymentEvent.create({ data: { reason: "oom" } });\n'
            ),
            "contracts/worker.producer.yaml": contract("worker"),
        },
    )
    (found,) = said(capsys, tmp_path)
    assert (found["path"], found["line"]) == ("services/worker/save.ts", 2)
    assert "uses Prisma" in found["message"]


def test_a_model_whose_package_stands_in_the_name_of_its_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        tmp_path,
        {
            "worker/billing/models.py": (
                "from django.db import models\n\n\nclass Invoice(models.Model):\n    pass\n"
            ),
            "contracts/worker.producer.yaml": contract("worker", "billing_invoice"),
        },
    )
    (found,) = said(capsys, tmp_path)
    assert found["path"] == "worker/billing/models.py"


def test_a_struct_in_another_file_of_its_package(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        tmp_path,
        {
            "worker/event.go": "package worker\n\ntype DeploymentEvent struct {\n\tReason string\n}\n",
            "worker/save.go": SAVE,
            "contracts/worker.producer.yaml": contract("worker"),
        },
    )
    (found,) = said(capsys, tmp_path)
    assert (found["path"], found["line"]) == ("worker/event.go", 3)


def test_a_binding_to_what_is_not_read_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bound = contract("worker") + "    code: [{path: worker/save.go, symbol: save, statement: insert}]\n"
    write(
        tmp_path,
        {
            "worker/save.go": SAVE,
            "contracts/worker.producer.yaml": bound,
        },
    )
    main(["parity", str(tmp_path)])
    assert "save, which worker.producer binds, could not be worked out: it uses GORM, which is not read" in (
        capsys.readouterr().out
    )


def test_a_draft_says_what_is_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = "from django.db import models\n\n\nclass DeploymentEvent(models.Model):\n    pass\n"
    write(tmp_path, {"worker/models.py": models})
    asked = ["contract", "init", "deployment_events", "--project", str(tmp_path), "--producer", "worker"]
    assert main([*asked, "--code", "worker"]) == 2
    assert (
        "no statement on deployment_events was found in worker: worker/models.py:4 names it and uses "
        "Django's ORM, which is not read"
    ) in capsys.readouterr().err
