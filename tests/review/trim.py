"""Makes the descriptions of GitHub's API that the tests hold requests against: what the bot uses.

    npm pack @octokit/openapi @octokit/graphql-schema    and unpack both
    python tests/review/trim.py OPENAPI_FOLDER GRAPHQL_FOLDER

The packages are under the MIT licence, as are GitHub's own descriptions that they come from.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

REPOSITORY = "/repos/{owner}/{repo}"

#: Path → method → the status of the answer that is kept.
USED = {
    f"{REPOSITORY}/pulls/{{pull_number}}": {"get": "200"},
    f"{REPOSITORY}/pulls/{{pull_number}}/files": {"get": "200"},
    f"{REPOSITORY}/pulls/{{pull_number}}/comments": {"get": "200", "post": "201"},
    f"{REPOSITORY}/pulls/{{pull_number}}/reviews": {"get": "200", "post": "200"},
    f"{REPOSITORY}/pulls/{{pull_number}}/reviews/{{review_id}}/dismissals": {"put": "200"},
    f"{REPOSITORY}/issues/{{issue_number}}/comments": {"get": "200", "post": "201"},
    f"{REPOSITORY}/issues/comments/{{comment_id}}": {"patch": "200"},
    f"{REPOSITORY}/issues/{{issue_number}}/events": {"get": "200"},
    f"{REPOSITORY}/activity": {"get": "200"},
    f"{REPOSITORY}/check-runs": {"post": "201"},
    f"{REPOSITORY}/check-runs/{{check_run_id}}": {"patch": "200"},
    f"{REPOSITORY}/commits/{{ref}}/check-runs": {"get": "200"},
    f"{REPOSITORY}/commits/{{ref}}/statuses": {"get": "200"},
    f"{REPOSITORY}/statuses/{{sha}}": {"post": "201"},
}

#: Type → the fields of it that are kept; the types of these fields have to be here too, or scalars.
FIELDS = {
    "Query": ["viewer", "repository"],
    "User": ["login"],
    "Repository": ["pullRequest"],
    "PullRequest": ["reviewThreads"],
    "PullRequestReviewThreadConnection": ["pageInfo", "nodes"],
    "PageInfo": ["hasNextPage", "endCursor"],
    "PullRequestReviewThread": [
        "id",
        "isResolved",
        "resolvedBy",
        "viewerCanResolve",
        "viewerCanUnresolve",
        "comments",
    ],
    "PullRequestReviewCommentConnection": ["totalCount", "nodes"],
    "PullRequestReviewComment": ["id", "fullDatabaseId"],
    "Mutation": [
        "resolveReviewThread",
        "unresolveReviewThread",
        "updatePullRequestReviewComment",
        "deletePullRequestReviewComment",
    ],
    "ResolveReviewThreadPayload": ["clientMutationId", "thread"],
    "UnresolveReviewThreadPayload": ["clientMutationId", "thread"],
    "UpdatePullRequestReviewCommentPayload": ["clientMutationId"],
    "DeletePullRequestReviewCommentPayload": ["clientMutationId"],
}

#: What says nothing about which requests are right.
PROSE = {"description", "summary", "externalDocs", "title", "tags", "operationId"}


def main(openapi: Path, graphql: Path) -> None:
    """Writes `github.json` and `github.graphql` beside this file."""
    here = Path(__file__).parent
    whole = json.loads((openapi / "generated" / "api.github.com.json").read_text(encoding="utf-8"))
    version = json.loads((openapi / "package.json").read_text(encoding="utf-8"))["version"]
    (here / "github.json").write_text(
        json.dumps(trimmed(whole, version), indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    version = json.loads((graphql / "package.json").read_text(encoding="utf-8"))["version"]
    schema = (graphql / "schema.graphql").read_text(encoding="utf-8")
    (here / "github.graphql").write_text(pruned(schema, version), encoding="utf-8")


def trimmed(whole: dict[str, Any], version: str) -> dict[str, Any]:
    """The description with the used paths, what they refer to, and one example of each answer."""
    paths: dict[str, Any] = {}
    examples: dict[str, Any] = {}
    for path, methods in USED.items():
        item = paths[path] = {}
        for method, status in methods.items():
            operation = whole["paths"][path][method]
            answer = operation["responses"][status]
            content = answer["content"]["application/json"]
            stored = next(iter(content["examples"].values()))
            if "$ref" in stored:
                stored = followed(whole, stored["$ref"])
            examples[f"{method} {path}"] = stored["value"]
            item[method] = {
                "parameters": plain(operation.get("parameters", [])),
                **({"requestBody": plain(operation["requestBody"])} if "requestBody" in operation else {}),
                "responses": {
                    status: {
                        "description": "",
                        "content": {"application/json": {"schema": plain(content["schema"])}},
                    }
                },
            }
    made: dict[str, Any] = {
        "openapi": whole["openapi"],
        "info": {
            "title": "GitHub REST API, trimmed to what the tests use",
            "version": whole["info"]["version"],
            "license": {"name": "MIT", "url": "https://spdx.org/licenses/MIT"},
            "x-source": f"npm @octokit/openapi {version}, generated/api.github.com.json",
        },
        "paths": paths,
        "x-examples": examples,
        "components": {},
    }
    waiting = list(references(made))
    while waiting:
        reference = waiting.pop()
        group, name = reference.split("/")[2:]
        there = made["components"].setdefault(group, {})
        if name not in there:
            there[name] = plain(followed(whole, reference))
            waiting += references(there[name])
    return made


def plain(value: Any, names: bool = False) -> Any:
    """A value without prose; `names`: the keys are names that somebody gave, and say what is right."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: plain(each, names=key == "properties" and not names)
        for key, each in value.items()
        if names or (key not in PROSE | {"example", "examples"} and not key.startswith("x-"))
    }


def references(value: Any) -> list[str]:
    """Everything that a value refers to."""
    if isinstance(value, list):
        return [found for each in value for found in references(each)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [found for each in value.values() for found in references(each)]


def followed(whole: dict[str, Any], reference: str) -> Any:
    """What a reference within the document leads to."""
    found: Any = whole
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def pruned(schema: str, version: str) -> str:
    """The schema with the kept fields, and the types of their arguments."""
    from graphql import (
        GraphQLInputObjectType,
        GraphQLObjectType,
        build_schema,
        get_named_type,
        is_specified_scalar_type,
    )
    from graphql.utilities import print_type  # fmt: skip

    whole = build_schema(schema, assume_valid=True)
    said = [f"# Trimmed from npm @octokit/graphql-schema {version}, schema.graphql; licence: MIT."]
    others: dict[str, Any] = {}
    for name, fields in FIELDS.items():
        kind = whole.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        for field in fields:
            arguments = [argument.type for argument in kind.fields[field].args.values()]
            for used in (kind.fields[field].type, *arguments):
                named = get_named_type(used)
                if named.name not in FIELDS and not is_specified_scalar_type(named):
                    others[named.name] = named
        kept = {field: kind.fields[field] for field in fields}
        said.append(print_type(GraphQLObjectType(name, kept)))
    for _, named in sorted(others.items()):
        said.append(print_type(named))
        assert not isinstance(named, GraphQLInputObjectType) or {
            get_named_type(field.type).name for field in named.fields.values()
        } <= {"ID", "String"}
    return "\n\n".join(said) + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
