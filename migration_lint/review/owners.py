"""Who owns which contract, and what the host records of their consent to the head of a request.

An owner is a person: hosts say who approved, not for which team, and few tokens may ask who is in one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.review.target import HostKind

LONGEST = 200  # characters of a name
_UUID = re.compile(r"\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}", re.IGNORECASE)
_TEAM = re.compile(r"[/\\]")


class Owners(NamedTuple):
    """Contract → the people who own it, as the host calls them, and the label with which they agree."""

    people: Mapping[str, tuple[str, ...]] = {}
    labels: Mapping[str, str] = {}


NOBODY = Owners()


class Recorded(NamedTuple):
    """What a host records of the head of a request. Names are in lower case, which no host tells apart."""

    approved: frozenset[str] = frozenset()  # who has approved it, and stands by it
    labelled: frozenset[tuple[str, str]] = frozenset()  # a label that is there, who has set it since the push
    unknown: str = ""  # what could not be learned: a sentence for people


class Consent(NamedTuple):
    """An owner agrees to the head of the request."""

    contract: str
    person: str
    by_label: str = ""  # "": by an approval


def owners_of(kind: HostKind, owners: Sequence[str], labels: Sequence[str]) -> Owners:
    """Options such as `api.consumer=ann`. Raises CannotJudge with all that is wrong with them."""
    problems: list[Problem] = []
    people: dict[str, tuple[str, ...]] = {}
    for contract, person in _pairs("--owner", owners, problems):
        person = person.removeprefix("@")
        if kind == "bitbucket" and not _UUID.fullmatch(person):
            fix = "write it as {12345678-…}: anybody can take a nickname"
            problems.append(Problem(f"{person!r} is no UUID of a person", fix=fix))
        elif _TEAM.search(person):
            fix = "name its people, each with an --owner of their own"
            problems.append(Problem(f"{person!r} is a team, and who of it agrees no host tells", fix=fix))
        people[contract] = (*people.get(contract, ()), person)
    chosen = dict(_pairs("--acknowledge-label", labels, problems))
    for contract in chosen:
        if contract not in people:
            fix = f"give --owner {contract}=LOGIN: the label counts if an owner has set it"
            problems.append(Problem(f"nobody is said to own {contract!r}, which has a label", fix=fix))
    if problems:
        raise CannotJudge.of(problems)
    return Owners(people, chosen)


def _pairs(option: str, given: Sequence[str], problems: list[Problem]) -> Iterator[tuple[str, str]]:
    for each in given:
        contract, _, value = each.partition("=")
        if not contract or not value.strip("@ ") or len(each) > LONGEST or not each.isprintable():
            fix = f"write {option} with a contract's id, = and a name"
            problems.append(Problem(f"{each[:LONGEST]!r} is no {option}", fix=fix))
        else:
            yield contract, value


def consents(owners: Owners, recorded: Recorded) -> dict[str, Consent]:
    """Contract → the consent of the first of its owners who has given one, an approval before a label."""
    found: dict[str, Consent] = {}
    for contract, people in owners.people.items():
        label = owners.labels.get(contract, "")
        given = [Consent(contract, each) for each in people if each.lower() in recorded.approved]
        given += [
            Consent(contract, each, label)
            for each in people
            if label and (label.lower(), each.lower()) in recorded.labelled
        ]
        if given:
            found[contract] = given[0]
    return found
