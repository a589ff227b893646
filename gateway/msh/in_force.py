"""What is in force: the P-Modes, and the hub's own keys. They are read together and taken over together, so an exchange
never signs with a key that its P-Modes do not list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crypto.certificates import readable_key
from crypto.keys import Signer, Unwrapper
from crypto.suites import Suite
from gateway.msh.later import Cause, Postponed, check_own_signature
from pmodes.configuration import Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeys:
    """The keys of the hub: of those that sign one for each kind of key, of the others whatever was sealed to."""

    signing: tuple[Signer, ...]
    decryption: tuple[Unwrapper, ...]

    def signer_for(self, suite: Suite, at: datetime) -> Signer:
        """The key that signs for participants of that suite; raises `Postponed` where the hub has none, or where what
        it signed at that moment would not hold.
        """
        fits = suite.signature.fits
        keys = ((each, readable_key(each.certificate)) for each in self.signing)
        signer = next((each for each, key in keys if key is not None and fits(key)), None)
        if signer is None:
            raise Postponed(
                Cause.KEY, f"the hub has no signing key of the kind {suite.signature.key_kind}, for {suite.name}"
            )
        check_own_signature(signer.certificate, at)
        return signer


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """P-Modes and keys of one moment."""

    configuration: Configuration
    keys: OwnKeys
