"""migration-lint: holds Alembic migrations and the contracts of the services around them together.

Scripts, contracts and rule files are read as text; nothing that comes from a change is executed
or imported.
"""

from __future__ import annotations

__version__ = "0.1.0"
