"""Migrations written at random, run for truth, and compared with what the reader says of them.

`plan` chooses what a migration does; `calls`, `statements`, `texts`, `conditions`, `loops`, `heaps`,
`functions`, `unread` and `structure` choose how it is written; `writer` holds the text. `running` runs it
with the real Alembic in a process of its own, `judging` compares, `minimising` makes what fails small.

    python -m tests.reading.random_migrations --examples 20000 --seed 7
"""

from __future__ import annotations
