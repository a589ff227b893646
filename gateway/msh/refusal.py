"""Refuse: what goes wrong on the way becomes one answer and one line in the log (decision 0014).

A readable envelope is answered with a signed ebMS Error and HTTP 200, an unreadable one with 400 or 413 and a signed
Error without reference (a bare 429 to whom the edge grants no more of them), what is not AS4 or did not come whole with
a bare status, what will pass with 503.

SECURITY: the peer gets the public text of the error, the log gets its private detail; neither gets a value of the
message. Lines about what was refused before it was an envelope of AS4, and of nobody known, go to the log that is
limited.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Self

from crypto.elements import Element
from crypto.faults import UnusableCredential
from gateway.ebms.envelope import glimpsed_messaging
from gateway.ebms.errors import EbmsError, EmptyMessagePartitionChannel, InvalidReceipt, UnreadableRequest
from gateway.ebms.evidence import Compared
from gateway.ebms.faults import SoapFault, fault_envelope
from gateway.ebms.model import ErrorSignal, Messaging
from gateway.ebms.names import SOAP_XML_UTF8
from gateway.ebms.pack import signed_envelope
from gateway.ebms.read import holds_only_errors, read_message_id
from gateway.edge.bare_status import BareStatus
from gateway.events import EventLog
from gateway.msh.exchange import Answer, Request
from gateway.msh.hub import Hub
from gateway.msh.later import CAUSES, Cause, Postponed
from gateway.msh.signers import StillInFlight
from gateway.store.interface import DamagedRecord, OutcomeUnknown, StoreUnavailable
from pmodes.model import Leg, Organisation


class Refusal:
    """Turns the exceptions of one exchange into its answer; as a context manager it swallows exactly those it knows."""

    def __init__(self, request: Request, hub: Hub) -> None:
        self._request = request
        self._hub = hub
        self._messaging: Element | None = None
        self._only_errors = False
        self._party: Organisation | None = None
        self._named: Organisation | None = None
        self._answer: Answer | None = None

    def meets(self, envelope: Element) -> None:
        """An envelope as far as it was read; if it holds errors and nothing else, no error answers it (X05). What is
        wrong with its shape relates to the message that it holds.
        """
        self._messaging = glimpsed_messaging(envelope)
        self._only_errors = holds_only_errors(envelope)

    def about(self, messaging: Element) -> None:
        """The header of the message that errors from here on relate to; its id is read when there is an error."""
        self._messaging = messaging

    def names(self, party: Organisation) -> None:
        """Whom the message names as its sender, for the log alone: nobody vouches for that yet."""
        self._named = party

    def speak_to(self, party: Organisation) -> None:
        """Whose suite, token form and language errors from here on use: those of what it sends; it reads them."""
        self._party = self._named = party

    def distrust(self, errors: int, why: EbmsError) -> None:
        """Log the errors of an envelope that is refused as a whole; nothing else tells that they have no effect."""
        if errors and not self._only_errors:
            self._hub.log("error_distrusted", detail=str(why), address=self._request.address, errors=errors)

    @property
    def answer(self) -> Answer:
        """What the exchange is answered with, once something was refused."""
        if self._answer is None:
            raise RuntimeError("the exchange ended without an answer")
        return self._answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool:
        match fault:
            case EbmsError() if self._only_errors:
                self._log(fault.code, fault.detail, fault.compared)
                self._answer = Answer(status=HTTPStatus.NO_CONTENT)  # an error is never answered by one (X05)
            case UnreadableRequest() if self._only_errors:
                self._log(fault.error.code, fault.error.detail, fault.error.compared, quiet=True)
                self._answer = Answer(status=fault.status)
            case EbmsError():
                if not isinstance(fault, InvalidReceipt):  # that is about a receipt or, where its id is bent, nothing
                    fault.about(self._message_id())
                self._answer = self._signed(HTTPStatus.OK, fault)
            case UnreadableRequest() if self._request.may_sign_unreadable():
                self._answer = self._signed(fault.status, fault.error, quiet=True)
            case UnreadableRequest():
                self._answer = self._later(HTTPStatus.TOO_MANY_REQUESTS)
            case SoapFault():
                self._log(str(fault.code), fault.detail, quiet=True)
                self._answer = Answer(status=fault.status, content_type=SOAP_XML_UTF8, body=fault_envelope(fault))
            case BareStatus():
                self._log_bare(fault)
                self._answer = Answer(status=fault.status, headers=fault.headers)
            case DamagedRecord():
                self._hub.log("record_damaged", message_id=fault.message_id, detail=str(fault))
                self._answer = self._postponed(Postponed(Cause.STORE, str(fault)))
            case Postponed():
                self._answer = self._postponed(fault)
            case StillInFlight():
                self._answer = self._postponed(Postponed(Cause.IN_FLIGHT, str(fault), about=self._message_id()))
            case StoreUnavailable():
                self._answer = self._postponed(Postponed(Cause.STORE, str(fault)))
            case OutcomeUnknown():
                self._answer = self._postponed(Postponed(Cause.COMMIT, str(fault)))
            case UnusableCredential():
                self._answer = self._postponed(Postponed(Cause.KEY, str(fault)))
            case _:
                return False
        return True

    def _signed(self, status: int, error: EbmsError, *, quiet: bool = False) -> Answer:
        """An Error as the peer reads it; as the hub itself writes while nobody knows who the peer is. One that the
        hub's certificate would not vouch for is not written.
        """
        hub, party = self._hub, self._party
        configuration, at = hub.configuration(), hub.time.now()
        how = configuration.hub if party is None else configuration.template(party, Leg.SENDING).security
        try:
            signer = hub.in_force().keys.signer_for(how.suite, at)
        except Postponed as fault:
            fault.detail = f"{fault.detail}; the answer would be {error}"
            fault.compared = (*fault.compared, *error.compared)
            return self._postponed(fault)
        if isinstance(error, EmptyMessagePartitionChannel):
            hub.log("mailbox_empty", party=party.party_id if party is not None else None)
        else:
            self._log(error.code, error.detail, error.compared, quiet=quiet)
        signal = ErrorSignal(
            message_id=hub.fresh.id(),
            timestamp=at,
            ref_to_message_id=error.ref_to_message_id,
            errors=error.entries((party or configuration.hub).language),
        )
        packed = signed_envelope(
            Messaging(error=signal),
            key=signer,
            suite=how.suite,
            key_reference=how.key_reference,
        )
        return Answer(status=status, content_type=SOAP_XML_UTF8, body=packed.envelope)

    def _postponed(self, fault: Postponed) -> Answer:
        asker = "" if self._party is None else self._party.party_id
        about = None if fault.about is None else f"{fault.about} {asker}"
        seconds = self._hub.retry_after.seconds(fault.cause, about)
        self._hub.log(
            "postponed",
            cause=fault.cause.value,
            detail=fault.detail,
            compared=_entries(fault.compared),
            retry_after_seconds=seconds,
            message_id=self._message_id(),
            party_named=self._party_named(),
            address=self._request.address,
        )
        return Answer(status=CAUSES[fault.cause].status, headers={"Retry-After": str(seconds)})

    def _later(self, status: int) -> Answer:
        seconds = self._hub.retry_after.first_seconds(Cause.LOAD)
        return Answer(status=status, headers={"Retry-After": str(seconds)})

    def _message_id(self) -> str | None:
        return None if self._messaging is None else read_message_id(self._messaging)

    def _party_named(self) -> str | None:
        return self._named.party_id if self._named is not None else None

    def _log(self, code: str, detail: str, compared: Sequence[Compared] = (), *, quiet: bool = False) -> None:
        log = self._where(limited=quiet)
        log(
            "refused",
            code=code,
            detail=detail,
            compared=_entries(compared),
            message_id=self._message_id(),
            party_named=self._party_named(),
            address=self._request.address,
        )

    def _log_bare(self, bare: BareStatus) -> None:
        log = self._where(limited=True)
        log(
            "request_refused",
            status=bare.status,
            detail=bare.detail,
            message_id=self._message_id(),
            party_named=self._party_named(),
            address=self._request.address,
        )

    def _where(self, *, limited: bool) -> EventLog:
        """The log for a line that strangers may cause as often as they like; about a participant none is left out."""
        return self._hub.limited_log or self._hub.log if limited and self._party is None else self._hub.log


def _entries(compared: Sequence[Compared]) -> list[dict[str, str]] | None:
    return [each.fields() for each in compared] or None


def refuse(request: Request, hub: Hub) -> Refusal:
    """Watch over one exchange."""
    return Refusal(request, hub)
