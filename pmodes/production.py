"""What P-Modes may say for a test and not in production."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.written.complaints import Complaint
from pmodes.model import HubParty, Organisation, Override, Place

ENCRYPT: Final = "PMode[1].Security.X509.Encryption.Encrypt"


def unencrypted(hub: HubParty, organisations: Sequence[Organisation]) -> Iterator[Complaint]:
    """Complain of each line by which messages need not come encrypted; once, however many organisations it is for."""
    if hub.environment == "test":
        return
    owners: list[HubParty | Organisation] = [hub, *organisations]
    told: set[Place] = set()
    for each in owners:
        for place in (found.place for found in unencrypted_by(each)):
            if place not in told:
                told.add(place)
                sentence = (
                    f"{ENCRYPT} is off, and the hub's file says environment: production; what messages say of people"
                    " would come with nothing but TLS around it, in the clear for whatever ends that before the hub"
                    " (AS4 5.1.6); take it out"
                )
                yield Complaint(file=place.file, line=place.line, path="overrides", sentence=sentence)


def unencrypted_by(owner: HubParty | Organisation) -> Iterator[Override]:
    """The lines of its file, and for a unit of its organisation's, by which messages need not come encrypted."""
    yield from (named[ENCRYPT] for named in owner.overrides.values() if ENCRYPT in named and not named[ENCRYPT].value)
