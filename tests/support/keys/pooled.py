"""RSA keys for whatever makes some in a test, drawn in turn from a pool that the processes of a run share.

They are keys like any other. Making one takes a fifth of a second, a site has a dozen, and hundreds of tests make a
site. A key comes again only after `SIZE` others, which is more than any test and what outlives it have.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SIZE = 256
LEAST_BITS = 2048  # smaller ones are made in no time


def drawing_from(folder: Path) -> Callable[..., rsa.RSAPrivateKey]:
    """What stands in the place of `rsa.generate_private_key` and keeps what it makes in that folder."""
    make = rsa.generate_private_key
    turns: dict[int, int] = {}

    def draw(public_exponent: int, key_size: int, backend: Any = None) -> rsa.RSAPrivateKey:
        if key_size < LEAST_BITS:
            return make(public_exponent, key_size, backend)
        turn = turns[key_size] = (turns.get(key_size, random.randrange(SIZE)) + 1) % SIZE
        file = folder / f"{key_size}-{turn}.der"
        if file.exists():
            found = serialization.load_der_private_key(file.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
            assert isinstance(found, rsa.RSAPrivateKey)
            return found
        key = make(public_exponent, key_size, backend)
        octets = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        begun = file.with_suffix(f".{os.getpid()}")
        begun.write_bytes(octets)
        try:
            os.link(begun, file)  # the first of two processes; the other has a key of its own this once
        except FileExistsError:
            pass
        finally:
            begun.unlink()
        return key

    return draw
