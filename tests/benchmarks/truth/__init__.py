"""What migration scripts really do, beside what the product reads in them.

    python -m tests.benchmarks.truth [FOLDER … | --packages] [--dialect D]

Every script of every project is run in a sandbox, upgrade and downgrade, three times: on Alembic's offline
context, on a connection that answers that nothing exists, and on one that answers that everything does.
What any of these runs did is the truth. Compared is what `migration_lint.reading` says, without running
anything. What a script sends as raw SQL is put into words by the product's own `read_sql`; so that a fault
of that reader shows, plain rules give a second opinion on each statement, and the report says where they
differ.

    packages → running (sandbox: stubs, answers, elements) → comparing, second → report (one_more)
"""
