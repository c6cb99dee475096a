from __future__ import annotations

from collections.abc import Iterator

import pytest

from .benches import BENCHES, Bench, GitHubBench


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of a review runs on every host, or on those that it is marked with."""
    if "bench" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("hosts")
        metafunc.parametrize("bench", marker.args if marker else BENCHES, indirect=True)


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    yield from _proven(BENCHES[request.param]())


@pytest.fixture
def github() -> Iterator[Bench]:
    yield from _proven(GitHubBench())


def _proven(bench: Bench) -> Iterator[Bench]:
    """A host for one test, which its server has to have got through as well."""
    yield bench
    bench.host.server.stop()
    if bench.host.server.trouble:
        raise bench.host.server.trouble[0]
