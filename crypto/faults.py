"""What security processing can end in: three faults that concern the peer, one that concerns ourselves.

Each fault about a message is a class of its own and is answered by one ebMS code (ebMS3 Core 6.7.2); the table from
fault to code is `gateway.ebms.errors`. The detail is private: it is meant for our log, never for the peer, and holds
no value of the message besides the names of algorithms that specifications publish (`crypto.published`). The finding
is what the verdict rests on, as a value.
"""

from __future__ import annotations

from typing import Self

from crypto.findings import Finding


class SecurityFault(Exception):
    """A message that the security layer refuses; `detail` and `finding` are private, `form` is the row of
    `crypto.forms` it stands in.
    """

    def __init__(self, detail: str, finding: Finding | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.finding = finding
        self.form: str | None = None

    def resting_on(self, finding: Finding) -> Self:
        """The same fault, of which somebody knows more than who raised it."""
        self.finding = finding
        return self


class FailedAuthentication(SecurityFault):
    """The signature, or the certificate it was made with, does not hold (EBMS:0101)."""


class UnknownSigner(FailedAuthentication):
    """None of the certificates that were given has the key that made the signature."""


class FailedDecryption(SecurityFault):
    """Encrypted content could not be opened (EBMS:0102). The public answer is one and the same for every cause."""


class EndedKey(FailedDecryption):
    """What is encrypted names a certificate of ours that has ended, which shows to everybody who reads it."""


class PolicyNoncompliance(SecurityFault):
    """The security header does not have the form or the algorithms that the P-Mode asks for (EBMS:0103)."""


class UnusableCredential(ValueError):
    """A certificate or key of our own configuration that cannot be used; the text is for the operator."""


class CertificateForKey(UnusableCredential):
    """Where a private key should be there is a certificate."""

    def __init__(self) -> None:
        super().__init__("it holds a certificate and no private key")


class PasswordMissing(UnusableCredential):
    """The key is encrypted, and nobody gave its password."""


class PasswordNeedless(UnusableCredential):
    """A password was given for a key that is not encrypted."""
