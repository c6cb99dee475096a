"""Rule files → rules, checked whole: every problem of every file, with its line and column.

    rules/<group>/<name>.yaml       the name of the file is the rule's, the folder its group

A file is data. What it says is checked against the facts (`facts.model`) before anything is judged with it,
so that a misspelt fact is an error today and not a rule that stays silent for a year.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from migration_lint.errors import CannotJudge, Problem
from migration_lint.facts.model import EVENTS
from migration_lint.rulebook.checking import check as check_condition
from migration_lint.rulebook.checking import fields_of, nearest
from migration_lint.rulebook.condition import ConditionError
from migration_lint.rulebook.document import Document, Node, read_document
from migration_lint.rulebook.example import PATCH_KEYS
from migration_lint.rulebook.files import RuleFile
from migration_lint.rulebook.rule import Choice, Example, Patch, Rule, State
from migration_lint.rulebook.template import check as check_template
from migration_lint.severity import SEVERITIES

KEYS = ("summary", "severity", "on", "when", "message", "why", "fix", "steps", "notes", "examples")
REQUIRED = ("summary", "severity", "on", "message", "why", "fix", "examples")
EXAMPLE_KEYS = ("name", "before", "upgrade", "contracts", "files", "finds")
STATE_KEYS = ("upgrade", "contracts", "files")

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def load(files: Iterable[RuleFile]) -> tuple[Rule, ...]:
    """The rules of all files, in the order of group and name. Raises CannotJudge with every problem."""
    rules: dict[str, Rule] = {}
    problems: list[Problem] = []
    for file in sorted(files, key=lambda file: not file.builtin):
        try:
            document = read_document(file.path, file.data)
        except CannotJudge as error:
            problems += error.problems
            continue
        reader = _Reader(document)
        rule = reader.rule(file)
        other = rules.get(rule.name)
        if other is not None:
            whose = "comes with migration-lint" if other.builtin else f"is in {other.path}"
            reader.problems.append(
                Problem(
                    f"there are two rules {rule.name}: the other {whose}", file.path, fix="rename the file"
                )
            )
        rules.setdefault(rule.name, rule)
        problems += sorted(reader.problems, key=lambda problem: (problem.line, problem.column))
    if problems:
        raise CannotJudge.of(problems)
    return tuple(sorted(rules.values(), key=lambda rule: (rule.group, rule.name)))


class _Reader:
    """Reads one rule file; what is wrong goes to `problems`, and reading goes on."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def rule(self, file: RuleFile) -> Rule:
        root = self.document.root
        *folders, last = file.path.split("/")
        name = last.rpartition(".")[0]
        if not _NAME.fullmatch(name):
            problem = Problem(
                f"{last} cannot name a rule", file.path, fix="name it in kebab-case: some-rule.yaml"
            )
            self.problems.append(problem)
        self._keys(root, KEYS, REQUIRED)
        events = self._events(root.get("on"))
        scopes = self._condition(root.get("when"), [Scope.of(event) for event in events]).holds
        return Rule(
            name=name,
            group=folders[-1] if folders else "",
            path=file.path,
            builtin=file.builtin,
            summary=self._text(root.get("summary")),
            severity=self._severity(root.get("severity"), scopes),
            on=tuple(events),
            when=self._said(root.get("when")),
            message=self._choices(root.get("message"), scopes),
            fix=self._choices(root.get("fix"), scopes),
            notes=self._notes(root.get("notes"), scopes),
            why=self._text(root.get("why")),
            steps=tuple(self._text(each) for each in self._list(root.get("steps"))),
            examples=self._examples(root.get("examples")),
        )

    def _say(self, at: Node, message: str, fix: str = "") -> None:
        self.problems.append(self.document.problem(at, message, fix))

    def _keys(self, node: Node, known: Collection[str], required: Collection[str]) -> None:
        """Every key is known, every required one is there."""
        if node.kind != "map":
            self._say(node, f"this is a {node.kind}, not a map of {', '.join(known)}")
            return
        for key, (at, _) in node.entries.items():
            if key not in known:
                self._say(at, f"unknown key {key}", nearest(key, known, "the keys are "))
        for key in required:
            if key not in node.entries:
                self._say(node, f"the key {key} is missing")

    def _text(self, node: Node | None) -> str:
        if node is None:
            return ""
        if node.kind != "text":
            hint = "quote it: a text that begins with a brace or bracket is something else in YAML"
            self._say(node, f"this is a {node.kind}, not a text", hint)
        elif not node.text.strip() or node.is_null:
            self._say(node, "this is empty", "write the text, or leave the key out")
        return node.text.strip()

    def _list(self, node: Node | None) -> list[Node]:
        if node is None:
            return []
        if node.kind != "list":
            self._say(node, f"this is a {node.kind}, not a list", "begin each entry with `- `")
        return node.items

    def _events(self, node: Node | None) -> list[str]:
        if node is None:
            return []
        found: list[str] = []
        for each in [node] if node.kind == "text" else self._list(node):
            name = self._text(each)
            if name in EVENTS:
                found.append(name)
            elif name:
                self._say(each, f"there is no event {name}", nearest(name, EVENTS, "the events are "))
        return found

    def _condition(self, node: Node | None, scopes: Scopes) -> Outcome:
        """Checks a condition; what holds in each scope where the condition does, and where it does not."""
        if node is None or not self._text(node):
            return Outcome(scopes, scopes)
        holds: list[Scope] = []
        fails: list[Scope] = []
        wrong: list[Slip] = []
        for scope in scopes:
            try:
                asked, refused = check_condition(node.text, scope.facts, scope.known)
            except ConditionError as error:
                wrong.append(Slip(scope, error))
            else:
                holds.append(scope._replace(known=asked))
                fails.append(scope._replace(known=refused))
        if wrong:
            self._wrong(node, wrong, scopes)
            # What follows relies on it: say nothing there that mending it may settle.
            lenient = [scope.lenient() for scope in scopes]
            return Outcome(lenient, lenient)
        return Outcome(holds, fails)

    def _template(self, node: Node, scopes: Scopes) -> str:
        text = self._text(node)
        wrong: list[Slip] = []
        for scope in scopes if text else []:
            try:
                check_template(node.text, scope.facts, scope.known)
            except ConditionError as error:
                wrong.append(Slip(scope, error))
        if wrong:
            self._wrong(node, wrong, scopes)
        return text

    def _wrong(self, node: Node, wrong: list[Slip], scopes: Scopes) -> None:
        """Reports the first slip, and the event that it is about if others have nothing against it."""
        scope, error = wrong[0]
        everywhere = len(wrong) == len(scopes) and len({slip.error.message for slip in wrong}) == 1
        message = error.message if everywhere else f"{error.message} (on {scope.event})"
        self.problems.append(self.document.problem_within(node, error.start, error.end, message, error.fix))

    def _choice(self, node: Node, scopes: Scopes) -> tuple[Node | None, Node, Outcome]:
        """One entry of a list of choices: its condition, its text, and what holds where."""
        if node.kind != "map":
            return None, node, Outcome(scopes, [])
        self._keys(node, ("when", "then"), ("when", "then"))
        when = node.get("when")
        return when, node.get("then") or node, self._condition(when, scopes)

    def _choices(self, node: Node | None, scopes: Scopes) -> tuple[Choice, ...]:
        """A text, or a list of `when` and `then` that ends with a text: the first that applies is taken."""
        if node is None:
            return ()
        if node.kind != "list":
            return (Choice("", self._template(node, scopes)),)
        made: list[Choice] = []
        for each in node.items:
            if made and not made[-1].when:
                self._say(each, "this is never reached: the entry above has no `when`", "move it up")
                break
            when, then, outcome = self._choice(each, scopes)
            made.append(Choice(self._said(when), self._template(then, outcome.holds)))
            scopes = outcome.fails
        if not made or made[-1].when:
            self._say(node, "nothing is said for when none of these holds", "end the list with a plain text")
        return tuple(made)

    def _severity(self, node: Node | None, scopes: Scopes) -> tuple[Choice, ...]:
        made = self._choices(node, scopes)
        if node is None:
            return made
        nodes = [each.get("then") or each for each in node.items] if node.kind == "list" else [node]
        for at, choice in zip(nodes, made, strict=False):
            if choice.then not in SEVERITIES and choice.then:
                self._say(at, f"{choice.then} is no severity", nearest(choice.then, SEVERITIES, "there are "))
        return made

    def _notes(self, node: Node | None, scopes: Scopes) -> tuple[Choice, ...]:
        """A list of texts, each for itself: those without a `when`, and those whose `when` holds."""
        made: list[Choice] = []
        for each in self._list(node):
            when, then, outcome = self._choice(each, scopes)
            made.append(Choice(self._said(when), self._template(then, outcome.holds)))
            if ": " not in made[-1].then:
                self._say(then, "a note begins with its label", 'such as "order: …"')
        return tuple(made)

    @staticmethod
    def _said(when: Node | None) -> str:
        return when.text.strip() if when else ""

    def _examples(self, node: Node | None) -> tuple[Example, ...]:
        made = [self._example(each) for each in self._list(node)]
        if node is None or len(made) != len(self._list(node)):
            return tuple(made)
        if not any(example.finds for example in made):
            self._say(node, "no example is found", "add one that the rule finds: `finds: 1`")
        if all(example.finds for example in made):
            self._say(node, "every example is found", "add one on which the rule is silent: `finds: 0`")
        return tuple(made)

    def _example(self, node: Node) -> Example:
        self._keys(node, EXAMPLE_KEYS, ("name", "finds"))
        before = node.get("before")
        if before is not None:
            self._keys(before, STATE_KEYS, ())
        finds = node.get("finds")
        count = finds.value() if finds else 0
        if finds and (not isinstance(count, int) or isinstance(count, bool) or count < 0):
            self._say(finds, "finds is the number of findings", "write `finds: 1`")
        return Example(
            name=self._text(node.get("name")),
            finds=count if isinstance(count, int) else 0,
            before=self._state(before),
            change=self._state(node),
        )

    def _state(self, node: Node | None) -> State:
        if node is None:
            return State("", {}, {})
        return State(
            upgrade=self._text(node.get("upgrade")),
            contracts=self._patches(node.get("contracts")),
            files=self._files(node.get("files")),
        )

    def _map(self, node: Node | None) -> dict[str, tuple[Node, Node]]:
        if node is not None and node.kind != "map":
            self._say(node, f"this is a {node.kind}, not a map")
        return node.entries if node else {}

    def _patches(self, node: Node | None) -> dict[str, Patch]:
        made: dict[str, Patch] = {}
        for name, (_, each) in self._map(node).items():
            if each.kind == "map":
                self._keys(each, PATCH_KEYS, ())
                made[name] = {key: value.value() for key, (_, value) in each.entries.items()}
            else:
                made[name] = None if each.is_null else self._text(each)
        return made

    def _files(self, node: Node | None) -> dict[str, str | None]:
        made: dict[str, str | None] = {}
        for name, (at, each) in self._map(node).items():
            if name.startswith("/") or ".." in name.split("/"):
                self._say(at, f"{name} is outside the example", "write a path inside it")
            made[name] = None if each.is_null else self._text(each) + "\n"
        return made


class Scope(NamedTuple):
    """What can be named at some place of a rule: the facts of an event, and which of them are not None."""

    event: str
    facts: type
    known: frozenset[str]

    @classmethod
    def of(cls, event: str) -> Scope:
        return cls(event, EVENTS[event], frozenset())

    def lenient(self) -> Scope:
        """The same, where nothing may be None."""
        names = (
            f"{space}.{name}"
            for space, found in fields_of(self.facts).items()
            for atom in found
            if atom.space is not None
            for name in fields_of(atom.space)
        )
        return self._replace(known=frozenset(names))


Scopes = list[Scope]


class Slip(NamedTuple):
    """What is wrong with a text, on one event."""

    scope: Scope
    error: ConditionError


class Outcome(NamedTuple):
    """The scopes where a condition holds, and where it does not."""

    holds: Scopes
    fails: Scopes
