"""Rule files → rules, checked whole: every problem of every file, with its line and column.

    rules/<group>/<name>.yaml       the name of the file is the rule's, the folder its group

A file is data. What it says is checked against the facts (`facts.model`) before anything is judged with it,
so that a misspelt fact is an error today and not a rule that stays silent for a year.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from migration_lint.errors import CannotJudge, Problem
from migration_lint.facts.model import EVENTS
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple
from migration_lint.rulebook.checking import check as check_condition
from migration_lint.rulebook.checking import fields_of, nearest
from migration_lint.rulebook.condition import ConditionError
from migration_lint.rulebook.example import PATCH_KEYS
from migration_lint.rulebook.files import RuleFile
from migration_lint.rulebook.rule import Alternative, Example, ExampleState, Patch, Rule
from migration_lint.rulebook.template import check as check_template
from migration_lint.settings.model import LEVELS
from migration_lint.wording import listed
from migration_lint.yaml_document import (
    KINDS,
    Broken,
    Document,
    Json,
    ListNode,
    MappingNode,
    Node,
    Scalar,
    plain_data,
    read_document,
)

KEYS = ("summary", "severity", "on", "when", "message", "why", "fix", "steps", "notes", "once", "examples")
REQUIRED = ("summary", "severity", "on", "message", "why", "fix", "examples")
EXAMPLE_KEYS = ("name", "before", "upgrade", "contracts", "files", "finds")
STATE_KEYS = ("upgrade", "contracts", "files")

_NAME = lazy_pattern(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def load(files: Iterable[RuleFile], known: Iterable[Rule] = ()) -> tuple[Rule, ...]:
    """The rules of all files beside those that are `known`, in the order of group and name.

    Raises CannotJudge with every problem.
    """
    rules = {rule.name: rule for rule in known}
    problems: list[Problem] = []
    for file in sorted(files, key=lambda file: not file.builtin):
        rule, found = _read(file)
        if rule is not None and (other := rules.setdefault(rule.name, rule)) is not rule:
            whose = "comes with migration-lint" if other.builtin else f"is in {other.path}"
            problems.append(
                Problem(
                    f"there are two rules {rule.name}: the other {whose}", file.path, fix="rename the file"
                )
            )
        problems += found
    if problems:
        raise CannotJudge.of(problems)
    return tuple(sorted(rules.values(), key=lambda rule: (rule.group, rule.name)))


@lru_cache(maxsize=512)  # a process that judges often, a server say, reads each once
def _read(file: RuleFile) -> tuple[Rule | None, tuple[Problem, ...]]:
    """The rule of a file, None if it is no YAML document, and what is wrong with it, by place."""
    try:
        document = read_document(file.path, file.data, "rule")
    except CannotJudge as error:
        return None, tuple(error.problems)
    reader = _Reader(document)
    rule = reader.rule(file)
    return rule, tuple(sorted(reader.problems, key=lambda problem: (problem.line, problem.column)))


class _Reader:
    """Reads one rule file; what is wrong goes to `problems`, and reading goes on."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems = list(document.problems)

    def rule(self, file: RuleFile) -> Rule:
        *folders, last = file.path.split("/")
        name = last.rpartition(".")[0]
        if not _NAME.fullmatch(name):
            problem = Problem(
                f"{last} cannot name a rule", file.path, fix="name it in kebab-case: some-rule.yaml"
            )
            self.problems.append(problem)
        said = self._keys(self.document.root, KEYS, REQUIRED)
        events = self._events(said.get("on"))
        scopes = self._condition(said.get("when"), [FactScope.of(event) for event in events]).holds
        return Rule(
            name=name,
            group=folders[-1] if folders else "",
            path=file.path,
            builtin=file.builtin,
            summary=self._text(said.get("summary")),
            severity=self._severity(said.get("severity"), scopes),
            on=tuple(events),
            when=self._said(said.get("when")),
            message=self._choices(said.get("message"), scopes),
            fix=self._choices(said.get("fix"), scopes),
            notes=self._notes(said.get("notes"), scopes),
            why=self._text(said.get("why")),
            steps=tuple(self._text(each) for each in self._list(said.get("steps"))),
            once=self._truth(said.get("once")),
            examples=self._examples(said.get("examples")),
        )

    def _say(self, at: Node, message: str, fix: str = "") -> None:
        if not isinstance(at, Broken):
            self.problems.append(self.document.problem(at, message, fix))

    def _other(self, node: Node, wanted: str, fix: str = "") -> None:
        """The node is not of the kind that is wanted here."""
        if not isinstance(node, Broken):
            self._say(node, f"this is {KINDS[type(node)]}, not a {wanted}", fix)

    def _keys(self, node: Node, known: Collection[str], required: Collection[str]) -> Mapping[str, Node]:
        """What a mapping says under each key: every key is known, every required one is there."""
        if not isinstance(node, MappingNode):
            self._other(node, f"mapping with the keys {listed(known, 'and')}")
            return {}
        said = _mapping(node)
        for key, _ in node.pairs:
            if key.text not in known:
                self._say(key, f"unknown key {key.text}", nearest(key.text, known, "the keys are "))
        for name in required:
            if name not in said:
                self._say(node, f"the key {name} is missing")
        return said

    def _text(self, node: Node | None) -> str:
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            hint = "quote it: a text that begins with a brace or bracket is something else in YAML"
            self._other(node, "text", hint)
            return ""
        if not node.text.strip() or node.null:
            self._say(node, "this is empty", "write the text, or leave the key out")
        return node.text.strip()

    def _truth(self, node: Node | None) -> bool:
        if isinstance(node, Scalar) and node.truth is not None:
            return node.truth
        if node is not None:
            self._say(node, "this is neither true nor false", "write `true`, or leave the key out")
        return False

    def _list(self, node: Node | None) -> tuple[Node, ...]:
        if isinstance(node, ListNode):
            return node.items
        if node is not None:
            self._other(node, "list", "begin each entry with `- `")
        return ()

    def _events(self, node: Node | None) -> list[str]:
        if node is None:
            return []
        found: list[str] = []
        for each in [node] if isinstance(node, Scalar) else self._list(node):
            name = self._text(each)
            if name in EVENTS:
                found.append(name)
            elif name:
                self._say(each, f"there is no event {name}", nearest(name, EVENTS, "the events are "))
        return found

    def _condition(self, node: Node | None, scopes: Scopes) -> ConditionOutcome:
        """Checks a condition; what holds in each scope where the condition does, and where it does not."""
        if not self._text(node) or not isinstance(node, Scalar):
            return ConditionOutcome(scopes, scopes)
        holds: list[FactScope] = []
        fails: list[FactScope] = []
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
            return ConditionOutcome(lenient, lenient)
        return ConditionOutcome(holds, fails)

    def _template(self, node: Node, scopes: Scopes) -> str:
        text = self._text(node)
        if not text or not isinstance(node, Scalar):
            return ""
        wrong: list[Slip] = []
        for scope in scopes:
            try:
                check_template(node.text, scope.facts, scope.known)
            except ConditionError as error:
                wrong.append(Slip(scope, error))
        if wrong:
            self._wrong(node, wrong, scopes)
        return text

    def _wrong(self, node: Scalar, wrong: list[Slip], scopes: Scopes) -> None:
        """Reports the first slip, and the event that it is about if others have nothing against it."""
        scope, error = wrong[0]
        everywhere = len(wrong) == len(scopes) and len({slip.error.message for slip in wrong}) == 1
        message = error.message if everywhere else f"{error.message} (on {scope.event})"
        self.problems.append(self.document.problem_within(node, error.start, error.end, message, error.fix))

    def _choice(self, node: Node, scopes: Scopes) -> tuple[Node | None, Node, ConditionOutcome]:
        """One entry of a list of choices: its condition, its text, and what holds where."""
        if not isinstance(node, MappingNode):
            return None, node, ConditionOutcome(scopes, [])
        said = self._keys(node, ("when", "then"), ("when", "then"))
        when = said.get("when")
        return when, said.get("then", node), self._condition(when, scopes)

    def _choices(self, node: Node | None, scopes: Scopes) -> tuple[Alternative, ...]:
        """A text, or a list of `when` and `then` that ends with a text: the first that applies is taken."""
        if node is None:
            return ()
        if not isinstance(node, ListNode):
            return (Alternative("", self._template(node, scopes)),)
        made: list[Alternative] = []
        for each in node.items:
            if made and not made[-1].when:
                self._say(each, "this is never reached: the entry above has no `when`", "move it up")
                break
            when, then, outcome = self._choice(each, scopes)
            made.append(Alternative(self._said(when), self._template(then, outcome.holds)))
            scopes = outcome.fails
        if not made or made[-1].when:
            self._say(node, "nothing is said for when none of these holds", "end the list with a plain text")
        return tuple(made)

    def _severity(self, node: Node | None, scopes: Scopes) -> tuple[Alternative, ...]:
        made = self._choices(node, scopes)
        if node is None:
            return made
        nodes = node.items if isinstance(node, ListNode) else (node,)
        for each, choice in zip(nodes, made, strict=False):
            at = _mapping(each).get("then", each)
            if choice.then not in LEVELS and choice.then:
                self._say(at, f"{choice.then} is no severity", nearest(choice.then, LEVELS, "there are "))
        return made

    def _notes(self, node: Node | None, scopes: Scopes) -> tuple[Alternative, ...]:
        """A list of texts, each for itself: those without a `when`, and those whose `when` holds."""
        made: list[Alternative] = []
        for each in self._list(node):
            when, then, outcome = self._choice(each, scopes)
            made.append(Alternative(self._said(when), self._template(then, outcome.holds)))
            if ": " not in made[-1].then:
                self._say(then, "a note begins with its label", 'such as "order: …"')
        return tuple(made)

    @staticmethod
    def _said(when: Node | None) -> str:
        return when.text.strip() if isinstance(when, Scalar) else ""

    def _examples(self, node: Node | None) -> tuple[Example, ...]:
        made = [self._example(each) for each in self._list(node)]
        if not isinstance(node, ListNode):
            return ()
        if not any(example.finds for example in made):
            self._say(node, "no example is found", "add one that the rule finds: `finds: 1`")
        if all(example.finds for example in made):
            self._say(node, "every example is found", "add one on which the rule is silent: `finds: 0`")
        return tuple(made)

    def _example(self, node: Node) -> Example:
        said = self._keys(node, EXAMPLE_KEYS, ("name", "finds"))
        before = said.get("before")
        finds = said.get("finds")
        count = self._data(finds) if finds else 0
        if finds and (not isinstance(count, int) or isinstance(count, bool) or count < 0):
            self._say(finds, "finds is the number of findings", "write `finds: 1`")
        return Example(
            name=self._text(said.get("name")),
            finds=count if isinstance(count, int) else 0,
            before=self._state(self._keys(before, STATE_KEYS, ()) if before else {}),
            change=self._state(said),
        )

    def _state(self, said: Mapping[str, Node]) -> ExampleState:
        return ExampleState(
            upgrade=self._text(said.get("upgrade")),
            contracts=self._patches(said.get("contracts")),
            files=self._files(said.get("files")),
        )

    def _pairs(self, node: Node | None) -> tuple[tuple[Scalar, Node], ...]:
        if isinstance(node, MappingNode):
            return node.pairs
        if node is not None:
            self._other(node, "mapping")
        return ()

    def _data(self, node: Node) -> Json:
        return plain_data(node, self.document.path, self.problems)

    def _patches(self, node: Node | None) -> dict[str, Patch]:
        made: dict[str, Patch] = {}
        for name, each in self._pairs(node):
            if isinstance(each, MappingNode):
                said = self._keys(each, PATCH_KEYS, ())
                made[name.text] = {key: self._data(value) for key, value in said.items()}
            else:
                made[name.text] = self._text_or_none(each)
        return made

    def _files(self, node: Node | None) -> dict[str, str | None]:
        made: dict[str, str | None] = {}
        for name, each in self._pairs(node):
            if name.text.startswith("/") or ".." in name.text.split("/"):
                self._say(name, f"{name.text} is outside the example", "write a path inside it")
            text = self._text_or_none(each)
            made[name.text] = text if text is None else text + "\n"
        return made

    def _text_or_none(self, node: Node) -> str | None:
        return None if isinstance(node, Scalar) and node.null else self._text(node)


def _mapping(node: Node) -> Mapping[str, Node]:
    """What a mapping says under each key; of another node nothing."""
    return {key.text: value for key, value in node.pairs} if isinstance(node, MappingNode) else {}


class FactScope(NamedTuple):
    """What can be named at some place of a rule: the facts of an event, and which of them are not None."""

    event: str
    facts: type
    known: frozenset[str]

    @classmethod
    def of(cls, event: str) -> FactScope:
        return cls(event, EVENTS[event], frozenset())

    def lenient(self) -> FactScope:
        """The same, where nothing may be None."""
        names = (
            f"{space}.{name}"
            for space, found in fields_of(self.facts).items()
            for atom in found
            if atom.space is not None
            for name in fields_of(atom.space)
        )
        return self._replace(known=frozenset(names))


Scopes = list[FactScope]


class Slip(NamedTuple):
    """What is wrong with a text, on one event."""

    scope: FactScope
    error: ConditionError


class ConditionOutcome(NamedTuple):
    """The scopes where a condition holds, and where it does not."""

    holds: Scopes
    fails: Scopes
