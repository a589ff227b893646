"""A signing certificate that no file lists is taken below a root, for exactly the party whose OIN it bears: over
sockets, for pushes, pulls and receipts (CE-03, CE-07, SR-10)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from support.hubs.contract import Refused
from support.hubs.hub import TestedHub, running_hub
from support.hubs.rows import assert_receipted, refuse_one, sent_of
from support.keys.issuing import AUTHORITY, NO_CA, SIGNER, Extensions, holder, named, rsa_key, usages
from support.keys.pki import NOW, identity
from support.messages.unlisted import (
    COUNSELLOR,
    CREDITOR,
    DAY,
    ROOT,
    by_roots,
    key_for,
    purposes,
    question,
    the_root,
    trusting,
    unlisted,
)
from support.messages.wire import post, pull_request, saldoverzoek

from crypto.certificates import thumbprint_sha256
from crypto.key_references import KeyReference
from crypto.keys import DecryptionKey, SigningKey

NOBODYS = Refused("EBMS:0101")
POLICY = "2.16.528.1.1003.1.2.8.4"


def with_policy(*wanted: str) -> Extensions:
    infos = [x509.PolicyInformation(x509.ObjectIdentifier(each), None) for each in wanted]
    return (*SIGNER, (x509.CertificatePolicies(infos), False))


async def test_an_unlisted_certificate_below_a_root_is_taken_where_the_file_says_so(tmp_path: Path) -> None:
    draft = question(unlisted())
    outcomes = {
        "neither": None,
        "a root that nobody relies on": {"hub": {"trust": ROOT}},
        "pinned by word": {"hub": {"trust": ROOT}, "counsellor": trusting("counsellor", "pinned")},
        "another relies on it": {"hub": {"trust": ROOT}, "creditor": trusting("creditor")},
        "by roots": by_roots(),
    }
    for number, (case, extra) in enumerate(outcomes.items()):
        async with running_hub(tmp_path / str(number), extra=extra) as hub:
            if case == "by roots":
                sent = sent_of(draft)
                assert_receipted(sent, await post(hub, sent.wire))
            else:
                await refuse_one(hub, sent_of(draft), NOBODYS)


async def test_one_who_lists_no_certificate_at_all_signs_by_roots_alone(tmp_path: Path) -> None:
    extra = by_roots()
    extra["counsellor"]["certificates"]["signing"] = []  # type: ignore[index]
    async with running_hub(tmp_path, extra=extra) as hub:
        sent = sent_of(question(unlisted()))
        assert_receipted(sent, await post(hub, sent.wire))
        await refuse_one(hub, sent_of(question(identity("stranger").signing_key)), NOBODYS)


async def test_a_certificate_for_servers_only_signs_where_the_file_names_it(tmp_path: Path) -> None:
    signer = _governmental()
    draft = question(signer)
    async with running_hub(tmp_path / "by root", extra=by_roots()) as hub:
        await refuse_one(hub, sent_of(draft), NOBODYS)
    extra = by_roots()
    extra["counsellor"]["certificates"]["signing"] = ["counsellor-tls"]  # type: ignore[index]
    async with running_hub(tmp_path / "pinned", extra=extra, load={"counsellor-tls": signer.certificate}) as hub:
        sent = sent_of(draft)
        assert_receipted(sent, await post(hub, sent.wire))


def _governmental(oin: str = COUNSELLOR) -> SigningKey:
    server: Extensions = (
        (NO_CA, True),
        (usages("digital_signature", "key_encipherment"), True),
        (x509.ExtendedKeyUsage([Purpose.SERVER_AUTH]), False),
    )
    return key_for(named("", oin), the_root(), extensions=server)


@pytest.mark.parametrize("form", [each for each in KeyReference if each is not KeyReference.TOKEN])
async def test_a_certificate_that_is_not_in_the_message_has_to_be_listed(form: KeyReference, tmp_path: Path) -> None:
    async with running_hub(tmp_path, extra=by_roots()) as hub:
        await refuse_one(hub, sent_of(question(unlisted(), form)), NOBODYS)


@pytest.mark.parametrize(
    ("root", "extensions", "taken"),
    [
        ({"file": "authority", "policies": [POLICY]}, with_policy(POLICY), True),
        ({"file": "authority", "policies": [POLICY]}, with_policy("1.2.3"), False),
        ({"file": "authority", "policies": [POLICY]}, SIGNER, False),
        ({"file": "authority"}, with_policy("1.2.3"), True),
        ({"file": "authority"}, purposes(Purpose.CLIENT_AUTH), True),
        ({"file": "authority", "extended_key_usages": ["1.3.6.1.5.5.7.3.4"]}, purposes(Purpose.CLIENT_AUTH), False),
        ({"file": "authority", "extended_key_usages": ["1.3.6.1.5.5.7.3.4"]}, purposes(Purpose.EMAIL_PROTECTION), True),
    ],
)
async def test_a_root_is_trusted_for_what_the_file_says(
    root: Mapping[str, object], extensions: Extensions, taken: bool, tmp_path: Path
) -> None:
    sent = sent_of(question(unlisted(extensions=extensions)))
    async with running_hub(tmp_path, extra=by_roots({"roots": [root]})) as hub:
        if taken:
            assert_receipted(sent, await post(hub, sent.wire))
        else:
            await refuse_one(hub, sent, NOBODYS)


async def test_an_authority_between_is_found_where_it_is_listed(tmp_path: Path) -> None:
    root = holder(named("Root"), extensions=AUTHORITY, key=rsa_key(number=7), begins=NOW - DAY, ends=NOW + DAY)
    between = holder(
        named("Between"), root, extensions=AUTHORITY, key=rsa_key(number=8), begins=NOW - DAY, ends=NOW + DAY
    )
    sent = sent_of(question(unlisted(issuer=between)))
    load = {"root": root.certificate, "between": between.certificate}
    async with running_hub(tmp_path / "without", extra=by_roots({"roots": ["root"]}), load=load) as hub:
        await refuse_one(hub, sent, NOBODYS)
    listed = {"roots": ["root"], "intermediates": ["between"]}
    async with running_hub(tmp_path / "with", extra=by_roots(listed), load=load) as hub:
        assert_receipted(sent, await post(hub, sent.wire))


async def test_what_is_listed_as_compromised_is_not_taken_below_a_root_either(tmp_path: Path) -> None:
    signer = unlisted()
    extra = by_roots()
    withdrawn = {"compromised": [thumbprint_sha256(signer.certificate).hex()]}
    async with running_hub(tmp_path, extra={**extra, "counsellor": {**extra["counsellor"], **withdrawn}}) as hub:
        await refuse_one(hub, sent_of(question(signer)), NOBODYS)


async def test_what_another_organisation_lists_is_that_ones_alone(tmp_path: Path) -> None:
    signer = unlisted()
    extra = by_roots()
    own = {"signing": ["creditor-signing", "lent"], "encryption": ["creditor-encryption"]}
    extra = {**extra, "creditor": {"certificates": own}}
    async with running_hub(tmp_path, extra=extra, load={"lent": signer.certificate}) as hub:
        await refuse_one(hub, sent_of(question(signer)), NOBODYS)


async def pulled_and_closed(hub: TestedHub, signer: SigningKey) -> tuple[tuple[str, ...], int]:
    """What a pull with that key is answered, and then a receipt."""
    sent = sent_of(saldoverzoek())
    assert_receipted(sent, await post(hub, sent.wire))
    pulled = await post(hub, pull_request(signer=signer))
    ours = pulled if pulled.user_message is not None else await post(hub, pull_request())
    closed = await post(hub, ours.receipt_wire("creditor", signer=signer))
    return pulled.codes, closed.status


async def test_a_pull_and_a_receipt_are_taken_below_a_root_where_the_file_says_so(tmp_path: Path) -> None:
    signer = unlisted(CREDITOR)
    async with running_hub(tmp_path / "pinned", extra={"hub": {"trust": ROOT}}) as hub:
        assert await pulled_and_closed(hub, signer) == (("EBMS:0101",), 200)
        assert not hub.log.of("receipt_taken")
    async with running_hub(tmp_path / "roots", extra=by_roots(ROOT, "creditor")) as hub:
        assert await pulled_and_closed(hub, signer) == ((), 204)
        assert len(hub.log.of("receipt_taken")) == 1


async def test_the_certificate_of_one_pulls_from_no_other_mailbox(tmp_path: Path) -> None:
    async with running_hub(tmp_path, extra=by_roots(ROOT, "creditor")) as hub:
        reply = await post(hub, pull_request("creditor", signer=unlisted(COUNSELLOR)))
        assert reply.codes == ("EBMS:0010",)
        assert not hub.log.of("message_offered")


async def test_a_message_that_was_taken_below_a_root_is_known_again_when_the_root_is_gone(tmp_path: Path) -> None:
    draft = question(unlisted())
    sent = sent_of(draft)
    async with running_hub(tmp_path, extra=by_roots()) as hub:
        first = await post(hub, sent.wire)
    async with running_hub(tmp_path) as hub:
        again = await post(hub, sent.wire)
        assert again.body == first.body
        await refuse_one(hub, sent_of(question(unlisted())), NOBODYS)


async def test_an_encryption_certificate_is_never_taken_out_of_a_message(tmp_path: Path) -> None:
    """The answer to a message that a root vouched for is sealed to what the file lists (SR-10)."""
    async with running_hub(tmp_path, extra=by_roots(ROOT, "creditor")) as hub:
        assert_receipted(sent := sent_of(question(unlisted())), await post(hub, sent.wire))
        pulled = await post(hub, pull_request(signer=unlisted(CREDITOR)))
        assert pulled.plain("creditor", identity("creditor").decryption_key)


async def test_a_path_is_judged_once_and_again_when_its_time_is_over(tmp_path: Path) -> None:
    async with running_hub(tmp_path, extra=by_roots()) as hub:
        signer = unlisted()
        for _ in range(3):
            assert_receipted(sent := sent_of(question(signer)), await post(hub, sent.wire))
        assert len(hub.configuration.vouched) == 1


async def test_the_log_tells_which_step_of_the_path_decides_and_no_value_of_the_certificate(tmp_path: Path) -> None:
    signer = unlisted(COUNSELLOR, extensions=purposes(Purpose.SERVER_AUTH))
    async with running_hub(tmp_path, extra=by_roots()) as hub:
        await post(hub, question(signer).wire())
        (pushed,) = hub.log.of("refused")
        step = {
            "what": "extendedKeyUsage of the certificate in the path to a root",
            "expected": "1.3.6.1.5.5.7.3.2 or 1.3.6.1.5.5.7.3.36 or 1.3.6.1.5.5.7.3.4",
            "found": "not so",
        }
        assert step in pushed["compared"]  # type: ignore[operator]


async def test_nothing_of_a_path_is_told_of_a_certificate_with_another_oin(tmp_path: Path) -> None:
    async with running_hub(tmp_path, extra=by_roots()) as hub:
        await post(hub, question(unlisted(CREDITOR)).wire())
        (pushed,) = hub.log.of("refused")
        assert "path" not in str(pushed)


async def test_one_certificate_of_a_tls_server_serves_for_signing_and_encryption_where_it_is_listed(
    tmp_path: Path,
) -> None:
    """As governments issue them: no common name, no alternative name, for servers; here the creditor's only one."""
    only = _governmental(CREDITOR)
    listed = {"certificates": {"signing": ["only"], "encryption": ["only"]}}
    async with running_hub(tmp_path, extra={"creditor": listed}, load={"only": only.certificate}) as hub:
        assert_receipted(sent := sent_of(saldoverzoek()), await post(hub, sent.wire))
        pulled = await post(hub, pull_request(signer=only))
        key = DecryptionKey(private_key=only.private_key, certificate=only.certificate)
        assert sent.draft is not None
        assert pulled.plain("creditor", key)[sent.draft.parts[0].content_id] == sent.draft.parts[0].octets
        assert (await post(hub, pulled.receipt_wire("creditor", signer=only))).status == 204
