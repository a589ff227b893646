"""Trust by roots in the files: what is read, and where a root could not vouch, or for two parties (SR-10)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from support.configuration.editor import kind_of, said_of
from support.configuration.pmode_files import COUNSELLOR_YAML, FILES, HUB_YAML, catalogue, load
from support.keys.issuing import AT, authority, holder

from gateway.written.complaints import Complaint, ConfigurationFault
from pmodes.configuration import Configuration
from pmodes.effective import effective
from pmodes.files import read_configuration
from pmodes.model import Leg

DAY = timedelta(days=1)
FIRST = authority("G1")
ROOTS = {"G1": FIRST.certificate, "G4": authority("G4").certificate}
ABOVE = authority("Above", issuer=FIRST)
BELOW = authority("Below", issuer=ABOVE)
BETWEEN = tuple(authority(name).certificate for name in ("Domain", "Issuing"))
OTHERS: dict[str, tuple[x509.Certificate, ...]] = {
    "roots/g1.pem": (ROOTS["G1"],),
    "roots/g4.pem": (ROOTS["G4"],),
    "roots/both.pem": tuple(ROOTS.values()),
    "roots/end.pem": (holder("An end", begins=AT - DAY).certificate,),
    "between.pem": BETWEEN,
    "above.pem": (ABOVE.certificate,),
    "below.pem": (BELOW.certificate,),
}
TRUST = "trust:\n  roots: [roots/g1.pem]\n"
BY_ROOTS = COUNSELLOR_YAML.replace("certificates:\n", "certificates:\n  trust: roots\n")


def read(**files: str) -> Configuration:
    texts = {**FILES, **{f"{name}.yaml": text for name, text in files.items()}}
    return read_configuration(texts, catalogue=catalogue(), load=lambda path: OTHERS.get(path) or load(path))


def complaints(**files: str) -> list[Complaint]:
    with pytest.raises(ConfigurationFault) as caught:
        read(**files)
    return list(caught.value.complaints)


def test_roots_of_several_generations_stand_beside_each_other_each_for_its_own() -> None:
    hub = HUB_YAML + (
        "trust:\n  roots:\n    - roots/g1.pem\n"
        "    - {file: roots/g4.pem, policies: [2.16.528.1.1003.1.2.5.4], extended_key_usages: [1.3.6.1.5.5.7.3.2]}\n"
        "  intermediates: [between.pem]\n"
    )
    trust = read(hub=hub, counsellor=BY_ROOTS).hub.trust
    first, second = trust.roots
    assert (first.certificate, first.policies, first.purposes) == (ROOTS["G1"], frozenset(), None)
    assert second.certificate == ROOTS["G4"]
    assert second.policies == {"2.16.528.1.1003.1.2.5.4"}
    assert second.purposes == {"1.3.6.1.5.5.7.3.2"}
    assert trust.intermediates == BETWEEN
    assert not said_of(kind_of("hub.yaml"), hub)
    assert not said_of(kind_of("counsellor.yaml"), BY_ROOTS)


def test_without_a_word_certificates_are_pinned_and_no_root_is_trusted() -> None:
    configuration = read()
    assert configuration.hub.trust.roots == ()
    assert {each.trust for each in configuration.organisations} == {"pinned"}
    assert configuration.by_own_oin == {}


def test_no_root_vouches_for_a_party_of_the_desk() -> None:
    """At the AS4 endpoint it is a stranger, whatever certificate it shows."""
    at_the_desk = read(hub=HUB_YAML + TRUST, counsellor=BY_ROOTS + "access: desk\n")
    assert len(read(hub=HUB_YAML + TRUST, counsellor=BY_ROOTS).by_own_oin) == 1
    assert at_the_desk.by_own_oin == {}


@pytest.mark.parametrize(("counsellor", "shown"), [(COUNSELLOR_YAML, "pinned"), (BY_ROOTS, "roots")])
def test_the_effective_view_tells_which_it_is(counsellor: str, shown: str) -> None:
    configuration = read(hub=HUB_YAML + TRUST, counsellor=counsellor)
    organisation = next(each for each in configuration.organisations if each.file == "counsellor.yaml")
    view = effective(configuration, configuration.pmode(organisation, None, Leg.SENDING))
    assert [each.value for each in view if each.name == "Knooppunt.Trust"] == [shown]


EMPTY = "signing: []"
UNIT_BY_ROOTS = FILES["unit.yaml"].replace("certificates:\n", "certificates:\n  trust: roots\n")
CREDITOR_BY_ROOTS = FILES["creditor.yaml"].replace("certificates:\n", "certificates:\n  trust: roots\n")
ACTING = FILES["creditor.yaml"] + 'acts_for: ["00000099000000001000:000000000001"]\n'


@pytest.mark.parametrize(
    ("files", "file", "path", "sentence"),
    [
        ({"counsellor": BY_ROOTS}, "counsellor.yaml", "certificates.trust", "hub.yaml names no root that could vouch"),
        (
            {"hub": HUB_YAML + TRUST, "unit": UNIT_BY_ROOTS},
            "unit.yaml", "certificates.trust", "it has no OIN of its own",
        ),
        (
            {"hub": HUB_YAML + TRUST, "creditor": CREDITOR_BY_ROOTS},
            "creditor.yaml", "certificates.trust", "its OIN also stands in unit.yaml:2,",
        ),
        (
            {"hub": HUB_YAML + TRUST, "counsellor": BY_ROOTS, "creditor": ACTING},
            "counsellor.yaml", "certificates.trust", "its OIN also stands in creditor.yaml:13,",
        ),
        (
            {"hub": HUB_YAML + "trust:\n  roots: [roots/both.pem]\n"},
            "hub.yaml", "trust.roots[0]", "holds 2 certificates; name one root a file",
        ),
        (
            {"hub": HUB_YAML + "trust:\n  roots: [roots/end.pem]\n"},
            "hub.yaml", "trust.roots[0]", "is the certificate of no authority",
        ),
        (
            {"hub": HUB_YAML + TRUST + "  intermediates: [roots/end.pem]\n"},
            "hub.yaml", "trust.intermediates[0]", "holds a certificate of no authority",
        ),
        (
            {"hub": HUB_YAML + "trust:\n  roots: [missing.pem]\n", "counsellor": BY_ROOTS},
            "hub.yaml", "trust.roots[0]", "cannot be read",
        ),
        ({"hub": HUB_YAML + "trust:\n  roots: []\n"}, "hub.yaml", "trust.roots", "must not be empty"),
        (
            {"hub": HUB_YAML + "trust:\n  roots: [{file: roots/g1.pem, policies: [one]}]\n"},
            "hub.yaml", "trust.roots[0].policies[0]", "must be an OID such as",
        ),
        (
            {"counsellor": COUNSELLOR_YAML.replace("signing: [certificates/counsellor-signing.pem]", EMPTY)},
            "counsellor.yaml", "certificates.signing", "must not be empty where certificates are pinned",
        ),
    ],
)  # fmt: skip
def test_what_a_root_cannot_decide_is_refused_once_with_file_and_key(
    files: dict[str, str], file: str, path: str, sentence: str
) -> None:
    (complaint,) = complaints(**files)
    assert (complaint.file, complaint.path) == (file, path)
    assert sentence in complaint.sentence


HARD = "overrides:\n  sending:\n    Knooppunt.Revocation: hard\n"
UNLISTED = BY_ROOTS.replace("signing: [certificates/counsellor-signing.pem]", EMPTY)
NAMED = HUB_YAML + TRUST + "revocation:\n  - {issuer: roots/g1.pem, crl: 'http://crl.example.org/'}\n"


def test_where_a_root_vouches_no_answer_is_demanded_that_nobody_is_named_to_give() -> None:
    (found,) = complaints(hub=HUB_YAML + TRUST, counsellor=UNLISTED + HARD)
    assert (found.file, found.path) == ("counsellor.yaml", "certificates.trust")
    assert "lists under revocation nobody" in found.sentence
    assert found.sentence.endswith("list the authority that issues those, or set soft or off")
    for hub, counsellor in (
        (NAMED, UNLISTED + HARD),
        (HUB_YAML + TRUST, UNLISTED + HARD.replace("hard", "soft")),
        (HUB_YAML + TRUST, UNLISTED + HARD.replace("sending", "receiving").replace("hard", "off")),
        (HUB_YAML + TRUST, UNLISTED + HARD + "access: desk\n"),
    ):
        assert read(hub=hub, counsellor=counsellor)


@pytest.mark.parametrize(
    ("issuer", "between", "has_to_do"),
    [
        ("roots/g1.pem", "", True),
        ("above.pem", "", True),
        ("below.pem", "  intermediates: [above.pem]\n", True),
        ("below.pem", "", False),
        ("roots/g4.pem", "  intermediates: [above.pem]\n", False),
    ],
)
def test_an_authority_that_is_listed_and_below_no_root_gives_no_answer_about_what_a_root_vouches_for(
    issuer: str, between: str, has_to_do: bool
) -> None:
    hub = HUB_YAML + TRUST + between + f"revocation:\n  - {{issuer: {issuer}, crl: 'http://crl.example.org/'}}\n"
    if has_to_do:
        assert read(hub=hub, counsellor=UNLISTED + HARD)
        return
    (found,) = complaints(hub=hub, counsellor=UNLISTED + HARD)
    assert (found.file, found.path) == ("counsellor.yaml", "certificates.trust")
    assert found.line > 1
    assert "lists under revocation nobody below a root that it trusts, so that" in found.sentence
