"""What Python lets anyone do with a modelled object: make it again, or set what it is made of.

`__dict__`, `__init__`, `__setattr__` and their kin reach past what a model keeps, so the model is not what
the object is any more. The same goes for what starts with an underscore, which no model knows.
"""

from __future__ import annotations

from migration_lint.reading.models import table
from migration_lint.reading.models.sqlalchemy_types import SqlType
from migration_lint.reading.models.strangers import call_unknown
from migration_lint.reading.python.escapes import hand_over
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Batch,
    BatchImplementation,
    BoundFunction,
    Connection,
    Data,
    DialectModel,
    Dotted,
    Element,
    Implementation,
    Instance,
    Internals,
    Method,
    MigrationContext,
    ModelRecord,
    ServerDefault,
    SqlFunction,
    SqlText,
    Unknown,
    Value,
)

#: Models of objects that reach a database, or that statements are made of.
MODELS = (
    ModelRecord, Element, SqlText, SqlFunction, SqlType, ServerDefault, Batch, BatchImplementation,
    Connection, Implementation, MigrationContext, DialectModel,
)  # fmt: skip
#: Those of them whose attributes are all known, so that one that is not, by an underscore, is an internal.
_WHOLE = (ModelRecord, Element, SqlText, ServerDefault, Batch, BatchImplementation, Implementation)
#: By these an attribute is taken or set without what a class makes of it.
_OF_OBJECTS = frozenset(("__getattribute__", "__setattr__", "__delattr__"))
#: By these an object that is there is made anew.
_MAKING = frozenset(("__init__", "__setstate__", "__ior__"))
#: By these the names of functions that run, or ran, are come to.
_OF_FRAMES = frozenset(
    "__traceback__ tb_frame tb_next f_back f_builtins f_globals f_locals gi_frame cr_frame ag_frame".split()
)
#: Names that change an object of a library, where they are called by its class's name.
_CHANGING = _OF_OBJECTS | _MAKING
#: These are given the object that they set, where they are taken from a class.
_SETTING = frozenset(("__init__", "__setattr__", "__delattr__", "__setstate__"))
#: What a dialect makes a statement of, besides what is modelled.
_OPTIONS = frozenset(("dialect_kwargs", "dialect_options", "kwargs"))
#: Libraries whose objects are modelled.
_MODELLED = ("alembic.", "sqlalchemy.")


def internal(run: Interpreter, of: Value, name: str) -> Value | None:
    """What an attribute is that any object has, or any frame; None where that is for its model."""
    if name in _OF_FRAMES and not isinstance(of, (Dotted, Instance)):
        return Internals("the names of what runs are taken", reach=True)
    if name in _OPTIONS and isinstance(of, ModelRecord):
        return Internals(f"`{name}` of an object of a library are taken", reach=True)
    if not name.startswith("_"):
        return None
    if isinstance(of, (Unknown, Data, Method)) and name in _SETTING:
        return BoundFunction(Dotted("<made>.set_on"))
    if not isinstance(of, MODELS):
        return None
    if name in _OF_OBJECTS:
        return BoundFunction(Dotted(f"builtins.object.{name}"), (of,))
    if name == "__dict__":
        return Internals("what an object of a library is made of is taken", reach=True)
    return BoundFunction(Dotted("<made>.again"), (of,)) if name in _MAKING else None


def beyond(run: Interpreter, of: Value, name: str) -> Value | None:
    """What an internal is that no model knows; None where it is none."""
    if not name.startswith("_") or name.startswith("__") or not isinstance(of, _WHOLE):
        return None
    return Internals(f"`{name}` is an internal of a library", reach=True)


def made_again(run: Interpreter, path: str, a: Arguments) -> bool:
    """Whether a call by its dotted name changes an object of a library: `ops.DropColumnOp.__init__(o, …)`."""
    name = path.rpartition(".")[2]
    if name not in _CHANGING or not path.startswith(_MODELLED):
        return False
    # A class of the project that hands on to its base has itself, or one of its objects, in front.
    return bool(a.more or (a.args and not isinstance(a.args[0], Instance)))


def _again(run: Interpreter, a: Arguments) -> Value:
    for each in a.values():
        hand_over(run, each)
    run.recorder.unread("an object of a library that is there already is made again, or is set otherwise")
    return Unknown("what makes an object again gives nothing")


def _set_on(run: Interpreter, a: Arguments) -> Value:
    """`type(t).__setattr__(t, …)`: a method of a class that is not known, which has the object in front."""
    if a.more or isinstance(a.get(0, "self"), MODELS):
        return _again(run, a)
    return call_unknown(run, Unknown("a method of a class that is not known"), a)


table.names({"<made>.again": _again, "<made>.set_on": _set_on})
