"""Fuzzing of the reader: programs and SQL that nobody would write, and what must hold of every reading.

    python -m tests.fuzz program|script|sql|tree [--seconds N] [--seed S] [--guided]

`program` makes migration scripts at random, runs them against an `op` that records, and compares; `script`
changes scripts of the tests; `sql` changes statements of the tests; `tree` lays out folders of scripts,
modules, links and odd files for `migration-lint show`. `--guided` lets atheris choose what to change by
what it covers; it is not among the requirements and has to be installed first.

What was found is kept, as small as it got, under `seeds/`, and is read by `test_seeds.py` ever after.
"""
