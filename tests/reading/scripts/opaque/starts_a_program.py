import os
import subprocess

revision = "m5"
down_revision = None


def upgrade():
    subprocess.run(["psql", "-f", "drop.sql"], check=True)


def downgrade():
    os.system("psql -c 'DROP TABLE t'")
