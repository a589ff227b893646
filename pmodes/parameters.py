"""The processing mode parameters that the hub knows, by their ebMS names: one table.

It drives four things: which names an administrator may override and with what, what `pmodes.derive` fills the fields
of a P-Mode with, what the effective view shows, and the reference page. Names of the first group are those of ebMS3
Core appendix D and AS4 5.2; no specification names what starts with `Knooppunt.`. A leg of ours is a whole One-Way
exchange, so every parameter of it is one of leg [1].
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crypto.key_references import KeyReference
from gateway.ebms import names
from pmodes.model import Value
from pmodes.parameter import (
    RECEIVING,
    SENDING,
    DefaultSource,
    Ground,
    Parameter,
    always,
    follows,
    number,
    switch,
    text,
)

_MATCH: Final = "pmodes.match"
_PROFILES: Final = "pmodes.profiles"
_OPENING: Final = "gateway.msh.steps.opening"
_SEALING: Final = "gateway.msh.steps.sealing"
_TRUST: Final = "gateway.msh.steps.trust"
_FORMS: Final = tuple(each.value for each in KeyReference)


def _suite(name: Value, ground: Ground) -> object:
    own = ground.organisation.suite
    return own if name == own.name else ground.suites[str(name)]


def _reference(form: Value, _: Ground) -> object:
    return KeyReference(str(form))


PARAMETERS: Final[tuple[Parameter, ...]] = (
    follows("PMode.ID", "id", _MATCH, "Named after party, module version, message type and leg."),
    follows(
        "PMode.Agreement", "agreement", _MATCH, "What eb:AgreementRef has to carry.",
        source=DefaultSource.DEFAULT, key="agreement", default=lambda of: of.organisation.agreement,
    ),
    always("PMode.MEP", "Both legs are One-Way.", names.ONE_WAY),
    always("PMode.MEPbinding", "Push to the hub, pull from it.", names.PUSH, names.PULL),
    follows(
        "PMode.Initiator.Party", "initiator.party_ids", _MATCH,
        "The organisation: it pushes on leg 1 and pulls on leg 2.",
        source=DefaultSource.ORGANISATION, key="party", default=lambda of: of.organisation.party_ids,
    ),
    text(
        "PMode.Initiator.Role", "initiator.role", _MATCH, "The organisation's role in the exchange.",
        default=lambda _: names.INITIATOR,
    ),
    follows(
        "PMode.Responder.Party", "responder.party_ids", _MATCH, "The hub.",
        source=DefaultSource.HUB, key="party", default=lambda of: of.hub.party_ids,
    ),
    text(
        "PMode.Responder.Role", "responder.role", _MATCH, "The hub's role in the exchange.",
        default=lambda _: names.RESPONDER,
    ),
    always("PMode[1].Protocol.SOAPVersion", "SOAP 1.2.", "1.2"),
    follows(
        "PMode[1].BusinessInfo.Service", "business_info.service", _MATCH, "Base, module and version.",
        source=DefaultSource.CATALOGUE,
    ),
    follows(
        "PMode[1].BusinessInfo.Action", "business_info.action", _MATCH, "The message type.",
        source=DefaultSource.CATALOGUE,
    ),
    text(
        "PMode[1].BusinessInfo.MPC", "business_info.mpc", _MATCH,
        "The default MPC to the hub; a channel of its own for every mailbox.", is_uri=True, own_legs=RECEIVING,
        default=lambda of: None if of.sending else of.organisation.mpc,
    ),
    follows(
        "PMode[1].BusinessInfo.Properties", "business_info.properties", _PROFILES,
        "Message properties of the profile, and those that the organisation lists besides.",
    ),
    follows(
        "Knooppunt.PartProperties", "business_info.part_properties", _PROFILES,
        "Properties that a part may have besides MimeType, CharacterSet and CompressionType.", key="part_properties",
    ),
    follows(
        "Knooppunt.PropertyTypes", "business_info.property_types", _PROFILES,
        "What the attribute type of a property may say besides a data type and the type of a party id.",
        key="property_types",
    ),
    follows(
        "PMode[1].BusinessInfo.PayloadProfile", "business_info.payload_profile", _PROFILES,
        "The document first, then attachments.", source=DefaultSource.CATALOGUE,
    ),
    always(
        "PMode[1].ErrorHandling.Report.AsResponse",
        "Errors go back in the HTTP response; on leg 2 the organisation posts them.", "true", "false",
    ),
    always(
        "PMode[1].ErrorHandling.Report.ProcessErrorNotifyConsumer",
        "The receiving side is told of processing errors.", "true",
    ),
    always(
        "PMode[1].ErrorHandling.Report.ProcessErrorNotifyProducer",
        "The sending side is told of processing errors.", "true",
    ),
    always(
        "PMode[1].ErrorHandling.Report.DeliveryFailuresNotifyProducer",
        "The sending side is told when a message expires unread.", "true",
    ),
    always(
        "PMode[1].ErrorHandling.Report.MissingReceiptNotifyProducer",
        "The sending side is told when no receipt comes.", "true",
    ),
    follows(
        "PMode[1].Security.X509.Signature.Certificate", "security.signature_certificates", _TRUST,
        "Who may have signed: the sender's current and next certificate.", source=DefaultSource.ORGANISATION,
        default=lambda of: (of.organisation if of.sending else of.hub).signing_certificates,
    ),
    follows(
        "Knooppunt.SignatureTerms", "security.signature_terms", _TRUST,
        "From when until when such a certificate counts, where that is for less than its validity.",
        source=DefaultSource.ORGANISATION,
        default=lambda of: (of.organisation if of.sending else of.hub).signing_terms,
    ),
    follows(
        "PMode[1].Security.X509.Signature.Algorithm", "security.suite.signature.uri", _TRUST, "From the suite.",
        key="suite",
    ),
    follows(
        "PMode[1].Security.X509.Signature.HashFunction", "security.suite.digest.uri", _TRUST, "From the suite.",
        key="suite",
    ),
    switch(
        "PMode[1].Security.X509.Encryption.Encrypt", "security.encrypt", _OPENING,
        "Whether every payload part has to come encrypted; off is for tests. What the hub stores and sends always is.",
        source=DefaultSource.PROFILE, override_legs=SENDING, default=lambda _: True,
    ),
    follows(
        "PMode[1].Security.X509.Encryption.Certificate", "security.encryption_certificates", _SEALING,
        "Whom parts are encrypted to: the receiver's current and next certificate.", source=DefaultSource.ORGANISATION,
        default=lambda of: (of.hub if of.sending else of.organisation).encryption_certificates,
    ),
    follows(
        "Knooppunt.EncryptionTerms", "security.encryption_terms", _SEALING,
        "From when until when such a certificate counts, where that is for less than its validity.",
        source=DefaultSource.ORGANISATION,
        default=lambda of: (of.hub if of.sending else of.organisation).encryption_terms,
    ),
    follows(
        "PMode[1].Security.X509.Encryption.Algorithm", "security.suite.content.uri", _SEALING, "From the suite.",
        key="suite",
    ),
    number(
        "PMode[1].Security.X509.Encryption.MinimumStrength", "security.minimum_strength", _OPENING,
        "Bits of the content key, at least: of what comes, and of what the suite of the leg writes.",
        minimum=128, maximum=256,
    ),
    always(
        "PMode[1].Security.PModeAuthorize",
        "Off: a pull is authorised by the signing certificate, for the whole MPC.", "false",
    ),
    always("PMode[1].Security.SendReceipt", "Every user message is answered by a receipt.", "true"),
    always("PMode[1].Security.SendReceipt.NonRepudiation", "The receipt repeats what was signed.", "true"),
    always(
        "PMode[1].Security.SendReceipt.ReplyPattern",
        "Response to a push, Callback after a pull.", "Response", "Callback",
    ),
    text(
        "PMode[1].PayloadService.CompressionType", "compression_type", _PROFILES,
        "Parts may be compressed with gzip; empty: they may not.", choices=(names.GZIP, ""),
        override_legs=SENDING, default=lambda _: names.GZIP,
    ),
    always("PMode[1].ReceptionAwareness", "Receipts are awaited.", "true"),
    always("PMode[1].ReceptionAwareness.Retry", "Senders retry without a receipt.", "true"),
    always(
        "PMode[1].ReceptionAwareness.DuplicateDetection",
        "A message that comes twice is delivered once and gets the same receipt.", "true",
        never_off="a sender that repeats a message because its receipt was lost would have it delivered twice, and so"
        " nobody could repeat anything (AS4 3.2)",
    ),
    text(
        "Knooppunt.Suite", "security.suite", _TRUST, "The algorithms of this partner on this leg.",
        source=DefaultSource.DEFAULT, key="suite", default=lambda of: of.organisation.suite, made=_suite,
    ),
    text(
        "Knooppunt.KeyReference", "security.key_reference", _SEALING, "How a signature names its certificate.",
        source=DefaultSource.DEFAULT, key="key_reference", choices=_FORMS,
        default=lambda of: of.organisation.key_reference, made=_reference,
    ),
    text(
        "Knooppunt.EncryptionKeyReference", "security.encryption_key_reference", _SEALING,
        "How a wrapped key names the certificate that it is for; some products read one form only.",
        source=DefaultSource.DEFAULT, choices=_FORMS, override_legs=RECEIVING,
        default=lambda _: KeyReference.SKI, made=_reference,
    ),
    follows(
        "Knooppunt.Trust", "organisation.trust", "pmodes.vouching",
        "Whether a signing certificate has to be listed (pinned), or may be vouched for by a root of hub.yaml (roots).",
        source=DefaultSource.DEFAULT, key="certificates.trust",
    ),
    number(
        "Knooppunt.MinimumRsaBits", "security.minimum_rsa_bits", _TRUST,
        "Bits of an RSA key, at least: of what the organisation signs with, and on leg 2 of what is encrypted to it.",
        minimum=2048, maximum=8192,
    ),
    text(
        "Knooppunt.Revocation", "security.revocation", "gateway.msh.revocation",
        "What follows where nobody could say of late whether a certificate was revoked, that the organisation signs"
        " with (leg 1) or that is sealed to (leg 2). off: nobody is asked; soft: an alarm, and it is used; hard: 503"
        " until somebody says it. One that is known to be revoked is refused whatever stands here.",
        source=DefaultSource.DEFAULT, choices=("off", "soft", "hard"),
        default=lambda of: "soft" if of.hub.revocation else "off",
    ),
    follows(
        "Knooppunt.Language", "organisation.language", "gateway.msh.steps.receipting",
        "Language of what people read in errors.", source=DefaultSource.DEFAULT, key="language",
    ),
    switch(
        "Knooppunt.Origin", "origin", _SEALING, "A pulled message carries the proof of origin of leg 1.",
        source=DefaultSource.PROFILE, legs=RECEIVING, default=lambda of: not of.sending,
    ),
    switch(
        "Knooppunt.MustUnderstandRequired", "strictness.must_understand_required", _TRUST,
        "eb:Messaging without mustUnderstand is refused (ebMS3 Core 5.2.1).", legs=SENDING, default=lambda _: False,
    ),
    switch(
        "Knooppunt.TypeParameterRequired", "strictness.type_parameter_required", _TRUST,
        "multipart/related without its type parameter is refused (ebMS3 Core 5.1.1).",
        legs=SENDING, default=lambda _: False,
    ),
    switch(
        "Knooppunt.CompressedWhenOff", "strictness.compressed_when_off", _PROFILES,
        "Compressed parts are accepted although CompressionType is not set.", legs=SENDING, default=lambda _: False,
    ),
    switch(
        "Knooppunt.UndeclaredPartsRefused", "strictness.undeclared_parts_refused", _OPENING,
        "A MIME part without eb:PartInfo is refused (ebMS3 Core 5.1.5).", legs=SENDING, default=lambda _: True,
    ),
    switch(
        "Knooppunt.RefToMessageIdRefused", "strictness.ref_to_message_id_refused", _MATCH,
        "A RefToMessageId in a One-Way message is refused and not just ignored (ebMS3 Core 2.2.5).",
        legs=SENDING, default=lambda _: False,
    ),
    switch(
        "Knooppunt.LayerTwo", "strictness.layer_two", "gateway.msh.steps.validation",
        "The hub also judges a document by the rules of layer two that need no other document; one leg is enough.",
        default=lambda _: False,
    ),
)  # fmt: skip

BY_NAME: Final[Mapping[str, Parameter]] = MappingProxyType({each.name: each for each in PARAMETERS})
