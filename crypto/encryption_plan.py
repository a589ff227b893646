"""What wsse:Security says about encryption, judged before any private key is used.

Accepted is what AS4 needs: up to two EncryptedKey, one EncryptedData for each encrypted part, both children of
wsse:Security, the data listed by the key and referring to a MIME part by `cid:` (AS4 5.1.6, WSS SwA Profile 1.1.1 6).

SECURITY: counts come before forms, forms before algorithms. Nothing here depends on a secret, so these refusals may
differ from each other; everything after them may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crypto import names
from crypto.certificates import WHOLE_VALIDITY, Terms
from crypto.content_ids import content_id_of
from crypto.elements import (
    Element,
    algorithm_fault,
    algorithm_of,
    base64_of,
    child_elements,
    children_named,
    document_root,
    fragment_of,
    ids_of,
    local_name_of,
    only_child,
)
from crypto.faults import FailedAuthentication, FailedDecryption, SecurityFault
from crypto.findings import AlgorithmFound, AlgorithmsFound, LeftUncovered, ReferenceUnresolved
from crypto.forms import form_fault
from crypto.key_references import KeyIdentification, read_key_info
from crypto.key_transports import IMPLIED_METHODS, ContentAlgorithm, WrappedOctets
from crypto.published import shown
from crypto.suites import Suite

MAX_ENCRYPTED_KEYS = 2
_MAX_CIPHER_VALUE_CHARACTERS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class DecryptionPolicy:
    """What encryption has to satisfy.

    `required` means that every declared part has to be encrypted. With `at`, our certificates that have expired by
    then open nothing; None is for a receiver who opens what has waited for it. `terms` are those of certificates of
    ours that count for less than their validity.
    """

    suite: Suite
    required: bool = True
    at: datetime | None = None
    terms: Terms = field(default_factory=lambda: WHOLE_VALIDITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedKey:
    """One wrapped key, and how the message names the certificate it is for."""

    recipient: KeyIdentification
    sealed: WrappedOctets


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPart:
    """One encrypted part: its Content-ID, its type before encryption, its cipher and the index of its key."""

    content_id: str
    mime_type: str
    content: ContentAlgorithm
    key_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionPlan:
    """All encryption of one message; no parts means that nothing is encrypted."""

    keys: tuple[PlannedKey, ...] = ()
    parts: tuple[PlannedPart, ...] = ()
    at: datetime | None = None
    terms: Terms = field(default_factory=lambda: WHOLE_VALIDITY)

    @property
    def mime_types(self) -> Mapping[str, str]:
        """The type before encryption of each encrypted part: the one its digest goes by."""
        return {part.content_id: part.mime_type for part in self.parts}


def read_encryption(security: Element, *, content_ids: frozenset[str], policy: DecryptionPolicy) -> EncryptionPlan:
    """The plan of a message whose declared parts are `content_ids`, judged whole.

    Raises PolicyNoncompliance for what the suite does not accept, FailedDecryption for a part that is not declared.
    """
    keys = list(security.iterchildren(names.ENCRYPTED_KEY))
    data = list(security.iterchildren(names.ENCRYPTED_DATA))
    if len(keys) > MAX_ENCRYPTED_KEYS or len(data) > len(content_ids) + 1:
        raise form_fault("the message has {} wrapped keys and {} encrypted parts", len(keys), len(data))
    everywhere = document_root(security).iter(names.ENCRYPTED_KEY, names.ENCRYPTED_DATA)
    if any(each.getparent() is not security for each in everywhere):
        raise form_fault("something else than the parts is encrypted")
    if len({each.get("Id") for each in (*keys, *data)}) != len(keys) + len(data):
        raise form_fault("two wrapped keys or encrypted parts have one id")
    listed = _listed_data(keys)
    planned_parts = tuple(_planned_part(each, listed, keys, content_ids, policy.suite) for each in data)
    encrypted = {part.content_id for part in planned_parts}
    if len(encrypted) != len(planned_parts):
        raise form_fault("a part is encrypted twice")
    if listed.keys() - {each.get("Id") for each in data}:
        finding = ReferenceUnresolved(element="xenc:DataReference", wanted="an EncryptedData")
        raise form_fault("a ReferenceList names data that are not there", finding=finding)
    if {part.key_index for part in planned_parts} != set(range(len(keys))):
        raise form_fault("a wrapped key is for nothing")
    if policy.required and content_ids - encrypted:
        unencrypted = len(content_ids - encrypted)
        uncovered = LeftUncovered(what="declared parts", by="encrypted", count=unencrypted)
        raise form_fault("{} declared parts are not encrypted", unencrypted, finding=uncovered)
    planned_keys = tuple(_planned_key(each, security, policy.suite) for each in keys)
    return EncryptionPlan(keys=planned_keys, parts=planned_parts, at=policy.at, terms=policy.terms)


def _listed_data(keys: list[Element]) -> dict[str, int]:
    """The index of the key that lists each id of data."""
    listed: dict[str, int] = {}
    for index, encrypted_key in enumerate(keys):
        *_, reference_list = children_named(
            encrypted_key, names.ENCRYPTION_METHOD, names.KEY_INFO, names.CIPHER_DATA, names.REFERENCE_LIST
        )
        for reference in child_elements(reference_list):
            data_id = fragment_of(reference.get("URI", ""))
            if reference.tag != names.DATA_REFERENCE or data_id is None or data_id in listed:
                raise form_fault("a ReferenceList does not name each encrypted part once by its id")
            listed[data_id] = index
    return listed


def _planned_part(
    data: Element, listed: Mapping[str, int], keys: list[Element], content_ids: frozenset[str], suite: Suite
) -> PlannedPart:
    if data.get("Type") != names.ATTACHMENT_CONTENT_ONLY:
        raise form_fault("encryption of the type {} is not accepted", shown(data.get("Type")))
    method = only_child(data, names.ENCRYPTION_METHOD)
    content = suite.accepted_content(algorithm_of(method))
    if content is None or len(method):
        accepted = tuple(each.uri for each in suite.accepted_contents)
        raise algorithm_fault("the cipher {} is not accepted", method, accepted)
    key_index = listed.get(data.get("Id", ""))
    if key_index is None:
        raise form_fault("an encrypted part is in no ReferenceList")
    # KeyInfo may be absent, and then only the list says which key it is.
    for key_info in data.iterchildren(names.KEY_INFO):
        if _key_id(key_info) != keys[key_index].get("Id", ""):
            raise form_fault("an encrypted part names another key than the one that lists it")
    content_id = content_id_of(_cipher_uri(data))
    if content_id is None:
        raise form_fault("encrypted data are not a MIME part")
    if content_id not in content_ids:
        finding = ReferenceUnresolved(element="xenc:CipherReference", wanted="a part that the header declares")
        raise form_fault("an encrypted part is not declared", finding=finding)
    return PlannedPart(content_id=content_id, mime_type=data.get("MimeType", ""), content=content, key_index=key_index)


def _cipher_uri(data: Element) -> str:
    (reference,) = children_named(only_child(data, names.CIPHER_DATA), names.CIPHER_REFERENCE)
    (transforms,) = children_named(reference, names.CIPHER_TRANSFORMS)
    (transform,) = children_named(transforms, names.TRANSFORM)
    if algorithm_of(transform) != names.ATTACHMENT_CIPHERTEXT_TRANSFORM or len(transform):
        raise form_fault("encrypted data are read through an unknown transform")
    return reference.get("URI", "")


def _key_id(key_info: Element) -> str | None:
    """The id of the EncryptedKey that EncryptedData refers to (WSS SOAP Message Security 1.1.1 9.4)."""
    (token_reference,) = children_named(key_info, names.SECURITY_TOKEN_REFERENCE)
    (reference,) = children_named(token_reference, names.TOKEN_REFERENCE)
    return fragment_of(reference.get("URI", ""))


def _planned_key(encrypted_key: Element, security: Element, suite: Suite) -> PlannedKey:
    def find_token(token_id: str) -> Element | None:
        token = ids_of(document_root(security)).get(token_id)
        return token if token is not None and token.getparent() is security else None

    for transport in suite.accepted_key_transports:
        parameters = transport.read(encrypted_key)
        if parameters is not None:
            break
    else:
        raise _transport_fault(only_child(encrypted_key, names.ENCRYPTION_METHOD), suite)
    (cipher_value,) = children_named(only_child(encrypted_key, names.CIPHER_DATA), names.CIPHER_VALUE)
    octets = base64_of(cipher_value, limit=_MAX_CIPHER_VALUE_CHARACTERS, otherwise=FailedDecryption)
    try:
        recipient = read_key_info(transport.recipient(encrypted_key), find_token)
    except FailedAuthentication as fault:
        raise FailedDecryption(fault.detail, fault.finding) from None
    sealed = WrappedOctets(transport=transport, octets=octets, parameters=parameters)
    return PlannedKey(recipient=recipient, sealed=sealed)


def _transport_fault(method: Element, suite: Suite) -> SecurityFault:
    """The fault of a key transport that the suite does not take, or not with these parameters, each of which is told
    that differs.
    """
    row = "the key transport {} or a parameter of it is not accepted"
    alike = [each for each in suite.accepted_key_transports if each.uri == algorithm_of(method)]
    if not alike:
        return algorithm_fault(row, method, tuple(dict.fromkeys(each.uri for each in suite.accepted_key_transports)))
    differing = tuple(
        AlgorithmFound(element=f"EncryptionMethod/{local_name_of(tag)}", accepted=accepted, found=found)
        for tag in alike[0].methods
        for accepted in [tuple(dict.fromkeys(each.methods[tag] for each in alike))]
        for said, found in [_said_by(method.find(tag), tag)]
        if said not in accepted
    )
    return form_fault(row, shown(algorithm_of(method)), finding=AlgorithmsFound(each=differing))


def _said_by(child: Element | None, tag: str) -> tuple[str, str]:
    """Which algorithm a child of EncryptionMethod names, and as the log tells it."""
    if child is None:
        return IMPLIED_METHODS.get(tag, ""), "absent"
    return algorithm_of(child), shown(algorithm_of(child))
