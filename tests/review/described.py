"""Requests and answers held against the description of an API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from .server import Answer, Asked


class Operation(NamedTuple):
    template: str  # "/user/{name}"
    names: dict[str, str]  # the values of its parameters


class Described:
    """An API as an OpenAPI document describes it; in requests, with no other keys than described."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        for path in document["paths"].values():
            for operation in path.values():
                if "requestBody" in operation:
                    self._close(operation["requestBody"]["content"]["application/json"]["schema"])
        _allow_null(document)
        self._openapi = OpenAPI.from_dict(document)

    def answered(self, asked: Asked, answer: Callable[[Operation], Answer], invalid: int) -> Answer:
        """What `answer` says, if the request is right; else a refusal with the status `invalid`.

        Raises AssertionError for a path or a parameter that is not described, and OpenAPIError for an answer
        that is not.
        """
        operation = self._operation(asked)
        key = (asked.method.lower(), asked.path, json.dumps(asked.query), json.dumps(asked.body))
        trouble = self._trouble(*key)
        if trouble:
            return Answer(invalid, {"message": f"Invalid request.\n\n{trouble}"})
        said = answer(operation)
        if said.status < 300:
            self._proven(*key[:2], said.status, "" if said.body is None else json.dumps(said.body))
        return said

    # What is sent again byte for byte is as right as it was.

    @cache  # noqa: B019
    def _trouble(self, method: str, path: str, query: str, body: str) -> str:
        content = None if body == "null" else body.encode()
        try:
            self._openapi.validate_request(_request(method, path, json.loads(query), content))
        except OpenAPIError as error:
            causes = getattr(error.__cause__, "schema_errors", [])
            return "; ".join(each.message for each in causes) or str(error)
        return ""

    @cache  # noqa: B019
    def _proven(self, method: str, path: str, status: int, body: str) -> None:
        if not body:
            assert status == 204
            return
        response = MockResponse(body.encode(), status_code=status)
        self._openapi.validate_response(_request(method, path, {}, None), response)

    def _operation(self, asked: Asked) -> Operation:
        for template, methods in self.document["paths"].items():
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
            found = re.fullmatch(pattern, asked.path)
            if found is not None and asked.method.lower() in methods:
                parameters = methods[asked.method.lower()]["parameters"]
                known = {self._followed(each)["name"] for each in parameters}
                assert set(asked.query) <= known, f"{asked.query} has a parameter of which nothing is said"
                return Operation(template, found.groupdict())
        raise AssertionError(f"{asked.method} {asked.path} is not among what the bot is said to use")

    def _followed(self, value: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in value:
            return value
        found: Any = self.document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        assert isinstance(found, dict)
        return found

    def _close(self, value: Any) -> None:
        if isinstance(value, dict):
            followed = self._followed(value)
            if "properties" in followed and followed.get("type") == "object":
                followed.setdefault("additionalProperties", False)
            for each in followed.values():
                self._close(each)
        elif isinstance(value, list):
            for each in value:
                self._close(each)


def _request(method: str, path: str, query: dict[str, str], content: bytes | None) -> MockRequest:
    return MockRequest("http://host", method, path, args=query, data=content, content_type="application/json")


def _allow_null(value: Any) -> None:
    """OpenAPI 3.0 wants null among the values of what is nullable; GitHub's description leaves it out."""
    if isinstance(value, dict):
        if value.get("nullable") is True and isinstance(value.get("enum"), list):
            value["enum"] = list(dict.fromkeys([*value["enum"], None]))
        for each in value.values():
            _allow_null(each)
    elif isinstance(value, list):
        for each in value:
            _allow_null(each)


def word(template: str, prefix: str) -> str:
    """A path as a part of a name: `/a/{b}/c-d` → `a_b_c_d`."""
    return re.sub(r"\W+", "_", template.removeprefix(prefix)).strip("_")
