"""What may stand in the files: their keys, with types and defaults, as pydantic models that refuse anything else.

These models check the form of one value at a time. Whether a value makes sense beside others is for `pmodes.files` and
`pmodes.consistency`.
"""

from __future__ import annotations

import binascii
import re
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from crypto.endorsements import MOST_OCTETS as MOST_ENDORSEMENT_OCTETS
from gateway.addresses import read_network, read_url
from gateway.written.header_text import HeaderText, PartyText
from gateway.written.moments import DayOrMoment
from pmodes.model import Network

HUB_FILE: Final = "hub.yaml"
_OID: Final = re.compile(r"[0-2](\.(0|[1-9][0-9]{0,30})){1,30}")
MOST_CERTIFICATES: Final = 4  # of one owner and one use
MOST_ROOTS: Final = 20
MOST_INTERMEDIATE_FILES: Final = 100

_MIME: Final = r"[a-z0-9.+\-]+/[a-z0-9.+\-]+"
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _as_parties(value: Any) -> Any:
    """`party: X`, `party: {value: X}` and lists of either are all lists of mappings."""
    listed = value if isinstance(value, list) else [value]
    return [each if isinstance(each, dict | list) else {"value": each} for each in listed]


def _as_certificates(value: Any) -> Any:
    """`[FILE]` and `[{file: FILE}]` are both lists of mappings."""
    return [{"file": each} if isinstance(each, str) else each for each in value] if isinstance(value, list) else value


def _as_versions(value: Any) -> Any:
    """`["2.0", {version: "2.1", from: 2026-07-01}]`: a version alone is a mapping with nothing else."""
    if not isinstance(value, list):
        return value
    return [each if isinstance(each, dict | list) else {"version": each} for each in value]


def _as_date(value: Any) -> Any:
    if not isinstance(value, str) or not _DAY.fullmatch(value):  # Python reads other forms as well
        raise ValueError("must be a date such as 2026-05-15")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a date such as 2026-05-15") from None


def _as_kvk(value: str) -> str:
    if len(value) != 8 or not (value.isascii() and value.isdigit()):
        raise ValueError("must be a KvK number of 8 digits, in quotes")
    return value


def _as_establishment(value: str) -> str:
    if len(value) != 12 or not (value.isascii() and value.isdigit()):
        raise ValueError("must be the number of an establishment of 12 digits, in quotes")
    return value


def _as_network(value: Any) -> Network:
    return read_network(value if isinstance(value, str) else "")


def _refuse_none(value: Any) -> Any:
    """A list that names whom alone is let in: whoever takes its last line out does not mean everybody."""
    if value == []:
        raise ValueError("must name at least one; leave the key out where there is to be no limit")
    return value


def _as_mime_type(value: str) -> str:
    if not re.fullmatch(_MIME, value):
        raise ValueError("must be a MIME type in small letters, such as application/pdf")
    return value


def _as_thumbprint(value: str) -> str:
    plain = value.replace(":", "").lower()
    if len(plain) != 64 or not set(plain) <= set("0123456789abcdef"):
        raise ValueError(f"must be the SHA-256 thumbprint of a certificate: 64 hexadecimal digits, {_HOW_TO_GET_IT}")
    return plain


def _as_oid(value: str) -> str:
    if not _OID.fullmatch(value):
        raise ValueError("must be an OID such as 2.16.528.1.1003.1.2.8.4")
    return value


def _as_endorsement(value: str) -> str:
    try:
        octets = binascii.a2b_base64("".join(value.split()), strict_mode=True)
    except ValueError:
        raise ValueError("must be a signature in base64, as the owner of the certificate made it") from None
    if not 0 < len(octets) <= MOST_ENDORSEMENT_OCTETS:
        raise ValueError("must be one signature in base64, as the owner of the certificate made it")
    return value


_HOW_TO_GET_IT: Final = "as `openssl x509 -in FILE -noout -fingerprint -sha256` says them"


def _as_url(value: str) -> str:
    read_url(value)
    return value


def _as_name(value: str) -> str:
    if not value.strip():
        raise ValueError("says nothing: it has blanks alone")
    return value


Name = Annotated[HeaderText, AfterValidator(_as_name)]
Endorsement = Annotated[str, AfterValidator(_as_endorsement)]
Thumbprint = Annotated[str, AfterValidator(_as_thumbprint)]
Url = Annotated[str, AfterValidator(_as_url)]
Day = Annotated[date, BeforeValidator(_as_date)]
Networks = Annotated[
    list[Annotated[Network, BeforeValidator(_as_network)]],
    BeforeValidator(_refuse_none),
    Field(min_length=1, max_length=100),
]
Thumbprints = Annotated[list[Thumbprint], BeforeValidator(_refuse_none), Field(min_length=1)]
Kvk = Annotated[str, AfterValidator(_as_kvk)]
Establishment = Annotated[str, AfterValidator(_as_establishment)]
Oid = Annotated[str, AfterValidator(_as_oid)]
MimeType = Annotated[str, AfterValidator(_as_mime_type), WithJsonSchema({"type": "string", "pattern": f"^{_MIME}$"})]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PartyShape(_Shape):
    """One party id."""

    value: PartyText = Field(
        description="OIN, OIN:establishment number, or an identifier of another kind with its type."
    )
    type: HeaderText | None = Field(None, description="The type of the identifier; follows from the value for OINs.")


Parties = Annotated[list[PartyShape], BeforeValidator(_as_parties), Field(min_length=1, max_length=10)]
FewParties = Annotated[list[PartyShape], BeforeValidator(_as_parties)]


class CertificateShape(_Shape):
    """One certificate, and from when until when it counts where that is for less than its validity."""

    file: HeaderText = Field(description="Its file, seen from the file that names it.")
    since: DayOrMoment | None = Field(
        None,
        alias="from",
        description="From when it counts: a day, which begins at midnight in the Netherlands, or a moment with its"
        " offset. Before that nothing that it signs is taken, and nothing is encrypted to it.",
    )
    until: DayOrMoment | None = Field(
        None, description="Until when it counts: the end of a day, or a moment with its offset."
    )
    endorsement: Endorsement | None = Field(
        None,
        description="The signature by which the key before it vouches for it, in base64, as `knooppunt directory"
        " endorse` of its owner says it; the address book hands it on.",
    )


Certificates = Annotated[
    list[CertificateShape], BeforeValidator(_as_certificates), Field(min_length=1, max_length=MOST_CERTIFICATES)
]


class CertificatesShape(_Shape):
    """Certificates; the current one and, around a rollover, the next."""

    signing: Certificates = Field(description="Its signing certificates, or their files alone.")
    encryption: Certificates = Field(description="Its encryption certificates, or their files alone.")


class OrganisationCertificatesShape(CertificatesShape):
    """Those of an organisation, which may also sign with what a root vouches for."""

    signing: Annotated[
        list[CertificateShape], BeforeValidator(_as_certificates), Field(max_length=MOST_CERTIFICATES)
    ] = Field(
        description="Its signing certificates, or their files alone; with `trust: roots`, or where access is `desk`,"
        " there may be none."
    )
    encryption: Annotated[
        list[CertificateShape], BeforeValidator(_as_certificates), Field(max_length=MOST_CERTIFICATES)
    ] = Field(
        description="Its encryption certificates, or their files alone; where access is `desk` there may be none, until"
        " the first keys that were made there are approved."
    )
    trust: Literal["pinned", "roots"] = Field(
        "pinned",
        description="`roots`: also a certificate that stands in a message as its token, was issued below a root of"
        " hub.yaml, and whose one serialNumber in the subject is the organisation's OIN. What is encrypted to is listed"
        " all the same.",
    )


class RootShape(_Shape):
    """One root, and what it is trusted for."""

    file: HeaderText = Field(description="Its file, seen from hub.yaml.")
    policies: list[Oid] = Field(
        default_factory=list,
        description="Certificate policies (OIDs) of which a certificate and its issuers have to have one; none asked.",
    )
    extended_key_usages: list[Oid] | None = Field(
        None,
        min_length=1,
        description="Of which a certificate that names extended key usages has to name one; clientAuth,"
        " emailProtection and documentSigning.",
    )


class TrustShape(_Shape):
    """Whose signing certificates may be used without being listed."""

    roots: Annotated[list[RootShape], BeforeValidator(_as_certificates), Field(min_length=1, max_length=MOST_ROOTS)] = (
        Field(description="Roots that are trusted, or their files alone; several generations stand beside each other.")
    )
    intermediates: list[HeaderText] = Field(
        default_factory=list,
        max_length=MOST_INTERMEDIATE_FILES,
        description="Files of authorities between a root and a certificate, as many to a file as there are; they are"
        " trusted for nothing by themselves.",
    )


class MailboxShape(_Shape):
    """Rules of a mailbox; what is left out is as in the hub's file."""

    lease_seconds: int | None = Field(None, ge=60, le=43_200, description="How long a pulled message stays leased.")
    open_leases: int | None = Field(None, ge=1, le=10_000, description="How many messages may be leased at once.")
    quota_messages: int | None = Field(None, ge=1, le=10_000_000, description="How many messages may wait.")
    term_working_days: int | None = Field(None, ge=1, le=60, description="Working days until a message expires.")
    extension_days: Literal[0, 7, 14, 28] | None = Field(
        None, description="Calendar days that may be added to the term, all together."
    )
    extension: Literal["acceptance", "request"] | None = Field(
        None,
        description="Whether every message gets these days with its acceptance, or one by one when its owner asks;"
        " where nothing is said, as its owner asks if that works at a desk, and with the acceptance if not.",
    )


class AgreementShape(_Shape):
    """PMode.Agreement."""

    value: HeaderText = Field(description="What eb:AgreementRef has to carry; a URI unless it has a type.")
    type: HeaderText | None = Field(None, description="Its type.")


# The hub reads eighty properties of a message, before it knows whose it is (`xsd.checking.header_schema`); the profile
# has four: originalSender, finalRecipient, trackingIdentifier, crossReference.
MOST_OWN_PROPERTIES = 76


class PropertyShape(_Shape):
    """A message property besides those of the profile."""

    name: HeaderText = Field(description="Its name.")
    required: bool = Field(False, description="Whether every message must have it.")
    data_type: Literal["string", "int", "boolean", "date", "uri"] = Field("string", description="What it holds.")
    max_length: int = Field(255, ge=1, le=1024, description="How many characters it may have.")


class PartPropertyShape(_Shape):
    """A property of parts besides those that every part may have."""

    name: HeaderText = Field(description="Its name.")
    data_type: Literal["string", "int", "boolean", "date", "uri"] = Field("string", description="What it holds.")
    max_length: int = Field(255, ge=1, le=1024, description="How many characters it may have.")


class VersionShape(_Shape):
    """One version of a module; a version alone is one that is active on all days."""

    version: HeaderText = Field(description="Its number.")
    begins: Day | None = Field(None, alias="from", description="The first day on which it is active.")
    ends: Day | None = Field(None, alias="until", description="The last day on which it is active.")
    answer_working_days: int | None = Field(
        None, ge=1, le=60, description="Working days for answering a question of this version; as the module's."
    )


Versions = Annotated[list[VersionShape], BeforeValidator(_as_versions), Field(min_length=1, max_length=20)]
Modules = Annotated[dict[str, Versions], Field(min_length=1)]


Roles = Annotated[list[HeaderText], Field(min_length=1)]
_ROLES_SAY: Final = "What it is; decides which messages it may send and receive."
_MODULES_SAY: Final = "The versions of each module that are active."
MOST_UNITS: Final = 1_000


class AgreementsShape(_Shape):
    """When it signed; in production `pmode check` warns while it did not."""

    connection: Day | None = Field(None, description="Day of the aansluitovereenkomst.")
    processing: Day | None = Field(None, description="Day of the verwerkersovereenkomst.")


class DeskShape(_Shape):
    """What an organisation has at its desk besides messages one by one."""

    lists: bool = Field(False, description="Whether it answers questions by lists, in a spreadsheet.")


class AttachmentsShape(_Shape):
    """What may come with a document; what is left out is as in the hub's file."""

    mime_types: list[MimeType] | None = Field(None, min_length=1, description="MIME types that are taken.")
    max_count: int | None = Field(None, ge=0, le=62, description="How many there may be.")
    max_octets: int | None = Field(None, ge=1, description="Size of one after decompression.")


class RevocationShape(_Shape):
    """An authority, and where it tells which of its certificates it revoked; crl, ocsp or both."""

    issuer: HeaderText = Field(description="File of the authority's certificate: the one that issued participants'.")
    crl: Url | None = Field(None, description="URL of its CRL, complete and its own.")
    ocsp: Url | None = Field(None, description="URL of its OCSP responder.")


class UnitShape(_Shape):
    """A business unit: a party of its own with its own mailbox. What it leaves out is as its organisation says, but for
    party id, certificates, establishment, `acts_for`, `tls_thumbprints` and `compromised`, which are each one's own.
    """

    name: Name = Field(description="What people call it.")
    party: Parties = Field(description="Its party id; several make one identity, which messages carry whole.")
    roles: Roles = Field(default_factory=list, description=_ROLES_SAY)
    modules: Modules = Field(default_factory=dict, description=_MODULES_SAY)
    certificates: OrganisationCertificatesShape | None = Field(
        None,
        description="What it signs with and what is sealed to; an organisation that has units may leave it out, and is"
        " then no party itself.",
    )
    kvk: Kvk | None = Field(None, description="Its number in the trade register: 8 digits.")
    establishment: Establishment | None = Field(None, description="Number of the establishment: 12 digits.")
    legal_basis: Literal["wgs", "mandate", "court"] | None = Field(
        None,
        description="On what ground it handles debts, which decides the document that comes with its messages: none"
        " under the Wgs, the client's consent (Toestemmingsverklaring) under a mandate, the order (Beschikking) of a"
        " court. Follows from its roles unless given.",
    )
    access: Literal["system", "desk"] = Field(
        "system",
        description="How it works with the hub: with a system of its own over AS4, or at a desk in the portal. At the"
        " AS4 endpoint a desk party is a stranger.",
    )
    desk: DeskShape = Field(default_factory=DeskShape, description="What it has at its desk in the portal.")
    collectief: bool = Field(False, description="Whether it takes part in Collectief Schuldregelen.")
    agreements: AgreementsShape = Field(default_factory=AgreementsShape, description="What it signed, and when.")
    suspended: bool = Field(
        False, description="Whether it may neither push nor pull for now; what waits for it runs to its term."
    )
    listed: bool = Field(True, description="Whether the public page of participants names it.")
    addresses: Networks = Field(
        default_factory=list,
        description="Addresses and networks that it may call from; from everywhere unless given.",
    )
    language: Literal["nl", "en"] | None = Field(None, description="Of what people read in errors; as the hub's.")
    suite: HeaderText | None = Field(None, description="Its cryptographic suite; as the hub's.")
    key_reference: Literal["token", "ski", "issuer-serial", "thumbprint"] | None = Field(
        None, description="How signatures name certificates; as the hub's."
    )
    mailbox: MailboxShape = Field(default_factory=MailboxShape, description="Mailbox rules.")
    acts_for: FewParties = Field(default_factory=list, description="Parties in whose name it sends and receives.")
    agreement: AgreementShape | None = Field(None, description="PMode.Agreement; none unless given.")
    attachments: AttachmentsShape = Field(
        default_factory=AttachmentsShape, description="What may come with a document."
    )
    properties: list[PropertyShape] = Field(
        default_factory=list,
        max_length=MOST_OWN_PROPERTIES,
        description="Message properties besides the profile's, 76 at most: a message has 80 in all.",
    )
    part_properties: list[PartPropertyShape] = Field(
        default_factory=list,
        max_length=MOST_OWN_PROPERTIES,
        description="Properties of a part besides MimeType, CharacterSet and CompressionType, for a product that cannot"
        " leave them out. Whatever stands in them is stored in the clear.",
    )
    property_types: list[HeaderText] = Field(
        default_factory=list,
        max_length=MOST_OWN_PROPERTIES,
        description="What the attribute `type` of a property may say besides a data type or the type of a party id.",
    )
    tls_thumbprints: Thumbprints = Field(
        default_factory=list,
        description=f"TLS client certificates it may use: their SHA-256 thumbprints, {_HOW_TO_GET_IT}. The settings"
        " have the hub ask for them, or name the header in which a proxy hands them on.",
    )
    compromised: list[Thumbprint] = Field(
        default_factory=list,
        description="SHA-256 thumbprints of signing certificates that are withdrawn because others may have their key,"
        f" {_HOW_TO_GET_IT}.",
    )
    overrides: dict[str, Any] = Field(default_factory=dict, description="P-Mode parameters by their ebMS name.")


class OrganisationShape(UnitShape):
    """One organisation."""

    roles: Roles = Field(description=_ROLES_SAY)
    modules: Modules = Field(description=_MODULES_SAY)
    units: list[UnitShape] = Field(
        default_factory=list,
        max_length=MOST_UNITS,
        description="Its business units, each a party with a mailbox of its own.",
    )


class HubShape(_Shape):
    """The hub itself, and defaults for all organisations."""

    name: Name = Field(description="What people call it.")
    party: Parties = Field(description="The hub's own party id.")
    certificates: CertificatesShape = Field(description="What the hub signs with, and what is encrypted to.")
    trust: TrustShape | None = Field(
        None, description="Roots for organisations with `certificates.trust: roots`; none unless given."
    )
    environment: Literal["production", "test"] = Field("production", description="Test parties are for tests only.")
    language: Literal["nl", "en"] = Field("nl", description="Of what people read in errors.")
    suite: HeaderText = Field("as4-1.15-rsa", description="The cryptographic suite of whoever names none.")
    key_reference: Literal["token", "ski", "issuer-serial", "thumbprint"] = Field(
        "token", description="How signatures name certificates."
    )
    mailbox: MailboxShape = Field(default_factory=MailboxShape, description="Mailbox rules.")
    attachments: AttachmentsShape = Field(
        default_factory=AttachmentsShape, description="What may come with a document."
    )
    compromised: list[Thumbprint] = Field(
        default_factory=list,
        description="SHA-256 thumbprints of the same kind, of organisations that have no file any more,"
        f" {_HOW_TO_GET_IT}.",
    )
    revocation: list[RevocationShape] = Field(
        default_factory=list,
        max_length=64,
        description="Who knows whether a certificate was revoked. Nothing is asked of an address that stands in a"
        " certificate; the hosts named here stand in `outbound.hosts` of the settings too.",
    )
    closing_days: list[Day] = Field(default_factory=list, description="Days besides the law's that do not count.")
    overrides: dict[str, Any] = Field(default_factory=dict, description="P-Mode parameters by their ebMS name.")
