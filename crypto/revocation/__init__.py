"""What a CRL or an OCSP response says of one certificate at a moment, or why it is not to be used.

Nothing is fetched or kept here: octets, the issuer and the moment are arguments, and what follows from a finding is for
whoever asks.

One rule stands above the others: what says *revoked*, rightly signed and about this very certificate, says so however
old it is, for a revocation is not taken back by time. Only *good* has to be fresh.

SECURITY: octets come from a network that nobody vouches for, and no name or address in them leads anywhere.
"""

from crypto.revocation.crl import Crl, UnusableCrl, age_objection, read_crl
from crypto.revocation.finding import CLOCK_DIFFERENCE, RevocationFinding, RevocationStatus
from crypto.revocation.ocsp import judge_ocsp

__all__ = [
    "CLOCK_DIFFERENCE",
    "Crl",
    "RevocationFinding",
    "RevocationStatus",
    "UnusableCrl",
    "age_objection",
    "judge_ocsp",
    "read_crl",
]
