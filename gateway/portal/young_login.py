"""What is done shortly after a login only: who lets somebody in, or changes keys, has just been proven to be there."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from gateway.portal.faults import NotAllowed
from gateway.portal.visit import Visit

YOUNG: Final = timedelta(minutes=15)


def want_young(visit: Visit) -> None:
    """Refuse whoever logged in longer ago, which he is told."""
    if visit.now - visit.somebody.began_at > YOUNG:
        raise NotAllowed("error.login_again", detail="the login is too old")
