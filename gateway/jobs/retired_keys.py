"""Ends the keys of a desk that were renewed, once nothing waits that is sealed to them: what is wrapped of them for the
locks of their unit goes.

They stay while the hub would seal to them still, because no other certificate of the unit is in force, and for as long
as somebody who looked at the P-Modes before may seal to them (`RetiredKeys.may_end`).

What waits under keys that were lost expires at once, with notice to its senders: most of it when the operator approved
the next keys; and here what is left where the hub ended after those keys came to count, and what came while that went
on. An approval that was cut short before is nobody's but the operator's: he gives it again.
"""

from __future__ import annotations

from crypto.certificates import Certificate, load_der, thumbprint_sha256
from gateway.msh.expire import expire_sealed_to
from gateway.msh.hub import Hub
from gateway.store.model import MessageFilter
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import OPERATOR, KeySet
from pmodes.model import newest_active


async def end_retired_keys(store: PortalStore, hub: Hub) -> int:
    """End the sets of all units that are of no use any more; how many they were."""
    gone = 0
    for each in await store.retired_key_sets():
        key_set, certificate = each.key_set, load_der(each.key_set.decryption_certificate)
        thumbprint = thumbprint_sha256(certificate).hex()
        waiting = MessageFilter(receiver=key_set.unit, sealed_to=thumbprint, waiting=True, limit=1)
        if each.is_lost and await hub.store.messages(waiting):
            await expire_sealed_to(thumbprint, hub)
        if not each.may_end(hub.time.now()) or _is_offered(certificate, key_set, hub):
            continue
        if not await hub.store.messages(waiting) and await store.end_key_set(
            key_set.id, unit=key_set.unit, by=OPERATOR
        ):
            hub.log("portal_keys_ended", party=key_set.unit, certificate=thumbprint)
            gone += 1
    return gone


def _is_offered(certificate: Certificate, key_set: KeySet, hub: Hub) -> bool:
    """Whether the next message for the unit would be sealed to it."""
    unit = hub.configuration().by_party.get(key_set.unit)
    if unit is None:
        return False
    return newest_active(unit.encryption_certificates, hub.time.now(), unit.encryption_terms) == certificate
