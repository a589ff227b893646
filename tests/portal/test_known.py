"""What a unit knows of others, at the server: kept in its order, and signed by a set of the unit; and for what the hub
vouches.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from pathlib import Path

from support.keys.pki import PARTIES, identity
from support.portal.key_calls import Desk, desk_of, issued
from support.portal.portals import UNIT_A1, UNIT_A2, desk_configuration, running_portal

from crypto.certificates import der, load_der
from crypto.endorsements import endorser_of


def known(desk: Desk, before: bytes = b"", *, unit: str = UNIT_A1, own: bool = True) -> dict[str, str]:
    key = issued("signing") if own else desk.organisation
    return desk.signed("known", before, key=key, unit=unit, hub=[])


async def test_of_two_who_remember_something_at_once_the_second_reads_again(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        lock, _ = await desk.lock()
        assert (await desk.propose(lock)).status == 200
        path = f"{desk.path}/known"
        assert json.loads((await desk.browser.call("GET", path, token=desk.token)).text) == {"known": None}
        first = known(desk)
        assert (await desk.say("known", known=first)).status == 200
        assert (await desk.say("known", known=first)).status == 409
        second = known(desk, first["text"].encode())
        assert (await desk.say("known", known=second)).status == 200
        found = json.loads((await desk.browser.call("GET", path, token=desk.token)).text)
        assert found == {"known": second}
        assert json.loads(second["text"])["previous"] == hashlib.sha256(first["text"].encode()).hexdigest()


async def test_what_no_set_of_the_unit_signed_or_is_another_units_is_not_kept(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        lock, _ = await desk.lock()
        assert (await desk.say("known", known=known(desk))).status == 400, "there is no set yet"
        assert (await desk.propose(lock)).status == 200
        as_settings = desk.signed("settings", key=issued("signing"), unit=UNIT_A1)
        for each in (known(desk, own=False), known(desk, unit=UNIT_A2), as_settings):
            assert (await desk.say("known", known=each)).status == 400


async def test_the_hub_vouches_for_the_certificates_that_it_does_not_sign_with(tmp_path: Path) -> None:
    both = {"signing": ["hub-signing", "hub-next-signing"], "encryption": ["hub-encryption"]}
    async with running_portal(tmp_path) as portal:
        portal.hub.take_over(desk_configuration({"hub": {"certificates": both}}))
        desk = await desk_of(portal)
        said = json.loads((await desk.browser.call("GET", desk.path.replace("/keys", "/endpoint"))).text)
        own, coming = identity("hub"), identity("hub", "next")
        assert said["proves_origin"] is True
        expected = [("signing", coming.signing), ("encryption", own.encryption)]
        assert len(said["vouched"]) == len(expected)
        for vouched, (usage, held) in zip(said["vouched"], expected, strict=True):
            certificate = load_der(b64decode(vouched["certificate"]))
            assert (vouched["usage"], der(certificate)) == (usage, der(held.certificate))
            by = endorser_of(
                certificate,
                b64decode(vouched["endorsement"]),
                party=PARTIES["hub"][0],
                usage=vouched["usage"],
                among=[own.signing.certificate],
            )
            assert by == own.signing.certificate
