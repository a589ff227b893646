"""Systematic mutation of samples, first half: what a schema demands of elements and values.

Each item of coverage gets one case from the first sample that has the element; the expected code and path follow from
the kind of change and from the schema, not from a validator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from conformance.facets import value_breaking
from conformance.mutations import UNKNOWN, Step, apply
from conformance.schema_cases import SampleReader
from xsd.checking.violations import readable_path
from xsd.schema_model import ElementUse, Group, MessageModel, SchemaModel, Unique

CODES = {
    "pattern": "XSD-CVC-PATTERN-VALID",
    "enumeration": "XSD-CVC-ENUMERATION-VALID",
    "length": "XSD-CVC-LENGTH-VALID",
    "minLength": "XSD-CVC-MINLENGTH-VALID",
    "maxLength": "XSD-CVC-MAXLENGTH-VALID",
    "minInclusive": "XSD-CVC-MININCLUSIVE-VALID",
    "maxInclusive": "XSD-CVC-MAXINCLUSIVE-VALID",
    "minExclusive": "XSD-CVC-MINEXCLUSIVE-VALID",
    "maxExclusive": "XSD-CVC-MAXEXCLUSIVE-VALID",
    "datatype": "XSD-CVC-DATATYPE-VALID-1-2-1",
}
NO_VALUE = {"date": "2026-02-30", "dateTime": "2026-02-30T10:00:00Z", "boolean": "misschien"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCase:
    """A case before it is written: the steps on a sample, the item covered, and what must be found."""

    covers: str
    sample: str
    steps: tuple[Step, ...]
    expect: tuple[str, ...]
    question: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePlace:
    """Where an element stands in a sample."""

    sample: str
    path: str
    element: etree._Element
    use: ElementUse


class SampleIndex:
    """Every element of the samples of one message, by the type that owns it."""

    def __init__(
        self, model: SchemaModel, message: MessageModel, reader: SampleReader, samples: tuple[str, ...]
    ) -> None:
        self.model, self.message, self.reader, self.samples = model, message, reader, samples
        self.names = frozenset(
            f"{{{model.namespace}}}{use.name}"
            for group in (*(t.content for t in model.complex_types), *(m.content for m in model.messages))
            for use in group.elements()
        ) | {f"{{{model.namespace}}}{m.name}" for m in model.messages}
        self.places: dict[tuple[str, str], list[SamplePlace]] = {}
        self.roots = {name: reader(name) for name in samples}
        for name, root in self.roots.items():
            self._walk(name, root, message.name, message.content)

    def _walk(self, sample: str, element: etree._Element, owner: str, content: Group) -> None:
        uses = {use.name: use for use in content.elements()}
        for child in element.iterchildren("*"):
            use = uses[etree.QName(child).localname]
            place = SamplePlace(sample=sample, path=self.path(child), element=child, use=use)
            self.places.setdefault((owner, use.name), []).append(place)
            inner = self.model.complex_type(use.type_name)
            if inner is not None:
                self._walk(sample, child, inner.name, inner.content)

    def path(self, element: etree._Element) -> str:
        """The path of an element as violations show it."""
        return readable_path(element, self.names)

    def first(self, owner: str, name: str) -> SamplePlace | None:
        """The first place of an element in any sample."""
        found = self.places.get((owner, name), ())
        return found[0] if found else None

    def selected(self, sample: str, unique: Unique) -> list[etree._Element]:
        """The elements of a sample among which a field is unique."""
        steps = "/".join(f"{{{self.model.namespace}}}{name}" for name in unique.selector.split("/"))
        return self.roots[sample].findall(steps)

    def after(self, sample: str, *steps: Step) -> etree._Element:
        """The sample after some steps."""
        root = self.reader(sample)
        apply(root, steps, self.reader)
        return root


def structure_cases(index: SampleIndex) -> Iterator[DraftCase]:
    """The cases of layer one for one message, in the order of coverage."""
    message, sample = index.message, index.samples[0]
    root = f"/{message.name}"
    last = len(index.roots[sample])
    yield DraftCase(
        covers=f"root {message.name}", sample=sample, steps=(("rename", root),), expect=("DOC-UNKNOWN-MESSAGE",)
    )
    yield DraftCase(
        covers=f"unknown {message.name}", sample=sample, steps=(("unknown", root),),
        expect=(f"XSD-ELEMENT-UNKNOWN {root}/*[{last + 1}]",),
    )  # fmt: skip
    yield DraftCase(
        covers=f"attribute {message.name}", sample=sample, steps=(("attribute", root),),
        expect=(f"XSD-CVC-COMPLEX-TYPE-3-2-1 {root}",),
    )  # fmt: skip
    yield DraftCase(
        covers=f"text {message.name}", sample=sample, steps=(("text", root),),
        expect=(f"XSD-CVC-COMPLEX-TYPE-2-3 {root}",),
    )  # fmt: skip
    owners: dict[str, Group] = {message.name: message.content}
    owners |= {t.name: t.content for t in index.model.complex_types}
    for owner, content in owners.items():
        if owner == message.name or any(key[0] == owner for key in index.places):
            yield from _group_cases(index, owner, content)
            yield from _value_cases(index, owner, content)
    for unique in message.uniques:
        yield from _unique_case(index, unique)


def _group_cases(index: SampleIndex, owner: str, group: Group) -> Iterator[DraftCase]:
    if group.kind == "choice" and group.least > 0:
        chosen = next((p for use in group.elements() if (p := index.first(owner, use.name))), None)
        if chosen is not None:
            yield _without(index, chosen, f"choice {owner}")
    if group.kind == "choice":
        yield from _both(index, owner, group)
    for position, item in enumerate(group.items):
        if not isinstance(item, ElementUse):
            yield from _group_cases(index, owner, item)
            continue
        place = index.first(owner, item.name)
        if place is None:
            continue
        if group.kind == "sequence" and item.least > 0:
            yield _without(index, place, f"mandatory {owner}/{item.name}")
        if item.most is not None:
            yield _too_many(index, owner, place, item.most)
        if group.kind == "sequence" and position > 0:
            yield from _out_of_order(index, owner, item)


def _siblings(place: SamplePlace) -> list[etree._Element]:
    return [e for e in _parent(place).iterchildren("*") if e.tag == place.element.tag]


def _parent(place: SamplePlace) -> etree._Element:
    parent = place.element.getparent()
    if parent is None:
        raise ValueError("the root element of a sample has no siblings")
    return parent


def _without(index: SampleIndex, place: SamplePlace, covers: str) -> DraftCase:
    """Every occurrence of the element removed: what follows is unexpected, or the parent ends too early."""
    siblings = _siblings(place)
    steps = tuple(("drop", index.path(e)) for e in reversed(siblings))
    follower, parent = siblings[-1].getnext(), _parent(place)
    expect = f"XSD-ELEMENT-MISSING {index.path(parent)}"
    if follower is not None:
        expect = f"XSD-ELEMENT-UNEXPECTED {index.path(follower)}"
    return DraftCase(covers=covers, sample=place.sample, steps=steps, expect=(expect,))


def _both(index: SampleIndex, owner: str, group: Group) -> Iterator[DraftCase]:
    """A second alternative copied in behind the first."""
    places = [p for use in group.elements() if (p := index.first(owner, use.name)) is not None]
    if len(places) > 1:
        one, other = places[:2]
        parent = _parent(one)
        step: Step = ("copy", other.sample, other.path, index.path(parent), parent.index(one.element) + 1)
        yield DraftCase(
            covers=f"exclusive {owner}",
            sample=one.sample,
            steps=(step,),
            expect=(f"XSD-ELEMENT-UNEXPECTED {index.path(parent)}/{other.use.name}",),
        )


def _too_many(index: SampleIndex, owner: str, place: SamplePlace, most: int) -> DraftCase:
    """One occurrence more than allowed; a field that must be unique gets other values."""
    siblings = _siblings(place)
    last = siblings[-1]
    field = next((u.field for u in index.message.uniques if last in index.selected(place.sample, u)), "")
    step: Step = ("repeat", index.path(last), most + 1 - len(siblings), field)
    base = index.path(last).rpartition("[")[0] if len(siblings) > 1 else index.path(last)
    return DraftCase(
        covers=f"most {owner}/{place.use.name}",
        sample=place.sample,
        steps=(step,),
        expect=(f"XSD-ELEMENT-UNEXPECTED {base}[{most + 1}]",),
    )


def _out_of_order(index: SampleIndex, owner: str, item: ElementUse) -> Iterator[DraftCase]:
    """The element put before the one it follows: it is unexpected there when that one is mandatory; else that one is,
    coming too late."""
    for place in index.places.get((owner, item.name), ()):
        before = place.element.getprevious()
        if before is None or before.tag == place.element.tag:
            continue
        name = etree.QName(before).localname
        use = next(u for o, u in _uses(index) if o == owner and u[0] == name)[1]
        wrong = place.element if use else before
        step: Step = ("swap", place.path)
        moved = index.after(place.sample, step)
        target = next(e for e in moved.iter(str(wrong.tag)) if _same_place(index, e, wrong))
        yield DraftCase(
            covers=f"order {owner}/{item.name}",
            sample=place.sample,
            steps=(step,),
            expect=(f"XSD-ELEMENT-UNEXPECTED {index.path(target)}",),
        )
        return


def _uses(index: SampleIndex) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Owner, element and whether the sequence demands the element or one of its choice."""
    owners = [(index.message.name, index.message.content)] + [(t.name, t.content) for t in index.model.complex_types]
    for owner, content in owners:
        for item in content.items:
            if isinstance(item, ElementUse):
                yield owner, (item.name, item.least > 0)
            else:
                yield from ((owner, (use.name, item.least > 0)) for use in item.elements())


def _same_place(index: SampleIndex, one: etree._Element, other: etree._Element) -> bool:
    left, right = one.getparent(), other.getparent()
    return left is not None and right is not None and index.path(left) == index.path(right)


def _value_cases(index: SampleIndex, owner: str, content: Group) -> Iterator[DraftCase]:
    for use in content.elements():
        place = index.first(owner, use.name)
        if place is None or index.model.complex_type(use.type_name) is not None:
            continue
        simple = index.model.simple_type(use.type_name)
        kinds = [*dict.fromkeys(facet.kind for facet in simple.facets)]
        if simple.primitive != "string":
            kinds.insert(0, "datatype")
        for kind in kinds:
            value: str | None = NO_VALUE.get(simple.primitive, "geen")
            if kind != "datatype":
                value = value_breaking(simple, kind, place.element.text or "")
            if value is not None:
                yield DraftCase(
                    covers=f"{kind} {owner}/{use.name}",
                    sample=place.sample,
                    steps=(("set", place.path, value),),
                    expect=(f"{CODES[kind]} {place.path}",),
                )


def _unique_case(index: SampleIndex, unique: Unique) -> Iterator[DraftCase]:
    """The last selected element repeated as it is."""
    for sample in index.samples:
        found = index.selected(sample, unique)
        if found:
            path = index.path(found[-1])
            stem = path.rpartition("[")[0] if path.endswith("]") else path
            yield DraftCase(
                covers=f"unique {unique.name}",
                sample=sample,
                steps=(("repeat", path, 1, ""),),
                expect=(f"XSD-CVC-IDC {stem}[{len(found) + 1}]",),
            )
            return


__all__ = ["CODES", "UNKNOWN", "DraftCase", "SampleIndex", "SamplePlace", "structure_cases"]
