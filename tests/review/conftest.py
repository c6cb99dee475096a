from __future__ import annotations

from collections.abc import Iterator

import pytest

from .benches import Bench, GitHubBench, GitLabBench


@pytest.fixture(params=["github", "gitlab"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    yield from _proven(GitHubBench() if request.param == "github" else GitLabBench())


@pytest.fixture
def github() -> Iterator[Bench]:
    bench = GitHubBench()
    yield from _proven(bench)


def _proven(bench: Bench) -> Iterator[Bench]:
    """A host for one test, which its server has to have got through as well."""
    yield bench
    bench.host.server.stop()
    if bench.host.server.trouble:
        raise bench.host.server.trouble[0]
