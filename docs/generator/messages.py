"""docs/reference/messages, a page for every message of every module version.

All of a page comes from the schema, the catalogue, the rules, the change notes and the samples of a module version, so
a page and the program cannot differ. Meanings are the Dutch ones of the schemas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from xsd.catalogue import Catalogue, Module
from xsd.generating.differences import notes_of
from xsd.generating.export import rules_table, table
from xsd.generating.fields import FieldRow, field_rows, topmost
from xsd.message_type import MessageType
from xsd.messages import module_name
from xsd.samples import sample_files
from xsd.schema_model import Group, SchemaModel, SimpleType, read_schema_model


def page(catalogue: Catalogue, module: Module, message_type: MessageType) -> str:
    """The whole page of one message, in Markdown."""
    model = read_schema_model(message_type.schema)
    message = model.message(message_type.name)
    rows = list(field_rows(model, message.content))
    samples = [path.read_text("utf-8") for path in sample_files(module.folder, message_type.name)]
    parts = [
        f"# {message_type.name} ({module.title} {module.version})\n",
        f"{message.doc}\n",
        _exchange(message_type),
        "## Fields\n",
        table(
            ("field", "type", "obligation", "meaning", "example"),
            ((f"`{r.path}`", r.type_text, r.obligation, r.meaning, e) for r, e in _with_examples(rows, samples)),
        ),
        _lists(model, message.content),
        "## Rules\n",
        rules_table(message_type),
        "## What changed\n",
        changes(catalogue, module, message_type, rows),
        "## Example\n",
        f"The people and companies are invented. `knooppunt schema sample {module.name} {module.version}"
        f" {message_type.name}` prints it.\n",
        f"```xml\n{samples[0].rstrip()}\n```\n",
    ]
    return "\n".join(part for part in parts if part)


def _exchange(t: MessageType) -> str:
    kind = "question" if t.question else "answer" if t.answers_to else "notification"
    rows: list[tuple[str, str]] = [
        ("Service", f"`{t.service}`"),
        ("Action", f"`{t.name}`"),
        ("in Python", f"`knooppunt.messages.{module_name(t.module, t.version)}.{t.name}`"),
        ("kind", kind),
        ("from", ", ".join(t.senders)),
        ("to", ", ".join(t.receivers)),
    ]
    if t.answers:
        rows.append(("answered by", ", ".join(t.answers) + ("" if t.question else " (nobody has to)")))
    if t.answer_term_working_days is not None:
        rows.append(("term of the answer", f"{t.answer_term_working_days} working days"))
    if t.answers_to:
        rows.append(("answers", ", ".join(t.answers_to)))
    if t.waives:
        rows.append(("makes unnecessary", "an answer to " + ", ".join(t.waives)))
    rows += [("must bring", f"{a.kind}, from {', '.join(a.roles)}") for a in t.attachments]
    return table(("", ""), rows)


def _with_examples(rows: list[FieldRow], samples: list[str]) -> Iterator[tuple[FieldRow, str]]:
    found: dict[str, str] = {}
    for element in (e for sample in samples for e in etree.fromstring(sample.encode()).iter("*")):
        names = [etree.QName(e).localname for e in (element, *element.iterancestors())]
        text = (element.text or "").strip()
        if len(element) == 0 and text:
            found.setdefault("/".join(reversed(names[:-1])), f"`{text.splitlines()[0]}`")
    return ((row, found.get(row.path, "")) for row in rows)


def _lists(model: SchemaModel, content: Group) -> str:
    used: dict[str, SimpleType] = {}

    def visit(group: Group) -> None:
        for use in group.elements():
            inner = model.complex_type(use.type_name)
            if inner is not None:
                visit(inner.content)
            elif (simple := model.simple_type(use.type_name)).values("enumeration"):
                used.setdefault(simple.name, simple)

    visit(content)
    if not used:
        return ""
    rows = [
        (simple.name, f"`{facet.value}`", facet.doc)
        for simple in used.values()
        for facet in simple.facets
        if facet.kind == "enumeration"
    ]
    return "## Lists\n\n" + table(("list", "value", "meaning"), rows)


def changes(catalogue: Catalogue, module: Module, message_type: MessageType, rows: list[FieldRow]) -> str:
    """What differs from the version before, field by field, and what the change notes say of this message."""
    notes = "".join(f"{note}\n" for note in notes_of(module, message_type.name))
    if module.previous is None:
        return f"This is the first version.\n{notes}"
    before = catalogue.message(module.name, module.previous, message_type.name)
    if before is None:
        return f"New since {module.previous}.\n\n{notes}"
    model = read_schema_model(before.schema)
    old = {row.path: row for row in field_rows(model, model.message(before.name).content)}
    new = {row.path: row for row in rows}
    lines = [f"- `{path}` is new, {new[path].obligation}." for path in topmost(new, old)]
    lines += [f"- `{path}` is gone." for path in topmost(old, new)]
    lines += [line for path in new if path in old for line in _difference(old[path], new[path])]
    if not lines and not notes:
        return f"Nothing since {module.previous}.\n"
    listed = "".join(f"{line}\n" for line in lines)
    return f"Since {module.previous}:\n\n{notes}{listed}"


def _difference(old: FieldRow, new: FieldRow) -> Iterator[str]:
    if old.obligation != new.obligation:
        yield f"- `{new.path}` is {new.obligation}; it was {old.obligation}."
    if old.type_text != new.type_text:
        yield f"- `{new.path}` is of type {new.type_text}; it was {old.type_text}."


def index(catalogue: Catalogue) -> str:
    """The list of all messages by module version."""
    parts = ["# Messages\n", INTRODUCTION]
    for module in catalogue.modules:
        doc = read_schema_model(module.messages[0].schema).doc
        rows = (
            (
                f"[{t.name}]({module.name}/{module.version}/{t.name}.md)",
                _kind(t),
                ", ".join(t.senders),
                ", ".join(t.receivers),
            )
            for t in module.messages
        )
        parts += [f"## {module.title} {module.version}\n", f"{doc}\n", table(("message", "kind", "from", "to"), rows)]
    return "\n".join(parts)


def _kind(t: MessageType) -> str:
    if t.question:
        days = t.answer_term_working_days
        return "question" if days is None else f"question, {days} working days"
    return "answer" if t.answers_to else "notification"


INTRODUCTION = """\
Every message the hub carries, by module version. The pages are made from the schemas, catalogues, rules and samples
that the program itself uses. [What is known and what we decided](decisions.md) says where these messages follow public
documentation and where they are our own proposal.
"""


def pages(catalogue: Catalogue) -> Mapping[str, str]:
    """File name, relative to the folder of the pages, to text."""
    files = {"index.md": index(catalogue)}
    for module in catalogue.modules:
        for t in module.messages:
            files[f"{module.name}/{module.version}/{t.name}.md"] = page(catalogue, module, t)
    return files
