"""What a catalog is made of: dictionaries and sets that can tell what is written to them.

A replay works out what each operation does. To see a catalog once more as each of them found it, what was
written is written again to a copy, which costs next to nothing.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

#: The name of a part, a key, and what is there from then on, or ABSENT.
Write = tuple[str, Any, Any]

#: Stands in a write for a key that is taken out.
ABSENT = object()


class _Recorded:
    """A part that may add what is written to it to a list, under its name."""

    _name = ""
    _writes: list[Write] | None = None

    def record(self, name: str, writes: list[Write] | None) -> None:
        """Add what is written from now on to a list, under a name; with None to none any more."""
        self._name, self._writes = name, writes

    def _note(self, key: object, value: object) -> None:
        if self._writes is not None:
            self._writes.append((self._name, key, value))


class Mapped(_Recorded, dict[K, V], Generic[K, V]):
    """A dictionary of a catalog. It is written to by `[key] =`, `del` and `take`."""

    def copy(self) -> Mapped[K, V]:
        """One that goes its own way, and records nothing."""
        return Mapped(self)

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self._note(key, value)

    def __delitem__(self, key: K) -> None:
        super().__delitem__(key)
        self._note(key, ABSENT)

    def take(self, key: K) -> V | None:
        """Take out what is at a key, and give it; None: there is nothing."""
        found = self.get(key)
        if key in self:
            del self[key]
        return found

    def remember(self, key: K, value: V) -> None:
        """Hold what is there in another form, which is no change, and is not recorded."""
        super().__setitem__(key, value)

    def write(self, key: K, value: Any) -> None:
        """Do once more what was recorded."""
        if value is ABSENT:
            self.take(key)
        else:
            self[key] = value


class KeySet(_Recorded, set[K], Generic[K]):
    """A set of a catalog. It is written to by `add` and `discard`."""

    def copy(self) -> KeySet[K]:
        """One that goes its own way, and records nothing."""
        return KeySet(self)

    def add(self, key: K) -> None:
        super().add(key)
        self._note(key, True)

    def discard(self, key: object) -> None:
        super().discard(key)
        self._note(key, ABSENT)

    def write(self, key: K, value: object) -> None:
        """Do once more what was recorded."""
        if value is ABSENT:
            self.discard(key)
        else:
            self.add(key)
