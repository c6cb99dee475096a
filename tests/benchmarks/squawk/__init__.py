"""Side by side with squawk: what each reports on the same revisions.

    python -m tests.benchmarks.squawk [--write] [HISTORY…]

Alembic renders the SQL of each revision offline, as `alembic upgrade --sql` does; squawk reads that SQL, and
migration-lint reads the scripts. What comes out is held against `expected/squawk.md`; `--write` stores it
there. Every kind of disagreement has a line in `explained.py`, and one that has none fails the run.

histories     the revisions: the example's changes, and three published packages
rendering     runs in a sandbox of its own: a script → the SQL of its upgrade()
comparing     squawk's findings and ours, by revision and by subject
explained     which rules are about the same, and why the two disagree
"""

from __future__ import annotations
