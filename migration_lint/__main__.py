"""`python -m migration_lint`, the same as the command `migration-lint`."""

from __future__ import annotations

import sys

from migration_lint.cli import main

if __name__ == "__main__":
    sys.exit(main())
