"""What a loop goes through, and what is asked for late, is read as it is by then: each script runs, too."""

from __future__ import annotations

import textwrap

import pytest

from migration_lint.reading import read_script_text
from tests.fuzz import truth
from tests.fuzz.properties import told

_BEFORE = """
import contextlib
from itertools import accumulate, chain, islice, starmap
from alembic import op

state = {"column": "early"}


def found():
    return op.get_bind().execute("SELECT 1").scalar()


@contextlib.contextmanager
def plain():
    yield 1


@contextlib.contextmanager
def careful():
    try:
        yield 1
    finally:
        state["column"] = "late"


@contextlib.contextmanager
def either():
    if found():
        yield "one"
    else:
        yield "another"

"""

#: What a loop does with the list that it goes through.
_IN_A_LOOP = [
    'queue.append("added") if len(queue) < 4 else None',
    'queue.extend(["added"]) if len(queue) < 4 else None',
    'queue += ["added"] if len(queue) < 4 else []',
    'queue[1] = "changed"',
    'queue[1:] = ["changed"]',
    'queue.insert(0, "before") if len(queue) < 4 else None',
    "queue.reverse()",
    "queue.sort(reverse=True)",
    'queue.remove("b") if "b" in queue else None',
    "queue.clear()",
    "change()",
    'found() and queue.__setitem__(1, "perhaps")',
]

#: What Python works out an entry at a time, of `names`, `kept` and `state`.
_LATE = [
    "iter(names)",
    "(name for name in names)",
    "(state['column'] for _ in names)",
    "map(str, names)",
    "filter(None, names)",
    "reversed(names)",
    "(name for _, name in enumerate(names))",
    "(name for name, _ in zip(names, names))",
    "chain(names, ['more'])",
    "starmap(str, zip(names))",
    "accumulate(names)",
    "kept.values()",
    "(name for _, name in kept.items())",
    "each()",
]

_LEAVING = [
    """
    def name():
        with {manager}():
            if found():
                return "inside"
        return "behind"
    op.drop_column("t", name())
    op.drop_column("t", state["column"])
    """,
    """
    for name in ("first", "second"):
        with {manager}():
            if found():
                break
        op.drop_column("t", name)
    """,
    """
    for name in ("first", "second"):
        with {manager}():
            if found():
                continue
            op.drop_column("t", name)
        op.drop_column("t", state["column"])
    """,
    """
    def name():
        with {manager}() as given:
            return given
    op.drop_column("t", str(name()))
    """,
    """
    def name():
        with {manager}():
            with careful():
                if found():
                    return "inside"
            if not found():
                return "between"
        return "behind"
    op.drop_column("t", name())
    """,
]


def _holds(body: str) -> None:
    """Whatever the script drops, in a world where queries find rows or in one where not, is read."""
    source = _BEFORE + "def upgrade():\n" + textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n"
    read = read_script_text(source).upgrade
    drops: list[truth.Drop] = []
    for full in (False, True):
        ran = truth.run(source, full)
        assert ran is not None, source
        assert ran.ended, source
        drops += ran.drops
    assert drops
    assert [drop for drop in drops if not told(read, drop)] == []


@pytest.mark.parametrize("change", _IN_A_LOOP)
def test_a_loop_over_what_its_body_changes(change: str) -> None:
    _holds(
        f"""
        queue = ["a", "b", "c"]
        def change():
            queue[1:] = ["by a function"]
        for name in queue:
            {change}
            op.drop_column("t", name)
        """
    )


@pytest.mark.parametrize("late", _LATE)
def test_what_is_asked_for_after_a_change(late: str) -> None:
    _holds(
        f"""
        names, kept = ["a", "b"], {{1: "a", 2: "b"}}
        def each():
            yield state["column"]
            yield from names
        later = {late}
        names[0] = kept[1] = state["column"] = "changed"
        for name in later:
            op.drop_column("t", name)
        """
    )


@pytest.mark.parametrize("late", _LATE)
def test_what_is_asked_for_one_by_one(late: str) -> None:
    _holds(
        f"""
        names, kept = ["a", "b"], {{1: "a", 2: "b"}}
        def each():
            yield state["column"]
            yield from names
        later = iter({late})
        op.drop_column("t", next(later))
        names[0] = names[1] = kept[1] = kept[2] = state["column"] = "changed"
        op.drop_column("t", next(later))
        """
    )


@pytest.mark.parametrize("late", [*_LATE, "names", "kept.values()"])
def test_what_is_changed_between_rounds(late: str) -> None:
    _holds(
        f"""
        names, kept = ["a", "b"], {{1: "a", 2: "b"}}
        def each():
            yield state["column"]
            yield state["column"]
        for name in {late}:
            op.drop_column("t", name)
            names[1] = kept[2] = state["column"] = "changed"
        names[0] = names[1] = "back"
        [op.drop_column("t", name) or names.__setitem__(1, "again") for name in names]
        """
    )


@pytest.mark.parametrize("leaving", range(len(_LEAVING)))
@pytest.mark.parametrize("manager", ["plain", "careful", "either"])
def test_a_block_is_left_from_inside_a_generator(manager: str, leaving: int) -> None:
    _holds(_LEAVING[leaving].format(manager=manager))


@pytest.mark.parametrize("manager", ["contextlib.suppress(Exception)", "hiding()", "Hiding()"])
def test_what_is_behind_a_with_that_suppresses(manager: str) -> None:
    _holds(
        f"""
        @contextlib.contextmanager
        def hiding():
            try:
                yield
            except ZeroDivisionError:
                pass
        class Hiding:
            def __enter__(self):
                return self
            def __exit__(self, *failure):
                return True
        def name():
            with {manager}:
                1 / (0 if found() else 1)
                return "inside"
            return "behind"
        op.drop_column("t", name())
        """
    )


def test_a_finally_runs_on_the_way_out() -> None:
    _holds(
        """
        def leave():
            try:
                if found():
                    return
            finally:
                state["column"] = "at last"
            state["column"] = "other"
        leave()
        op.drop_column("t", state["column"])
        """
    )


def test_a_queue_that_is_known_is_followed_exactly() -> None:
    read = read_script_text(
        "from alembic import op\n"
        "def upgrade():\n"
        "    queue, more = ['a'], ['b', 'c']\n"
        "    for name in queue:\n"
        "        op.drop_column('t', name)\n"
        "        if more:\n"
        "            queue.append(more.pop(0))\n"
    ).upgrade
    assert [(each.column, each.conditional) for each in read] == [("a", False), ("b", False), ("c", False)]


def test_a_generator_that_nothing_changes_is_certain() -> None:
    read = read_script_text(
        "from alembic import op\n"
        "def each():\n"
        "    for table in ('a', 'b'):\n"
        "        yield {'table': table}\n"
        "def upgrade():\n"
        "    done = []\n"
        "    for row in each():\n"
        "        op.drop_column(row['table'], 'c')\n"
        "        done.append(row)\n"
    ).upgrade
    assert [(each.table, each.conditional) for each in read] == [("a", False), ("b", False)]


#: Who takes entries of an iterator `it` over six names, one after another.
_SHARED = [
    "for table, name in zip(it, it): op.drop_column(table, name)",
    "for table, name, _ in zip(*[it] * 3): op.drop_column(table, name)",
    "for n, name in zip([1, 2], it): op.drop_column('t', name)\n"
    "for n, name in zip([1], it): op.drop_column('u', name)",
    "for name in it:\n    break\nop.drop_column('t', next(it))",
    "for name in it:\n    op.drop_column(name, next(it))",
    "for n in (1, 2):\n    for name in it:\n        op.drop_column(f't{n}', name)\n        break",
    "for n, name in enumerate(it):\n    op.drop_column('t', name) if n % 2 else next(it)",
    "'a' in it\nop.drop_column('t', next(it))",
    "any(name == 'b' for name in it)\nop.drop_column('t', next(it))",
    "list(islice(it, 2))\nop.drop_column('t', next(it))",
    "other = map(str, it)\nnext(other)\nop.drop_column('t', next(it))",
    "first, second = next(it), next(it)\nop.drop_column(first, second)",
    "first, *others = it\nop.drop_column(first, others[-1])",
]


@pytest.mark.parametrize("taken", _SHARED)
@pytest.mark.parametrize("made", ["iter(names)", "(name for name in names)", "map(str, names)", "each()"])
def test_an_iterator_gives_each_entry_once(made: str, taken: str) -> None:
    _holds(f"names = ['a', 'b', 'c', 'd', 'e', 'f']\ndef each():\n    yield from names\nit = {made}\n{taken}")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("for t, c in zip(it, it): op.drop_column(t, c)", [("a", "b"), ("c", "d")]),
        ("next(it)\n    for c in it: op.drop_column('t', c)", [("t", "b"), ("t", "c"), ("t", "d")]),
        ("first, *others = it\n    op.drop_column(first, others[2])", [("a", "d")]),
    ],
)
def test_what_is_known_of_an_iterator_is_certain(body: str, expected: list[tuple[str, str]]) -> None:
    read = read_script_text(
        f"from alembic import op\ndef upgrade():\n    it = iter(['a', 'b', 'c', 'd'])\n    {body}\n"
    ).upgrade
    assert [(each.table, each.column) for each in read if not each.conditional] == expected
    assert not any(each.conditional for each in read)


def test_a_loop_that_changes_what_it_goes_through_too_often_is_not_passed_over() -> None:
    read = read_script_text(
        "from alembic import op\n"
        "def upgrade():\n"
        "    names = ['n'] * 2001 + ['hint']\n"
        "    for name in names:\n"
        "        names[0] = name\n"
        "    for name in names[:1]:\n"
        "        op.drop_column('t', name)\n"
    ).upgrade
    assert any(each.kind == "opaque" or each.column == "hint" for each in read)
