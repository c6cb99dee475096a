"""What a judgement of a type change is made of, and what it says."""

from __future__ import annotations

from migration_lint.effects.words import Work
from migration_lint.named_tuple import NamedTuple


class Around(NamedTuple):
    """What else about the column decides what a change of its type costs."""

    column: str = ""
    using: str | None = None  # the USING expression
    indexed: bool = False  # an index or a key on it
    indexed_by_expression: bool = False  # it stands in an index's expression or condition
    checked: bool = False  # a CHECK that is valid names it
    charset: str | None = None  # MySQL, MariaDB: the table's character set; None: not known
    utc: bool | None = None  # the session's time zone is UTC; None: not known


class TypeJudgement(NamedTuple):
    """What a change of type does.

    `lossy`: some value of the old type has no equal in the new one. An expression after USING decides that by
    itself, and nothing is said of it.
    """

    work: Work
    lossy: bool = False
    why: str = ""  # a clause: "int8 is stored in another form than int4"
    certain: bool = True  # otherwise it may do less: the type, or the session, is not known
    usual: bool = False  # not certain, but so where nobody has set it otherwise


NOWHERE = Around()
UNKNOWN = TypeJudgement("rewrite", False, "a type is not known", certain=False)
