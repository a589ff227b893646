"""What is in force: the P-Modes, and the hub's own keys. They are read together and taken over together, so an exchange
never signs with a key that its P-Modes do not list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from crypto.certificates import WHOLE_VALIDITY, Certificate, Terms, readable_key
from crypto.keys import Signer, Unwrapper
from crypto.suites import Suite
from gateway.msh.later import Cause, Postponed, check_own_signature
from pmodes.configuration import Configuration

_EVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeys:
    """The keys of the hub: of those that sign one for each kind of key and the next, of the others whatever was sealed
    to. `since` says from when a key signs in place of the one before it, `terms` when the P-Modes let a certificate
    that signs count for less than its validity, `is_revoked` whether one was revoked, as far as is known.
    """

    signing: tuple[Signer, ...]
    decryption: tuple[Unwrapper, ...]
    since: Mapping[Certificate, datetime] = field(default_factory=lambda: MappingProxyType({}))
    terms: Terms = field(default_factory=lambda: WHOLE_VALIDITY)
    is_revoked: Callable[[Certificate, datetime], bool] | None = None

    def signer_for(self, suite: Suite, at: datetime) -> Signer:
        """The key that signs for participants of that suite at that moment: of those whose time has come the last.
        Raises `Postponed` where the hub has none, or where what it signed then would not hold.
        """
        found, last, are_able = None, _EVER, False
        for each in self.signing:
            key = readable_key(each.certificate)
            if key is None or not suite.signature.fits(key):
                continue
            are_able = True
            since = self.since.get(each.certificate, _EVER)
            if since <= at and (found is None or since > last):
                found, last = each, since
        if found is None:
            kind = f"signing key of the kind {suite.signature.key_kind}, for {suite.name}"
            raise Postponed(Cause.KEY, f"the hub has no {kind}{', that signs yet' if are_able else ''}")
        check_own_signature(found.certificate, at, self.terms)
        if self.is_revoked is not None and self.is_revoked(found.certificate, at):
            raise Postponed(Cause.SIGNING_CERTIFICATE, "the hub's own: the certificate was revoked")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """P-Modes and keys of one moment."""

    configuration: Configuration
    keys: OwnKeys
