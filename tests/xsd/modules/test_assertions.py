"""XSD 1.1 assertions in a module folder of one's own: rules like any other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lxml import etree

from xsd.catalogue import CatalogueFault, load_catalogue
from xsd.checking.layers import rule_violations
from xsd.module_files import packaged_modules
from xsd.samples import sample
from xsd.schema_files import SchemaFault

pytest.importorskip("xmlschema")

ASSERTIONS = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:proef:1.0"
    xpathDefaultNamespace="##targetNamespace">
  <xs:element name="Statusmelding">
    <xs:complexType>
      <xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/></xs:sequence>
      <xs:assert id="NIET-AAN-ZICHZELF" test="Stuurgegevens/Afzender != Bericht/Ontvanger">
        <xs:annotation>
          <xs:documentation xml:lang="nl">Het knooppunt meldt niets over berichten aan zichzelf.</xs:documentation>
          <xs:documentation xml:lang="en">The hub reports nothing about messages to itself.</xs:documentation>
        </xs:annotation>
      </xs:assert>
    </xs:complexType>
  </xs:element>
</xs:schema>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "modules" / "Proef" / "1.0"
    shutil.copytree(packaged_modules() / "Knooppunt" / "1.0", folder)
    schema = (folder / "schema.xsd").read_text().replace("urn:knooppunt:Knooppunt:1.0", "urn:proef:1.0")
    (folder / "schema.xsd").write_text(schema)
    (folder / "assertions.xsd").write_text(ASSERTIONS)
    return folder


def test_an_assertion_is_a_rule_with_its_code_and_sentences(folder: Path) -> None:
    kind = load_catalogue([folder.parent.parent]).message("Proef", "1.0", "Statusmelding")
    assert kind is not None
    octets = sample("Knooppunt", "1.0", "Statusmelding", versie="1.0").replace(
        b"urn:knooppunt:Knooppunt:1.0", b"urn:proef:1.0"
    )
    good = etree.fromstring(octets)
    assert rule_violations(kind, good) == ()
    wrong = etree.fromstring(octets.replace(b"<Ontvanger>00000099000000002000", b"<Ontvanger>00000099000000009000"))
    (violation,) = rule_violations(kind, wrong)
    assert (violation.code, violation.path) == ("NIET-AAN-ZICHZELF", "/Statusmelding")
    assert violation.nl == "Het knooppunt meldt niets over berichten aan zichzelf."


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('id="NIET-AAN-ZICHZELF" ', "", SchemaFault),
        ('xml:lang="en"', 'xml:lang="fr"', SchemaFault),
        ('test="Stuurgegevens', 'test="(((Stuurgegevens', SchemaFault),
        ('name="Statusmelding"', 'name="Anders"', CatalogueFault),
    ],
)
def test_assertions_that_cannot_be_used_are_refused_by_file(
    folder: Path, before: str, after: str, fault: type[Exception]
) -> None:
    path = folder / "assertions.xsd"
    path.write_text(path.read_text().replace(before, after, 1))
    with pytest.raises(fault, match=r"assertions\.xsd"):
        load_catalogue([folder.parent.parent])
