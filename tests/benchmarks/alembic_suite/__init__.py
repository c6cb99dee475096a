"""Alembic's own tests as migrations: what they call, and what autogenerate renders in them.

    python -m tests.benchmarks.alembic_suite CHECKOUT

takes a checkout or an unpacked release of Alembic. `calls` makes a script of every test that calls `op`;
`rendered` runs the tests of autogenerate and takes the code that it writes. Each script is run by the truth
benchmark for each dialect that it is for, and held against what the reader says.
"""

from __future__ import annotations
