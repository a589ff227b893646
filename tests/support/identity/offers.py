"""What we offer, as the tests have it."""

from __future__ import annotations

from support.identity.logins import SERVICES, us

from gateway.identity.login import LoginKind
from gateway.identity.saml import OfferedLogin, ServiceOffer


def offer(name: str = "Knooppunt") -> ServiceOffer:
    """Both services."""
    return ServiceOffer(
        us=us(),
        oin="00000099000000009000",
        name="Stichting Voorbeeld",
        broker_oin="00000099000000007000",
        services=[
            OfferedLogin(
                service=SERVICES[kind],
                definition_uuid=f"7f4b0e0a-0000-4000-8000-00000000000{index}",
                names={"nl": called, "en": called},
                descriptions={"nl": f"{called}: berichten over schulden", "en": f"{called}: messages about debts"},
                url="https://portaal.example/",
                privacy_url="https://portaal.example/uitleg",
            )
            for index, (kind, called) in enumerate(
                [(LoginKind.USER, name), (LoginKind.ADMINISTRATOR, f"{name} Beheer")], start=1
            )
        ],
    )
