"""One file of the configuration while it is read: its values, its lines, and what there is to complain of."""

from __future__ import annotations

import posixpath
from binascii import a2b_base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from crypto.certificates import (
    WHOLE_VALIDITY,
    Certificate,
    CertificateUsage,
    Terms,
    lasting_objection,
    term_of,
)
from crypto.faults import UnusableCredential
from crypto.findings import Term
from gateway.ebms.model import PartyId
from gateway.ebms.party_ids import default_type, fault_of
from gateway.named_file import FileRefused
from gateway.written.close import did_you_mean
from gateway.written.complaints import Complaint, KeyPath, dotted, shown
from gateway.written.source import Source
from gateway.written.yaml_text import read_yaml
from pmodes.model import Leg, Override, Place
from pmodes.parameters import BY_NAME
from pmodes.shapes import CertificateShape, PartyShape
from pmodes.term import day_begins, day_ends

LoadCertificates = Callable[[str], Sequence[Certificate]]

_INSTEAD = "; write its OIN, or its identifier with the type of that: {value: …, type: …}"
_LEGS: Mapping[str, Leg] = {"sending": Leg.SENDING, "receiving": Leg.RECEIVING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """The certificates of one use, the terms of those that count for less than their validity, and the signatures by
    which the keys before them vouch for some.
    """

    certificates: tuple[Certificate, ...]
    terms: Terms
    endorsements: Mapping[Certificate, bytes]


class SourceFile(Source):
    """A file of the hub or of an organisation, whose parties, certificates and overrides are read besides its form."""

    def __init__(self, name: str, text: str, complaints: list[Complaint]) -> None:
        super().__init__(name, read_yaml(text), complaints)

    def parties(self, key: str, shapes: Sequence[PartyShape]) -> tuple[PartyId, ...]:
        """Party ids with their types, complaining of every one that cannot be."""
        found: list[PartyId] = []
        for index, shape in enumerate(shapes):
            type_ = shape.type or default_type(shape.value)
            fault = fault_of(shape.value, type_)
            if fault is not None:
                self.complain((key, index), f"{shown(shape.value)} {fault}{_INSTEAD}")
            found.append(PartyId(value=shape.value, type=type_))
        return tuple(found)

    def certificates(
        self, usage: CertificateUsage, listed: Sequence[CertificateShape], load: LoadCertificates
    ) -> Pinned:
        """The certificates that are listed, the path of each seen from this file's folder, one certificate a path."""
        found: list[Certificate] = []
        terms: dict[Certificate, Term] = {}
        endorsements: dict[Certificate, bytes] = {}
        for index, entry in enumerate(listed):
            path, at = entry.file, ("certificates", usage, index)
            try:
                loaded = load(posixpath.join(posixpath.dirname(self.name), path))
            except (FileRefused, OSError, ValueError) as fault:
                self.complain(at, f"{shown(path)}: {why_not_had(fault)}")
                continue
            if len(loaded) != 1:
                self.complain(
                    at, f"{shown(path)}: holds {len(loaded)} certificates and should hold one; name a file for each"
                )
                continue
            objection = lasting_objection(loaded[0], usage=usage)  # reading a file depends on no clock
            if objection is not None:
                self.complain(at, f"{shown(path)}: {objection}; name a certificate that may be used so")
            if entry.since is not None or entry.until is not None:
                terms[loaded[0]] = self._term(at, entry, loaded[0])
            if entry.endorsement is not None:
                endorsements[loaded[0]] = a2b_base64("".join(entry.endorsement.split()))
            found.append(loaded[0])
        if any(found.count(each) > 1 for each in terms):
            said = "a certificate with `from` or `until` stands here twice; leave one of them out"
            self.complain(("certificates", usage), said)
        return Pinned(
            certificates=tuple(found),
            terms=MappingProxyType(terms) if terms else WHOLE_VALIDITY,
            endorsements=MappingProxyType(endorsements),
        )

    def _term(self, at: KeyPath, entry: CertificateShape, certificate: Certificate) -> Term:
        """From when until when an entry lets a certificate count, within its validity."""
        own = term_of(certificate)
        begins_at = own.begins_at if entry.since is None else max(own.begins_at, day_begins(entry.since))
        ends_at = own.ends_at if entry.until is None else min(own.ends_at, day_ends(entry.until))
        if begins_at > ends_at:
            validity = f"{own.begins_at:%Y-%m-%d %H:%M:%SZ} until {own.ends_at:%Y-%m-%d %H:%M:%SZ}"
            self.complain(
                at,
                "`from` and `until` leave it no moment at which it counts; the certificate is valid from"
                f" {validity}: give moments within that, or leave them out",
            )
        return Term(begins_at=begins_at, ends_at=ends_at)

    def overrides(self, values: Mapping[str, object], *, for_all: bool) -> Mapping[Leg, Mapping[str, Override]]:
        """Overrides by leg: names at the top are for both legs, those under `sending` or `receiving` for one."""
        found: dict[Leg, dict[str, Override]] = {leg: {} for leg in Leg}
        for name, value in values.items():
            if name not in _LEGS:
                parameter = BY_NAME.get(name)
                for leg in Leg if parameter is None else sorted(parameter.legs_to_set(for_all=for_all)):
                    self._override(found[leg], ("overrides", name), leg, value, for_all=for_all)
        for key, leg in _LEGS.items():
            of_leg = values.get(key, {})
            if not isinstance(of_leg, Mapping):
                self.complain(("overrides", key), "must be keys with values")
                continue
            for name, value in of_leg.items():
                self._override(found[leg], ("overrides", key, name), leg, value, for_all=for_all)
        return found

    def _override(self, into: dict[str, Override], path: KeyPath, leg: Leg, value: object, *, for_all: bool) -> None:
        name = str(path[-1])
        if name not in BY_NAME:
            known = [*_LEGS, *(each.name for each in BY_NAME.values() if each.kind is not None)]
            meant = did_you_mean(name, known) or "; take it out, or look its name up in the reference"
            self.complain(path, f"there is no P-Mode parameter of this name that can be overridden{meant}")
            return
        if not isinstance(value, str | int | bool):
            self.complain(path, "must be one value: text, a whole number, true or false")
            return
        objection = BY_NAME[name].objection(value, leg, for_all=for_all)
        if objection is not None:
            self.complain(path, objection)
            return
        place = Place(file=self.name, line=self.line(path))
        into[name] = Override(value=value, place=place, path=".".join(filter(None, (self.at, dotted(path)))))


def why_not_had(fault: Exception) -> str:
    """Why a certificate cannot be had, with what to do about it where that is known."""
    if isinstance(fault, FileRefused):
        return fault.told
    if isinstance(fault, UnusableCredential):
        return f"{fault}; name a certificate in PEM or DER form"
    return "the file cannot be read; correct the name, or put the file there"
