"""In a private repository the action's fetch shows its token: once, and nobody reads it in the log."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from ..documented import ROOT
from ..projects import Repository
from .act import Server, example_change

STEP = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"][1]
TOKEN = "ghs_secret"
BASIC = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


_BACKEND = Path(subprocess.run(["git", "--exec-path"], capture_output=True, text=True).stdout.strip())
pytestmark = pytest.mark.skipif(
    not (_BACKEND / "git-http-backend").exists(), reason="this git comes without its server for HTTP"
)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path / "host")


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """Serves the bare repository to whoever sends the token in one header; GitHub refuses two."""

    class Private(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = self.headers.get_all("Authorization") or []
            if [each.partition(" ")[2] for each in said] != [BASIC]:
                self.send_response(400 if said else 401)
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            ran = subprocess.run(
                ["git", "http-backend"],
                input=body,
                capture_output=True,
                check=True,
                env={
                    **os.environ,
                    "GIT_PROJECT_ROOT": str(server.folder),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type") or "",
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding") or "",
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol") or "",
                    "REMOTE_USER": "someone",
                },
            )
            head, _, content = ran.stdout.partition(b"\r\n\r\n")
            self.send_response(200)
            for line in head.decode().splitlines():
                name, _, value = line.partition(": ")
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Private) as host:
        threading.Thread(target=host.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{host.server_address[1]}"
        host.shutdown()


@pytest.mark.parametrize("persisted", [False, True], ids=["no-credentials", "persisted-credentials"])
def test_the_token_is_sent_once(
    server: Server, url: str, environ: dict[str, str], tmp_path: Path, persisted: bool
) -> None:
    head = server.branch("feature", example_change("drop-hint-only-producer"))
    merge = server.merged(7, "feature")
    clone = Repository(tmp_path / "workspace")
    clone.path.mkdir()
    clone.git("init", "--quiet")
    clone.git("fetch", "--quiet", "--depth=1", server.url, merge)
    clone.git("checkout", "--quiet", "--detach", merge)
    clone.git("remote", "add", "origin", f"{url}/server")
    if persisted:  # as actions/checkout leaves them
        clone.git("config", "--local", f"http.{url}/.extraheader", f"AUTHORIZATION: basic {BASIC}")
    event = {"pull_request": {"base": {"ref": "main", "sha": server.left}, "head": {"sha": head}}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    ran = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", STEP["run"]],
        cwd=clone.path,
        env={
            **environ,
            "ARGUMENTS": "",
            "BASE": "",
            "COMMAND": "migration-lint",
            "PARITY": "false",
            "PROJECT": ".",
            "TOKEN": TOKEN,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_BASE_REF": "main",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_SERVER_URL": url,
            "GITHUB_SHA": merge,
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "GITHUB_WORKSPACE": str(clone.path),
            "RUNNER_TEMP": str(tmp_path),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert "deployment_events.hint is dropped" in ran.stdout
    assert (tmp_path / "output").read_text().endswith("status=1\n")
    assert f"::add-mask::{BASIC}\n" in ran.stdout
    assert BASIC not in ran.stdout.replace(f"::add-mask::{BASIC}\n", "")
    assert TOKEN not in ran.stdout
    assert BASIC not in "".join(
        path.read_text(errors="replace") for path in tmp_path.glob("migration-lint.*/*")
    )
