"""One tree's part of an Alembic environment: its history, and what its scripts do."""

from __future__ import annotations

from migration_lint.change import Tree
from migration_lint.history import History, Script
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Operation
from migration_lint.reading.project.helpers import NO_HELPERS, Helpers
from migration_lint.reading.reader import Bundle, Reader
from migration_lint.settings import Settings


class Side(NamedTuple):
    """One tree's part: its history, and a reader of its scripts."""

    tree: Tree
    history: History
    reader: Reader

    def operations(self, script: Script) -> tuple[Operation, ...]:
        """What `upgrade()` of a script of this side does."""
        return self.reader.upgrade(script)

    def downgrade(self, script: Script) -> tuple[Operation, ...]:
        """What `downgrade()` of a script of this side does."""
        return self.reader.read(script)[1]


def side(
    tree: Tree,
    history: History | None,
    settings: Settings,
    bundle: Bundle,
    helpers: Helpers = NO_HELPERS,
    whole: bool = False,
) -> Side | None:
    """A tree's part of an environment, or None where the tree has none. `whole`: all of it is judged."""
    if history is None:
        return None
    reader = Reader(
        tree,
        history.environment,
        settings.dialect,
        bundle,
        settings.environment,
        helpers,
        whole=whole or "downgrade" in settings.directions,
    )
    return Side(tree, history, reader)


def same_surroundings(base: Side, head: Side, script: Script) -> bool:
    """Whether the modules that a script calls into are the same in both trees."""
    if base.tree is head.tree:
        return True
    return base.reader.around.hold(head.reader.asked(script))
