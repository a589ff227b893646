"""How a verb is asked, whether a hub runs or not: `await administration.ask(verbs.purge)`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from gateway.administration.administered import Administered
from gateway.refused import LOOK_AT_DISK, Broken, Refused
from gateway.store.interface import OutcomeUnknown, StoreUnavailable

P = ParamSpec("P")
T = TypeVar("T")


class Administration(Protocol):
    """Whoever answers the verbs."""

    async def ask(
        self, work: Callable[Concatenate[Administered, P], Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What the function of `gateway.administration.verbs` answers to these arguments; may raise `Refused`."""

    async def aclose(self) -> None:
        """Let go of the store or of the connection to it."""


def in_doubt(doubt: str) -> tuple[str, str]:
    """What there is to say of a store that is not what was stored, and what to do about it."""
    return (
        f"the store is not what this hub stored: {doubt}",
        "put the newest files back, or see what it would cost to go on without them: knooppunt store confirm-restored"
        " --hub SETTINGS",
    )


class Directly:
    """The verbs on a store that this process has open; `owns_store` closes it with this."""

    def __init__(self, administered: Administered, *, owns_store: bool = False) -> None:
        self._of = administered
        self._owns_store = owns_store

    async def ask(
        self, work: Callable[Concatenate[Administered, P], Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What the verb answers; what the store raises becomes a refusal with what to do next."""
        try:
            return await work(self._of, *args, **kwargs)
        except (StoreUnavailable, OutcomeUnknown) as error:
            if (failed := self._of.store.failed) is not None:
                raise Broken(f"the storage failed: {failed}", LOOK_AT_DISK) from error
            if (doubt := self._of.store.doubt) is not None:
                raise Refused(*in_doubt(doubt)) from error
            if isinstance(error, OutcomeUnknown):
                raise Refused("it may or may not have happened", "wait until the hub is back and look") from error
            look_at = "the disk" if self._of.store.away is None else "the server of the database, and at the way to it"
            raise Refused(f"the store cannot do this now: {error}", f"look at {look_at}, then try again") from error

    async def aclose(self) -> None:
        """Close the store if it was opened for this alone."""
        if self._owns_store:
            await self._of.store.aclose()
            if (failed := self._of.store.failed) is not None:
                raise Broken(f"the storage failed while it was closed: {failed}", LOOK_AT_DISK)
