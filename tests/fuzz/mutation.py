"""Changes to scripts and statements: by token, by statement, by tree."""

from __future__ import annotations

import ast
import copy
import io
import re
import tokenize
from collections.abc import Sequence
from random import Random

_ODD_EXPRESSIONS = [
    "'a' * 10 ** 10",
    "10 ** 10 ** 10",
    "1 << 10 ** 9",
    "[[0] * 9999] * 9999",
    "'{:999999999}'.format(1)",
    "'%999999999d' % 1",
    "range(10 ** 12)",
    "[x for x in range(10 ** 9)]",
    "__import__('itertools').repeat('t')",
    "__import__('itertools').product(range(999), repeat=99)",
    "(lambda f: f(f))(lambda f: f(f))",
    "type('X', (), {})",
    "globals()",
    "locals()['op']",
    "vars()",
    "None",
    "...",
    "-1",
    "0.1 + 1j",
    "b'x'",
    "''",
    "'\\ud800'",
    "'\\0'",
    "'\ue000'",
    "float('nan')",
    "float('inf')",
    "not op",
    "op",
    "op.drop_table",
    "[]",
    "{}",
    "set()",
    "(yield)",
    "lambda *a, **k: a",
    "[*'ab']",
    "f'{op!r:>{10}}'",
    "x[::0]",
    "'a'[5]",
    "{}['k']",
    "1 // 0",
    "int('x')",
    "len",
    "sa.text",
    "sa.Column('c', sa.Integer)",
    "super()",
    "property(lambda self: op.drop_table('t'))",
    "iter(int, 1)",
    "zip()",
    "dict(a=1)",
    "sorted([1, 'a'])",
    "'%s %s' % ('a',)",
    "'{} {}'.format('a')",
    "''.join([1])",
    "max([])",
    "(x := 5)",
    "True",
    "~5",
    "[] < [None]",
    "[0][True]",
    "slice(None)",
    "print",
    "object()",
    "Exception('t')",
]
_ODD_STATEMENTS = [
    "return",
    "raise ValueError",
    "pass",
    "break",
    "continue",
    "while True: pass",
    "while True:\n    x = [x]",
    "for i in range(10 ** 9): pass",
    "del op",
    "op = None",
    "global op",
    "import os as op",
    "from alembic import op as upgrade",
    "def upgrade(): upgrade()",
    "x = x + x",
    "x = [x, x]",
    "l = []; l.append(l)",
    "d = {}; d['d'] = d",
    "class C(C): pass",
    "class C:\n    def __getattr__(self, n): return getattr(self, n)",
    "class C:\n    def __eq__(self, o): return self == o",
    "assert False",
    "yield",
    "from . import *",
    "from os import *",
    "import alembic.op as op",
    "op.execute(op.execute)",
    "op.execute(op)",
    "op.execute(None)",
    "op.execute(['a'])",
    "op.execute('DROP TABLE ' + None)",
    "op.drop_column(*op)",
    "op.drop_column(**op)",
    "op.create_table()",
    "op.batch_alter_table()",
    "with op: pass",
    "with op.batch_alter_table('t') as op: op.drop_column('c')",
    "match op:\n    case op.x: pass\n    case {'a': y, **rest}: pass\n    case [y, *rest]: pass",
    "try:\n    raise\nexcept* ValueError: pass",
    "@op.drop_table\ndef f(): pass",
    "@property\ndef f(): pass",
    "lambda: (yield)",
    "exec('upgrade()')",
    "eval('upgrade()')",
    "globals()['op'] = 1",
    "setattr(op, 'drop_table', print)",
    "upgrade()",
    "x: int",
    "x, y = y, x = 1, 2",
    "[a, b] = 1",
    "*a, = {}",
    "nonlocal x",
    "async def g():\n    await op",
    "(x := op).drop_table('t')",
    "print(op)",
    "op.f(op.f)",
    "for op.x in [1]: pass",
    "for x[0] in [1]: pass",
    "del x[0], y.z",
]


def script(source: str, others: Sequence[str], random: Random) -> str:
    """A script changed in a few places; `others` are scripts to take pieces from. May be no Python."""
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _tokens(source, random)
    if random.randrange(6) == 0:
        return _tokens(source, random)
    for _ in range(random.choice([1, 1, 2, 3, 5])):
        _change_tree(module, others, random)
    try:
        return ast.unparse(ast.fix_missing_locations(module))
    except (RecursionError, ValueError, TypeError, AttributeError, MemoryError):
        return source


def _blocks(module: ast.Module) -> list[list[ast.stmt]]:
    found = []
    for node in ast.walk(module):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and (block or field != "body"):
                found.append(block)
    return found


def _change_tree(module: ast.Module, others: Sequence[str], random: Random) -> None:
    kind = random.randrange(14)
    blocks = [block for block in _blocks(module) if block]
    block = random.choice(blocks) if blocks else module.body
    at = random.randrange(len(block) + 1)
    statement = block[min(at, len(block) - 1)] if block else ast.Pass()
    if kind == 0 and len(block) > 1:
        del block[min(at, len(block) - 1)]
    elif kind == 1:
        block.insert(at, copy.deepcopy(statement))
    elif kind in (2, 3):
        try:
            block[at:at] = ast.parse(random.choice(_ODD_STATEMENTS)).body
        except SyntaxError:
            return
    elif kind == 4:
        opening = random.choice(
            [
                "if x:",
                "for _ in range(3):",
                "while op:",
                "def f(x=op, *a, **k):",
                "class K(dict):",
                "with op.batch_alter_table('t') as b:",
                "try:",
                "for x, (y, *z) in {}.items():",
                "if not (x := op.get_bind()):",
                "async def h():",
            ]
        )
        closing = "\nexcept Exception as e: pass" if opening == "try:" else ""
        made = ast.parse(f"{opening}\n    pass{closing}").body[0]
        vars(made)["body"] = [statement]
        block[block.index(statement) : block.index(statement) + 1] = [made] if statement in block else []
    elif kind == 5:
        donor = ast.parse(random.choice(others))
        pieces = [each for each in ast.walk(donor) if isinstance(each, ast.stmt)]
        if pieces:
            block.insert(at, copy.deepcopy(random.choice(pieces)))
    elif kind == 6 and len(block) > 1:
        random.shuffle(block)
    elif kind == 7:
        times = random.choice([2, 10, 60])
        nested = statement
        if isinstance(statement, ast.Expr):
            for _ in range(times):
                nested = ast.If(ast.Name("x", ast.Load()), [nested], [ast.Pass()])
            block.insert(at, nested)
    else:
        _change_expression(module, random, kind)


def _change_expression(module: ast.Module, random: Random, kind: int) -> None:
    places: list[tuple[ast.AST, str, int | None]] = []
    for node in ast.walk(module):
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and not isinstance(
                getattr(value, "ctx", None), (ast.Store, ast.Del)
            ):
                places.append((node, field, None))
            elif isinstance(value, list):
                places += [
                    (node, field, number)
                    for number, each in enumerate(value)
                    if isinstance(each, ast.expr)
                    and not isinstance(getattr(each, "ctx", None), (ast.Store, ast.Del))
                ]
    if not places:
        return
    node, field, number = random.choice(places)
    if isinstance(node, (ast.JoinedStr, ast.FormattedValue)) or field in ("patterns", "cls"):
        return
    if kind == 8:
        new = ast.parse(random.choice(_ODD_EXPRESSIONS[:32]), mode="eval").body
    elif kind == 9:
        other, other_field, other_number = random.choice(places)
        value = getattr(other, other_field)
        new = copy.deepcopy(value if other_number is None else value[other_number])
    elif kind == 10:
        value = getattr(node, field)
        inner = copy.deepcopy(value if number is None else value[number])
        if isinstance(inner, ast.Starred):
            return
        template = random.choice(
            [
                "not E",
                "-E",
                "E + E",
                "E or None",
                "[E][0]",
                "(E, E)",
                "[*E]",
                "{'k': E}['k']",
                "(lambda: E)()",
                "str(E)",
                "f'{E}'",
                "[E for _ in range(2)]",
                "E if op else E",
                "(q := E)",
                "E.x",
                "E()",
                "E[0]",
                "list(E)",
                "dict(E)",
                "E % E",
                "E * 99999999",
                "E == E",
                "E in E",
                "getattr(E, 'x')",
                "sorted(E)",
                "''.join(E)",
                "next(iter(E))",
                "{E: E}",
                "{E}",
            ]
        )
        new = _put(ast.parse(template, mode="eval").body, inner)
    else:
        new = (
            ast.parse(random.choice(_ODD_EXPRESSIONS), mode="eval").body
            if random.randrange(2)
            else ast.Constant(
                random.choice(
                    ["", "t", "x" * 5000, 10**30, -1, 0, None, True, b"x", "%s", "{}", "DROP TABLE t; -- '"]
                )
            )
        )
    if number is None:
        setattr(node, field, new)
    else:
        getattr(node, field)[number] = new


class _Put(ast.NodeTransformer):
    def __init__(self, inner: ast.expr) -> None:
        self.inner = inner

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self.inner) if node.id == "E" else node


def _put(template: ast.expr, inner: ast.expr) -> ast.expr:
    made: ast.expr = _Put(inner).visit(template)
    return made


def _tokens(source: str, random: Random) -> str:
    try:
        tokens = [token.string for token in tokenize.generate_tokens(io.StringIO(source).readline)]
    except (tokenize.TokenError, SyntaxError):
        tokens = []
    words = [token for token in tokens if token.strip()]
    if not words:
        return source
    first, second = random.choice(words), random.choice(words)
    where = [found.start() for found in re.finditer(re.escape(first), source)]
    if not where:
        return source
    at = random.choice(where)
    return (
        source[:at] + random.choice([second, "", first * 2, "\x0c", "\\\n", "\t"]) + source[at + len(first) :]
    )


_SQL_TOKEN = re.compile(r"\s+|\w+|'[^']*'|\"[^\"]*\"|`[^`]*`|\$\w*\$|--[^\n]*|/\*.*?\*/|.", re.DOTALL)
_ODD_SQL = (
    r"""
    ' " ` [ ] ( ) ; , . $$ $x$ -- /* */ /*! # \ \' '' "" :: := || @ @x :p %s %% ? { } ! ~ ^ & | <> E' N'
    q'[ U&" ALTER TABLE DROP COLUMN ADD RENAME TO CREATE INDEX VIEW AS SELECT FROM WITH DO BEGIN END IF
    THEN ELSE LOOP EXECUTE IMMEDIATE USING DECLARE SET EXEC CALL GO DELIMITER // COPY stdin COMMENT ON
    IS NULL NOT DEFAULT CASCADE ONLY CASE WHEN EXISTS FUNCTION PROCEDURE TRIGGER RETURNS LANGUAGE sql
    ATOMIC search_path SCHEMA set_config INSERT UPDATE DELETE TRUNCATE MERGE INTO VALUES RETURNING UNION
    ALL LATERAL PREPARE DEALLOCATE format concat CONVERT MODIFY CHANGE PARTITION OF INHERITS LIKE
    EXCLUDE CHECK FOREIGN KEY REFERENCES UNIQUE PRIMARY TYPE ENUM DOMAIN SEQUENCE OWNED BY EXTENSION
    sp_rename sp_executesql PRINT WHILE CURSOR OPEN FETCH CLOSE RAISE EXCEPTION
    """.split()
    + [
        "\n",
        "\0",
        "\r",
        "\ue000",
        "\ud800",
        "é",
        "ı",
        "\u2028",
        "\ufeff",
        "0x",
        "1e999",
        "9" * 400,
        "a" * 3000,
    ]
    + ["((((((((((" * 20, "/*" * 50, "'" * 7, "$a$" * 5, " OR 1=1" * 40]
)


def sql(text: str, others: Sequence[str], random: Random) -> str:
    """A text of SQL changed in a few places; `others` are texts to take pieces from."""
    for _ in range(random.choice([0, 1, 1, 2, 3, 6])):
        tokens = _SQL_TOKEN.findall(text)
        if not tokens:
            return random.choice(others)
        at = random.randrange(len(tokens))
        kind = random.randrange(10)
        if kind == 0:
            del tokens[at]
        elif kind == 1:
            tokens.insert(at, tokens[at])
        elif kind in (2, 3):
            tokens.insert(at, f" {random.choice(_ODD_SQL)} ")
        elif kind == 4:
            tokens[at] = random.choice(_ODD_SQL)
        elif kind == 5:
            other = _SQL_TOKEN.findall(random.choice(others))
            start = random.randrange(len(other) or 1)
            tokens[at:at] = [" ", *other[start : start + random.randint(1, 20)], " "]
        elif kind == 6:
            tokens.append("; " + random.choice(others))
        elif kind == 7:
            end = min(len(tokens), at + random.randint(1, 12))
            tokens[at:end] = tokens[at:end] * random.choice([2, 3, 50])
        elif kind == 8:
            end = min(len(tokens), at + random.randint(1, 12))
            del tokens[at:end]
        else:
            text = "".join(tokens)
            around = random.choice(_AROUND)
            quoted = text.replace("'", "''")
            tokens = [around.replace("{q}", quoted).replace("{}", text)]
        text = "".join(tokens)[:20_000]
    return text


_AROUND = [
    "DO $$ BEGIN {}; END $$",
    "DO $$ BEGIN EXECUTE '{q}'; END $$",
    "DO $f$ DECLARE r record; BEGIN FOR r IN SELECT 1 LOOP {}; END LOOP; END $f$",
    "DO $$ BEGIN IF x THEN {}; ELSE {}; END IF; EXCEPTION WHEN OTHERS THEN {}; END $$",
    "CREATE FUNCTION f() RETURNS void AS $$ BEGIN {}; END $$ LANGUAGE plpgsql; SELECT f()",
    "CREATE PROCEDURE p() BEGIN {}; END; CALL p()",
    "BEGIN; {}; COMMIT",
    "BEGIN {}; END;",
    "EXEC('{q}')",
    "EXEC sp_executesql N'{q}'",
    "IF 1=1 BEGIN {} END",
    "PREPARE s FROM '{q}'; EXECUTE s",
    "SET @s = '{q}'; PREPARE s FROM @s; EXECUTE s",
    "BEGIN EXECUTE IMMEDIATE '{q}'; END;",
    "EXPLAIN ANALYZE {}",
    "WITH a AS ({}) SELECT 1",
    "({})",
    "/*!50000 {} */",
    "/* {} */",
    "{};{}",
    "CREATE SCHEMA s {}",
    "CREATE TABLE x AS {}",
    "CREATE RULE r AS ON INSERT TO t DO ALSO ({})",
    "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN {}; END",
]
