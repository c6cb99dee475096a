from alembic import op


def ok():
    return op.get_bind().execute("SELECT 1").scalar()


def upgrade():
    names = {"a": "b"}
    if ok():
        names.clear()
    op.drop_table(names.get("a", "z"))
    flags = {}
    if ok():
        flags["skip"] = True
    if "skip" not in flags:
        op.drop_table("x")
    if not flags:
        op.drop_table("y")
    left = {"a": "b", "c": "d"}
    if ok():
        del left["a"]
    op.drop_column(left.get("a", "w"), "c")
    for each in left.values():
        op.drop_column(each, str(len(left)))
    lists = {}
    lists.setdefault("a", []).append("t1")
    if ok():
        lists.setdefault("b", []).append("t2")
    for key, tables in lists.items():
        for table in tables:
            op.drop_column(table, key)
    if "b" not in lists:
        op.drop_table("nob")
    merged = {**left, **flags} | names
    if "a" not in merged:
        op.drop_table("merged")
    gone = {"a": 1}
    if ok():
        gone.pop("a")
    if not gone.get("a"):
        op.drop_table("gone")
