"""Certificate paths: from an end certificate to one of the roots that somebody trusts, and the verdict on it.

Pure: candidates, roots, the moment and what is known of revocation are arguments. A verdict is a value, ordered steps
with what was compared; the first that does not hold decides. `search` finds the paths that names allow, `judging` holds
one against the rules (RFC 5280 6.1, and stricter where `judging` says so), `names` knows name constraints.

The library's own verifier is for the web: it wants a subject alternative name, judges no organisation's certificate and
tells no steps.

SECURITY: an end certificate may come out of a message, so what it can cause is bounded: `search` counts signatures and
paths, `names` counts comparisons, and a path has at most five certificates. Candidates and roots are the
administrator's and come from nowhere else.
"""

from crypto.paths.judging import judge_authority, judge_certificate
from crypto.paths.policy import CertificateUse, PathPolicy, TrustedRoot
from crypto.paths.untrusted import load_untrusted, subject_serial_numbers
from crypto.paths.verdict import PathVerdict, Step

__all__ = [
    "CertificateUse",
    "PathPolicy",
    "PathVerdict",
    "Step",
    "TrustedRoot",
    "judge_authority",
    "judge_certificate",
    "load_untrusted",
    "subject_serial_numbers",
]
