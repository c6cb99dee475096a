"""A text that is known, written so that somebody has to work it out."""

from __future__ import annotations

from collections.abc import Callable

from tests.reading.random_migrations.writer import Writer


def spelled(w: Writer, value: str, depth: int = 2) -> str:
    """An expression whose value is `value`; lines that it needs are written before it."""
    if depth <= 0 or not value or w.chance(40):
        return _literal(w, value)
    return w.pick(_FORMS)(w, value, depth - 1)


def _literal(w: Writer, value: str) -> str:
    form = w.random.randrange(8)
    if form == 0 and len(value) > 2:
        middle = len(value) // 2
        return f"({value[:middle]!r} {value[middle:]!r})"
    if form == 1 and "\\" not in value and "\r" not in value and not value.endswith('"'):
        return f'"""{value}"""'
    if form == 2 and "\\" not in value and "\n" not in value:
        return f"r{value!r}" if "\\" not in repr(value) else repr(value)
    if form == 3:
        return "".join(["f", repr(value.replace("{", "{{").replace("}", "}}"))])
    return repr(value)


def _split(w: Writer, value: str) -> tuple[str, str]:
    at = w.random.randrange(len(value) + 1)
    return value[:at], value[at:]


def _plus(w: Writer, value: str, depth: int) -> str:
    first, last = _split(w, value)
    return f"({spelled(w, first, depth)} + {spelled(w, last, depth)})"


def _percent(w: Writer, value: str, depth: int) -> str:
    first, last = _split(w, value)
    if w.chance(50):
        return f"('%s%s' % ({spelled(w, first, depth)}, {spelled(w, last, depth)}))"
    if w.chance(50):
        return f"('%(a)s%(b)s' % {{'a': {spelled(w, first, depth)}, 'b': {spelled(w, last, depth)}}})"
    return f"({first.replace('%', '%%') + '%s'!r} % {spelled(w, last, 0)})"


def _format(w: Writer, value: str, depth: int) -> str:
    first, last = _split(w, value)
    a, b = spelled(w, first, depth), spelled(w, last, depth)
    return w.pick(
        [
            f"'{{}}{{}}'.format({a}, {b})",
            f"'{{1}}{{0}}'.format({b}, {a})",
            f"'{{a}}{{b}}'.format(b={b}, a={a})",
            f"'{{a}}{{b}}'.format(**{{'a': {a}, 'b': {b}}})",
            f"'{{0[0]}}{{0[1]}}'.format([{a}, {b}])",
            f"'{{a}}{{b}}'.format_map({{'a': {a}, 'b': {b}}})",
        ]
    )


def _fstring(w: Writer, value: str, depth: int) -> str:
    first, last = _split(w, value)
    name = _local(w, last, depth)
    text = first.replace("{", "{{").replace("}", "}}")
    form = w.pick(["{%s}", "{%s!s}", "{%s:}", "{str(%s)}", "{%s:s}"])
    return "f" + repr(text + form % name) if "\\" not in repr(text) else f"({first!r} + {name})"


def _join(w: Writer, value: str, depth: int) -> str:
    first, last = _split(w, value)
    a, b = spelled(w, first, depth), spelled(w, last, depth)
    return w.pick(
        [
            f"''.join([{a}, {b}])",
            f"''.join(({a}, {b}))",
            f"''.join(x for x in [{a}, {b}])",
            f"''.join(map(str, [{a}, {b}]))",
            f"''.join(reversed([{b}, {a}]))",
            f"''.join({{'a': {a}, 'b': {b}}}.values())",
        ]
    )


def _method(w: Writer, value: str, depth: int) -> str:
    options = [f"{spelled(w, '  ' + value + ' ', depth)}.strip()"] if value == value.strip() else []
    options += [
        f"{spelled(w, value[::-1], depth)}[::-1]",
        f"{spelled(w, 'x' + value + 'yy', depth)}[1:-2]",
        f"{spelled(w, 'pre_' + value, depth)}.removeprefix('pre_')",
        f"{spelled(w, value + '_end', depth)}.removesuffix('_end')",
        f"{spelled(w, value + '|b', depth)}.rsplit('|', 1)[0]",
        f"{spelled(w, 'b|' + value, depth)}.partition('|')[-1]",
        f"str({spelled(w, value, depth)})",
        f"{spelled(w, 'QQ' + value, depth)}.replace('QQ', '')",
        f"str.join('', {spelled(w, value, depth)})",
        f"({spelled(w, value, depth)} * 1)",
        f"{spelled(w, value, depth)}.encode().decode()",
    ]
    if value == value.lower():
        options.append(f"{spelled(w, value.upper(), depth)}.lower()")
        options.append(f"{spelled(w, value.title(), depth)}.casefold()")
    if value == value.upper():
        options.append(f"{spelled(w, value.lower(), depth)}.upper()")
    if "_" in value:
        first, _, last = value.partition("_")
        options.append(f"'_'.join([{spelled(w, first, depth)}, {spelled(w, last, depth)}])")
    return w.pick(options)


def _local(w: Writer, value: str, depth: int) -> str:
    name = w.fresh("text")
    written = spelled(w, value, depth)
    w.emit(f"{name}: str = {written}" if w.chance(15) else f"{name} = {written}")
    if w.chance(10):
        other = w.fresh("text")
        w.emit(f"{other} = {name}")
        w.emit(f"del {name}")
        return other
    return name


def _changed(w: Writer, value: str, depth: int) -> str:
    first, last = _split(w, value)
    name = _local(w, first, depth)
    form = w.random.randrange(4)
    written = spelled(w, last, depth)
    if form == 0:
        w.emit(f"{name} += {written}")
    elif form == 1:
        with w.block(f"for part in {last!r}:"):
            w.emit(f"{name} += part")
    elif form == 2:
        w.emit(f"{name} = {name} + {written}")
    else:
        w.emit(f"if {name}: {name} = {name} + {written}")
        w.emit(f"else: {name} = {last!r}")
    return name


def _constant(w: Writer, value: str, depth: int) -> str:
    name = w.fresh("TEXT_")
    with w.at_top():
        w.emit(f"{name} = {spelled(w, value, depth)}")
    return name


def _imported(w: Writer, value: str, depth: int) -> str:
    if w.in_helper:
        return _constant(w, value, depth)
    name = w.fresh("TEXT_")
    with w.at_helper():
        w.emit(f"{name} = {spelled(w, value, depth)}")
    return w.from_helper(name)


def _container(w: Writer, value: str, depth: int) -> str:
    name = w.fresh("box")
    written = spelled(w, value, depth)
    definition, expression = w.pick(
        [
            (f"{{'a': {written}, 'b': 'not_this'}}", f"{name}['a']"),
            (f"{{'a': {written}, 'b': 'not_this'}}", f"{name}.get('a', 'not_this')"),
            (f"{{'a': {{'b': {written}}}}}", f"{name}['a']['b']"),
            (f"dict(a={written}, b='not_this')", f"{name}['a']"),
            (f"{{**{{'a': 'not_this'}}, 'a': {written}}}", f"{name}['a']"),
            (f"{{'a': 'not_this'}} | {{'a': {written}}}", f"{name}['a']"),
            (f"dict([('a', {written})])", f"{name}.pop('a')"),
            (f"['not_this', {written}]", f"{name}[1]"),
            (f"['not_this', {written}]", f"{name}[-1]"),
            (f"[{written}, 'not_this'][::-1]", f"{name}.pop()"),
            (f"[*['not_this'], *({written},)]", f"{name}[len({name}) - 1]"),
            (f"[x for x in ['not_this', {written}] if x != 'not_this']", f"{name}[0]"),
            (f"{{k: v for k, v in [('a', {written}), ('b', 'not_this')]}}", f"{name}['a']"),
            (f"({written},)", f"next(iter({name}))"),
            (f"sorted([(2, 'not_this'), (1, {written})])", f"{name}[0][1]"),
            (f"list(zip([1, 2], [{written}, 'not_this']))", f"dict({name})[1]"),
            (f"{{{written}}}", f"''.join({name})"),
            (f"[None, {written}, '']", f"next(filter(None, {name}))"),
        ]
    )
    w.emit(f"{name} = {definition}")
    return expression


def _table_of_texts(w: Writer, value: str, depth: int) -> str:
    # What a constant at the top holds must stand at the top itself.
    name = w.fresh("box")
    with w.at_top():
        w.emit(f"{name} = {{'a': {spelled(w, value, depth)}, 'b': ['not_this', {spelled(w, value, 0)}]}}")
    return w.pick([f"{name}['a']", f"{name}['b'][1]", f"{name}.get('a')", f"[*{name}['b']][-1]"])


def _unpacked(w: Writer, value: str, depth: int) -> str:
    name, other = w.fresh("text"), w.fresh("other")
    written = spelled(w, value, depth)
    w.emit(
        w.pick(
            [
                f"{name}, {other} = {written}, 'not_this'",
                f"{other}, {name} = ('not_this', {written})",
                f"[{other}, {name}] = ['not_this', {written}]",
                f"{name}, *{other} = [{written}, 'not_this', 'nor_this']",
                f"*{other}, {name} = ['not_this', 'nor_this', {written}]",
                f"({other}, ({name}, _)) = (1, ({written}, 2))",
                f"{name} = {other} = {written}",
                f"if ({name} := {written}): pass",
                f"{name}, {other} = {{{written}: 1, 'not_this': 2}}"
                if value != "not_this"
                else f"{name} = {written}",
            ]
        )
    )
    return name


def _klass(w: Writer, value: str, depth: int) -> str:
    name = w.fresh("Names")
    form = w.random.randrange(8)
    decorator = w.pick(["@property", "@staticmethod", "@classmethod"])
    with w.at_top():
        written = spelled(w, value, depth)
        if form == 0:
            with w.block(f"class {name}:"):
                w.emit(f"TEXT = {written}")
        elif form == 1:
            w.use("import enum")
            with w.block(f"class {name}(enum.Enum):"):
                w.emit("OTHER = 'not_this'")
                w.emit(f"TEXT = {written}")
        elif form == 2:
            w.use("import enum")
            with w.block(f"class {name}(str, enum.Enum):"):
                w.emit(f"TEXT = {written}")
        elif form == 3:
            w.use("import dataclasses")
            w.emit("@dataclasses.dataclass")
            with w.block(f"class {name}:"):
                w.emit("OTHER: str")
                w.emit(f"TEXT: str = {written}")
        elif form == 4:
            w.use("from typing import NamedTuple")
            with w.block(f"class {name}(NamedTuple):"):
                w.emit("TEXT: str")
                w.emit("OTHER: str = 'not_this'")
        elif form == 5:
            with w.block(f"class {name}:"), w.block("def __init__(self, text):"):
                w.emit("self.TEXT = text")
        elif form == 6:
            with w.block(f"class {name}:"):
                w.emit(decorator)
                with w.block("def TEXT(*_):"):
                    w.emit(f"return {written}")
        else:
            w.use("from collections import namedtuple")
            w.emit(f"{name} = namedtuple('{name}', 'OTHER TEXT')")
    inner = spelled(w, value, depth)
    if form == 0:
        return w.pick([f"{name}.TEXT", f"{name}().TEXT", f"getattr({name}, 'TEXT')", f"vars({name})['TEXT']"])
    if form == 1:
        return w.pick([f"{name}.TEXT.value", f"{name}['TEXT'].value", f"[x.value for x in {name}][1]"])
    if form == 2:
        return w.pick([f"{name}.TEXT.value", f"{name}['TEXT'].value"])
    if form == 3:
        return w.pick([f"{name}('a').TEXT", f"{name}(OTHER='a', TEXT={inner}).TEXT"])
    if form == 4:
        return w.pick([f"{name}({inner}).TEXT", f"{name}(TEXT={inner})[0]"])
    if form == 5:
        return f"{name}({inner}).TEXT"
    if form == 6:
        return (
            f"{name}().TEXT" if decorator == "@property" else w.pick([f"{name}.TEXT()", f"{name}().TEXT()"])
        )
    return w.pick([f"{name}('a', {inner}).TEXT", f"{name}(OTHER=1, TEXT={inner}).TEXT"])


def _function(w: Writer, value: str, depth: int) -> str:
    name = w.fresh("text_of")
    written = spelled(w, value, 0)
    header, body, call = w.pick(
        [
            (f"def {name}(a={written}):", "return a", f"{name}()"),
            (f"def {name}(a, b='not_this'):", "return a", f"{name}({written})"),
            (f"def {name}(*a):", "return a[0]", f"{name}({written}, 'not_this')"),
            (f"def {name}(*, a, **k):", "return k['b']", f"{name}(b={written}, a=1)"),
            (f"def {name}(a, /, *, b=''):", "return f'{a}{b}'", f"{name}({written})"),
            (f"def {name}():", f"yield {written}", f"next({name}())"),
            (f"def {name}():", f"yield {written}", f"list({name}())[0]"),
            (f"def {name}():", f"yield from [{written}]", f"''.join({name}())"),
            (f"def {name}():", f"return lambda: {written}", f"{name}()()"),
            (f"def {name}(n=3):", f"return {name}(n - 1) if n else {written}", f"{name}()"),
            (f"def {name}():", f"return 'not_this', {written}", f"{name}()[1]"),
            (f"def {name}(a=1):", f"return {written} if a == 1 else 'not_this'", f"{name}()"),
        ]
    )
    if w.chance(25) and not w.in_helper:
        with w.at_helper(), w.block(header):
            w.emit(body)
        return call.replace(name, w.from_helper(name))
    if w.chance(50):
        with w.at_top():
            if "yield" not in body and w.chance(25):
                w.use("import functools")
                w.emit("@functools.lru_cache")
            with w.block(header):
                w.emit(body)
    else:
        with w.block(header):
            w.emit(body)
    return call


def _choice(w: Writer, value: str, depth: int) -> str:
    a = spelled(w, value, depth)
    return w.pick(
        [
            f"({a} if True else 'not_this')",
            f"('not_this' if 1 > 2 else {a})",
            f"(None or {a})",
            f"({a} and {spelled(w, value, 0)})" if value else f"('' or {a})",
            f"(lambda x: x)({a})",
            f"(lambda x={a}: x)()",
            f"(lambda *x: x[-1])('not_this', {a})",
            f"max([{a}, ''])",
            f"[{a}, 'not_this'][False]",
            f"({a}, 'not_this')[0]",
            f"{{True: {a}, False: 'not_this'}}[1 == 1]",
            f"[x for x in [{a}]][0]",
            f"next(x for x in ['', {a}] if x or not {value!r})" if value else f"str({a})",
            f"''.join([c for c in {a}])",
        ]
    )


def _library(w: Writer, value: str, depth: int) -> str:
    a = spelled(w, value, depth)
    form = w.random.randrange(7)
    if form == 0:
        w.use("import functools")
        return f"functools.partial(str, {a})()"
    if form == 1:
        w.use("import functools")
        first, last = _split(w, value)
        return f"functools.reduce(lambda x, y: x + y, [{first!r}, {spelled(w, last, 0)}])"
    if form == 2:
        w.use("import textwrap")
        return f"textwrap.dedent({a})" if value == value.strip() and "\n" not in value else a
    if form == 3:
        w.use("import itertools")
        return f"list(itertools.chain(['not_this'], [{a}]))[1]"
    if form == 4:
        w.use("from string import Template")
        first, last = _split(w, value)
        return f"Template({first.replace('$', '$$') + '${x}'!r}).substitute(x={spelled(w, last, 0)})"
    if form == 5:
        w.use("import operator")
        return f"operator.itemgetter(1)(['not_this', {a}])"
    return f"sa.text({a}).text" if ":" not in value else a


_FORMS: tuple[Callable[[Writer, str, int], str], ...] = (
    _plus, _percent, _format, _fstring, _join, _method, _local, _changed, _constant, _imported,
    _container, _table_of_texts, _unpacked, _klass, _function, _choice, _library,
)  # fmt: skip
