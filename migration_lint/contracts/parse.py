"""One contract file → a contract, or every error that it holds."""

from __future__ import annotations

import re
from datetime import date

from migration_lint.contracts.format import CONTRACT, OWN_SIDE, VERSION
from migration_lint.contracts.model import Contract
from migration_lint.errors import CannotJudge, Problem
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.shapes.reader import Reader, short
from migration_lint.yaml_document import Broken, Document, MappingNode, Scalar, read_document


def parse_contract(data: bytes, path: str, content_id: str = "") -> Contract:
    """The contract that the bytes of one file hold.

    Raises CannotJudge with every problem of the file, in the order of its lines.
    """
    document = read_document(path, data, "contract")
    problems = list(document.problems)
    contract: Contract | None = None
    if not isinstance(document.root, MappingNode):
        if not isinstance(document.root, Broken):
            message = "the file is not a contract: it holds no keys"
            problems.append(document.problem(document.root, message, f"begin it with contract: {VERSION}"))
    else:
        root = _in_our_format(document, document.root, problems)
        if root is not None:
            contract = Reader(document, problems, "the contract").whole(root, CONTRACT)
            if contract is not None and root is not document.root:
                contract = _outlined(contract)
    if contract is not None and not problems:
        contract = contract._replace(path=path, content_id=content_id)
        problems += _contradictions(contract)
    if contract is None or problems:
        raise CannotJudge(*sorted(problems, key=lambda problem: (problem.line, problem.column)))
    return contract


def _in_our_format(document: Document, root: MappingNode, problems: list[Problem]) -> MappingNode | None:
    """The file's keys as `CONTRACT` describes them; None where its format is not known."""
    keys = {key.text: value for key, value in root.pairs}
    version = keys.get("contract")
    if isinstance(version, Scalar) and not version.null and version.text != VERSION:
        message = f'unknown contract format "{short(version.text)}"'
        fix = f"write {VERSION}, or use a release of migration-lint that knows this format"
        problems.append(document.problem(version, message, fix))
        return None
    if version is None:
        from migration_lint.contracts import odcs

        if odcs.is_standard(root):
            return odcs.as_contract(document, root, problems)
    return root


def _outlined(contract: Contract) -> Contract:
    """The contract of a standard's document, whose types may leave out what stands in parentheses."""
    tables = [
        entry._replace(columns=tuple([column._replace(outlined=True) for column in entry.columns]))
        for entry in contract.tables
    ]
    return contract._replace(tables=tuple(tables))


def _contradictions(contract: Contract) -> list[Problem]:
    """What no single key shows, and an editor's schema only in part."""
    problems = []
    own = OWN_SIDE[contract.role]
    for entry in contract.tables:
        if getattr(entry, own) is not None:
            problems.append(
                Problem(
                    f'a {contract.role} cannot say "{own}: none" of {entry.name}: it is one of them itself',
                    contract.path,
                    entry.line,
                    fix=f"remove {own}",
                )
            )
        problems += [
            Problem(
                f"{entry.name}.{name.name} is retired and declared at once",
                contract.path,
                name.line,
                fix=f"remove {name.name} from columns or from retired",
            )
            for name in entry.retired
            if entry.column(name.name) is not None
        ]
        problems += [
            Problem(
                f'the reason for {each.revision} says nothing: "{short(each.reason)}"',
                contract.path,
                each.line,
                fix=f"say in words why {each.revision} is safe for {contract.id}",
            )
            for each in entry.acknowledges
            if not _says_something(each.reason)
        ]
        problems += [
            Problem(
                f'{entry.name}.{name.name} is retired since "{short(name.since)}", which is no date',
                contract.path,
                name.line,
                fix="write the day as YYYY-MM-DD, or say in words since when",
            )
            for name in entry.retired
            if not _may_be_since(name.since)
        ]
    return problems


#: What stands where a reason is still to come.
_PLACEHOLDERS = frozenset("todo tbd tba fixme none null nil nothing yes okay reason".split())


def _says_something(reason: str) -> bool:
    """Whether a reason holds a word that is no placeholder: of three letters, or of two signs of a script
    that has signs for words.
    """
    words = (word.lower() for word in re.findall(r"[^\W\d_]{2,}", reason))
    return any(
        len(set(word)) > 1 and (len(word) > 2 or not word.isascii()) and word not in _PLACEHOLDERS
        for word in words
    )


#: A day or a month in digits, in whatever order. 1.2.3 is a version; with a year at its end, or with parts of
#: two digits behind one, it is a day.
_DAY = lazy_pattern(
    r"\s*(\d+[-/]\d+(?:[-/]\d+)?|\d{8}|(?:\d{1,2}[. ]\s?){1,2}\d{4}|\d{4}\.\d\d\.\d\d|\d{4} \d\d? \d\d?)"
    r"(?:[T ,;(].*)?\s*",
    re.DOTALL,
)


def _may_be_since(text: str) -> bool:
    """Whether a text is a day or a month that there is, or words."""
    written = _DAY.fullmatch(text)
    if written is None:
        return True
    day = written[1] if written[1].count("-") == 2 else f"{written[1]}-01"
    if re.fullmatch(r"\d{4}(\.\d\d){2}", written[1]):
        day = written[1].replace(".", "-")  # a version may be written like a day, and a day like a version
    try:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", day) is not None and bool(date.fromisoformat(day))
    except ValueError:
        return False
