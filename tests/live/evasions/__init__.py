"""Ways to change a table under contract, each carried out by Alembic on a real PostgreSQL.

`forms.txt` holds what SQL can say, the other lists how Python comes to say it: *carriers*. `cases` combines
them: every form with the plain carrier, every carrier with one form. `running` carries a case out, `judging`
compares what the database says of it with what `check` says.

    python -m tests.live.evasions FOLDER [NAME…]

writes each case that passes although it changes the table, and each that does nothing, as a file into the
folder, a new one: of all cases, or of those whose name holds one of the words.
"""

from __future__ import annotations
