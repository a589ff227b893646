"""The processing mode parameters that the hub knows, by their ebMS names: one table.

It drives three things: which names an administrator may override and with what, what the effective view shows, and the
reference page. Names of the first group are those of ebMS3 Core appendix D and AS4 5.2; no specification names what
starts with `Knooppunt.`. A leg of ours is a whole One-Way exchange, so every parameter of it is one of leg [1].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from gateway.ebms.names import GZIP
from gateway.ebms.values import is_uri
from pmodes.model import Leg

BOTH: Final = frozenset(Leg)
SENDING: Final = frozenset({Leg.SENDING})
RECEIVING: Final = frozenset({Leg.RECEIVING})


class Source(Enum):
    """Where a value comes from when no file says anything."""

    ORGANISATION = "organisation file"
    HUB = "hub.yaml"
    CATALOGUE = "module catalogue"
    PROFILE = "profile"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter: the field of `PMode` that holds it, and what an override of it may be.

    `key` is the key of the organisation's file (or the hub's, where `source` is HUB) that sets the value; `kind` None
    means that no override is possible: the value follows from something else, or a guarantee of the hub rests on it.
    `legs` are those on which the parameter exists, `override_legs` those on which it may be overridden.
    """

    name: str
    field: str
    description: str
    source: Source
    key: str | None = None
    kind: type[bool] | type[int] | type[str] | None = None
    choices: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = 0  # of a number
    is_uri: bool = False
    legs: frozenset[Leg] = BOTH
    override_legs: frozenset[Leg] = BOTH

    def objection(self, value: object, leg: Leg) -> str | None:
        """Why a value cannot be set on a leg, as the end of a sentence; None if it can."""
        if self.kind is None:
            return f"follows from {self.key or self.source.value} and cannot be overridden"
        if leg not in self.override_legs:
            return "cannot be overridden on this leg"
        if type(value) is not self.kind:
            return f"must be {_KIND_NAMES[self.kind]}"
        if self.choices and value not in self.choices:
            return f"must be one of: {', '.join(self.choices)}"
        if self.kind is int and isinstance(value, int) and not self.minimum <= value <= self.maximum:
            return f"must be at least {self.minimum}" if value < self.minimum else f"must be at most {self.maximum}"
        if isinstance(value, str) and not self.choices and not value.strip():
            return "must not be empty"
        if self.is_uri and isinstance(value, str) and not is_uri(value):
            return "must be a URI, such as urn:example:mpc, without blanks"
        return None


_KIND_NAMES: Final = {bool: "true or false", int: "a whole number", str: "text"}


def _fixed(name: str, field: str, source: Source, description: str, *, key: str | None = None) -> Parameter:
    return Parameter(name=name, field=field, description=description, source=source, key=key)


def _switch(
    name: str,
    field: str,
    description: str,
    *,
    source: Source = Source.PROFILE,
    legs: frozenset[Leg] = BOTH,
    override_legs: frozenset[Leg] = BOTH,
) -> Parameter:
    return Parameter(
        name=name,
        field=field,
        description=description,
        source=source,
        kind=bool,
        legs=legs,
        override_legs=override_legs & legs,
    )


def _text(
    name: str,
    field: str,
    description: str,
    *,
    source: Source = Source.PROFILE,
    key: str | None = None,
    choices: tuple[str, ...] = (),
    override_legs: frozenset[Leg] = BOTH,
    is_uri: bool = False,
) -> Parameter:
    return Parameter(
        name=name,
        field=field,
        description=description,
        source=source,
        key=key,
        kind=str,
        is_uri=is_uri,
        choices=choices,
        override_legs=override_legs,
    )


def _number(name: str, field: str, description: str, *, minimum: int, maximum: int) -> Parameter:
    return Parameter(
        name=name,
        field=field,
        description=description,
        source=Source.PROFILE,
        kind=int,
        minimum=minimum,
        maximum=maximum,
    )


PARAMETERS: Final[tuple[Parameter, ...]] = (
    _fixed("PMode.ID", "id", Source.PROFILE, "Named after party, module version, message type and leg."),
    _fixed("PMode.Agreement", "agreement", Source.DEFAULT, "What eb:AgreementRef has to carry.", key="agreement"),
    _fixed("PMode.MEP", "mep", Source.PROFILE, "Both legs are One-Way."),
    _fixed("PMode.MEPbinding", "mep_binding", Source.PROFILE, "Push to the hub, pull from it."),
    _fixed(
        "PMode.Initiator.Party", "initiator.party_ids", Source.ORGANISATION,
        "The organisation: it pushes on leg 1 and pulls on leg 2.", key="party",
    ),
    _text("PMode.Initiator.Role", "initiator.role", "The organisation's role in the exchange."),
    _fixed("PMode.Responder.Party", "responder.party_ids", Source.HUB, "The hub.", key="party"),
    _text("PMode.Responder.Role", "responder.role", "The hub's role in the exchange."),
    _fixed("PMode[1].Protocol.SOAPVersion", "soap_version", Source.PROFILE, "SOAP 1.2."),
    _fixed("PMode[1].BusinessInfo.Service", "business_info.service", Source.CATALOGUE, "Base, module and version."),
    _fixed("PMode[1].BusinessInfo.Action", "business_info.action", Source.CATALOGUE, "The message type."),
    _text(
        "PMode[1].BusinessInfo.MPC", "business_info.mpc",
        "The default MPC to the hub; a channel of its own for every mailbox.", is_uri=True,
    ),
    _fixed(
        "PMode[1].BusinessInfo.Properties", "business_info.properties", Source.PROFILE,
        "Message properties of the profile, and those that the organisation lists besides.",
    ),
    _fixed(
        "PMode[1].BusinessInfo.PayloadProfile", "business_info.payload_profile", Source.CATALOGUE,
        "The document first, then attachments.",
    ),
    _fixed(
        "PMode[1].ErrorHandling.Report.AsResponse", "error_handling.as_response", Source.PROFILE,
        "Errors go back in the HTTP response; on leg 2 the organisation posts them.",
    ),
    _fixed(
        "PMode[1].ErrorHandling.Report.ProcessErrorNotifyConsumer",
        "error_handling.process_error_notify_consumer", Source.PROFILE,
        "The receiving side is told of processing errors.",
    ),
    _fixed(
        "PMode[1].ErrorHandling.Report.ProcessErrorNotifyProducer",
        "error_handling.process_error_notify_producer", Source.PROFILE,
        "The sending side is told of processing errors.",
    ),
    _fixed(
        "PMode[1].ErrorHandling.Report.DeliveryFailuresNotifyProducer",

        "error_handling.delivery_failures_notify_producer", Source.PROFILE,
        "The sending side is told when a message expires unread.",
    ),
    _fixed(
        "PMode[1].ErrorHandling.Report.MissingReceiptNotifyProducer",
        "error_handling.missing_receipt_notify_producer", Source.PROFILE,
        "The sending side is told when no receipt comes.",
    ),
    _fixed(
        "PMode[1].Security.X509.Signature.Certificate", "security.signature_certificates", Source.ORGANISATION,
        "Who may have signed: the sender's current and next certificate.",
    ),
    _fixed(
        "PMode[1].Security.X509.Signature.Algorithm", "security.suite.signature.uri", Source.PROFILE,
        "From the suite.", key="suite",
    ),
    _fixed(
        "PMode[1].Security.X509.Signature.HashFunction", "security.suite.digest.uri", Source.PROFILE,
        "From the suite.", key="suite",
    ),
    _switch(
        "PMode[1].Security.X509.Encryption.Encrypt", "security.encrypt",
        "Whether every payload part has to come encrypted; what the hub stores and sends always is.",
        override_legs=SENDING,
    ),
    _fixed(
        "PMode[1].Security.X509.Encryption.Certificate", "security.encryption_certificates", Source.ORGANISATION,
        "Whom parts are encrypted to: the receiver's current and next certificate.",
    ),
    _fixed(
        "PMode[1].Security.X509.Encryption.Algorithm", "security.suite.content.uri", Source.PROFILE,
        "From the suite.", key="suite",
    ),
    _number(
        "PMode[1].Security.X509.Encryption.MinimumStrength", "security.minimum_strength",
        "Bits of the content key, at least: of what comes, and of what the suite of the leg writes.",
        minimum=128, maximum=256,
    ),
    _fixed(
        "PMode[1].Security.PModeAuthorize", "security.pmode_authorize", Source.PROFILE,
        "Off: a pull is authorised by the signing certificate, for the whole MPC.",
    ),
    _fixed(
        "PMode[1].Security.SendReceipt",
        "security.send_receipt", Source.PROFILE,
        "Every user message is answered by a receipt.",
    ),
    _fixed(
        "PMode[1].Security.SendReceipt.NonRepudiation",
        "security.non_repudiation", Source.PROFILE,
        "The receipt repeats what was signed.",
    ),
    _fixed(
        "PMode[1].Security.SendReceipt.ReplyPattern", "security.reply_pattern", Source.PROFILE,
        "Response to a push, Callback after a pull.",
    ),
    _text(
        "PMode[1].PayloadService.CompressionType", "compression_type",
        "Parts may be compressed with gzip; empty: they may not.", choices=(GZIP, ""),
        override_legs=SENDING,
    ),
    _fixed("PMode[1].ReceptionAwareness", "reception_awareness.enabled", Source.PROFILE, "Receipts are awaited."),
    _fixed(
        "PMode[1].ReceptionAwareness.Retry",
        "reception_awareness.retry", Source.PROFILE,
        "Senders retry without a receipt.",
    ),
    _fixed(
        "PMode[1].ReceptionAwareness.DuplicateDetection",
        "reception_awareness.duplicate_detection", Source.PROFILE,
        "A message that comes twice is delivered once and gets the same receipt.",
    ),
    _text(
        "Knooppunt.Suite", "security.suite.name", "The algorithms of this partner on this leg.",
        source=Source.DEFAULT, key="suite",
    ),
    _text(
        "Knooppunt.KeyReference", "security.key_reference", "How a signature names its certificate.",
        source=Source.DEFAULT, key="key_reference", choices=("token", "ski", "issuer-serial", "thumbprint"),
    ),
    _text(
        "Knooppunt.EncryptionKeyReference", "security.encryption_key_reference",
        "How a wrapped key names the certificate that it is for; some products read one form only.",
        source=Source.DEFAULT, choices=("token", "ski", "issuer-serial", "thumbprint"), override_legs=RECEIVING,
    ),
    _number(
        "Knooppunt.MinimumRsaBits", "security.minimum_rsa_bits",
        "Bits of an RSA key, at least: of what the organisation signs with, and on leg 2 of what is encrypted to it.",
        minimum=2048, maximum=8192,
    ),
    _fixed(
        "Knooppunt.Language", "language", Source.DEFAULT, "Language of what people read in errors.", key="language"
    ),
    _switch(
        "Knooppunt.Origin", "origin", "A pulled message carries the proof of origin of leg 1.", legs=RECEIVING,
    ),
    _switch(
        "Knooppunt.MustUnderstandRequired", "strictness.must_understand_required",
        "eb:Messaging without mustUnderstand is refused (ebMS3 Core 5.2.1).", source=Source.DEFAULT, legs=SENDING,
    ),
    _switch(
        "Knooppunt.TypeParameterRequired", "strictness.type_parameter_required",
        "multipart/related without its type parameter is refused (ebMS3 Core 5.1.1).",
        source=Source.DEFAULT, legs=SENDING,
    ),
    _switch(
        "Knooppunt.CompressedWhenOff", "strictness.compressed_when_off",
        "Compressed parts are accepted although CompressionType is not set.", source=Source.DEFAULT, legs=SENDING,
    ),
    _switch(
        "Knooppunt.UndeclaredPartsRefused", "strictness.undeclared_parts_refused",
        "A MIME part without eb:PartInfo is refused (ebMS3 Core 5.1.5).", source=Source.DEFAULT, legs=SENDING,
    ),
    _switch(
        "Knooppunt.RefToMessageIdRefused", "strictness.ref_to_message_id_refused",
        "A RefToMessageId in a One-Way message is refused and not just ignored (ebMS3 Core 2.2.5).",
        source=Source.DEFAULT, legs=SENDING,
    ),
    _switch(
        "Knooppunt.LayerTwo", "strictness.layer_two",
        "The hub also judges a document by the rules of layer two that need no other document; one leg is enough.",
        source=Source.DEFAULT,
    ),
)  # fmt: skip

BY_NAME: Final[Mapping[str, Parameter]] = MappingProxyType({each.name: each for each in PARAMETERS})
