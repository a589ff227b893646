"""Generates the typed classes of xsd.generated from the schemas:
`python -m xsd.generating.classes [FOLDER [MODULES...]]`.

One Python module per module version and one per generation of shared types. A list element that only holds one repeated
element becomes a tuple. Without FOLDER the modules of the public package are written too: for each module version one
that names its messages and all that they are made of. Generated files are kept in the repository; a test says when they
are not those of the schemas.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path

from xsd.catalogue import Module, load_catalogue
from xsd.messages import GENERATED, module_name, python_name
from xsd.schema_model import ComplexType, ElementUse, Group, MessageModel, SchemaModel, SimpleType, read_schema_model

HEAD = '''"""{doc}

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations
'''
PYTHON_TYPES = {
    "string": ("str", "TEXT"),
    "decimal": ("Decimal", "DECIMAL"),
    "integer": ("int", "INTEGER"),
    "date": ("date", "DATE"),
    "dateTime": ("datetime", "MOMENT"),
    "boolean": ("bool", "TRUTH"),
}
WIDTH = 120
TWO_DECIMALS = r"\.[0-9]{2}"


def shared_text(generation: str, model: SchemaModel) -> str:
    """The Python module with the shared types of a generation."""
    types = [t for t in model.complex_types if t.shared]
    enumerations = [t for t in model.simple_types if t.shared and t.values("enumeration")]
    return _text(f"The shared types of generation {generation}.", model, enumerations, types, (), None, "")


def module_text(module: Module, model: SchemaModel) -> str:
    """The Python module of one module version."""
    types = [t for t in model.complex_types if not t.shared]
    enumerations = [t for t in model.simple_types if not t.shared and t.values("enumeration")]
    shared = module_name("common", module.generation)
    return _text(model.doc, model, enumerations, types, model.messages, module, shared)


def _text(
    doc: str, model: SchemaModel, enumerations: Iterable[SimpleType], types: Iterable[ComplexType],
    messages: Iterable[MessageModel], module: Module | None, shared: str,
) -> str:  # fmt: skip
    body: list[str] = []
    for enumeration in sorted(enumerations, key=lambda t: t.name):
        body += _enumeration(enumeration)
    for complex_type in _in_order(model, types):
        body += _class(model, complex_type.name, complex_type.doc, complex_type.content, ())
    for message in messages:
        if module is None:
            raise ValueError("messages belong to a module")
        constants = (
            f'    ELEMENT: ClassVar[str] = "{message.name}"',
            f'    NAMESPACE: ClassVar[str] = "{model.namespace}"',
            f'    MODULE: ClassVar[str] = "{module.name}"',
            f'    VERSION: ClassVar[str] = "{module.version}"',
        )
        body += _class(model, message.name, message.doc, message.content, constants)
    text = "\n".join(body)
    return HEAD.format(doc=textwrap.fill(doc, WIDTH - 3)) + _imports(model, text, shared) + text + "\n"


def _imports(model: SchemaModel, text: str, shared: str) -> str:
    words = set(re.findall(r"\w+", re.sub(r'""".*?"""|"[^"]*"|#.*', "", text)))

    def used(names: Iterable[str]) -> list[str]:
        return sorted(words & set(names), key=lambda name: (not name.isupper(), name))

    kinds = ("AMOUNT", *(kind for _, kind in PYTHON_TYPES.values()))
    lines = [
        _import_line("datetime", used(("date", "datetime"))),
        _import_line("decimal", used(("Decimal",))),
        _import_line("enum", used(("StrEnum",))),
        _import_line("typing", used(("ClassVar",))),
        "",
        _import_line("xsd.binding", used((*kinds, "Message", "element", "elements", "group"))),
    ]
    if shared:
        types = [*(t.name for t in model.complex_types if t.shared), *(t.name for t in model.simple_types if t.shared)]
        lines.append(_import_line(f"{GENERATED}.{shared}", used(types)))
    return "\n" + "".join(line + "\n" for line in lines if line is not None)


def _import_line(module: str, names: list[str]) -> str | None:
    if not names:
        return None
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _enumeration(simple: SimpleType) -> list[str]:
    lines = ["", "", f"class {simple.name}(StrEnum):", *_docstring(simple.doc, "    "), ""]
    for facet in simple.facets:
        if facet.kind == "enumeration":
            lines += [f"    # {facet.doc}", f'    {_member(facet.value)} = "{facet.value}"']
    return lines


def _member(value: str) -> str:
    name = re.sub(r"\W", "_", value).upper()
    return name if name[0].isalpha() else f"N{name}"


def _class(model: SchemaModel, name: str, doc: str, content: Group, constants: tuple[str, ...]) -> list[str]:
    lines = ["", "", "@group", f"class {name}{'(Message)' if constants else ''}:", *_docstring(doc, "    "), ""]
    if constants:
        lines += [*constants, ""]
    return lines + [_field(model, use, choice) for use, choice in _uses(content, optional=False)]


def _uses(content: Group, *, optional: bool) -> Iterator[tuple[ElementUse, bool]]:
    """Every element with whether it may be absent, because of its own or its group's cardinality or a choice."""
    inside = optional or content.least == 0 or content.kind == "choice"
    for item in content.items:
        if isinstance(item, ElementUse):
            yield item, inside or item.least == 0
        else:
            yield from _uses(item, optional=inside)


def _field(model: SchemaModel, use: ElementUse, optional: bool) -> str:
    name, type_name, element, many = python_name(use.name), use.type_name, use.name, use.most != 1
    inner = model.complex_type(type_name)
    if inner is not None and _is_list(inner) and not many:
        item = next(inner.content.elements())
        element, type_name, many = f"{use.name}/{item.name}", item.type_name, True
        inner = model.complex_type(type_name)
    hint, kind = (type_name, type_name) if inner is not None else _python_type(model.simple_type(type_name))
    if many:
        return _wrapped(f"{name}: tuple[{hint}, ...]", "elements", [f'"{element}"', kind], optional, "default=()")
    if optional:
        hint = f"{hint} | None"
    return _wrapped(f"{name}: {hint}", "element", [f'"{element}"', kind], optional, "default=None")


def _wrapped(target: str, call: str, arguments: list[str], optional: bool, default: str) -> str:
    """The line of a field, in three where one would be too long."""
    inner = ", ".join([*arguments, default] if optional else arguments)
    line = f"    {target} = {call}({inner})"
    return line if len(line) <= WIDTH else f"    {target} = {call}(\n        {inner}\n    )"


def _docstring(text: str, indent: str) -> list[str]:
    lines = textwrap.wrap(f'"""{text}"""', WIDTH - len(indent))
    return [indent + line for line in lines]


def _python_type(simple: SimpleType) -> tuple[str, str]:
    if simple.values("enumeration"):
        return simple.name, simple.name
    hint, kind = PYTHON_TYPES[simple.primitive]
    if kind == "DECIMAL" and any(pattern.endswith(TWO_DECIMALS) for pattern in simple.values("pattern")):
        kind = "AMOUNT"
    return hint, kind


def _is_list(complex_type: ComplexType) -> bool:
    """True for a type that holds one repeated element and nothing else."""
    items = complex_type.content.items
    return len(items) == 1 and isinstance(items[0], ElementUse) and items[0].most != 1


def _in_order(model: SchemaModel, types: Iterable[ComplexType]) -> list[ComplexType]:
    """The classes to write, each after those it uses."""
    wanted = {t.name: t for t in types}
    done: dict[str, ComplexType] = {}

    def visit(complex_type: ComplexType) -> None:
        for use in complex_type.content.elements():
            inner = model.complex_type(use.type_name)
            if inner is not None:
                visit(inner)
        if complex_type.name in wanted and not _is_list(complex_type):
            done.setdefault(complex_type.name, complex_type)

    for complex_type in wanted.values():
        visit(complex_type)
    return list(done.values())


def generated(modules: Iterable[Module]) -> dict[str, str]:
    """File name to text of everything that is generated."""
    files: dict[str, str] = {
        "__init__.py": '"""The messages of every module version as typed classes, made from the schemas."""\n'
    }
    for module in modules:
        model = read_schema_model(module.messages[0].schema)
        files[f"{module_name('common', module.generation)}.py"] = shared_text(module.generation, model)
        files[f"{module_name(module.name, module.version)}.py"] = module_text(module, model)
    return files


def published(files: Mapping[str, str]) -> dict[str, str]:
    """File name to text of the modules of knooppunt.messages: each names what a module version brings, of the shared
    types those that its messages hold."""
    texts = {name.removesuffix(".py"): text for name, text in files.items() if name != "__init__.py"}
    classes = {name: re.findall(r"^class (\w+)", text, re.MULTILINE) for name, text in texts.items()}
    found: dict[str, str] = {}
    for name, text in texts.items():
        shared = next((each for each in texts if f"from {GENERATED}.{each} import" in text), None)
        if shared is None:
            continue
        held = _reached(classes[shared], texts[shared], set(re.findall(r"\w+", text)))
        lines = [
            _import_line(f"{GENERATED}.{source}", sorted(names, key=str.lower))
            for source, names in sorted({shared: held, name: classes[name]}.items())
        ]
        doc = text.partition("\n\n")[0].removeprefix('"""')
        listed = "".join(f'    "{each}",\n' for each in sorted([*held, *classes[name]]))
        imports = "\n".join(line for line in lines if line is not None)
        found[f"{name}.py"] = HEAD.format(doc=doc) + f"\n{imports}\n\n__all__ = [\n{listed}]\n"
    return found


def _reached(classes: list[str], text: str, words: Set[str]) -> list[str]:
    """Those of the shared classes that these words name, and those that they hold in their turn."""
    bodies = dict(zip(classes, re.split(r"^class \w+.*$", text, flags=re.MULTILINE)[1:], strict=True))
    found = [each for each in classes if each in words]
    for each in found:  # grows under way
        held = set(re.findall(r"\w+", bodies[each]))
        found += [name for name in classes if name in held and name not in found]
    return found


def main(arguments: list[str]) -> None:
    """Write the generated files."""
    rooms = Path(__file__).parents[2]
    folder = Path(arguments[0]) if arguments else rooms / "xsd" / "generated"
    files = generated(load_catalogue([Path(a) for a in arguments[1:]]).modules)
    _write(folder, files)
    if not arguments:
        _write(rooms / "knooppunt" / "messages", published(files))


def _write(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
