"""A tour of the modules: for every version, one message that the demo's organisations may exchange, there and
collected.
"""

from __future__ import annotations

from gateway.clock import SystemClock
from gateway.demo.report import Report
from gateway.site.documents import Drawn, make_document
from gateway.site.players import Player, acknowledged
from xsd.catalogue import Catalogue, Module
from xsd.message_type import MessageType

HUB_MODULE = "Knooppunt"


async def tour(catalogue: Catalogue, drawn: Drawn, players: dict[str, Player], report: Report) -> None:
    """Send one message of every module version through the hub, and collect it."""
    modules = [each for each in catalogue.modules if each.name != HUB_MODULE]
    report.tell(f"one message of each of {len(modules)} module versions")
    arrived = 0
    for module in modules:
        found = _route(module, players)
        if found is None:
            report.tell(f"nobody in the cast may send a message of {module.name} {module.version}")
            continue
        kind, sender, receiver = found
        document = make_document(
            kind, drawn, sender=sender.made.party, receiver=receiver.made.party, at=SystemClock().now()
        )
        result = await sender.push(document)
        if acknowledged([result]) != 1:
            report.tell(f"{module.name} {module.version} {kind.name} was not taken: {result.errors}")
            continue
        await receiver.pull()
        collected = [octets for _, octets in await receiver.process()]
        arrived += document.octets in collected
        report.tell(f"    {module.name} {module.version}: {kind.name} from {sender.made.name} to {receiver.made.name}")
    report.fact("module versions whose message arrived, octet for octet", expected=len(modules), found=arrived)


def _route(module: Module, players: dict[str, Player]) -> tuple[MessageType, Player, Player] | None:
    """The first message type that needs no question before it, with two different players who may exchange it."""
    for kind in module.messages:
        if kind.answers_to and not kind.question:
            continue
        senders = [each for each in players.values() if set(each.made.roles) & set(kind.senders)]
        receivers = [each for each in players.values() if set(each.made.roles) & set(kind.receivers)]
        for sender in senders:
            for receiver in receivers:
                if receiver is not sender:
                    return kind, sender, receiver
    return None
