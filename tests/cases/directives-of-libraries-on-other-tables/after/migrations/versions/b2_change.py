import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from postgresql_audit import remove_column

revision = "b2"
down_revision = "a1"


def upgrade():
    op.create_geospatial_table(
        "regions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("shape", Geometry("POLYGON", spatial_index=False)),
    )
    op.create_geospatial_index("regions_shape", "regions", ["shape"], postgresql_using="gist")
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.add_geospatial_column("offices", sa.Column("place", Geometry("POINT", spatial_index=False)))
    remove_column(op, "offices", "note")


def downgrade():
    op.drop_geospatial_column("offices", "place")
    op.drop_geospatial_index("regions_shape", table_name="regions", column_name="shape")
    op.drop_geospatial_table("regions")
