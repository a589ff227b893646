"""The samples that stand beside each schema: complete messages about invented people and companies.

`sample` gives one with the header values a caller needs; a caller with a whole message of his own uses xsd.generated.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from xsd.module_files import packaged_modules
from xsd.payload_header import ELEMENTS, header_element

SAMPLES = "samples"


def sample_files(folder: Path, name: str) -> tuple[Path, ...]:
    """The samples of one message type: `NAME.xml` first, then its variants `NAME.VARIANT.xml`."""
    return (folder / SAMPLES / f"{name}.xml", *sorted((folder / SAMPLES).glob(f"{name}.*.xml")))


def sample(
    module: str, version: str, name: str, *, variant: str | None = None, folder: Path | None = None,
    **header: str | datetime,
) -> bytes:  # fmt: skip
    """A sample message as UTF-8 octets. Keyword arguments are fields of `PayloadHeader` and replace its values; one
    that the message does not have is refused with KeyError, and a message or variant without a sample with
    LookupError. `folder` is the folder of modules, the shipped one by default."""
    root = packaged_modules() if folder is None else folder
    samples = root / module / version / SAMPLES
    file = f"{name}.xml" if variant is None else f"{name}.{variant}.xml"
    there = sorted(each.name for each in samples.glob("*.xml"))
    if file not in there:
        what = ", ".join(each.removesuffix(".xml") for each in there) or "none"
        raise LookupError(f"{module} {version} has no sample {file.removesuffix('.xml')}; there are: {what}")
    octets = (samples / file).read_bytes()
    if not header:
        return octets
    document = etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True))
    stuurgegevens = header_element(document)
    for field, value in header.items():
        element = stuurgegevens.find(f"{{{etree.QName(document).namespace}}}{ELEMENTS[field]}")
        if element is None:
            raise KeyError(field)
        element.text = moment(value) if isinstance(value, datetime) else value
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8")


def moment(value: datetime) -> str:
    """A moment as the schemas write it: UTC, whole seconds, `Z`."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sample_attachment() -> bytes:
    """The document that the samples with Bijlagen name by its digest: one page of PDF that says it is an example."""
    return (packaged_modules() / "common" / "voorbeeld.pdf").read_bytes()
