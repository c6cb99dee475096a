"""`server`: the language server."""

from __future__ import annotations

import click

from migration_lint.errors import MissingExtra


@click.command()
def server() -> int:
    """Serve an editor by the Language Server Protocol, on standard input and output.

    It judges the work tree with what is not saved yet, as files change. The option `base` of the
    initialization says what to compare with.
    """
    try:
        from migration_lint.editor.server import make_server
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise MissingExtra("server", "the language server") from None
    make_server().start_io()
    return 0
