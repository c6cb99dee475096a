"""Of a trigger's body, what may run where an INSERT fires it: TG_OP, or Oracle's INSERTING, decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from migration_lint.data_class import dataclass, field
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.tokens import Token

#: In front of a statement; ROW: of a body that is one statement.
_BOUNDARIES = words("; BEGIN THEN ELSE LOOP ROW")
_NAMED_ENDS = words("IF CASE LOOP")
#: What ends a loop of MySQL's whose beginning is not looked for.
_OTHER_ENDS = words("WHILE REPEAT")
_ROWS = words("NEW OLD NULL")
#: Levels of RAISE that raise nothing.
_MESSAGES = words("DEBUG LOG INFO NOTICE WARNING")
#: Oracle's conditions that say what fired a trigger.
_FIRED_BY = {"INSERTING": True, "UPDATING": False, "DELETING": False}


#: Conditions beyond these are left out, as if they might hold in any case.
_LONGEST, _MOST = 2_000, 20


class _NotUnderstood(Exception):
    """The words of a body do not go together as expected."""


@dataclass(frozen=False)
class _Block:
    """An IF, a CASE, a loop or a block of statements, as far as it is read."""

    kind: str
    around: bool | None  # whether anything comes to it; None: that cannot be told
    runs: bool | None = False  # the alternative at hand
    earlier: bool | None = False  # whether one before it ran
    by_operation: bool = False  # CASE TG_OP
    of_value: str = ""  # what CASE compares
    statement: bool = False  # it is CASE … END CASE
    otherwise: bool = False  # it has an ELSE
    leaves: bool = False  # the alternative at hand leaves the body, whatever comes to it
    arms: list[bool] = field(default_factory=list)  # whether those before it do
    condition: str | None = ""  # under which the alternative runs; "": always; None: that is not known
    passed: list[str | None] = field(default_factory=list)  # the conditions of those before it

    def alternative(self, holds: bool | None, condition: str | None) -> None:
        """The next one, by its condition."""
        if self.passed:
            self.arms.append(self.leaves or self.runs is False)
        self.leaves = False
        before = [f"({each}) IS NOT TRUE" for each in self.passed if each is not None]
        exact = condition is not None and None not in self.passed
        self.condition = " AND ".join([*before, f"({condition})"] if condition else before) if exact else None
        self.passed.append(condition if len(self.passed) < _MOST else None)
        self.earlier = _either(self.earlier, self.runs)
        self.runs = _both(None if self.earlier is None else not self.earlier, holds)

    @property
    def leaves_always(self) -> bool:
        """Whether nothing that comes to it gets behind its end."""
        if self.kind == "BEGIN":
            return self.leaves
        everything = self.otherwise or (self.kind == "CASE" and self.statement)
        return everything and (self.leaves or self.runs is False) and all(self.arms)


def run_by_insert(tokens: Sequence[Token]) -> list[Token]:
    """The tokens of a body without those to which no INSERT comes; all where it is not understood."""
    return [token for token, _ in guarded_by_insert(tokens, lambda condition: "")]


def guarded_by_insert(
    tokens: Sequence[Token], told: Callable[[Sequence[Token]], str]
) -> list[tuple[Token, str]]:
    """The same, each with a condition without which it does not run, as `told` writes conditions; "": any."""
    walk = _Walk(tokens, told)
    try:
        return [*zip(walk.run(), walk.conditions, strict=True)]
    except _NotUnderstood:
        return [(token, "") for token in tokens]


def unanswered(tokens: Sequence[Token], told: Callable[[Sequence[Token]], str]) -> list[str]:
    """The conditions under which a CASE statement finds none of its arms, which is an error."""
    walk = _Walk(tokens, told)
    try:
        walk.run()
    except _NotUnderstood:
        return []
    return walk.unanswered


def unreturned(tokens: Sequence[Token], told: Callable[[Sequence[Token]], str]) -> str | None:
    """The condition under which PL/pgSQL comes to the end of a trigger's body, which is an error.

    None: it does not, or nobody can tell.
    """
    walk = _Walk(tokens, told, raising=True)
    try:
        walk.run()
    except _NotUnderstood:
        return None
    if walk.returned or walk.untold or "EXECUTE" in walk.words[:1]:
        return None
    return " AND ".join(f"({each}) IS NOT TRUE" for each in walk.left)


class _Walk:
    def __init__(
        self, tokens: Sequence[Token], told: Callable[[Sequence[Token]], str], raising: bool = False
    ) -> None:
        self.tokens = tokens
        self.raising = raising  # an error leaves the body, as RETURN does
        self.untold = False  # it may leave the body under conditions that are not known
        self.unanswered: list[str] = []
        self.words = [token.word for token in tokens]
        self.blocks: list[_Block] = []
        self.returned = False
        self.kept: list[Token] = []
        self.conditions: list[str] = []  # of those that are kept
        self.told = told
        self.left: list[str] = []  # the conditions under which it has returned before

    @property
    def reached(self) -> bool | None:
        if self.returned:
            return False
        return _both(self.blocks[-1].around, self.blocks[-1].runs) if self.blocks else True

    def run(self) -> list[Token]:
        place = 0
        while place < len(self.tokens):
            end = self._structure(place)
            self._keep(self.tokens[place:end])
            if end == place:
                if self.reached is not False:
                    self._keep(self.tokens[place : place + 1])
                end = place + 1
            if self._returns(place) and self.reached is not False:
                self._leave(end)
            place = end
        return self.kept

    def _keep(self, tokens: Sequence[Token]) -> None:
        conditions = [each.condition for each in self.blocks[-_MOST:] if each.condition]
        self.kept += tokens
        condition = " AND ".join([*conditions, *(f"({each}) IS NOT TRUE" for each in self.left)])
        self.conditions += [condition if len(condition) < _LONGEST else ""] * len(tokens)

    def _leave(self, end: int) -> None:
        """RETURN: what follows runs under no condition under which that does."""
        if self.blocks:
            self.blocks[-1].leaves = True
        if self.reached:
            self._keep(self.tokens[end : end + 1])
            self.returned = True
            return
        conditions = [each.condition for each in self.blocks]
        known = len(self.left) < _MOST and None not in conditions and any(conditions)
        self.untold = self.untold or not known
        if known:
            self.left.append(" AND ".join(each for each in conditions if each))

    def _returns(self, place: int) -> bool:
        following = self._word(place + 1)
        if self.raising:
            raises = self.words[place] == "RAISE" and following not in _MESSAGES
            return raises or (self.words[place] == "RETURN" and following != ";")
        return self.words[place] == "RETURN" and following in _ROWS

    def _word(self, place: int) -> str:
        return self.words[place] if 0 <= place < len(self.words) else ";"

    def _structure(self, place: int) -> int:
        """Reads what begins, divides or ends a block; where it ends: `place`, if it is none of these."""
        word = self.words[place]
        kind = self.blocks[-1].kind if self.blocks else ""
        if word == "END":
            return self._end(place)
        if word in ("BEGIN", "LOOP"):
            begins = word == "BEGIN"
            condition = "" if begins else None
            self.blocks.append(_Block(word, self.reached, True if begins else None, condition=condition))
        elif word == "CASE":
            following = self._word(place + 1)
            value = self.told(self.tokens[place + 1 : self._place_of("WHEN", place)])
            self.blocks.append(
                _Block(
                    word,
                    self.reached,
                    by_operation=following == "TG_OP",
                    of_value=value if following != "WHEN" else "",
                    statement=self._word(place - 1) in _BOUNDARIES,
                )
            )
        elif word == "IF" and self._word(place - 1) in _BOUNDARIES:
            self.blocks.append(_Block(word, self.reached))
            return self._alternative(place)
        elif (word, kind) in (("ELSIF", "IF"), ("ELSEIF", "IF"), ("WHEN", "CASE")):
            return self._alternative(place)
        elif word == "ELSE" and kind in ("IF", "CASE"):
            self.blocks[-1].otherwise = True
            self.blocks[-1].alternative(True, "")
        else:
            return place
        return place + 1

    def _place_of(self, word: str, place: int) -> int:
        last = min(len(self.words), place + _LONGEST)
        return next((at for at in range(place, last) if self.words[at] == word), place + 1)

    def _answered(self, block: _Block) -> None:
        """A CASE ends: as a statement without ELSE it has to come to one of its arms."""
        if block.kind != "CASE" or not block.statement or block.otherwise or self.returned:
            return
        block.alternative(None, "")
        if block.earlier or block.around is False or block.condition is None:
            return
        self.blocks.append(block)
        conditions = [each.condition for each in self.blocks[-_MOST:] if each.condition]
        conditions += [f"({each}) IS NOT TRUE" for each in self.left]
        self.blocks.pop()
        self.unanswered.append(" AND ".join(conditions))

    def _alternative(self, place: int) -> int:
        """A condition up to THEN."""
        depth = 0
        for end in range(place + 1, len(self.words)):
            if self.words[end] == "THEN" and not depth:
                condition = self.tokens[place + 1 : end]
                block = self.blocks[-1]
                holds = _one_of(condition) if block.by_operation else _holds(condition)
                said = self.told(condition) or None
                if block.of_value and said is not None:
                    said = f"({block.of_value}) IN ({said})"
                block.alternative(holds, said)
                return end + 1
            depth += (self.words[end] == "CASE") - (self.words[end] == "END")
        raise _NotUnderstood

    def _end(self, place: int) -> int:
        following = self._word(place + 1)
        if following in _OTHER_ENDS:
            return place + 2
        named = following if following in _NAMED_ENDS else ""
        if not self.blocks or self.blocks[-1].kind not in ((named,) if named else ("BEGIN", "CASE")):
            raise _NotUnderstood
        block = self.blocks.pop()
        self._answered(block)
        if block.leaves_always and block.around is not False:
            if self.blocks:
                self.blocks[-1].leaves = True
            self.returned = self.returned or self.reached is True
        return place + (2 if named else 1)


def _holds(condition: Sequence[Token]) -> bool | None:
    """Whether a condition holds where an INSERT fires the trigger; None: other things decide it."""
    if any(token.word == "CASE" for token in condition):
        return None
    alternatives = _divided(condition, "OR")
    if len(alternatives) > 1:
        return reduce(_either, map(_holds, alternatives))
    parts = _divided(condition, "AND")
    if len(parts) > 1:
        return reduce(_both, map(_holds, parts))
    if condition and condition[0].word == "NOT":
        found = _holds(condition[1:])
        return None if found is None else not found
    if len(condition) > 2 and condition[0].word == "(" and condition[-1].word == ")":
        return _holds(condition[1:-1])
    return _compared(condition)


def _compared(condition: Sequence[Token]) -> bool | None:
    """`TG_OP = 'INSERT'` and its like."""
    told = [token.word for token in condition]
    if len(told) == 1:
        return _FIRED_BY.get(told[0])
    if told[:1] != ["TG_OP"]:
        return None
    if told[1:] in (["=", ""], ["<>", ""], ["!=", ""]) and condition[2].kind == "string":
        return (condition[2].value == "INSERT") == (told[1] == "=")
    negated = told[1] == "NOT"
    listed = condition[2 + negated :]
    if told[1 + negated] == "IN" and len(listed) > 2 and listed[0].word == "(":
        found = _one_of(listed[1:-1])
        return None if found is None else found != negated
    return None


def _one_of(listed: Sequence[Token]) -> bool | None:
    """Whether INSERT is among texts with commas between them; None: they are something else."""
    if any(token.kind != "string" and token.word != "," for token in listed):
        return None
    return any(token.value == "INSERT" for token in listed)


def _divided(tokens: Sequence[Token], word: str) -> list[Sequence[Token]]:
    """What stands between the words that are in no parenthesis."""
    depth, start = 0, 0
    parts: list[Sequence[Token]] = []
    for place, token in enumerate(tokens):
        depth += (token.word == "(") - (token.word == ")")
        if token.word == word and not depth:
            parts.append(tokens[start:place])
            start = place + 1
    return [*parts, tokens[start:]]


def _both(first: bool | None, second: bool | None) -> bool | None:
    return False if first is False or second is False else None if None in (first, second) else True


def _either(first: bool | None, second: bool | None) -> bool | None:
    return True if first or second else None if None in (first, second) else False
