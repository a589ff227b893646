"""Rows S01 to S48: what is signed, by whom and how, over sockets against a running hub.

Decisions that a row left open: a header that needs other algorithms than the P-Mode's is EBMS:0103, a signature that
does not hold EBMS:0101 (S23, S24). Inclusive canonicalization is EBMS:0103 (S25). Two signatures are too many even if
both hold (S37). Certificates are pinned, so a chain, a policy or a subject makes nobody another party (S34). A second
security header with the role "ebms" is allowed and gives no right, as no P-Mode asks for a token (S46). A partner whose
P-Mode allows clear parts may sign them uncompressed by the SwA rules or octet for octet (S39 to S41).
"""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from support.client.client_rows import office
from support.hubs.contract import Refused
from support.hubs.hub import TestedHub, catalogue, configuration_texts, load_test_certificates
from support.hubs.hub_script import HubScript, receipt
from support.hubs.rows import Act, Row, both, delivered, refused, sent_of, taken
from support.hubs.rows import ids as ids_of
from support.keys.pki import Variant, identity
from support.messages.security import (
    CLEAR,
    add,
    again,
    all_of,
    because,
    clear,
    collected,
    drop,
    forged,
    hub_with,
    nth,
    put,
    say,
    signed_so,
    with_attachments,
)
from support.messages.signing import (
    BODY,
    DOES_NOT_HOLD,
    EB,
    INCLUSIVE,
    MANY_TYPES,
    MESSAGING,
    NOT_AGREED,
    TRANSFORMS,
    also_pinned,
    as_it_is,
    binary_part,
    bit_flipped,
    broken_pull,
    canonical,
    document_signed_over,
    flipped,
    for_authorization,
    indented,
    key_of,
    many_parts,
    more_references,
    moved,
    moved_messaging,
    naming,
    not_agreed,
    of_the_same_name,
    other_token,
    outside,
    own,
    part_signed_over,
    pinned,
    prefix_lists,
    renamed,
    rewritten,
    same_id,
    signed_by,
    text_part,
    timestamped,
    two_parts,
    two_signatures,
    unsigned,
    with_binary_part,
    with_crlf,
    with_other_prefix,
    xml_part,
)
from support.messages.wire import Reply, Wire, new_id, ping, post, pull_request, saldoverzoek

from crypto import names
from crypto.certificates import Certificate, der
from crypto.content_ids import content_id_uri
from crypto.elements import Element, document_root
from crypto.key_references import KeyReference
from gateway.client.taking import Outcome
from gateway.ebms import names as ebms
from gateway.ebms.envelope import locate
from gateway.written.complaints import ConfigurationFault
from pmodes.files import read_configuration

# ---- rows that do not fit a table


def judged_as_agreed(envelope: Element, certificate: Certificate, content_ids: set[str]) -> None:
    """A signature in the suite of today: its algorithms, what it covers, and whose certificate stands with it."""
    positions = locate(envelope)
    assert positions.security is not None
    assert len(list(positions.security.iterchildren(names.SIGNATURE))) == 1
    signed_info = nth(positions.security, names.SIGNED_INFO)
    assert [each.get("Algorithm") for each in signed_info.iter(names.SIGNATURE_METHOD)] == [names.RSA_SHA256]
    assert {each.get("Algorithm") for each in signed_info.iter(names.DIGEST_METHOD)} == {names.SHA256}
    assert {each.get("Algorithm") for each in signed_info.iter(names.CANONICALIZATION_METHOD)} == {names.EXC_C14N}
    expected = {
        f"#{positions.messaging.get(names.WSU_ID)}": names.EXC_C14N,
        f"#{positions.body.get(names.WSU_ID)}": names.EXC_C14N,
        **{content_id_uri(each): names.ATTACHMENT_CONTENT_TRANSFORM for each in content_ids},
    }
    found = [
        (each.get("URI"), nth(each, names.TRANSFORM).get("Algorithm")) for each in signed_info.iter(names.REFERENCE)
    ]
    assert dict(found) == expected
    assert len(found) == len(expected)
    signature = nth(positions.security, names.SIGNATURE)
    token_id = nth(signature, names.TOKEN_REFERENCE).get("URI", "")[1:]
    (token,) = (each for each in positions.security if each.get(names.WSU_ID) == token_id)
    assert base64.b64decode(token.text or "") == der(certificate)


def envelope_of(reply: Reply) -> Element:
    assert reply.positions is not None
    return document_root(reply.positions.messaging)


async def s01(hub: TestedHub) -> None:
    answered = await post(hub, with_attachments().wire())
    judged_as_agreed(envelope_of(answered), identity("hub").signing.certificate, set())
    pulled = await post(hub, pull_request())
    assert len(pulled.parts) == 3  # the document, the attachment, the proof of origin
    judged_as_agreed(envelope_of(pulled), identity("hub").signing.certificate, set(pulled.parts))
    async with HubScript(receipt()) as script, office(script.url, hub.folder) as counsellor:
        await counsellor.push()
    (request,) = script.requests
    judged_as_agreed(
        document_root(request.positions.messaging), identity("counsellor").signing.certificate, set(request.parts)
    )


async def s35(hub: TestedHub) -> None:
    """Current and next hold at once; after the cut-off only the next one does."""
    await taken(signed_by(own("next")), signed_by(own("ordinary")), naming(KeyReference.SKI))(hub)
    after = refused(
        DOES_NOT_HOLD,
        signed_by(own("ordinary")),
        signed_by(own("ordinary"), KeyReference.SKI),
        good=lambda: replace(saldoverzoek(), signer=own("next")()),
    )
    await hub_with(both(after, taken(signed_by(own("next")))), extra=pinned("next"))(hub)
    # An expired certificate that still stands in the file holds no more; the current one beside it does.
    expired = refused(DOES_NOT_HOLD, signed_by(own("expired")))
    await hub_with(expired, extra=pinned("expired", "ordinary"))(hub)


async def s48(hub: TestedHub) -> None:
    """Whatever signal the hub answers with, it is signed, with the token, over Messaging and Body."""
    good = saldoverzoek()
    unreadable = Wire(content_type=ebms.SOAP_XML_UTF8, body=b"<torn", envelope=b"")
    stranger = replace(pull_request(signer=identity("stranger").signing_key), message_id="")
    answers = [
        await post(hub, good.wire()),
        await post(hub, good.wire()),
        await post(hub, ping().wire()),
        await post(hub, sent_of(forged(drop(names.SIGNATURE))()).wire),
        await post(hub, sent_of(forged(flipped(names.SIGNATURE_VALUE))()).wire),
        await post(hub, good.saying(message_id=new_id(), action="Unknown").wire()),
        await post(hub, pull_request("administrator")),
        await post(hub, stranger),
        await post(hub, unreadable),
    ]
    codes = [(each.status, each.codes[0] if each.codes else None) for each in answers]
    assert [each for each in codes if each[1] is None] == [(200, None)] * 3, codes
    assert [each[1] for each in codes[3:]] == [
        "EBMS:0103", "EBMS:0101", "EBMS:0001", "EBMS:0006", "EBMS:0101", "EBMS:0009",
    ], codes  # fmt: skip
    for each in answers:
        assert each.verified is not None
        judged_as_agreed(envelope_of(each), identity("hub").signing.certificate, set())


def unfit(variant: Variant, reason: str) -> Act:
    """A certificate that may not sign: no file can pin it, and a hub that has it pinned still refuses it."""

    certificate = identity("counsellor", variant).signing.certificate

    async def act(hub: TestedHub) -> None:
        with pytest.raises(ConfigurationFault):
            read_configuration(
                configuration_texts(pinned("ordinary", variant)), catalogue=catalogue(), load=load_test_certificates
            )
        everyone = (signed_by(own(variant), form) for form in KeyReference)
        await hub_with(because(reason, DOES_NOT_HOLD, *everyone), configuration=lambda: also_pinned(certificate))(hub)

    return act


async def s46(hub: TestedHub) -> None:
    await delivered(forged(for_authorization))(hub)
    await refused(NOT_AGREED, forged(all_of(drop(names.SECURITY), for_authorization)))(hub)


S = (
    Row("S01", "what is sent is signed as agreed, over Messaging, Body and every part", s01),
    Row("S02", "a signature that names its certificate by a token verifies", delivered(saldoverzoek, two_parts)),
    Row("S03", "a signature that names it by its key identifier verifies", delivered(naming(KeyReference.SKI))),
    Row(
        "S04", "a signature that names it by issuer and serial verifies", delivered(naming(KeyReference.ISSUER_SERIAL))
    ),
    Row("S06", "a signature that names it by its thumbprint verifies", delivered(naming(KeyReference.THUMBPRINT))),
    Row(
        "S07",
        "an unsigned message is refused",
        refused(NOT_AGREED, *(forged(drop(names.SECURITY), each) for each in (saldoverzoek, clear, ping))),
    ),
    Row(
        "S08",
        "a security header without a signature is refused",
        refused(NOT_AGREED, *(forged(drop(names.SIGNATURE), each) for each in (saldoverzoek, clear, ping))),
    ),
    Row(
        "S09",
        "a wrong signature value is refused, of a message and of a PullRequest",
        refused(
            DOES_NOT_HOLD, forged(flipped(names.SIGNATURE_VALUE)), forged(say(names.SIGNATURE_VALUE, "")), broken_pull
        ),
    ),
    Row(
        "S10",
        "a header changed after signing is refused",
        refused(DOES_NOT_HOLD, renamed, forged(say(f"{EB}ConversationId", "a changed conversation"))),
    ),
    Row(
        "S11",
        "a part changed after signing is refused",
        refused(DOES_NOT_HOLD, bit_flipped(0), bit_flipped(100), bit_flipped(-1)),
        extra=CLEAR,
    ),
    Row(
        "S12",
        "a Body changed after signing is refused",
        because(
            "digest of",
            DOES_NOT_HOLD,
            forged(add(BODY, "{urn:x}y")),
            forged(say(BODY, " ")),
            forged(put(BODY, "{urn:x}y", "1")),
        ),
    ),
    Row(
        "S13",
        "a signature that leaves Messaging out is refused",
        because("Messaging is not signed", NOT_AGREED, signed_so(unsigned(0))),
    ),
    Row(
        "S14",
        "a signature that leaves the Body out is refused",
        because("Body is not signed", NOT_AGREED, signed_so(unsigned(1))),
    ),
    Row(
        "S15",
        "a signature that leaves a part out is refused",
        because(
            "1 declared parts are not signed", NOT_AGREED, *(signed_so(unsigned(each), two_parts) for each in (2, 3))
        ),
    ),
    Row(
        "S16",
        "a reference to a part that nobody declares is refused",
        because("not declared", DOES_NOT_HOLD, signed_so(again(names.REFERENCE, 2, URI="cid:absent@tests.example"))),
    ),
    Row(
        "S17",
        "a reference to an id that is not there is refused",
        because("no element", DOES_NOT_HOLD, signed_so(again(names.REFERENCE, 0, URI="#absent"))),
    ),
    Row(
        "S18",
        "two elements of one id are refused",
        because("more than once", DOES_NOT_HOLD, forged(same_id), signed_so(same_id)),
    ),
    Row("S19", "a signed Messaging that was moved away vouches for nothing", refused(DOES_NOT_HOLD, moved_messaging)),
    Row("S20", "a signed Body that was moved away vouches for nothing", refused(DOES_NOT_HOLD, forged(moved(BODY)))),
    Row(
        "S21",
        "a transform that is not agreed is refused and not run",
        not_agreed("transform", names.TRANSFORM, *TRANSFORMS),
    ),
    Row(
        "S22",
        "a signature over the MIME headers of a part is refused",
        not_agreed(
            "transform", names.TRANSFORM, names.ATTACHMENT_CONTENT_TRANSFORM.replace("Content", "Complete"), at=(2,)
        ),
    ),
    Row(
        "S23",
        "a signature algorithm that is not agreed is refused",
        not_agreed(
            "signature algorithm",
            names.SIGNATURE_METHOD,
            f"{names.DS}rsa-sha1",
            f"{names.DS}hmac-sha1",
            names.RSA_SHA512,
        ),
    ),
    Row(
        "S24",
        "a digest that is not agreed is refused",
        not_agreed("digest", names.DIGEST_METHOD, names.SHA1, names.SHA512, at=(0, 2)),
    ),
    Row(
        "S25",
        "inclusive canonicalization is refused",
        both(
            not_agreed("canonicalization", names.CANONICALIZATION_METHOD, *INCLUSIVE),
            not_agreed("transform", names.TRANSFORM, *INCLUSIVE),
        ),
    ),
    Row(
        "S26",
        "a PrefixList is honoured, with prefixes, empty, absent or with #default",
        delivered(*(signed_so(prefix_lists(each)) for each in ("S12 eb wsse", "", None, "#default S12"))),
    ),
    Row(
        "S27",
        "a certificate that nobody knows is refused, however right the signature",
        refused(DOES_NOT_HOLD, *(signed_by(key_of("stranger"), form) for form in KeyReference)),
    ),
    Row(
        "S28",
        "one party cannot sign for another",
        refused(DOES_NOT_HOLD, signed_by(key_of("creditor")), signed_by(key_of("hub"))),
    ),
    Row(
        "S29",
        "an expired certificate is refused",
        because("expired", DOES_NOT_HOLD, signed_by(own("expired"))),
        extra=pinned("expired", "ordinary"),
    ),
    Row(
        "S30",
        "a certificate that is not valid yet is refused",
        because("not yet valid", DOES_NOT_HOLD, signed_by(own("not-yet-valid"))),
        extra=pinned("ordinary", "not-yet-valid"),
    ),
    Row("S33", "a certificate that may not sign is refused", unfit("wrong-usage", "key usage")),
    Row(
        "S34",
        "a certificate of the same name by another issuer is refused",
        refused(DOES_NOT_HOLD, *(signed_by(of_the_same_name, form) for form in KeyReference)),
    ),
    Row("S35", "on rollover both certificates hold, after it the new one alone", s35, extra=pinned("ordinary", "next")),
    Row(
        "S36",
        "of several tokens the one that is referenced counts",
        delivered(forged(other_token), signed_so(other_token)),
    ),
    Row(
        "S37",
        "two signatures are one too many, whether the second holds or not",
        refused(NOT_AGREED, *(forged(two_signatures(second_holds=each)) for each in (True, False))),
    ),
    Row(
        "S38",
        "forty parts are taken, and sixty-two; more references than a message can have are refused",
        both(
            delivered(many_parts(40), many_parts(62)),
            because("references", NOT_AGREED, signed_so(more_references(64)), signed_so(more_references(200))),
        ),
    ),
    Row(
        "S39",
        "an uncompressed XML part is digested in canonical form, or octet for octet",
        both(
            taken(document_signed_over(canonical), part_signed_over(xml_part, canonical)),
            taken(document_signed_over(as_it_is), part_signed_over(xml_part, as_it_is)),
            refused(DOES_NOT_HOLD, document_signed_over(bytes.upper), part_signed_over(xml_part, bytes.upper)),
            collected(*[Outcome.STORED] * 5),
        ),
        extra=MANY_TYPES,
    ),
    Row(
        "S40",
        "an uncompressed text part is digested with CRLF, or octet for octet",
        both(
            taken(part_signed_over(text_part, with_crlf), part_signed_over(text_part, as_it_is)),
            refused(DOES_NOT_HOLD, part_signed_over(text_part, bytes.upper)),
            collected(*[Outcome.STORED] * 3),
        ),
        extra=MANY_TYPES,
    ),
    Row(
        "S41",
        "a binary part is digested octet for octet",
        both(
            delivered(with_binary_part(saldoverzoek), with_binary_part(clear)),
            refused(DOES_NOT_HOLD, part_signed_over(binary_part, with_crlf)),
        ),
        extra=MANY_TYPES,
    ),
    Row(
        "S42",
        "blanks, comments and prefixes outside what is signed do not matter",
        delivered(forged(outside), rewritten(with_other_prefix)),
    ),
    Row(
        "S43",
        "what is signed may not be reformatted",
        refused(DOES_NOT_HOLD, forged(indented(MESSAGING)), forged(indented(names.SIGNED_INFO))),
    ),
    Row(
        "S44",
        "a Timestamp that holds is accepted, one that expired is refused if it is signed",
        both(
            taken(*(signed_so(timestamped(-60, 240, signed=each)) for each in (True, False))),
            taken(*(signed_so(timestamped(*each, signed=False)) for each in ((-600, -1), (3600, 7200)))),
            because("Expires has passed", Refused("EBMS:0003"), signed_so(timestamped(-600, -1, signed=True))),
        ),
    ),
    Row(
        "S45",
        "mustUnderstand on the security header may be there or not",
        delivered(*(forged(put(names.SECURITY, names.MUST_UNDERSTAND, each)) for each in ("true", "1", None))),
    ),
    Row("S46", "a token for the role ebms stands beside the signature and replaces nothing", s46),
    Row("S47", "a signing key of 1024 bits is refused", unfit("rsa-1024", "bits")),
    Row("S48", "every receipt and every error is signed, with the token", s48),
)

ROWS = ids_of(S)


@pytest.mark.parametrize("row", [pytest.param(each, id=each.id) for each in S])
async def test_signature(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
