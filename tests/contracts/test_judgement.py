"""The decision table, at the level of one outcome and the contracts on both sides of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from migration_lint.catalog.outcome import Outcome, TableName
from migration_lint.contracts.judgement import (
    Behind,
    Disagreement,
    HeadColumn,
    Judgement,
    Removal,
    UpdateTerms,
    disagreements,
    judge,
    removals,
)
from migration_lint.contracts.model import ContractSet
from migration_lint.contracts.parse import parse_contract
from migration_lint.identifiers import POSTGRESQL, Identifiers

EVENTS = TableName("public", "events")
LOG = TableName("public", "log")
REVISION = "4f1c2a9d7b31"
ACKNOWLEDGE = f"acknowledges:\n  {REVISION}: <why this is safe>"

#: What a contract says of a table: one line of YAML for each line of the entry.
HINT = "columns: {hint: {type: text, nullable: false}}"
HINT_TEXT = "columns: {hint_text: {type: text, nullable: false}}"
NO_HINT = "columns: {}"
ACKNOWLEDGED = f"acknowledges: {{{REVISION}: this side does not mind}}"


def contract(name: str, tables: Mapping[str, str], *, comment: str = "", path: str = "") -> str:
    service, _, role = name.partition(".")
    lines = [
        f"# {comment}",
        "contract: migration-lint/v1",
        f"id: {name}",
        f"service: {service}",
        f"role: {role}",
    ]
    lines.append("tables:" if tables else "tables: {}")
    for table, entry in tables.items():
        lines += [f"  {table}:", *(f"    {line}" for line in entry.splitlines())]
    return "\n".join(lines)


def contracts(
    *texts: str, paths: Mapping[str, str] | None = None, identifiers: Identifiers = POSTGRESQL
) -> ContractSet:
    made = []
    for text in texts:
        read = parse_contract(text.encode(), "c.yaml")
        path = (paths or {}).get(read.id, f"contracts/{read.id}.yaml")
        made.append(parse_contract(text.encode(), path, content_id=str(hash(text))))
    return ContractSet(tuple(made), "public", identifiers)


class Side(NamedTuple):
    """What the worker's contract says of `events` before and after; the api's always follows."""

    base: str
    head: str


def pair(worker: Mapping[str, str] | None, api: Mapping[str, str] | None, comment: str = "") -> ContractSet:
    texts = []
    if worker is not None:
        texts.append(contract("worker.producer", worker, comment=comment))
    if api is not None:
        texts.append(contract("api.consumer", api, comment=comment))
    return contracts(*texts)


def outcome(kind: Any, **said: Any) -> Outcome:
    defaults: dict[str, Any] = {"table": EVENTS, "new_table": EVENTS, "revision": REVISION}
    return Outcome(kind=kind, **{**defaults, **said})


DROPPED = outcome("column_dropped", column="hint")
RENAMED = outcome("column_renamed", column="hint", new_column="hint_text")
RETYPED = outcome("column_retyped", column="hint", new_column="hint", old_type="text", new_type="int8")
RECREATED = outcome("column_recreated", column="hint", new_column="hint")
TABLE_DROPPED = outcome("table_dropped", new_table=None)
TABLE_RENAMED = outcome("table_renamed", new_table=LOG)
TABLE_MOVED = outcome("table_moved", new_table=TableName("audit", "events"))
TABLE_RECREATED = outcome("table_recreated")
OPAQUE = outcome("opaque")


class Head:
    """A catalog of head; a table that it does not list has no columns."""

    def __init__(self, tables: Mapping[TableName, Mapping[str, tuple[str | None, bool | None]]]) -> None:
        self._tables = tables

    def __call__(self, table: TableName, column: str) -> HeadColumn:
        known = self._tables.get(table, {}).get(column)
        return HeadColumn(False) if known is None else HeadColumn(True, *known)


HEADS: dict[str, Head] = {
    "column_dropped": Head({EVENTS: {"id": ("uuid", False)}}),
    "column_renamed": Head({EVENTS: {"hint_text": ("text", False)}}),
    "column_retyped": Head({EVENTS: {"hint": ("int8", False)}}),
    "column_recreated": Head({EVENTS: {"hint": ("text", False)}}),
    "table_dropped": Head({}),
    "table_renamed": Head({LOG: {"hint": ("text", False)}}),
    "table_moved": Head({TableName("audit", "events"): {"hint": ("text", False)}}),
    "table_recreated": Head({EVENTS: {"hint": ("text", False)}}),
    "opaque": Head({EVENTS: {"hint": ("text", False)}}),
}


def judged(found: Outcome, base: ContractSet, head: ContractSet, **terms: Any) -> Judgement:
    terms.setdefault("head_column", HEADS[found.kind])
    [judgement] = judge([found], base, head, UpdateTerms("postgresql", **terms))
    return judgement


def late(judgement: Judgement) -> list[str]:
    return [found.contract for found in judgement.behind]


# The element, before and after, for each outcome that a declaration can follow.
FOLLOWED: list[tuple[Outcome, dict[str, str], dict[str, str]]] = [
    (DROPPED, {"events": HINT}, {"events": NO_HINT}),
    (RENAMED, {"events": HINT}, {"events": HINT_TEXT}),
    (RETYPED, {"events": HINT}, {"events": "columns: {hint: {type: bigint, nullable: false}}"}),
    (TABLE_DROPPED, {"events": HINT}, {}),
    (TABLE_RENAMED, {"events": HINT}, {"log": HINT}),
    (TABLE_MOVED, {"events": HINT}, {"audit.events": HINT}),
]
ALL = [
    *FOLLOWED,
    (RECREATED, {"events": HINT}, {"events": f"{HINT}\n{ACKNOWLEDGED}"}),
    (TABLE_RECREATED, {"events": HINT}, {"events": f"{HINT}\n{ACKNOWLEDGED}"}),
    (OPAQUE, {"events": HINT}, {"events": f"{HINT}\n{ACKNOWLEDGED}"}),
]
KINDS = [case[0].kind for case in ALL]


@pytest.mark.parametrize(("found", "before", "after"), ALL, ids=KINDS)
class TestBothSides:
    """The headline: for every outcome, both contracts change with it, or the change fails."""

    def test_neither(self, found: Outcome, before: dict[str, str], after: dict[str, str]) -> None:
        assert late(judged(found, pair(before, before), pair(before, before))) == [
            "worker.producer",
            "api.consumer",
        ]

    def test_only_the_producer(self, found: Outcome, before: dict[str, str], after: dict[str, str]) -> None:
        assert late(judged(found, pair(before, before), pair(after, before))) == ["api.consumer"]

    def test_only_the_consumer(self, found: Outcome, before: dict[str, str], after: dict[str, str]) -> None:
        assert late(judged(found, pair(before, before), pair(before, after))) == ["worker.producer"]

    def test_both(self, found: Outcome, before: dict[str, str], after: dict[str, str]) -> None:
        judgement = judged(found, pair(before, before), pair(after, after))
        assert judgement == Judgement((), (), ("worker.producer", "api.consumer"))
        assert judgement.updated

    def test_a_comment_is_no_update(
        self, found: Outcome, before: dict[str, str], after: dict[str, str]
    ) -> None:
        head = pair(before, before, comment="edited")
        assert len(judged(found, pair(before, before), head).behind) == 2

    def test_prose_is_no_update(self, found: Outcome, before: dict[str, str], after: dict[str, str]) -> None:
        head = {table: f"{entry}\ndescription: edited" for table, entry in before.items()}
        assert len(judged(found, pair(before, before), pair(head, head)).behind) == 2

    def test_touching_is_enough_where_that_is_all_that_is_asked(
        self, found: Outcome, before: dict[str, str], after: dict[str, str]
    ) -> None:
        head = pair(before, before, comment="edited")
        assert judged(found, pair(before, before), head, require="touched").updated
        assert not judged(found, pair(before, before), head, require="changed").updated
        assert not judged(found, pair(before, before), pair(before, before), require="touched").updated

    def test_a_deleted_contract_still_protects(
        self, found: Outcome, before: dict[str, str], after: dict[str, str]
    ) -> None:
        for require in ("agrees", "changed", "touched"):
            judgement = judged(found, pair(before, before), pair(after, None), require=require)
            if found is TABLE_DROPPED:
                assert judgement.updated, "with the table, its contracts go"
            else:
                assert late(judgement) == ["api.consumer"]

    def test_a_deleted_entry_still_protects(
        self, found: Outcome, before: dict[str, str], after: dict[str, str]
    ) -> None:
        base = {**before, "other": HINT}
        for require in ("agrees", "changed", "touched"):
            judgement = judged(
                found, pair(base, base), pair({**after, "other": HINT}, {"other": HINT}), require=require
            )
            assert late(judgement) == ([] if found is TABLE_DROPPED else ["api.consumer"])

    def test_acknowledging_is_an_update(
        self, found: Outcome, before: dict[str, str], after: dict[str, str]
    ) -> None:
        head = {"events": f"{HINT}\n{ACKNOWLEDGED}"}
        assert judged(found, pair(before, before), pair(head, head)).updated

    def test_an_acknowledgement_of_another_revision_is_none(
        self, found: Outcome, before: dict[str, str], after: dict[str, str]
    ) -> None:
        head = {"events": f"{HINT}\nacknowledges: {{123456789012: because}}"}
        assert len(judged(found, pair(before, before), pair(head, head)).behind) == 2

    def test_an_acknowledgement_from_before_is_none(
        self, found: Outcome, before: dict[str, str], after: dict[str, str]
    ) -> None:
        both = {"events": f"{HINT}\n{ACKNOWLEDGED}"}
        assert len(judged(found, pair(both, both), pair(both, both)).behind) == 2
        assert judged(found, pair(both, both), pair(both, both), accept_earlier_consent=True).updated

    def test_nothing_can_be_acknowledged_without_a_revision(
        self, found: Outcome, before: dict[str, str], after: dict[str, str]
    ) -> None:
        unnamed = found._replace(revision="")
        head = {"events": f"{HINT}\n{ACKNOWLEDGED}"}
        assert len(judged(unnamed, pair(before, before), pair(head, head)).behind) == 2

    def test_a_moved_file_is_neutral(
        self, found: Outcome, before: dict[str, str], after: dict[str, str]
    ) -> None:
        base = pair(before, before)
        moved = {"worker.producer": "elsewhere.yaml", "api.consumer": "b.yaml"}
        texts = [contract("worker.producer", before), contract("api.consumer", before)]
        judgement = judged(found, base, contracts(*texts, paths=moved), require="touched")
        assert [each.path for each in judgement.behind] == ["elsewhere.yaml", "b.yaml"]
        texts = [contract("worker.producer", after), contract("api.consumer", after)]
        assert judged(found, base, contracts(*texts, paths=moved)).updated


@pytest.mark.parametrize(
    ("found", "before", "after", "line", "says", "should"),
    [
        (DROPPED, HINT, HINT, 8, "hint: {type: text, nullable: false}", "no entry for hint"),
        (DROPPED, NO_HINT, NO_HINT, 7, "no entry for hint", ACKNOWLEDGE),
        (
            RENAMED,
            HINT,
            HINT,
            8,
            "hint: {type: text, nullable: false}",
            "hint_text: {type: text, nullable: false}",
        ),
        (RENAMED, HINT, NO_HINT, 7, "no entry for hint_text", "hint_text: {type: text, nullable: false}"),
        (
            RENAMED,
            HINT,
            "columns: {hint_text: {type: int4, nullable: true}}",
            8,
            "hint_text: {type: int4, nullable: true}",
            "hint_text: {type: text, nullable: false}",
        ),
        (
            RENAMED,
            HINT,
            "columns: {hint: {type: text}, hint_text: {type: text}}",
            8,
            "hint: {type: text}",
            "no entry for hint, only for hint_text",
        ),
        (RENAMED, NO_HINT, NO_HINT, 7, "no entry for hint", ACKNOWLEDGE),
        (
            RENAMED,
            HINT_TEXT,
            HINT_TEXT,
            8,
            "hint_text: {type: text, nullable: false} since before this change",
            ACKNOWLEDGE,
        ),
        (
            RETYPED,
            HINT,
            HINT,
            8,
            "hint: {type: text, nullable: false}",
            "hint: {type: int8, nullable: false}",
        ),
        (
            RETYPED,
            "columns: {hint: {type: text, values: [a]}}",
            "columns: {hint: {type: int4, values: [a]}}",
            8,
            "hint: {type: int4, values: [a]}",
            "hint: {type: int8, values: [a]}",
        ),
        (RETYPED, HINT, NO_HINT, 7, "no entry for hint", "hint: {type: int8, nullable: false}"),
        (RETYPED, NO_HINT, NO_HINT, 7, "no entry for hint", ACKNOWLEDGE),
        (
            RETYPED,
            "columns: {hint: {type: int8}}",
            "columns: {hint: {type: bigint}}",
            8,
            "hint: {type: bigint} since before this change",
            ACKNOWLEDGE,
        ),
        (RECREATED, HINT, NO_HINT, 7, "events:", ACKNOWLEDGE),
        (RECREATED, HINT, HINT, 8, "hint: {type: text, nullable: false}", ACKNOWLEDGE),
        (TABLE_DROPPED, HINT, HINT, 7, "events:", "no entry for events"),
        (TABLE_RENAMED, HINT, HINT, 7, "events:", "log:"),
        (TABLE_MOVED, HINT, HINT, 7, "events:", "audit.events:"),
        (TABLE_RECREATED, HINT, HINT, 7, "events:", ACKNOWLEDGE),
        (OPAQUE, HINT, HINT, 7, "events:", ACKNOWLEDGE),
        (OPAQUE, HINT, NO_HINT, 7, "events:", ACKNOWLEDGE),
    ],
)
def test_what_is_behind_and_what_it_should_say(
    found: Outcome, before: str, after: str, line: int, says: str, should: str
) -> None:
    base = pair({"events": before}, None)
    head = pair({"events": after}, None)
    assert judged(found, base, head).behind == (
        Behind("worker.producer", "producer", "contracts/worker.producer.yaml", line, says, should),
    )


@pytest.mark.parametrize(("found", "before", "after"), FOLLOWED, ids=KINDS[: len(FOLLOWED)])
def test_who_writes_what_is_expected_has_followed(
    found: Outcome, before: dict[str, str], after: dict[str, str]
) -> None:
    base = pair(before, None)
    [behind] = judged(found, base, base).behind
    if behind.expected.startswith("no entry for "):
        head = {} if found is TABLE_DROPPED else {"events": NO_HINT}
    elif behind.expected.endswith("}"):
        head = {"events": f"columns:\n  {behind.expected}"}
    else:
        head = {behind.expected.rstrip(":"): HINT}
    assert judged(found, base, pair(head, None)).updated


@pytest.mark.parametrize(
    "found", [DROPPED, RENAMED, RETYPED, RECREATED, OPAQUE], ids=lambda found: found.kind
)
def test_who_acknowledges_as_expected_is_updated(found: Outcome) -> None:
    base = pair({"events": NO_HINT}, None)
    [behind] = judged(found, base, base).behind
    acknowledged = behind.expected.replace("<why this is safe>", "this side never reads it")
    assert judged(found, base, pair({"events": f"{NO_HINT}\n{acknowledged}"}, None)).updated


@pytest.mark.parametrize(
    ("found", "should"),
    [
        (DROPPED, "events:\n  columns:\n    id: {type: uuid}"),
        (
            RENAMED,
            "events:\n  columns:\n    id: {type: uuid}\n    hint_text: {type: text, nullable: false}",
        ),
        (RETYPED, "events:\n  columns:\n    id: {type: uuid}\n    hint: {type: int8, nullable: false}"),
        (TABLE_RENAMED, "log:\n  columns:\n    id: {type: uuid}\n    hint: {type: text, nullable: false}"),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_what_a_deleted_contract_should_say(found: Outcome, should: str) -> None:
    base = pair({"events": "columns: {id: {type: uuid}, hint: {type: text, nullable: false}}"}, None)
    place = ("worker.producer", "producer", "contracts/worker.producer.yaml", 0)
    assert judged(found, base, contracts()).behind == (Behind(*place, "the contract is deleted", should),)
    name = should.partition(":")[0]
    assert judged(found, base, pair({"other": HINT}, None)).behind == (
        Behind(*place, f"no entry for {name}", should),
    )


def test_an_identity_cannot_be_shed() -> None:
    base = pair({"events": HINT}, {"events": HINT})
    renamed = contract("worker2.producer", {"events": NO_HINT})
    other_role = contract("api.consumer", {"events": NO_HINT}).replace("role: consumer", "role: producer")
    head = contracts(renamed, other_role, paths={"worker2.producer": "contracts/worker.producer.yaml"})
    assert judged(DROPPED, base, head).behind == (
        Behind(
            "worker.producer",
            "producer",
            "contracts/worker.producer.yaml",
            3,
            "id: worker2.producer",
            "id: worker.producer",
        ),
        Behind(
            "api.consumer", "consumer", "contracts/api.consumer.yaml", 3, "role: producer", "role: consumer"
        ),
    )


class TestSides:
    """Both sides must have a contract, or somebody must say that one is empty."""

    @pytest.mark.parametrize(
        ("before", "after", "missing"),
        [
            (HINT, NO_HINT, ("consumer",)),
            (f"{HINT}\nconsumers: none", f"{NO_HINT}\nconsumers: none", ()),
            (f"{HINT}\nconsumers: none", NO_HINT, ()),
            (HINT, f"{NO_HINT}\nconsumers: none", ()),
        ],
    )
    def test_one_side_has_no_contract(self, before: str, after: str, missing: tuple[str, ...]) -> None:
        judgement = judged(DROPPED, pair({"events": before}, None), pair({"events": after}, None))
        assert judgement == Judgement((), missing, ("worker.producer",))

    def test_nobody_writes(self) -> None:
        base, head = (pair(None, {"events": f"{entry}\nproducers: none"}) for entry in (HINT, NO_HINT))
        assert judged(DROPPED, base, head).missing_sides == ()

    def test_to_call_a_side_empty_does_not_excuse_its_deleted_contract(self) -> None:
        base = pair({"events": HINT}, {"events": HINT})
        head = pair({"events": f"{NO_HINT}\nconsumers: none"}, None)
        assert late(judged(DROPPED, base, head)) == ["api.consumer"]

    def test_no_contract_at_all(self) -> None:
        assert judged(DROPPED, contracts(), contracts()) == Judgement((), ("producer", "consumer"), ())

    def test_both_contracts_are_new(self) -> None:
        head = pair({"events": NO_HINT}, {"events": NO_HINT})
        assert judged(DROPPED, contracts(), head) == Judgement((), (), ("worker.producer", "api.consumer"))

    def test_a_new_side_is_there(self) -> None:
        head = pair({"events": NO_HINT}, {"events": NO_HINT})
        assert judged(DROPPED, pair({"events": HINT}, None), head) == Judgement(
            (), (), ("worker.producer", "api.consumer")
        )

    def test_a_new_contract_excuses_nobody(self) -> None:
        base = pair({"events": HINT}, {"events": HINT})
        texts = [contract(name, {"events": NO_HINT}) for name in ("worker.producer", "app.consumer")]
        head = contracts(*texts, contract("api.consumer", {"events": HINT}))
        assert late(judged(DROPPED, base, head)) == ["api.consumer"]

    def test_everyone_who_covers_the_table(self) -> None:
        names = ("a.producer", "b.producer", "a.consumer", "b.consumer", "c.consumer")
        base = contracts(*(contract(name, {"events": HINT}) for name in names))
        said = dict(zip(names, (NO_HINT, HINT, HINT, NO_HINT, f"{HINT}\n{ACKNOWLEDGED}"), strict=True))
        head = contracts(*(contract(name, {"events": entry}) for name, entry in said.items()))
        judgement = judged(DROPPED, base, head)
        assert late(judgement) == ["b.producer", "a.consumer"]
        assert judgement.covering == names

    def test_other_tables_are_not_their_business(self) -> None:
        base = contracts(
            contract("worker.producer", {"events": HINT}), contract("api.consumer", {"other": HINT})
        )
        assert judged(DROPPED, base, base).covering == ("worker.producer",)


class TestWhatDoesNotCount:
    """Edits that look like an update."""

    @pytest.mark.parametrize("spelling", ["TEXT", '"text"', "text  # edited"])
    def test_another_spelling_of_the_type(self, spelling: str) -> None:
        base = pair({"events": "columns: {hint: {type: text}}"}, None)
        head = pair({"events": f"columns:\n  hint:\n    type: {spelling}"}, None)
        assert not judged(RETYPED, base, head).updated

    def test_int_written_as_int4_does_not_follow_int8(self) -> None:
        base = pair({"events": "columns: {n: {type: INT}}"}, None)
        head = pair({"events": "columns: {n: {type: int4}}"}, None)
        widened = outcome("column_retyped", column="n", new_column="n", old_type="int4", new_type="int8")
        known = Head({EVENTS: {"n": ("int8", None)}})
        for require in ("agrees", "changed"):
            judgement = judged(widened, base, head, head_column=known, require=require)
            assert [found.expected for found in judgement.behind] == ["n: {type: int8}"]

    def test_an_edit_of_another_column(self) -> None:
        base = pair({"events": HINT}, None)
        head = pair({"events": "columns: {hint: {type: text, nullable: false}, x: {type: text}}"}, None)
        for require in ("agrees", "changed"):
            assert not judged(DROPPED, base, head, require=require).updated

    def test_changed_but_not_to_what_the_migration_makes(self) -> None:
        base = pair({"events": HINT}, None)
        head = pair({"events": "columns: {hint: {type: int4, nullable: false}}"}, None)
        assert not judged(RETYPED, base, head).updated
        assert judged(RETYPED, base, head, require="changed").updated

    def test_an_acknowledgement_for_another_table(self) -> None:
        base = pair({"events": HINT, "log": HINT}, None)
        head = pair({"events": HINT, "log": f"{HINT}\n{ACKNOWLEDGED}"}, None)
        assert not judged(OPAQUE, base, head).updated

    def test_an_acknowledgement_carried_over_to_the_new_name(self) -> None:
        base = pair({"events": f"{HINT}\n{ACKNOWLEDGED}"}, None)
        head = pair({"log": f"{HINT}\n{ACKNOWLEDGED}"}, None)
        found = outcome("opaque", new_table=LOG)
        [behind] = judged(found, base, head).behind
        assert behind.expected == (
            f"a new revision that does this: {REVISION} was acknowledged before this change"
        )

    def test_an_acknowledgement_by_another_contract(self) -> None:
        base = pair({"events": HINT}, {"events": HINT})
        head = pair({"events": f"{HINT}\n{ACKNOWLEDGED}"}, {"events": HINT})
        assert late(judged(OPAQUE, base, head)) == ["api.consumer"]


class TestEarlierConsent:
    """A contract that described the outcome before the change counts only where that is configured."""

    @pytest.mark.parametrize(
        ("found", "both"),
        [
            (DROPPED, {"events": NO_HINT}),
            (RENAMED, {"events": HINT_TEXT}),
            (RETYPED, {"events": "columns: {hint: {type: int8}}"}),
            (TABLE_RENAMED, {"log": HINT}),
        ],
        ids=lambda value: getattr(value, "kind", ""),
    )
    def test_it_described_the_outcome(self, found: Outcome, both: dict[str, str]) -> None:
        judgement = judged(found, pair(both, None), pair(both, None))
        assert [behind.expected for behind in judgement.behind] == [ACKNOWLEDGE]
        assert judged(found, pair(both, None), pair(both, None), accept_earlier_consent=True).updated
        head = {table: f"{entry}\n{ACKNOWLEDGED}" for table, entry in both.items()}
        assert judged(found, pair(both, None), pair(head, None)).updated

    @pytest.mark.parametrize("found", [RENAMED, RETYPED], ids=lambda found: found.kind)
    def test_a_column_that_was_never_listed_is_no_consent(self, found: Outcome) -> None:
        both = pair({"events": NO_HINT}, None)
        assert not judged(found, both, both, accept_earlier_consent=True).updated

    @pytest.mark.parametrize(
        ("found", "after"),
        [(RENAMED, HINT_TEXT), (RETYPED, "columns: {hint: {type: int8}}")],
        ids=["column_renamed", "column_retyped"],
    )
    def test_a_column_that_is_newly_listed_as_it_is_now(self, found: Outcome, after: str) -> None:
        assert judged(found, pair({"events": NO_HINT}, None), pair({"events": after}, None)).updated


class TestSeveralOutcomes:
    """One contract edit, several things that happened."""

    BOTH = (
        outcome("column_renamed", column="hint", new_column="hint_text"),
        outcome("column_retyped", column="hint", new_column="hint_text", old_type="text", new_type="int8"),
    )

    @pytest.mark.parametrize(
        ("after", "updated"),
        [
            ("columns: {hint_text: {type: int8}}", [True, True]),
            ("columns: {hint_text: {type: text}}", [False, False]),
            ("columns: {hint: {type: int8}}", [False, True]),
            ("columns: {hint: {type: text}}", [False, False]),
            (f"columns: {{hint: {{type: text}}}}\n{ACKNOWLEDGED}", [True, True]),
        ],
    )
    def test_a_column_renamed_and_retyped(self, after: str, updated: list[bool]) -> None:
        base, head = pair({"events": "columns: {hint: {type: text}}"}, None), pair({"events": after}, None)
        terms = UpdateTerms("postgresql", Head({EVENTS: {"hint_text": ("int8", None)}}))
        assert [found.updated for found in judge(self.BOTH, base, head, terms)] == updated

    @pytest.mark.parametrize(
        ("after", "updated"),
        [
            ({"log": NO_HINT}, [True, True]),
            ({"log": HINT}, [True, False]),
            ({"events": NO_HINT}, [False, True]),
            ({"events": HINT}, [False, False]),
            ({}, [False, False]),
        ],
    )
    def test_a_table_renamed_and_then_altered(self, after: dict[str, str], updated: list[bool]) -> None:
        found = [TABLE_RENAMED, outcome("column_dropped", column="hint", new_table=LOG)]
        terms = UpdateTerms("postgresql", Head({LOG: {"id": ("uuid", False)}}))
        judgements = judge(found, pair({"events": HINT}, None), pair(after, None), terms)
        assert [judgement.updated for judgement in judgements] == updated

    def test_a_table_dropped_and_another_renamed_to_its_name(self) -> None:
        found = [outcome("table_dropped", table=LOG, new_table=None), TABLE_RENAMED]
        terms = UpdateTerms("postgresql", Head({LOG: {"hint": ("text", False)}}))
        base = pair({"events": HINT, "log": "columns: {id: {type: uuid}}"}, None)
        unchanged, followed = (
            judge(found, base, base, terms),
            judge(found, base, pair({"log": HINT}, None), terms),
        )
        assert [judgement.updated for judgement in unchanged] == [False, False]
        assert [judgement.updated for judgement in followed] == [False, True]
        assert followed[0].behind[0].expected == ACKNOWLEDGE, "an entry for log says nothing of the old log"

    def test_two_columns_that_change_places(self) -> None:
        found = [
            outcome("column_renamed", column="a", new_column="b"),
            outcome("column_renamed", column="b", new_column="a"),
        ]
        terms = UpdateTerms("postgresql", Head({EVENTS: {"a": ("text", None), "b": ("text", None)}}))
        both = pair({"events": "columns: {a: {type: text}, b: {type: text}}"}, None)
        assert [judgement.updated for judgement in judge(found, both, both, terms)] == [False, False]

    def test_two_tables_that_change_places(self) -> None:
        found = [TABLE_RENAMED, outcome("table_renamed", table=LOG, new_table=EVENTS)]
        terms = UpdateTerms(
            "postgresql", Head({EVENTS: {"id": ("uuid", None)}, LOG: {"hint": ("text", None)}})
        )
        before = pair({"events": HINT, "log": "columns: {id: {type: uuid}}"}, None)
        after = pair({"log": HINT, "events": "columns: {id: {type: uuid}}"}, None)
        assert [judgement.updated for judgement in judge(found, before, before, terms)] == [False, False]
        assert [judgement.updated for judgement in judge(found, before, after, terms)] == [True, True]


class TestWhatStays:
    """The old name still answers."""

    def test_an_old_column_beside_the_new(self) -> None:
        kept = outcome("column_renamed", column="hint", new_column="hint_text", kept=True)
        both = "columns: {hint: {type: text}, hint_text: {type: text}}"
        assert judged(kept, pair({"events": HINT}, None), pair({"events": both}, None)).updated

    def test_an_old_table_name_as_a_view(self) -> None:
        kept = outcome("table_renamed", new_table=LOG, kept=True)
        assert judged(kept, pair({"events": HINT}, None), pair({"events": HINT, "log": HINT}, None)).updated

    def test_an_old_entry_for_no_table(self) -> None:
        [behind] = judged(
            TABLE_RENAMED, pair({"events": HINT}, None), pair({"events": HINT, "log": HINT}, None)
        ).behind
        assert (behind.found, behind.expected) == ("events:", "no entry for events, only for log")


class TestWhatIsNotKnown:
    """The catalog of head may not know; then only what both say can disagree."""

    UNKNOWN = staticmethod(lambda table, column: HeadColumn())

    def test_a_rename_is_followed_by_name(self) -> None:
        base, head = pair({"events": HINT}, None), pair({"events": HINT_TEXT}, None)
        assert judged(RENAMED, base, head, head_column=self.UNKNOWN).updated

    def test_an_unknown_type_can_only_be_acknowledged(self) -> None:
        found = outcome("column_retyped", column="hint", new_column="hint", old_type="text")
        base, head = (
            pair({"events": f"columns: {{hint: {{type: {name}}}}}"}, None) for name in ("text", "int8")
        )
        [behind] = judged(found, base, head, head_column=self.UNKNOWN).behind
        assert behind.expected == ACKNOWLEDGE

    def test_the_type_of_the_outcome_is_enough(self) -> None:
        base, head = (
            pair({"events": f"columns: {{hint: {{type: {name}}}}}"}, None) for name in ("text", "int8")
        )
        assert judged(RETYPED, base, head, head_column=self.UNKNOWN).updated


def test_case_counts_only_where_the_database_says_so() -> None:
    texts = [contract("worker.producer", {"Events": "columns: {Hint: {type: text}}"})]
    after = [contract("worker.producer", {"Events": NO_HINT})]
    assert judged(DROPPED, contracts(*texts), contracts(*texts)).covering == ()
    loose = contracts(*texts, identifiers=Identifiers("mysql"))
    assert late(judged(DROPPED, loose, loose)) == ["worker.producer"]
    assert judged(DROPPED, loose, contracts(*after, identifiers=Identifiers("mysql"))).updated


class TestDisagreements:
    """What the change newly declares must be so."""

    HEAD = Head({EVENTS: {"id": ("uuid", False), "hint": ("text", False)}, LOG: {"hint": ("text", False)}})

    def found(self, base: ContractSet, head: ContractSet, *outcomes: Outcome) -> list[Disagreement]:
        return disagreements(base, head, UpdateTerms("postgresql", self.HEAD), outcomes)

    def test_a_new_contract_that_agrees(self) -> None:
        assert (
            self.found(contracts(), pair({"events": "columns: {id: {type: UUID}}"}, {"events": HINT})) == []
        )

    def test_a_new_contract_that_does_not(self) -> None:
        said = "columns:\n  id: {type: int4}\n  hint: {type: text, nullable: true}\n  gone: {type: text}"
        place = ("worker.producer", "producer", "contracts/worker.producer.yaml")
        assert self.found(contracts(), pair({"events": said}, None)) == [
            Disagreement(*place, 9, EVENTS, "id", "id: {type: int4}", "id: {type: uuid}"),
            Disagreement(
                *place,
                10,
                EVENTS,
                "hint",
                "hint: {type: text, nullable: true}",
                "hint: {type: text, nullable: false}",
            ),
            Disagreement(*place, 11, EVENTS, "gone", "gone: {type: text}", "no entry for gone"),
        ]

    def test_a_column_that_may_be_there_with_another_type(self) -> None:
        terms = UpdateTerms("postgresql", lambda table, column: HeadColumn(None, "uuid", None))
        [found] = disagreements(contracts(), pair({"events": "columns: {id: {type: int4}}"}, None), terms)
        assert found.expected == "id: {type: uuid}"

    def test_a_table_that_is_not_there(self) -> None:
        [found] = self.found(contracts(), pair({"evnets": HINT}, None))
        assert (found.column, found.found, found.expected) == (
            None,
            "evnets:",
            "a table that has these columns",
        )

    def test_what_base_declared_is_not_new(self) -> None:
        wrong = pair({"events": "columns: {id: {type: int4}}"}, None)
        assert self.found(wrong, wrong) == []
        assert len(self.found(pair({"log": HINT}, None), wrong)) == 1

    def test_what_followed_a_rename_is_not_new(self) -> None:
        base, head = (pair({name: "columns: {hint: {type: int4}}"}, None) for name in ("events", "log"))
        assert self.found(base, head, TABLE_RENAMED) == []
        assert len(self.found(base, head)) == 1


class TestRemovals:
    """Contracts and entries that go while the table lives."""

    def found(self, base: ContractSet, head: ContractSet) -> list[Removal]:
        names = {EVENTS: EVENTS, TableName("public", "old"): LOG}
        return removals(base, head, names.get)

    def test_nothing_is_removed(self) -> None:
        base = pair({"events": HINT, "old": HINT, "gone": HINT}, None)
        assert self.found(base, pair({"events": NO_HINT, "log": HINT}, None)) == []

    def test_a_contract_and_an_entry(self) -> None:
        base = pair({"events": HINT}, {"events": HINT, "old": HINT})
        assert self.found(base, pair(None, {"events": HINT})) == [
            Removal("worker.producer", "producer", "contracts/worker.producer.yaml", "contract", EVENTS),
            Removal(
                "api.consumer", "consumer", "contracts/api.consumer.yaml", "table", TableName("public", "old")
            ),
        ]
