"""The JSON Schema of the report, for those who read it."""

from __future__ import annotations

from typing import Any

from migration_lint.check.finding import MOST_ITEMS
from migration_lint.report.json import FORM, MOST_FINDINGS, MOST_NOTES, MOST_PATCHES
from migration_lint.severity import SEVERITIES

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_LINES: Schema = {"type": "array", "items": _TEXT}


def json_schema() -> Schema:
    """The schema, draft 2020-12. Every key is there in every report."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:migration-lint:report:{FORM.rpartition('/')[2]}",
        "title": "migration-lint report",
        "description": "What check and parity write with --format json. A change of this form raises its "
        "version, in `report`: what does not know a version must not read it.",
        **_object(
            report={"const": FORM, "description": "The form of this document."},
            tool=_object(name={"const": "migration-lint"}, version=_TEXT),
            judged=_or_null(_judged(), "What was judged; null: it is not known."),
            findings={"type": "array", "items": {"$ref": "#/$defs/finding"}, "maxItems": MOST_FINDINGS},
            patches={
                "type": "array",
                "maxItems": MOST_PATCHES,
                "items": _object(
                    path={"$ref": "#/$defs/path"},
                    patch=_said("A unified diff of one contract file: what contract sync would write."),
                ),
            },
            acknowledging={
                "type": "array",
                "maxItems": MOST_PATCHES,
                "items": {"$ref": "#/$defs/acknowledging"},
                "description": "What would make contracts acknowledge the change: their owners decide that.",
            },
            summary=_summary(),
        ),
        "$defs": {
            "path": _said("From the root of the trees, with slashes."),
            "severity": {"enum": list(SEVERITIES)},
            "line": {**_COUNT, "description": "From 1; 0: the file as a whole, or the end of a line."},
            "tree": _tree(),
            "excerpt": _excerpt(),
            "contract": _contract(),
            "acknowledging": _acknowledging(),
            "finding": _finding(),
        },
    }


def _judged() -> Schema:
    return _object(
        project=_said("The judged folder; empty for the root of the trees."),
        base=_or_null({"$ref": "#/$defs/tree"}, "null: nothing was compared."),
        head={"$ref": "#/$defs/tree"},
        databases={
            "type": "array",
            "items": _object(
                name=_said("The path of its configuration, or of its scripts."),
                dialect=_TEXT,
                version=_said("Empty: the configuration does not say."),
                revisions={**_COUNT, "description": "Those of head."},
            ),
        },
    )


def _tree() -> Schema:
    commit = {"type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$"}
    return _object(
        kind={"enum": ["commit", "index", "worktree", "folder", "nothing"]},
        name=_said("As messages call it."),
        commit=_or_null(commit, "The commit, or the one that the index or the work tree is built on."),
        tree=_or_null(commit, "Of a commit: the id of its files."),
        parents={
            "type": "array",
            "items": commit,
            "description": "Of a commit. A merge that CI made has the target first, and then the branch.",
        },
    )


def _finding() -> Schema:
    line = {"$ref": "#/$defs/line"}
    return _object(
        rule=_TEXT,
        rule_url=_or_null(_TEXT, "The rule's page; null: it is a rule of the project."),
        severity={"$ref": "#/$defs/severity"},
        message=_TEXT,
        path={"$ref": "#/$defs/path"},
        line=line,
        end_line=line,
        column={**_COUNT, "description": "From 1, in characters; 0: not known."},
        end_column={**_COUNT, "description": "One past the last character."},
        excerpt=_or_null({"$ref": "#/$defs/excerpt"}, "null: the text of the lines is not known."),
        revision=_or_null(_TEXT, "null: it is about none."),
        table=_or_null(_TEXT, "null: it is about none."),
        element=_or_null(_TEXT, "What of the table: a column, an index; null: the table itself."),
        contract=_or_null({"$ref": "#/$defs/contract"}, "The first of `contracts`."),
        contracts={"type": "array", "items": {"$ref": "#/$defs/contract"}},
        fix=_said("What to do: a sentence, and code below it. Empty: nothing is known."),
        notes={"type": "array", "items": _said("`label: text`.")},
        patches={
            "type": "array",
            "items": {"$ref": "#/$defs/path"},
            "description": "The files of `patches` that are part of mending it.",
        },
        fingerprint=_said("Stays the same when lines move."),
    )


def _contract() -> Schema:
    return _object(
        path={"$ref": "#/$defs/path"},
        line={"$ref": "#/$defs/line"},
        id=_said("The contract's."),
        text=_said("What it still says, and what it should."),
        excerpt=_or_null({"$ref": "#/$defs/excerpt"}, "null: the text of the line is not known."),
    )


def _acknowledging() -> Schema:
    entry = _object(table=_said("As the contract calls it."), revision=_TEXT)
    return _object(
        contract=_said("Its id."),
        path={"$ref": "#/$defs/path"},
        entries={"type": "array", "items": entry, "maxItems": MOST_ITEMS},
        patch=_said("A unified diff of the file, with a placeholder for the reason. Empty: it is not known."),
    )


def _excerpt() -> Schema:
    return {
        **_object(lines={**_LINES, "minItems": 1}, above=_LINES, below=_LINES),
        "description": "The lines of a place and those around it, without line ends, long ones cut off.",
    }


def _summary() -> Schema:
    return _object(
        errors=_COUNT,
        warnings=_COUNT,
        infos=_COUNT,
        suppressed=_COUNT,
        baselined=_COUNT,
        revisions={**_COUNT, "description": "Judged: new, edited or removed."},
        contracts=_or_null(_COUNT, "Of parity: held against something else. null: it was a check."),
        fail_on={"$ref": "#/$defs/severity"},
        failed={"type": "boolean", "description": "Exit status 1."},
        notes={"type": "array", "items": _TEXT, "maxItems": MOST_NOTES},
        left_out={
            **_object(findings=_COUNT, patches=_COUNT, notes=_COUNT, acknowledging=_COUNT),
            "description": "What there was no room for. The counts above are of all.",
        },
    )


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _or_null(schema: Schema, description: str) -> Schema:
    return {"anyOf": [schema, {"type": "null"}], "description": description}


def _said(description: str) -> Schema:
    return {"type": "string", "description": description}
