"""Stands in for what a script imports and what is not installed. Used only inside the sandbox.

A name of a missing module is a permissive object: it can be called, subclassed, entered, iterated (as if
empty) and taken for a column's type. A module of the project itself is executed as it is; where that
fails, because something that it stands on is missing, it keeps what it has and stands in for the rest.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

#: In the rendered text of a type that nobody here knows.
UNKNOWN_TYPE = "TRUTH_UNKNOWN_TYPE"

#: Never stood in for: a script that needs more of them than there is fails, as it would for real.
_REAL = frozenset({"alembic", "sqlalchemy", *sys.stdlib_module_names})


def _type_of_column() -> Any:
    from sqlalchemy.types import UserDefinedType

    class UnknownType(UserDefinedType):
        cache_ok = True

        def get_col_spec(self, **kw: Any) -> str:
            return UNKNOWN_TYPE

    return UnknownType()


class _StubMeta(type):
    def __getattr__(cls, name: str) -> Any:
        return _attribute(cls.__name__, name)

    def __iter__(cls) -> Iterator[Any]:
        return iter(())

    def __or__(cls, other: Any) -> Any:
        return cls

    def __ror__(cls, other: Any) -> Any:
        return cls

    def __getitem__(cls, item: Any) -> Any:
        return cls

    def __len__(cls) -> int:
        return 0

    def __bool__(cls) -> bool:
        return True

    def __contains__(cls, item: Any) -> bool:
        return False


def _attribute(owner: str, name: str) -> Any:
    if name.startswith("__") and name.endswith("__"):
        raise AttributeError(name)
    if name == "_sqla_type":
        return _type_of_column()
    if name == "_compiler_dispatch":
        return lambda *args, **kw: UNKNOWN_TYPE
    if name.startswith("_sa_") or name in ("_literal_coercion", "__clause_element__", "_is_type_engine"):
        raise AttributeError(name)
    return stub(name)


class Stub(metaclass=_StubMeta):
    """An object of a class that is not there. Called as a decorator, it gives back what it decorates."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        pass

    def __init_subclass__(cls, **kw: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return _attribute(type(self).__name__, name)

    def __call__(self, *args: Any, **kw: Any) -> Any:
        if len(args) == 1 and not kw and isinstance(args[0], (types.FunctionType, type)):
            return args[0]
        return stub("result")()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __getitem__(self, item: Any) -> Any:
        return stub("item")()

    def __setitem__(self, item: Any, value: Any) -> None:
        pass

    def __contains__(self, item: Any) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *args: Any) -> None:
        return None

    def __str__(self) -> str:
        return f"truth_stub_{type(self).__name__}"

    def __format__(self, spec: str) -> str:
        return str(self)

    def __int__(self) -> int:
        return 1

    def __index__(self) -> int:
        return 1

    def __float__(self) -> float:
        return 1.0

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: Any) -> bool:
        return self is other

    def __lt__(self, other: Any) -> bool:
        return False

    def __gt__(self, other: Any) -> bool:
        return False

    def __le__(self, other: Any) -> bool:
        return False

    def __ge__(self, other: Any) -> bool:
        return False

    def __add__(self, other: Any) -> Any:
        return self

    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __mod__ = __and__ = __or__ = __truediv__ = __add__
    __rand__ = __ror__ = __add__


def stub(name: str) -> Any:
    """A class that is not there."""
    return _StubMeta(name, (Stub,), {"__module__": "truth_stub"})


class _StubModule(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            if name == "__all__":
                return []
            raise AttributeError(name)
        made = stub(name)
        setattr(self, name, made)
        return made


class _MissingLoader(importlib.abc.Loader):
    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _StubModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__path__ = []


class Missing(importlib.abc.MetaPathFinder):
    """Comes last: whatever nobody else finds is a stub."""

    def __init__(self) -> None:
        self.stood_in: set[str] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        top = name.partition(".")[0]
        if top in _REAL or top == "tests":
            return None
        self.stood_in.add(top)
        return importlib.machinery.ModuleSpec(name, _MissingLoader(), is_package=True)


class _LenientLoader(importlib.abc.Loader):
    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _StubModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        try:
            self.inner.exec_module(module)
        except (Exception, SystemExit):
            return
        module.__class__ = types.ModuleType

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class Project(importlib.abc.MetaPathFinder):
    """Comes first: modules below the project's roots, executed as far as they can be."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self.roots = [str(root) for root in roots]

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] in _REAL:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, self.roots if path is None else path, target)
        if spec is None:
            return None
        if spec.loader is None:  # a namespace package
            return spec if spec.submodule_search_locations else None
        inside = spec.origin is not None and any(spec.origin.startswith(root + "/") for root in self.roots)
        if inside and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _LenientLoader(spec.loader)
            return spec
        return None


def is_stub(value: Any) -> bool:
    """Whether a value stands in for something that is not there."""
    return isinstance(value, (Stub, _StubMeta))


def know_types() -> None:
    """Let SQLAlchemy take a stub for a column's type, and render it as one that nobody knows."""
    from sqlalchemy.sql import sqltypes, type_api

    original: Any = type_api.to_instance

    def to_instance(type_: Any, *args: Any, **kw: Any) -> Any:
        return _type_of_column() if is_stub(type_) else original(type_, *args, **kw)

    type_api.to_instance = to_instance
    sqltypes.to_instance = to_instance


def install(roots: Sequence[Path]) -> Missing:
    """Put both finders in place; gives the one that counts what was stood in for."""
    missing = Missing()
    sys.meta_path.insert(0, Project(roots))
    sys.meta_path.append(missing)
    return missing
