"""Changes of threads by GraphQL: many in one request, since each request waits for the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from migration_lint.named_tuple import NamedTuple
from migration_lint.review.host import Tally
from migration_lint.review.plan import StepKind, ThreadStep
from migration_lint.review.transport import Json, Transport

Part = Literal["edit", "resolve", "unresolve", "delete"]

#: Step → what carries it out, in this order.
PARTS: dict[StepKind, tuple[Part, ...]] = {
    "edit": ("edit",),
    "close": ("edit", "resolve"),
    "reopen": ("unresolve", "edit"),
    "resolve": ("resolve",),
    "unresolve": ("unresolve",),
    "delete": ("delete",),
}


class Words(NamedTuple):
    """What a host calls it.

    A field names its variables with `%d` behind: `$node%d` for the comment, `$thread%d`, `$body%d`; `types`
    are theirs, and `thread` is a thread's name, with its number as `{}`.
    """

    fields: Mapping[Part, str]
    types: Mapping[str, str]
    thread: str = "{}"


def change(transport: Transport, url: str, words: Words, steps: Sequence[ThreadStep]) -> dict[str, str]:
    """Carry out steps in one request; gives the parts that were refused, as `resolve3`, and why.

    Raises Refused where that is the whole of it, and Unsure.
    """
    fields: list[str] = []
    variables: dict[str, Json] = {}
    declared: dict[str, str] = {}
    for place, step in enumerate(steps):
        for part in parts(step):
            field = words.fields[part]
            fields.append(f"  {part}{place}: {field % ((place,) * field.count('%d'))}")
            thread = words.thread.format(step.thread.thread)
            values = {"node": step.thread.node, "thread": thread, "body": step.body}
            for name, kind in words.types.items():
                if f"${name}%d" in field:
                    variables[f"{name}{place}"] = values[name]
                    declared[f"{name}{place}"] = kind
    if not fields:
        return {}
    said = ", ".join(f"${name}: {kind}" for name, kind in declared.items())
    return transport.mutate(url, f"mutation Change({said}) {{\n" + "\n".join(fields) + "\n}", variables)


def parts(step: ThreadStep) -> list[Part]:
    """What a step takes: what is resolved already, or cannot be by this token, is left as it is."""
    able = bool(step.thread.thread)
    return [
        part
        for part in PARTS[step.kind]
        if part not in ("resolve", "unresolve") or (able and step.turns == (part == "resolve"))
    ]


def change_in_turn(
    steps: Sequence[ThreadStep], tally: Tally, carried_out: Callable[[ThreadStep, Part, Tally], bool]
) -> None:
    """Carry out steps on a host that is told their parts one after the other.

    Resolved first: a run that is cut off between leaves a thread that the next one still has to close.
    """
    for step in steps:
        ordered = sorted(parts(step), key=lambda part: part != "resolve")
        count(step, {part for part in ordered if not carried_out(step, part, tally)}, tally)


def count(step: ThreadStep, refused: set[Part], tally: Tally) -> None:
    """Count a step that was carried out, but for what was refused."""
    if step.kind == "delete":
        tally.deleted += "delete" not in refused
    elif step.kind in ("edit", "reopen", "unresolve"):
        tally.updated += not refused
    elif step.thread.resolved or (step.thread.thread and "resolve" not in refused):
        tally.resolved += 1
    elif step.kind == "resolve":
        tally.stuck.add(step.thread.comment)
    else:
        tally.closed += "edit" not in refused
