"""RSA keys for whatever makes some in a test, drawn in turn from a pool that the processes of a run share.

They are keys like any other. Making one takes a tenth of a second and so does asking a key that was read whether its
numbers are those of a key; a site has a dozen, and hundreds of tests make a site. A key comes again only after `SIZE`
others, which is more than any test and what outlives it have. What was drawn from the pool is not asked when it is
read; every other octets are.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

SIZE = 64
LEAST_BITS = 2048  # smaller ones are made in no time


class Load(Protocol):
    """As the library reads a private key."""

    def __call__(
        self, data: bytes, password: bytes | None, backend: Any = None, *, unsafe_skip_rsa_key_validation: bool = False
    ) -> PrivateKeyTypes: ...


def reading_from(folder: Path, load: Load) -> Load:
    """What stands in the place of `load` and takes the keys of that folder for sound."""

    def read(
        data: bytes, password: bytes | None, backend: Any = None, *, unsafe_skip_rsa_key_validation: bool = False
    ) -> PrivateKeyTypes:
        key = load(data, password, backend, unsafe_skip_rsa_key_validation=True)
        if unsafe_skip_rsa_key_validation or not isinstance(key, rsa.RSAPrivateKey) or _mark(folder, key).exists():
            return key
        return load(data, password, backend)

    return read


def _mark(folder: Path, key: rsa.RSAPrivateKey) -> Path:
    """The file that says of a key, with all of its numbers, that it is of the pool."""
    return folder / sha256(_octets(key)).hexdigest()


def _octets(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


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
        octets = _octets(key)
        _mark(folder, key).touch()
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
