"""Another way to authorise a pull is an entry of the table: this one is made up, and no other file knows it.

Its P-Mode parameter would be a line of another table; here the name of the party stands for it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.hub import running_hub
from support.keys.pki import PARTIES
from support.messages.wire import Reply, Wire, post, pull_request, saldoverzoek

from crypto.certificates import WHOLE_VALIDITY
from crypto.timestamps import Lifetime
from gateway.ebms.errors import FailedAuthentication
from gateway.ebms.model import PullRequest
from gateway.msh.journey import Envelope
from gateway.msh.steps import authorising
from gateway.msh.steps.authorising import AUTHORISATIONS, Authorisation, Puller
from gateway.msh.steps.freshness import ShownTime
from gateway.store.model import MessageFilter
from pmodes.configuration import Configuration
from pmodes.model import Organisation

SECRET = "correct horse battery staple"


def by_password(
    wanted: PullRequest, envelope: Envelope, owner: Organisation | None, _: Configuration, _at: datetime
) -> Puller:
    """Whoever knows the secret is the owner."""
    security = envelope.positions.security
    assert owner is not None
    if security is None or security.findtext("{*}UsernameToken/{*}Password") != SECRET:
        raise FailedAuthentication(detail="it is another password, or none")
    said = ShownTime(
        party=owner.party_id,
        message_id=wanted.message_id,
        timestamp=wanted.timestamp,
        lifetime=Lifetime(),
        certificate=None,
        terms=WHOLE_VALIDITY,
    )
    return Puller(organisation=owner, holder="the password", said=said, verified=None)


@pytest.fixture(autouse=True)
def another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The creditor's mailbox has the made-up way, all others the usual one."""
    way = Authorisation(
        name="password",
        asked=lambda shared: shared.organisation.party_id == PARTIES["creditor"][0],
        puller=by_password,
    )
    monkeypatch.setattr(authorising, "AUTHORISATIONS", (way, *AUTHORISATIONS))


def with_password(password: str, wire: Wire) -> Wire:
    """The same request with a password in the place of signature and certificate."""
    root = etree.fromstring(wire.body)
    (security,) = root.iter("{*}Security")
    for child in list(security):
        security.remove(child)
    token = etree.SubElement(security, etree.QName(etree.QName(security).namespace, "UsernameToken"))
    etree.SubElement(token, etree.QName(token, "Password")).text = password
    return Wire(content_type=wire.content_type, body=etree.tostring(root), envelope=etree.tostring(root))


async def test_a_mailbox_with_another_way_is_pulled_from_by_it_and_by_nothing_else(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await post(hub, saldoverzoek().wire())
        request = with_password(SECRET, pull_request())
        assert (await post(hub, with_password("guessed", pull_request()))).codes == ("EBMS:0101",)
        assert (await post(hub, pull_request())).codes == ("EBMS:0101",), "its signature is not what it is asked for"
        first = await post(hub, request)
        assert first.user_message is not None, first.codes
        assert (await post(hub, request)).body == first.body, "the same request is known by what it showed"
        assert (await post(hub, pull_request("counsellor"))).codes == ("EBMS:0006",)
        assert (await post(hub, with_password(SECRET, pull_request("counsellor")))).codes == ("EBMS:0103",)


async def test_a_receipt_beside_a_pull_without_a_signature_is_not_taken_and_nothing_is_leased_beside_it(
    tmp_path: Path,
) -> None:
    async with running_hub(tmp_path) as hub:
        for _ in range(2):
            await post(hub, saldoverzoek().wire())
        pulled: Reply = await post(hub, with_password(SECRET, pull_request()))
        bundle = with_password(SECRET, pull_request(receipt=pulled.receipt_of()))
        assert "EBMS:0302" in (await post(hub, bundle)).codes
        states = [each.state.value for each in await hub.store.messages(MessageFilter())]
        assert sorted(states) == ["offered", "stored"]


async def test_where_no_way_is_asked_for_the_signature_answers_also_for_mailboxes_of_nobody(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        told = [await post(hub, pull_request("counsellor", mpc=each)) for each in ("urn:nothing", None)]
        assert [each.codes for each in told] == [("EBMS:0010",)] * 2
