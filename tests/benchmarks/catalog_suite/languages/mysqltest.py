"""A file as mysqltest reads it → statements. What is said to mysqltest itself is dropped.

A variable that `let` gave a plain text is put in. Of blocks each statement is taken once; what another file
holds, or a program prints, is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.benchmarks.catalog_suite.languages import Statement

#: mysqltest's own commands, where no `--` tells them from SQL.
_COMMANDS = frozenset(
    """
    append_file cat_file change_user character_set chmod connect connection copy_file copy_files_wildcard dec
    delimiter diff_files die dirty_close disable_abort_on_error disable_cursor_protocol
    disable_column_names disable_connect_log disable_info disable_metadata disable_parsing
    disable_prepare_warnings disable_ps_protocol disable_ps2_protocol disable_query_log disable_reconnect
    disable_result_log disable_rpl_parse disable_service_connection disable_session_track_info
    disable_view_protocol disable_warnings disable_non_blocking_api disconnect echo
    enable_abort_on_error enable_column_names enable_connect_log enable_cursor_protocol enable_info
    enable_metadata enable_non_blocking_api enable_parsing enable_prepare_warnings enable_ps_protocol
    enable_ps2_protocol enable_query_log enable_reconnect enable_result_log enable_rpl_parse
    enable_service_connection enable_session_track_info enable_view_protocol enable_warnings end_timer
    error eval evalp exec exit file_exists horizontal_results inc let list_files
    list_files_append_file list_files_write_file lowercase_result mkdir move_file optimizer_trace perl ping
    query query_get_value query_horizontal query_vertical real_sleep reap remove_file remove_files_wildcard
    replace_column replace_numeric_round replace_regex replace_result require reset_connection result_format
    rmdir save_master_pos send send_eval send_quit send_shutdown shutdown_server skip sleep sorted_result
    partially_sorted_result source start_timer sync_slave_with_master sync_with_master system
    vertical_results wait_for_slave_to_stop write_file write_line
    """.split()
)
#: What they hold is sent to the server.
_SENDING = frozenset(("eval", "evalp", "query", "query_horizontal", "query_vertical", "send", "send_eval"))
#: Lines follow them up to one that is an end.
_FILLED = frozenset(("append_file", "perl", "write_file"))

_PIECE = re.compile(
    r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`|/\*.*?\*/|--[ \t][^\n]*|#[^\n]*", re.S
)
_BLOCK = re.compile(r"(?:if|while)\s*\([^\n]*\)\s*\n?\s*\{?|\{|\}")
_LET = re.compile(r"let\s+\$(\w+)\s*=\s*(.*)\Z", re.S)
_VARIABLE = re.compile(r"\$(\w+)")
_WORD = re.compile(r"[a-z_0-9]+", re.I)


def statements(text: str) -> Iterator[Statement]:
    """The statements of a file in order."""
    return _File(text).statements()


class _File:
    def __init__(self, text: str) -> None:
        self.text = text
        self.delimiter = ";"
        self.variables: dict[str, str] = {}

    def statements(self) -> Iterator[Statement]:
        at, text = 0, self.text
        while True:
            at = self._begin(at)
            if at >= len(text):
                return
            block = _BLOCK.match(text, at)
            if block is not None:
                at = block.end()
                continue
            start = at
            if text.startswith("--", at):
                end = text.find("\n", at)
                at = len(text) if end < 0 else end + 1
                found, at = self._command(text[start + 2 : at].strip(), at)
            else:
                piece, at = self._piece(at)
                word = _WORD.match(piece)
                if word is not None and word[0].lower() in _COMMANDS:
                    found, at = self._command(piece, at)
                else:
                    found = piece
            if found:
                yield Statement(found, text.count("\n", 0, start) + 1)

    def _begin(self, at: int) -> int:
        """Where the next statement or command begins: after spaces, and the comments of mysqltest."""
        text = self.text
        while at < len(text):
            if text[at].isspace():
                at += 1
            elif text[at] == "#":
                at = (text.find("\n", at) + 1) or len(text)
            elif text.startswith(self.delimiter, at):
                at += len(self.delimiter)
            else:
                break
        return at

    def _piece(self, at: int) -> tuple[str, int]:
        """The text up to the delimiter, and where it goes on."""
        text, start = self.text, at
        while at < len(text):
            if text.startswith(self.delimiter, at):
                return text[start:at].strip(), at + len(self.delimiter)
            passed = _PIECE.match(text, at)
            at = at + 1 if passed is None else passed.end()
        return text[start:].strip(), at

    def _command(self, written: str, at: int) -> tuple[str, int]:
        """What a command sends to the server, "" for nothing; and where the file goes on."""
        found = _WORD.match(written)
        word = "" if found is None else found[0].lower()
        if word == "delimiter":
            self.delimiter = written[len(word) :].strip().removesuffix(self.delimiter).strip() or ";"
        elif word == "let":
            given = _LET.match(written)
            if given is not None:
                self.variables.pop(given[1], None)
                value = given[2].removesuffix(self.delimiter).strip()
                if "`" not in value:
                    self.variables[given[1]] = self._put_in(value)
        elif word in _FILLED:
            words = written.split()
            mark = "EOF" if len(words) < 2 or word != "perl" and len(words) < 3 else words[-1].rstrip(";")
            end = re.compile(rf"^{re.escape(mark)}[ \t]*$\n?", re.M).search(self.text, at)
            at = at if end is None else end.end()
        elif word in _SENDING:
            sent = self._put_in(written[len(word) :].strip())
            return ("" if _VARIABLE.search(sent) else sent), at
        return "", at

    def _put_in(self, text: str) -> str:
        return _VARIABLE.sub(lambda found: self.variables.get(found[1], found[0]), text)
