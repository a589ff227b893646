"""Signed by: the certificate of the hub that signed a stored message, as its own envelope names it.

The hub's keys change while messages wait, and what today's settings say of an earlier moment need not have been so
then. Where the envelope holds the certificate it is read from there; where it only names one, it is found among those
that the hub has now, and one that is not there is known to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from crypto.certificates import Certificate, load_der
from crypto.key_references import KeyReference
from gateway.ebms.envelope import locate
from gateway.ebms.verification import named_signer
from gateway.limits import Limits
from gateway.msh.message_file import root_of
from gateway.store.model import StoredEnvelope


def signed_by(stored: StoredEnvelope, own: Sequence[Certificate], limits: Limits) -> Certificate | None:
    """The certificate that signed this envelope of ours, which stands under its digest; None where nobody has it."""
    named = named_signer(locate(root_of([stored.octets], stored.content_type, limits)))
    if named.form is KeyReference.TOKEN:
        return load_der(named.identifier)
    return named.named_among(own)
