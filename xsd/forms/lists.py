"""The table of columns of a list, as a browser gets it: made of the lists file of a module version and held against the
forms of its messages, so that a path that leads nowhere is told before anybody downloads a list.

`docs/reference/lists.md` says what stands in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from gateway.written.complaints import KeyPath, shown
from gateway.written.source import Source
from xsd.catalogue import Module
from xsd.forms.description import form_description
from xsd.forms.list_files import AnswerRow, LinesRow, ListFault, ListRow, read_lists
from xsd.forms.values import Json
from xsd.forms.words import FormFault
from xsd.message_type import MessageType

LIST: Final = 1
"""The generation of this table. Who reads it refuses another."""

_Form = Mapping[str, Any]


def list_tables(module: Module) -> Mapping[str, Json]:
    """The tables of a module version by message type; raises ListFault with everything that is wrong in its file."""
    shape, source, complaints = read_lists(module.folder)
    types = {each.name: each for each in module.messages}
    found = {}
    for name, row in shape.lists.items():
        inner = source.within("lists", name)
        if name not in types or not types[name].answers:
            inner.complain((), f"{shown(name)} is no message of this module that is answered")
            continue
        found[name] = _table(types[name], row, inner, {each: types[each] for each in types[name].answers})
    if complaints:
        raise ListFault(*map(str, sorted(complaints)))
    return found


def list_faults(module: Module) -> Iterator[str]:
    """What keeps a module version from having its lists."""
    try:
        list_tables(module)
    except ListFault as fault:
        yield from fault.complaints
    except FormFault:
        return  # its forms are complained of by themselves


def _table(asking: MessageType, row: ListRow, source: Source, answers: Mapping[str, MessageType]) -> Json:
    form = form_description(asking)
    _check_question(row, form, source)
    names = {each.column for each in row.answer}
    forms = {name: form_description(each) for name, each in answers.items()}
    whole = [_with_like(each, row.answers) for each in row.answers]
    _check_answers(row, whole, forms, names, source)
    once = _about_the_question(whole)
    return {
        "list": LIST,
        "module": asking.module,
        "version": asking.version,
        "type": asking.name,
        "rows": row.rows,
        "question": [
            {
                "name": each.column,
                "hint": _hint(each.nl, each.en, _element(form, each.path)),
                **({} if each.path is None else {"path": each.path}),
                **({} if each.key is None else {"key": each.key}),
                "behind": each.behind,
            }
            for each in row.question
        ],
        "control": row.control,
        "answer": [
            {
                "name": each.column,
                "hint": _hint(each.nl, each.en, _first_field(each.column, whole, forms)),
                "words": dict(each.words),
                "only": each.only,
                "once": each.column in once,
            }
            for each in row.answer
        ],
        "answers": [_answer(each) for each in whole],
    }


def _answer(row: AnswerRow) -> Json:
    return {
        "type": row.type,
        "when": _conditions(row.when),
        "fixed": dict(row.fixed),
        "copied": list(row.copied),
        "fields": dict(row.fields),
        "lines": [
            {"at": each.at, "rows": each.rows, "when": _conditions(each.when), "fields": dict(each.fields)}
            for each in row.lines
        ],
    }


def _conditions(when: Mapping[str, Sequence[str]]) -> list[Json]:
    return [{"column": column, "values": list(values) or None} for column, values in when.items()]


def _with_like(row: AnswerRow, rows: Sequence[AnswerRow]) -> AnswerRow:
    """The entry with what it has from another; one that is not there, or has one itself, gives nothing."""
    other = next((each for each in rows if each.type == row.like and each.like is None), None)
    if other is None:
        return row
    return row.model_copy(update={"fields": {**other.fields, **row.fields}, "lines": [*other.lines, *row.lines]})


def _about_the_question(rows: Sequence[AnswerRow]) -> frozenset[str]:
    """The columns that decide something, or fill a field that stands once."""
    found = {column for row in rows for column in (*row.fields.values(), *row.when)}
    return frozenset(found | {column for row in rows for lines in row.lines for column in lines.when})


def _check_question(row: ListRow, form: _Form, source: Source) -> None:
    twice = [each.column.casefold() for each in row.question] + [each.column.casefold() for each in row.answer]
    if len({*twice, row.control.casefold()}) != len(twice) + 1:
        source.complain((), "a column stands twice; letters do not tell columns apart")
    keys = [each.key for each in row.question if each.key is not None]
    wanted = ["conversation", "reference", *(["line"] if row.rows else [])]
    if sorted(keys) != sorted(wanted):
        source.complain(("question",), f"keys are {', '.join(wanted)}, each on one column")
    if row.rows and not _is_repeated(form, row.rows):
        source.complain(("rows",), f"{shown(row.rows)} leads to no element that may be repeated")
    for index, each in enumerate(row.question):
        if each.path is not None and _element(form, each.path) is None:
            source.complain(("question", index, "path"), f"{shown(each.path)} leads to no element of {form['type']}")
        if each.key == "line" and not (each.path or "").startswith(f"{row.rows}/"):
            source.complain(("question", index, "path"), "the key of a line stands inside the repeated element")


def _check_answers(
    row: ListRow, whole: Sequence[AnswerRow], forms: Mapping[str, _Form], names: set[str], source: Source
) -> None:
    line = {each.column for each in row.question if each.key == "line"}
    words = {each.column: {*each.words} for each in row.answer if each.only}
    used: set[str] = set()
    for index, (written, each) in enumerate(zip(row.answers, whole, strict=True)):
        at: KeyPath = ("answers", index)
        if each.type not in forms:
            source.complain((*at, "type"), f"{shown(each.type)} does not answer this message")
            continue
        if written.like is not None and written is each:
            source.complain((*at, "like"), f"{shown(written.like)} is no other entry that stands by itself")
        form = forms[each.type]
        for path in (*each.fixed, *each.copied, *each.fields):
            if not _is_field(form, path):
                source.complain((*at, "type"), f"{shown(path)} leads to no field of {each.type}")
        for number, lines in enumerate(each.lines):
            _check_lines(lines, (*at, "lines", number) if number < len(written.lines) else at, form, source)
        columns = {*each.fields.values(), *each.when, *(c for lines in each.lines for c in lines.when)}
        unknown = sorted(columns - names) + sorted(
            {c for each_ in each.lines for c in each_.fields.values()} - names - line
        )
        for column in unknown:
            source.complain(at, f"{shown(column)} is no column of the answer")
        used |= columns | {column for lines in each.lines for column in lines.fields.values()}
        _check_meanings(row, each, form, at, source)
        for column, said in _conditions_of(each):
            for word in sorted(set(said) - words.get(column, set(said))):
                source.complain(at, f"{shown(word)} is no word of the column {shown(column)}")
        if index > 0 and not row.answers[index - 1].when:
            source.complain(at, "the entry before it has no conditions, so this one is never reached")
    for column in sorted(names - used):
        source.complain(("answer",), f"nothing is made of the column {shown(column)}")


def _check_meanings(row: ListRow, answer: AnswerRow, form: _Form, at: KeyPath, source: Source) -> None:
    """A word, and what is fixed, means what its field can hold: a browser writes it as it stands here."""
    words = {each.column: each.words for each in row.answer}
    for path, column in _filled(answer):
        for word, value in words.get(column, {}).items():
            if not _can_hold(form, path, value):
                said = (
                    f"{shown(word)} of the column {shown(column)} means {shown(value)}, which {shown(path)} cannot be"
                )
                source.complain(at, said)
    for path, value in answer.fixed.items():
        if not _can_hold(form, path, value):
            source.complain((*at, "fixed"), f"{shown(path)} cannot be {shown(value)}")


def _filled(answer: AnswerRow) -> Iterator[tuple[str, str]]:
    """The fields of an answer that columns fill: path, column."""
    yield from answer.fields.items()
    for lines in answer.lines:
        yield from ((f"{lines.at}/{path}", column) for path, column in lines.fields.items())


def _can_hold(form: _Form, path: str, value: str) -> bool:
    """Whether the field there may have that value, as far as it is one of a few; what is no field is told elsewhere."""
    if not _is_field(form, path):
        return True
    kind = (_element(form, path) or {})["value"]
    if kind["kind"] == "truth":
        return value in ("true", "false")
    return kind["kind"] != "list" or value in [each["value"] for each in kind["values"]]


def _conditions_of(row: AnswerRow) -> Iterator[tuple[str, Sequence[str]]]:
    yield from row.when.items()
    for lines in row.lines:
        yield from lines.when.items()


def _check_lines(lines: LinesRow, at: KeyPath, form: _Form, source: Source) -> None:
    if _element(form, lines.at) is None or (lines.rows != "one" and not _is_repeated(form, lines.at)):
        source.complain(at, f"{shown(lines.at)} leads to no element that may be repeated")
        return
    for path in lines.fields:
        if not _is_field(form, f"{lines.at}/{path}"):
            source.complain(at, f"{shown(f'{lines.at}/{path}')} leads to no field of {form['type']}")


def _hint(nl: str, en: str, element: _Form | None) -> Mapping[str, str]:
    """The meaning of a column: as the file says it, or else as the form calls its field."""
    if element is None or (nl and en):
        return {"nl": nl, "en": en}
    label, hint = element["label"], element.get("hint", {})
    said = {each: " ".join(filter(None, (f"{label[each]}.", hint.get(each, "")))) for each in ("nl", "en")}
    return {"nl": nl or said["nl"], "en": en or said["en"]}


def _first_field(column: str, rows: Sequence[AnswerRow], forms: Mapping[str, _Form]) -> _Form | None:
    """The field that a column fills, of those the last, which is the plain answer's."""
    for row in reversed(rows):
        paths = [path for path, name in row.fields.items() if name == column]
        paths += [f"{lines.at}/{path}" for lines in row.lines for path, name in lines.fields.items() if name == column]
        found = [each for path in paths if row.type in forms and (each := _element(forms[row.type], path)) is not None]
        if found:
            return found[0]
    return None


def _element(form: _Form, path: str | None) -> _Form | None:
    """The element of a form at a path, or None."""
    found: _Form | None = None
    items: Sequence[_Form] = form["items"]
    for step in (path or "").split("/"):
        found = next((each for each in _elements(items) if each["name"] == step), None)
        if found is None:
            return None
        items = found.get("items", ())
    return found


def _elements(items: Sequence[_Form]) -> Iterator[_Form]:
    for each in items:
        if each["kind"] in ("field", "group"):
            yield each
        else:
            yield from _elements(each["items"])


def _is_field(form: _Form, path: str) -> bool:
    found = _element(form, path)
    return found is not None and found["kind"] == "field"


def _is_repeated(form: _Form, path: str) -> bool:
    found = _element(form, path)
    return found is not None and found["kind"] == "group" and found["most"] != 1
