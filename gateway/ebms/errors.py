"""The ebMS errors as exceptions, one class per code, and what they say.

Transcribed once from ebMS3 Core 6.7, ebMS3 Part 2 2.5.6 and 5.2, AS4 3.6. An error has a *public* text for the peer,
from a closed list (`gateway.ebms.texts`, `pmodes.texts`), a *private* detail for the log, and what the verdict
compared. Whoever catches one answers with `entries`, the content of an ErrorSignal. Which fault gets which code is
decided where the fault is found.

SECURITY: the detail may name what was found and never leaves the process; the public text cannot hold a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Self

from crypto import faults
from crypto.blanks import trimmed
from gateway.ebms import texts
from gateway.ebms.evidence import Compared, evidence_of
from gateway.ebms.model import ErrorEntry, Severity
from gateway.ebms.text import Text
from xsd.checking.violations import Violation

MOST_ENTRIES: Final = 50


class EbmsError(Exception):
    """A refusal with an ebMS code; its subclasses are the table of codes."""

    code: ClassVar[str]
    short_description: ClassVar[str]
    severity: ClassVar[Severity] = "failure"
    category: ClassVar[str]
    origin: ClassVar[str] = "ebms"
    text: ClassVar[Text]

    def __init__(
        self,
        public: Text | None = None,
        detail: str = "",
        *,
        compared: Sequence[Compared] = (),
        ref_to_message_id: str | None = None,
    ) -> None:
        """Take the code's own sentence when no `public` one is given; `detail` is the reason and `compared` what it
        rests on, both for the log."""
        self.public: Text = public or self.text
        self.detail = detail
        self.compared = tuple(compared)
        self.ref_to_message_id = ref_to_message_id
        self.beside: EbmsError | None = None  # refuses another unit of the same envelope
        super().__init__(f"{self.code} {self.short_description}: {detail or self.public.en}")

    def about(self, message_id: str | None) -> Self:
        """The same error, relating to that message unless it already relates to one."""
        if self.ref_to_message_id is None:
            self.ref_to_message_id = message_id
        return self

    def with_beside(self, other: EbmsError | None) -> Self:
        """The same error, told together with those that refuse other units of the same envelope."""
        last: EbmsError = self
        while last.beside is not None:
            last = last.beside
        last.beside = other
        return self

    def entries(self, language: str = "en") -> tuple[ErrorEntry, ...]:
        """The eb:Error elements of the answer, at least one."""
        others = () if self.beside is None else self.beside.entries(language)
        return (*self._own_entries(language), *others)

    def _own_entries(self, language: str) -> tuple[ErrorEntry, ...]:
        return (self._entry(self.public, language),)

    def _entry(self, public: Text, language: str, detail: str | None = None) -> ErrorEntry:
        description, spoken = public.in_language(language)
        return ErrorEntry(
            code=self.code,
            severity=self.severity,
            short_description=self.short_description,
            category=self.category,
            origin=self.origin,
            ref_to_message_in_error=self.ref_to_message_id,
            description=description,
            language=spoken,
            detail=detail,
        )


class ValueNotRecognized(EbmsError):
    code, short_description, category = "EBMS:0001", "ValueNotRecognized", "Content"
    text = Text("A value of the header is not known here.", "Een waarde in de kop is hier niet bekend.")


class FeatureIgnored(EbmsError):
    """The warning of the two codes called FeatureNotSupported."""

    code, short_description, category = "EBMS:0002", "FeatureNotSupported", "Content"
    severity = "warning"
    text = texts.FEATURE


class ValueInconsistent(EbmsError):
    code, short_description, category = "EBMS:0003", "ValueInconsistent", "Content"
    text = Text(
        "A value of the header conflicts with other content or with what was agreed.",
        "Een waarde in de kop is in strijd met andere inhoud of met wat is afgesproken.",
    )


class Other(EbmsError):
    code, short_description, category = "EBMS:0004", "Other", "Content"
    text = Text("The message could not be processed.", "Het bericht kon niet worden verwerkt.")


class ConnectionFailure(EbmsError):
    """Local notification: no connection could be opened."""

    code, short_description, category = "EBMS:0005", "ConnectionFailure", "Communication"
    text = Text("No connection could be opened.", "Er kon geen verbinding worden geopend.")


class EmptyMessagePartitionChannel(EbmsError):
    code, short_description, category = "EBMS:0006", "EmptyMessagePartitionChannel", "Communication"
    severity = "warning"
    text = Text("No message is waiting.", "Er wacht geen bericht.")


class MimeInconsistency(EbmsError):
    code, short_description, category = "EBMS:0007", "MimeInconsistency", "Unpackaging"
    text = Text("The MIME packaging is not consistent.", "De MIME-verpakking is niet consistent.")


class FeatureNotSupported(EbmsError):
    code, short_description, category = "EBMS:0008", "FeatureNotSupported", "Unpackaging"
    text = texts.FEATURE


class InvalidHeader(EbmsError):
    code, short_description, category = "EBMS:0009", "InvalidHeader", "Unpackaging"
    text = texts.HEADER_INVALID


class ProcessingModeMismatch(EbmsError):
    code, short_description, category = "EBMS:0010", "ProcessingModeMismatch", "Processing"
    text = Text(
        "The message does not fit a processing mode agreed here.",
        "Het bericht past niet bij een hier afgesproken processing mode.",
    )


class ExternalPayloadError(EbmsError):
    code, short_description, category = "EBMS:0011", "ExternalPayloadError", "Content"
    text = texts.PART_ABSENT


class RoutingFailure(EbmsError):
    code, short_description, category = "EBMS:0020", "RoutingFailure", "Processing"
    text = Text("The message cannot be routed.", "Het bericht kan niet worden gerouteerd.")


class MPCCapacityExceeded(EbmsError):
    code, short_description, category = "EBMS:0021", "MPCCapacityExceeded", "Processing"
    text = Text("The mailbox of the receiver is full.", "De postbus van de ontvanger is vol.")


class MessagePersistenceTimeout(EbmsError):
    code, short_description, category = "EBMS:0022", "MessagePersistenceTimeout", "Processing"
    text = Text(
        "The message was not collected before its term ran out.",
        "Het bericht is niet opgehaald voordat de termijn verliep.",
    )


class MessageExpired(EbmsError):
    code, short_description, category = "EBMS:0023", "MessageExpired", "Processing"
    severity = "warning"
    text = Text("The message has expired.", "Het bericht is verlopen.")


class ResponseUsingAlternateMEP(EbmsError):
    code, short_description, category = "EBMS:0060", "ResponseUsingAlternateMEP", "Processing"
    severity = "warning"
    text = Text("The reply can be pulled.", "Het antwoord kan worden opgehaald.")


class FailedAuthentication(EbmsError):
    code, short_description, category = "EBMS:0101", "FailedAuthentication", "Processing"
    text = Text(
        "The signature could not be verified for the agreed sender, or the connection showed no TLS client certificate"
        " agreed for it: compare both with what was agreed.",
        "De handtekening kon niet voor de afgesproken afzender worden geverifieerd, of de verbinding toonde geen voor"
        " hem afgesproken TLS-clientcertificaat: vergelijk beide met wat is afgesproken.",
    )


class FailedDecryption(EbmsError):
    code, short_description, category = "EBMS:0102", "FailedDecryption", "Processing"
    text = Text("The message could not be decrypted.", "Het bericht kon niet worden ontsleuteld.")


class PolicyNoncompliance(EbmsError):
    code, short_description, category = "EBMS:0103", "PolicyNoncompliance", "Processing"
    text = Text(
        "The security of the message is not what was agreed.",
        "De beveiliging van het bericht is niet zoals afgesproken.",
    )


class DysfunctionalReliability(EbmsError):
    code, short_description, category = "EBMS:0201", "DysfunctionalReliability", "Processing"
    text = Text("Reliable messaging does not work.", "Betrouwbare aflevering werkt niet.")


class DeliveryFailure(EbmsError):
    code, short_description, category = "EBMS:0202", "DeliveryFailure", "Communication"
    text = Text("The message could not be delivered.", "Het bericht kon niet worden afgeleverd.")


class MissingReceipt(EbmsError):
    """Local notification: retries are over and no receipt came."""

    code, short_description, category = "EBMS:0301", "MissingReceipt", "Communication"
    text = Text("No receipt was received for the message.", "Voor het bericht is geen ontvangstbevestiging gekomen.")


class InvalidReceipt(EbmsError):
    """Always with this one sentence, so that no answer tells whether a message exists (R12, R14, P13)."""

    code, short_description, category = "EBMS:0302", "InvalidReceipt", "Communication"
    text = Text("The receipt is not accepted.", "De ontvangstbevestiging wordt niet aanvaard.")


class DecompressionFailure(EbmsError):
    code, short_description, category = "EBMS:0303", "DecompressionFailure", "Communication"
    text = Text("A part could not be decompressed.", "Een deel kon niet worden uitgepakt.")


ERRORS: Final[Mapping[str, type[EbmsError]]] = {each.code: each for each in EbmsError.__subclasses__()}

# What the security layer found, and the code that answers it (ebMS3 Core 6.7.2).
SECURITY_ERRORS: Final[Mapping[type[faults.SecurityFault], type[EbmsError]]] = {
    faults.FailedAuthentication: FailedAuthentication,
    faults.FailedDecryption: FailedDecryption,
    faults.EndedKey: FailedDecryption,
    faults.UnknownSigner: FailedAuthentication,
    faults.PolicyNoncompliance: PolicyNoncompliance,
}


class SchemaRefused(Other):
    """A document against its schema: one eb:Error per violation, 50 at most, the last then says how many more."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__(texts.SCHEMA_REFUSED, f"{len(self.violations)} violations")

    def _own_entries(self, language: str) -> tuple[ErrorEntry, ...]:
        """One entry per violation in document order; ErrorDetail is `code=… line=… path=…`."""
        if not self.violations:
            return super()._own_entries(language)
        fits = len(self.violations) <= MOST_ENTRIES
        shown = self.violations if fits else self.violations[: MOST_ENTRIES - 1]
        entries = [
            self._entry(Text(each.en, each.nl), language, f"code={each.code} line={each.line} path={each.path}")
            for each in shown
        ]
        if not fits:
            entries.append(self._entry(texts.more_violations(len(self.violations) - len(shown)), language))
        return tuple(entries)


def error_for(fault: faults.SecurityFault, *, of: str | None = None) -> EbmsError:
    """The error that answers a fault of the security layer, with its detail and what it rests on for the log; `of` says
    which of several things that was.
    """
    evidence = tuple(each if of is None else each.of(of) for each in evidence_of(fault))
    return SECURITY_ERRORS.get(type(fault), PolicyNoncompliance)(detail=fault.detail, compared=evidence)


def severity_of(entry: ErrorEntry) -> Severity:
    """How much a received error weighs: by its code where we know it, else by its severity (ebMS3 Core 6.4.1).

    Products disagree about the severity of known codes, and write other words than the two of the specification.
    """
    known = ERRORS.get(entry.code)
    if known is not None:
        return known.severity
    return "warning" if trimmed(entry.severity).lower() == "warning" else "failure"


class UnreadableRequest(Exception):
    """An AS4 request without a readable envelope: HTTP `status` 400 or 413 and a signed Error without reference."""

    def __init__(self, status: int, error: EbmsError) -> None:
        self.status = status
        self.error = error
        super().__init__(f"HTTP {status}, {error}")
