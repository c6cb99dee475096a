"""Answers to requests that are none: pygls leaves them unanswered, and a client would wait for ever.

Source: JSON-RPC 2.0, section 5.1.
"""

from __future__ import annotations

from typing import Any

from lsprotocol.types import ResponseError
from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest, JsonRpcParseError
from pygls.protocol import LanguageServerProtocol


class Protocol(LanguageServerProtocol):
    """The protocol of pygls, which says what is wrong with a request that it cannot take."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message as its type; of what is none, the sender is told."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" in data and isinstance(data.get("id"), (int, str)):
                what = JsonRpcInvalidRequest() if not isinstance(data["method"], str) else error
                self._send_response(data["id"], error=_told(what))
                return None  # there is nothing left to do about it
            raise

    def handle_message(self, message: Any) -> None:
        """Carry out a message; None is one that was answered already."""
        if message is None:
            return
        if not hasattr(message, "jsonrpc"):  # JSON, but no message
            self._send_response(None, error=_told(JsonRpcInvalidRequest()))  # type: ignore[arg-type]
            return
        super().handle_message(message)

    def unreadable(self) -> None:
        """Something has come that is no JSON; whose answer it would be is not known."""
        self._send_response(None, error=_told(JsonRpcParseError()))  # type: ignore[arg-type]


def _told(error: JsonRpcException) -> ResponseError:
    return ResponseError(error.code or JsonRpcInvalidRequest.CODE, str(error.message))
