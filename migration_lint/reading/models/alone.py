"""Import side effects of an application's modules, worked out once for all scripts of a folder.

Scripts of one folder import the same application, whose modules' tops each of them would run. What such a top
does is the same for all, where nothing that came before has changed what it finds: so it is run once, in an
import of its own, and what it was found to do is done again for each script. That a reading does not hang on
which scripts were read before follows from that: no script is in it.
"""

from __future__ import annotations

from collections.abc import Mapping

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Operation
from migration_lint.reading.models.context import context
from migration_lint.reading.project.modules import ProjectFiles
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.recorder import Recorder
from migration_lint.reading.python.values import NUMBERS, Module


class Alone(NamedTuple):
    """What a module's top does besides binding the module's own names.

    `stirs`: it is run for each script, as it changes what others hold, or registers what a library calls.
    `after`: the modules that had done so before; where others have, it is run, too.
    """

    stirs: bool
    operations: tuple[Operation, ...] = ()
    after: frozenset[str] = frozenset()


class Application:
    """What is known of the modules that the scripts of a folder import."""

    def __init__(self) -> None:
        self.known: dict[str, Alone] = {}
        self._asked: dict[
            str, Mapping[str, str]
        ] = {}  # by module: what it hangs on, as `surroundings` names it

    @classmethod
    def around(cls, files: ProjectFiles) -> Application:
        """The `Application` shared by all scripts that read these files."""
        if not isinstance(files.application, cls):
            files.application = cls()
        return files.application

    def of(self, run: Interpreter, name: str) -> Alone:
        """The side effects of a module's top level, in the project of the script that is read."""
        if name not in self._asked:
            self._try(run, name)
        context(run).files.ask_all(self._asked[name])
        return self.known[name]

    def _try(self, run: Interpreter, name: str) -> None:
        library = context(run)
        files = library.files.apart()
        inner = Interpreter(library.again(files), Recorder(""), Module("", "", False))
        context(inner).modules.trial = self.known
        importing, NUMBERS.importing = NUMBERS.importing, 0
        try:
            inner.library.imported(inner, name)
        except RecursionError:
            pass
        finally:
            NUMBERS.importing = importing
        # What was not come to is run for each script, too.
        for each in (name, *context(inner).modules.imports):
            self.known.setdefault(each, Alone(True))
        for each in self.known.keys() - self._asked.keys():
            self._asked[each] = files.asked
