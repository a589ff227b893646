"""What `knooppunt pmode match` does: a message in a file, or values of a header, and the P-Mode that they would get.

SECURITY: the file is anybody's. It is opened as one that is named, read up to its envelope and within the limits of a
message that comes, and what is shown of it stands on one line each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import click

from gateway.cli.administration import settings_of
from gateway.cli.output import USAGE, Failure, print_json, print_table, standard_input
from gateway.cli.pmode_files import configuration_of
from gateway.clock import SystemClock
from gateway.ebms import names
from gateway.ebms.evidence import Compared
from gateway.ebms.model import AgreementRef, PartInfo, Party, PartyId, Property, Service, UserMessage
from gateway.ebms.party_ids import party_id
from gateway.limits import Limits
from gateway.msh.explain import Explanation, Header, explain
from gateway.msh.message_file import ENVELOPE, UnreadableFile, root_of, user_message_of
from gateway.named_file import FileRefused, open_named
from gateway.written.complaints import shown
from pmodes.configuration import Configuration
from pmodes.model import Leg, Organisation, PMode
from pmodes.term import local_day
from xsd.payload_header import PayloadHeader, PayloadHeaderFault, read_payload_header

_CHUNK_OCTETS: Final = 64 * 1024
_NO_MOMENT: Final = datetime.fromtimestamp(0, UTC)  # of a header that no message has, and that nobody looks at
_STEP: Final = (
    "change the message, or the file of its sender or receiver;"
    " `knooppunt pmode show` tells where each value comes from"
)
_NO_ID: Final = "none@knooppunt.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Values of a header, as options give them."""

    sender: str
    to: str | None
    recipient: str | None
    service: str | None
    action: str | None
    module: tuple[str, str, str] | None
    mpc: str | None
    agreement: str | None
    role: str


def match_file(settings: Path, file: Path, content_type: str | None, day: date | None, as_json: bool) -> None:
    """Tell what the message in a file would get."""
    configuration = configuration_of(settings_of(settings))
    try:
        root = root_of(_chunks(file), content_type, Limits())
        if root.tag == ENVELOPE:
            header = Header(message=user_message_of(root))
        else:
            header = _of_document(configuration, root.tag, read_payload_header(root))
    except FileRefused as fault:
        raise Failure(f"{file}: {fault.told}", code=USAGE) from None
    except (UnreadableFile, PayloadHeaderFault) as fault:
        step = "name a message as it came, whole with its MIME packaging or its envelope alone, or a plain document"
        raise Failure(f"{file}: {fault}", next_step=step) from None
    _tell(configuration, header, day, as_json)


def match_values(settings: Path, values: Values, day: date | None, as_json: bool) -> None:
    """Tell what a message with these values in its header would get."""
    configuration = configuration_of(settings_of(settings))
    _tell(configuration, _of_values(configuration, values), day, as_json)


def _chunks(file: Path) -> Iterator[bytes]:
    if file == Path("-"):
        stream = standard_input()
        while more := stream.read(_CHUNK_OCTETS):
            yield more
        return
    with open_named(file) as opened:
        while more := opened.read(_CHUNK_OCTETS):
            yield more


def _of_values(configuration: Configuration, values: Values) -> Header:
    service, action = _collaboration(configuration, values)
    sender = _party(configuration, values.sender)
    to = configuration.hub.party_ids if values.to is None else (_party_id(configuration, values.to),)
    properties = {names.ORIGINAL_SENDER: values.sender, names.FINAL_RECIPIENT: values.recipient}
    message = UserMessage(
        message_id=_NO_ID,
        timestamp=_NO_MOMENT,
        from_party=Party(party_ids=sender, role=values.role),
        to_party=Party(party_ids=to, role=names.RESPONDER),
        service=Service(value=service),
        action=action,
        mpc=values.mpc,
        agreement_ref=_agreement(configuration, values.agreement),
        conversation_id="",
        properties=tuple(Property(name=name, value=value) for name, value in properties.items() if value is not None),
        parts=(),
    )
    return Header(message=message, has_properties=False, has_parts=False)


def _collaboration(configuration: Configuration, values: Values) -> tuple[str, str]:
    if values.module is not None:
        found = configuration.catalogue.message(*values.module)
        if found is None:
            module, version, name = map(shown, values.module)
            step = "see the names with: knooppunt schema list"
            raise Failure(f"there is no message {name} in module {module} {version}", next_step=step, code=USAGE)
        return found.service, found.name
    if values.service is None or values.action is None:
        step = "give --service and --action as the header has them, or --message MODULE VERSION TYPE"
        raise Failure("the header has neither Service nor Action yet", next_step=step, code=USAGE)
    return values.service, values.action


def _party(configuration: Configuration, value: str) -> tuple[PartyId, ...]:
    """All party ids of whoever has this one, as messages carry them."""
    found = configuration.by_party.get(value)
    return (_party_id(configuration, value),) if found is None else found.party_ids


def _party_id(configuration: Configuration, value: str) -> PartyId:
    """A party id, of the type that somebody has it under."""
    parties: list[PartyId] = [*configuration.hub.party_ids]
    if (owner := configuration.mailboxes.get(value)) is not None:
        parties += (*owner.party_ids, *owner.acts_for)
    return next((each for each in parties if each.value == value), party_id(value))


def _agreement(configuration: Configuration, value: str | None) -> AgreementRef | None:
    if value is None:
        return None
    return next((each for each in configuration.agreements if each.value == value), AgreementRef(value=value))


def _of_document(configuration: Configuration, root: str, header: PayloadHeader) -> Header:
    """The header that the sender of a plain document would give it."""
    message_type = configuration.catalogue.of_root(root)
    if message_type is None:
        raise UnreadableFile("its document is none of the message types that this hub knows")
    owner = configuration.mailboxes.get(header.afzender)
    pmode = None if owner is None else _as_sent(configuration, owner, header.afzender, root)
    sender = Party(party_ids=(party_id(header.afzender),), role=names.INITIATOR)
    to = Party(party_ids=configuration.hub.party_ids, role=names.RESPONDER)
    properties = {
        names.TRACKING_IDENTIFIER: header.referentienummer,
        names.ORIGINAL_SENDER: header.afzender,
        names.FINAL_RECIPIENT: header.ontvanger,
        names.CROSS_REFERENCE: header.cross_referentienummer,
    }
    message = UserMessage(
        message_id=_NO_ID,
        timestamp=_NO_MOMENT,
        from_party=sender if pmode is None else pmode.initiator,
        to_party=to if pmode is None else pmode.responder,
        service=Service(value=message_type.service),
        action=message_type.name,
        mpc=None if pmode is None else pmode.business_info.mpc,
        agreement_ref=None if pmode is None else pmode.agreement,
        conversation_id=header.conversatie_referentienummer,
        properties=tuple(Property(name=name, value=value) for name, value in properties.items() if value is not None),
        parts=(PartInfo(href=None, properties=()),),
    )
    return Header(message=message, has_parts=False)


def _as_sent(configuration: Configuration, owner: Organisation, party: str, root: str) -> PMode:
    acting_for = next((each for each in owner.acts_for if each.value == party), None)
    message_type = configuration.catalogue.of_root(root)
    return configuration.pmode(owner, message_type, Leg.SENDING, acting_for=acting_for)


def _tell(configuration: Configuration, header: Header, day: date | None, as_json: bool) -> None:
    day = day or local_day(SystemClock().now())
    found = explain(configuration, header, day)
    facts = _facts(found, day)
    legs = [each for each in (found.sending, found.receiving) if each is not None]
    if not as_json:
        rows = [(each.leg.value, each.id, each.organisation.name, each.organisation.file) for each in legs]
        print_table("", ("leg", "P-Mode", "organisation", "file"), rows, empty="no P-Mode")
        if differing := list(_rows(found)):
            print_table("", ("P-Mode", "parameter", "expected", "found"), differing, empty="")
    if found.refused:
        first = found.refused[0]
        raise Failure(f"the hub would refuse it on {day}: {first.code}, {first.sentence}", next_step=_STEP, facts=facts)
    if as_json:
        print_json(facts)
    elif found.receiving is None and found.sending is not None and found.sending.message_type is not None:
        click.echo("leg 2 is that of the receiver: name it with --recipient")


def _rows(found: Explanation) -> Iterator[tuple[str, str, str, str]]:
    for candidate in found.candidates:
        if not candidate.compared:
            yield candidate.pmode.id, "", "", "nothing differs"
        for each in candidate.compared:
            yield candidate.pmode.id, each.what, each.expected, each.found
    for refused in found.refused if not found.candidates else found.refused[1:]:
        for each in refused.compared:
            yield each.pmode or "", each.what, each.expected, each.found


def _facts(found: Explanation, day: date) -> Mapping[str, object]:
    return {
        "day": day.isoformat(),
        "legs": [
            {"leg": each.leg.value, "pmode": each.id, **_whose(each.organisation)}
            for each in (found.sending, found.receiving)
            if each is not None
        ],
        "refused": [
            {"code": each.code, "sentence": each.sentence, "differences": _differences(each.compared)}
            for each in found.refused
        ],
        "candidates": [
            {
                "pmode": each.pmode.id,
                **_whose(each.pmode.organisation),
                "differences": _differences(each.compared),
            }
            for each in found.candidates
        ],
    }


def _whose(organisation: Organisation) -> Mapping[str, str]:
    return {"organisation": organisation.name, "party": organisation.party_id, "file": organisation.file}


def _differences(compared: tuple[Compared, ...]) -> list[Mapping[str, str | None]]:
    return [
        {"pmode": each.pmode, "parameter": each.what, "expected": each.expected, "found": each.found}
        for each in compared
    ]
