"""Open Data Contract Standard documents (v3) as contracts.

A `physicalType` without a length or a precision states none: that is how documents are imported from a
database's `information_schema`.

The standard says what a table holds; what it has no word for (who is speaking, in which role, what must be
unique, which statements run, what is acknowledged) stands in `customProperties`, property `migrationLint`:

    id: api.consumer
    customProperties:
      - {property: migrationLint, value: {role: consumer, service: api}}
    schema:
      - name: deployment_events
        customProperties:
          - {property: migrationLint, value: {acknowledges: {4f1c2a9d7b31: not read by this side}}}
        properties:
          - name: last_lines
            physicalType: jsonb
            required: true
            customProperties:
              - {property: migrationLint, value: {encoding: {json: {type: array}}}}

A document is turned into the nodes that a contract of our own format would have, each with the place that it
has in the document, so that one reader checks both and messages point at the right line. Whatever else the
standard allows is left unread: it is not for us to refuse.

Source: the Open Data Contract Standard, v3.0.0 to v3.1.0, sections Fundamentals, Schema, Custom Properties.
"""

from __future__ import annotations

from migration_lint.contracts.format import COLUMN, TABLE, VERSION
from migration_lint.errors import Problem
from migration_lint.yaml_document import Document, ListNode, MappingNode, Node, Scalar

#: The custom property that holds what the standard lacks.
PROPERTY = "migrationLint"

#: What a custom property may add, by where it stands. The rest the standard says itself.
_OF_CONTRACT = frozenset({"role", "service", "owner", "database"})
_OF_TABLE = frozenset(key.name for key in TABLE.keys) - {"columns", "description"}
_OF_COLUMN = frozenset(key.name for key in COLUMN.keys) - {"type", "nullable", "description"}

Entries = list[tuple[Scalar, Node]]


def is_standard(root: MappingNode) -> bool:
    """Whether a document says that it follows the standard."""
    keys = {key.text for key, _ in root.pairs}
    return "apiVersion" in keys and "kind" in keys


def as_contract(document: Document, root: MappingNode, problems: list[Problem]) -> MappingNode | None:
    """The document as a contract of our own format; None where it cannot be one."""
    keys = {key.text: (key, value) for key, value in root.pairs}
    version = keys["apiVersion"][1]
    if not isinstance(version, Scalar) or not version.text.lstrip("v").startswith("3."):
        shown = version.text if isinstance(version, Scalar) else "something else"
        problems.append(
            document.problem(version, f"version {shown} of the Open Data Contract Standard is not read",
                             "write it in version 3, or as a contract of migration-lint")
        )  # fmt: skip
        return None
    ours = _custom(document, root, _OF_CONTRACT, "the contract", problems)
    if ours is None:
        problems.append(
            document.problem(
                root,
                "the document does not say whose contract it is",
                f"add customProperties: [{{property: {PROPERTY}, value: {{role: consumer, service: NAME}}}}]",
            )
        )
        return None
    said = {key.text: (key, value) for key, value in ours}
    entries: Entries = [(_named("contract", version), _named(VERSION, version))]
    for name, standard in (("id", "id"), ("service", "dataProduct"), ("owner", ""), ("database", "")):
        found = said.get(name) or keys.get(standard) or (keys.get("name") if name == "service" else None)
        if found is not None:
            entries.append((_named(name, found[0]), found[1]))
    if "role" in said:
        entries.append(said["role"])
    described = keys.get("description")
    if described is not None and isinstance(described[1], MappingNode):
        entries += [
            (_named("description", key), value) for key, value in described[1].pairs if key.text == "purpose"
        ]
    schema = keys.get("schema")
    at = schema[0] if schema else _named("tables", root)
    tables = _tables(document, schema[1], problems) if schema else []
    entries.append((_named("tables", at), MappingNode(tuple(tables), at.line, at.column)))
    return MappingNode(tuple(entries), root.line, root.column)


def _tables(document: Document, node: Node, problems: list[Problem]) -> Entries:
    made: Entries = []
    for item in _objects(document, node, "schema", problems):
        keys = {key.text: value for key, value in item.pairs}
        name = _name(keys)
        if name is None:
            problems.append(document.problem(item, "a table of schema has no name", "add name:"))
            continue
        entries: Entries = []
        properties = keys.get("properties")
        if properties is not None:
            columns = _columns(document, properties, problems)
            entries.append(
                (
                    _named("columns", properties),
                    MappingNode(tuple(columns), properties.line, properties.column),
                )
            )
        if "description" in keys:
            entries.append((_named("description", keys["description"]), keys["description"]))
        entries += _custom(document, item, _OF_TABLE, name.text, problems) or []
        made.append((name, MappingNode(tuple(entries), item.line, item.column)))
    return made


def _columns(document: Document, node: Node, problems: list[Problem]) -> Entries:
    made: Entries = []
    for item in _objects(document, node, "properties", problems):
        keys = {key.text: value for key, value in item.pairs}
        name = _name(keys)
        if name is None:
            problems.append(document.problem(item, "a property has no name", "add name:"))
            continue
        entries: Entries = []
        if "physicalType" not in keys:
            problems.append(
                document.problem(
                    name, f"{name.text} has no physicalType", "add the SQL type: physicalType: text"
                )
            )
        else:
            entries.append((_named("type", keys["physicalType"]), keys["physicalType"]))
        required = keys.get("required")
        if isinstance(required, Scalar) and required.truth is not None:
            word = "false" if required.truth else "true"
            entries.append((_named("nullable", required), required._replace(text=word)))
        if "description" in keys:
            entries.append((_named("description", keys["description"]), keys["description"]))
        own = _custom(document, item, _OF_COLUMN, name.text, problems) or []
        entries += own
        values = _values(keys.get("enum"))
        if values is not None and not any(key.text == "values" for key, _ in own):
            entries.append((_named("values", values), values))
        if "examples" in keys and not any(key.text == "examples" for key, _ in own):
            examples = keys["examples"]
            if isinstance(examples, ListNode) and all(isinstance(each, Scalar) for each in examples.items):
                entries.append((_named("examples", examples), examples))
        made.append((name, MappingNode(tuple(entries), item.line, item.column)))
    return made


def _values(node: Node | None) -> ListNode | None:
    """The values of an `enum`, which holds an object for each."""
    if not isinstance(node, ListNode) or not node.items:
        return None
    found = [
        value
        for item in node.items
        if isinstance(item, MappingNode)
        for key, value in item.pairs
        if key.text == "value" and isinstance(value, Scalar)
    ]
    return ListNode(tuple(found), node.line, node.column) if found else None


def _name(keys: dict[str, Node]) -> Scalar | None:
    """What the database calls it."""
    for key in ("physicalName", "name"):
        found = keys.get(key)
        if isinstance(found, Scalar) and found.text:
            return found
    return None


def _custom(
    document: Document, of: MappingNode, allowed: frozenset[str], where: str, problems: list[Problem]
) -> Entries | None:
    """What the property `migrationLint` of something says; None where it has none."""
    for key, value in of.pairs:
        if key.text != "customProperties" or not isinstance(value, ListNode):
            continue
        for item in value.items:
            said = {name.text: each for name, each in item.pairs} if isinstance(item, MappingNode) else {}
            name, held = said.get("property"), said.get("value")
            if not isinstance(name, Scalar) or name.text != PROPERTY:
                continue
            if not isinstance(held, MappingNode):
                problems.append(document.problem(item, f"{PROPERTY} of {where} must have keys as its value"))
                return []
            for each, _ in held.pairs:
                if each.text not in allowed:
                    fix = f"remove it: the keys here are {', '.join(sorted(allowed))}"
                    problems.append(
                        document.problem(each, f'unknown key "{each.text}" in {PROPERTY} of {where}', fix)
                    )
            return [(each, node) for each, node in held.pairs if each.text in allowed]
    return None


def _objects(document: Document, node: Node, where: str, problems: list[Problem]) -> list[MappingNode]:
    if not isinstance(node, ListNode):
        problems.append(document.problem(node, f"{where} must be a list of what it holds"))
        return []
    wrong = [item for item in node.items if not isinstance(item, MappingNode)]
    problems += [document.problem(item, f"an entry of {where} must have keys") for item in wrong]
    return [item for item in node.items if isinstance(item, MappingNode)]


def _named(text: str, at: Node) -> Scalar:
    """A key that stands nowhere, said to stand at a node."""
    start = at.start if isinstance(at, Scalar) else 0
    return Scalar(text, False, at.line, at.column, start, start)
