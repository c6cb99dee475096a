"""Which files of a tree are a service's own source: not its tests, not what it vendors or generates."""

from __future__ import annotations

import re

from migration_lint.change.vendored import is_vendored

_TEST_FOLDERS = frozenset(
    "test tests __tests__ __mocks__ spec specs testdata test-data testing fixtures fixture e2e testutil"
    " testutils integration-tests integration_tests".split()
)
#: Folders of copies and of builds. Where migrations are looked for, a name like these may be a project's own.
_COPIED_FOLDERS = frozenset(
    "vendor vendors third_party third-party bower_components venv target .gradle".split()
)
_TEST_FILE = re.compile(
    r"""
    _test\.go | _test\.py | conftest\.py | test_[^/]*\.py | tests\.py
  | [^/]*[.\-_](?:spec|test|e2e-spec|cy)\.[cm]?[jt]sx?
  | [^/]*(?:Test|Tests|IT|TestCase|Spec)\.(?:java|kt|kts|cs|php|groovy)
  | Test[A-Z][^/]*\.(?:java|kt|php|cs)
  | [^/]*_(?:spec|test)\.rb | test_[^/]*\.rb
  | [^/]*_tests?\.rs | tests?\.rs
  | [^/]*_test\.(?:go|sql) | test_[^/]*\.sql
    """,
    re.VERBOSE,
)


def is_test(path: str) -> bool:
    """Whether a path is a test, or something for tests, as its language's tools would have it."""
    *folders, name = path.split("/")
    if not _TEST_FOLDERS.isdisjoint(folder.lower() for folder in folders):
        return True
    if any(folder.endswith((".Tests", ".Test", ".UnitTests", ".IntegrationTests")) for folder in folders):
        return True
    return bool(_TEST_FILE.fullmatch(name) or re.fullmatch(r"[^/]*_test\.(?:go|py)", name))


def is_foreign(path: str) -> bool:
    """Whether a path belongs to what was copied, installed or built from elsewhere."""
    return (
        is_vendored(path)
        or not _COPIED_FOLDERS.isdisjoint(path.split("/")[:-1])
        or path.endswith((".min.js", ".d.ts"))
    )


def is_own(path: str) -> bool:
    """Whether a path is a service's own code, as far as its name tells."""
    return not is_test(path) and not is_foreign(path)
