"""What a verdict rests on: what was looked at, what it had to be, and how what was found differs.

SECURITY: evidence goes to the log, and is made before anybody vouches for the message. So `found` is a word of ours or
a count, never a value of the message; `expected` is what the specification or the configuration says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, assert_never

from crypto.certificates import Certificate, thumbprint_sha256
from crypto.faults import SecurityFault
from crypto.findings import (
    AlgorithmFound,
    AlgorithmsFound,
    CertificateOutOfTerm,
    CertificateUnfit,
    CertificateUnknown,
    CiphertextFound,
    DigestFound,
    LeftUncovered,
    MomentOutOfBounds,
    OneFinding,
    ReferenceUnresolved,
    SignatureFound,
)

ABSENT: Final = "absent"
ANOTHER: Final = "another value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One comparison that did not hold; `pmode` is the PMode.ID whose parameter it was, where it was one's."""

    what: str  # a P-Mode parameter, an element of the header, a part by its place or a certificate by its SHA-256
    expected: str
    found: str
    pmode: str | None = None

    def fields(self) -> dict[str, str]:
        """As one entry of a line of the log."""
        named = {} if self.pmode is None else {"pmode": self.pmode}
        return {**named, "what": self.what, "expected": self.expected, "found": self.found}

    def of(self, whole: str) -> Compared:
        """The same, told of which of several things it was."""
        return replace(self, what=f"{self.what} of {whole}")


def kind_of(found: str | None) -> str:
    """What may be told of a value that is not the expected one."""
    return ABSENT if found is None else ANOTHER


def evidence_of(fault: SecurityFault) -> tuple[Compared, ...]:
    """What a fault of the security layer rests on, as the log tells it."""
    match fault.finding:
        case None:
            return ()
        case AlgorithmsFound(each=each):
            return tuple(map(compared, each))
        case finding:
            return (compared(finding),)


def compared(finding: OneFinding) -> Compared:
    """The table from what the security layer found to how the log tells it."""
    match finding:
        case DigestFound(place=place, of=of, target=target, method=method):
            what = f"ds:Reference {place} of {of}, to {target}"
            return Compared(what=what, expected=f"its digest by {method}", found=ANOTHER)
        case ReferenceUnresolved(element=element, wanted=wanted, place=None):
            return Compared(what=element, expected=wanted, found=ABSENT)
        case ReferenceUnresolved(element=element, wanted=wanted, place=place, of=of):
            return Compared(what=f"{element} {place} of {of}", expected=wanted, found=ABSENT)
        case LeftUncovered(what=what, by=by, count=count):
            return Compared(what=what, expected=by, found=f"{count} not {by}")
        case AlgorithmFound(element=element, accepted=accepted, found=found):
            return Compared(what=f"{element}/@Algorithm", expected=" or ".join(accepted), found=found)
        case CertificateUnknown(element=element, form=form, held_against=held_against):
            return Compared(what=f"{element} ({form})", expected=_one_of(held_against), found="another certificate")
        case CertificateUnfit(certificate=certificate, usage=usage, objection=objection):
            return Compared(what=named(certificate), expected=f"fit for {usage}", found=objection)
        case CertificateOutOfTerm(certificate=certificate, at=at, term=counts):
            term = f"valid from {counts.begins_at.isoformat()} until {counts.ends_at.isoformat()}"
            return Compared(what=named(certificate), expected=f"valid at {at.isoformat()}", found=term)
        case SignatureFound(certificate=certificate, algorithm=algorithm):
            expected = f"that of {named(certificate)} by {algorithm}"
            return Compared(what="ds:SignatureValue", expected=expected, found=ANOTHER)
        case MomentOutOfBounds(element=element, bound=bound, beyond=beyond, seconds=seconds):
            found = f"{seconds} s {'before' if beyond == 'earliest' else 'after'} that"
            return Compared(what=element, expected=f"{bound.isoformat()} at the {beyond}", found=found)
        case CiphertextFound(what=what, expected=expected, found=found):
            return Compared(what=what, expected=expected, found=found)
        case _:
            assert_never(finding)


def named(certificate: Certificate) -> str:
    """How the log names a certificate."""
    return f"certificate {thumbprint_sha256(certificate).hex()}"


def _one_of(certificates: tuple[Certificate, ...]) -> str:
    if not certificates:
        return "a certificate of a P-Mode, and there is none"
    return " or ".join(named(each) for each in certificates)
