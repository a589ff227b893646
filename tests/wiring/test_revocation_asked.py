"""Whom a hub asks about which certificates: worked out beside the loop, and of what changed alone."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace

import pytest
from support.hubs.hub import catalogue, configuration_texts, load_test_certificates
from support.hubs.watching import source
from support.keys import issuing
from support.keys.pki import identity

from crypto.certificates import Certificate, der
from gateway.ebms.model import PartyId
from gateway.jobs.revocation_inquiry import Inquiry, inquiry_of, joined
from gateway.msh.signers import KnownSigners
from gateway.store.model import Signer
from gateway.wiring import revocation_asked
from gateway.wiring.revocation_asked import AskedFor, Parts, parts_of
from pmodes.configuration import Configuration
from pmodes.files import read_configuration
from pmodes.validity import Listed

CRL, OCSP = "http://crl.example/", "http://ocsp.example/"


def configuration() -> Configuration:
    extra = {"hub": {"revocation": [{"issuer": "authority", "crl": CRL, "ocsp": OCSP}]}}
    return read_configuration(configuration_texts(extra), catalogue=catalogue(), load=load_test_certificates)


def signer(certificate: Certificate, party: str = "1") -> Signer:
    party_id = PartyId(value=party, type="urn:test")
    return Signer(
        sender=party, from_party=frozenset({party_id}), certificate=der(certificate), suite="", key_reference=""
    )


class Worked:
    """Notes whose certificates are looked at, by which thread, and how often those of all files are put together."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.owners: list[str] = []
        self.threads: set[int] = set()
        self.times = 0
        real, really = revocation_asked.part_of, revocation_asked.put_together

        def noted(listed: Iterable[Listed], *under: object) -> object:
            found = tuple(listed)
            self.owners += dict.fromkeys(each.owner for each in found)
            self.threads.add(threading.get_ident())
            return real(found, *under)  # type: ignore[arg-type]

        def counted(parts: Parts) -> Inquiry:
            self.times += 1
            return really(parts)

        monkeypatch.setattr(revocation_asked, "part_of", noted)
        monkeypatch.setattr(revocation_asked, "put_together", counted)

    def taken(self) -> list[str]:
        found, self.owners, self.times = self.owners, [], 0
        return found


class Hub:
    """What is in force, who signed, and who was missed, as they change."""

    def __init__(self) -> None:
        self.now, self.signers, self.missed = configuration(), KnownSigners(), dict[Certificate, str]()
        self.asked = AskedFor(lambda: self.now, self.signers, lambda: self.missed)


async def test_it_is_worked_out_beside_the_loop_and_the_same_while_nothing_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worked, hub = Worked(monkeypatch), Hub()
    first = await hub.asked()
    assert {each.owner for each in first.listed} == {hub.now.hub.name, *(each.name for each in hub.now.organisations)}
    assert threading.get_ident() not in worked.threads
    monkeypatch.setattr(hub.asked, "_work_out", None)
    assert await hub.asked() is first


async def test_one_changed_file_costs_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    worked, hub = Worked(monkeypatch), Hub()
    await hub.asked()
    worked.taken()
    first, *others = hub.now.organisations
    hub.now = replace(hub.now, organisations=(replace(first, name="Changed"), *others))
    assert "Changed" in {each.owner for each in (await hub.asked()).listed}
    assert worked.taken() == ["Changed"]


async def test_a_changed_file_of_the_hub_costs_all(monkeypatch: pytest.MonkeyPatch) -> None:
    worked, hub = Worked(monkeypatch), Hub()
    before = await hub.asked()
    worked.taken()
    hub.now = replace(hub.now, hub=replace(hub.now.hub, revocation=(source("http://elsewhere.example/"),)))
    after = await hub.asked()
    assert {each.owner for each in after.listed} == set(worked.taken())
    assert {each.url for each in after.targets} == {"http://elsewhere.example/"}
    assert before.keys.isdisjoint(after.keys)


async def test_who_is_new_in_traffic_costs_no_look_at_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    worked, hub = Worked(monkeypatch), Hub()
    before = await hub.asked()
    worked.taken()
    gone, root_vouched = identity("creditor", "next").signing.certificate, issuing.holder("Missed").certificate
    hub.signers.note(signer(gone, "9"))
    hub.signers.note(signer(before.listed[0].certificate))  # listed, and so asked about already
    hub.missed[root_vouched] = "8"
    after = await hub.asked()
    assert worked.times == 0
    assert worked.taken() == ["9", "8"]
    assert [(each.place, each.certificate) for each in after.listed[len(before.listed) :]] == [
        ("an earlier acceptance", gone),
        ("a message, vouched for by a root", root_vouched),
    ]
    assert len(after.targets) == len(before.targets) + 1  # a response; the CRL is the one of before


async def test_nothing_is_worked_out_where_nobody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    worked, hub = Worked(monkeypatch), Hub()
    hub.now = replace(hub.now, hub=replace(hub.now.hub, revocation=()))
    assert await hub.asked() == Inquiry()
    assert worked.taken() == []


def test_two_that_are_joined_are_what_both_come_to_at_once() -> None:
    parts = [part for _, part in parts_of(configuration()).values()]
    for number in range(len(parts) + 1):
        one, other = inquiry_of(parts[:number]), inquiry_of(parts[number:])
        both, at_once = joined(one, other), inquiry_of(parts)
        assert both.listed == at_once.listed
        assert both.keys == at_once.keys
        assert {each.key: set(each.certificates) for each in both.targets} == {
            each.key: set(each.certificates) for each in at_once.targets
        }
