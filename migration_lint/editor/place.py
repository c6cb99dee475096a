"""Files by the names that clients give them: file URIs, on every system."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

_DRIVE = re.compile(r"/[A-Za-z]:(?=/|$)")


def path_of(uri: str, windows: bool = os.name == "nt") -> str | None:
    """The file that a URI names; None for what is no file on this machine, such as an untitled buffer.

    Clients write `file:///c%3A/x` where others write `file:///C:/x`: both are one file.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file":
        return None
    path = unquote(parts.path)
    if not path.startswith("/") or "\0" in path:
        return None
    if not windows:
        return path if parts.netloc in ("", "localhost") else None
    if parts.netloc not in ("", "localhost"):
        path = f"//{parts.netloc}{path}"
    elif _DRIVE.match(path):
        path = path[1].upper() + path[2:]
    else:
        return None
    return path.replace("/", "\\")


def file_of(uri: str) -> Path | None:
    """The same, as a path."""
    name = path_of(uri)
    return None if name is None else Path(name)
