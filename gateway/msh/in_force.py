"""What is in force: the P-Modes, and the hub's own keys. They are read together and taken over together, so an exchange
never signs with a key that its P-Modes do not list.
"""

from __future__ import annotations

from dataclasses import dataclass

from crypto.certificates import readable_key
from crypto.keys import Signer, Unwrapper
from crypto.suites import Suite
from pmodes.configuration import Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeys:
    """The keys of the hub: of those that sign one for each kind of key, of the others whatever was sealed to."""

    signing: tuple[Signer, ...]
    decryption: tuple[Unwrapper, ...]

    def signer_for(self, suite: Suite) -> Signer | None:
        """The key of the kind that a suite signs with."""
        return next((each for each in self.signing if _fits(suite, each)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """P-Modes and keys of one moment."""

    configuration: Configuration
    keys: OwnKeys


def _fits(suite: Suite, signer: Signer) -> bool:
    public_key = readable_key(signer.certificate)
    return public_key is not None and suite.signature.fits(public_key)
