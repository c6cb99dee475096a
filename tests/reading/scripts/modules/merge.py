"""merge l2 and l3"""

revision = "l5"
down_revision = ("l2", "l3")
branch_labels = ()
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
