"""RSA keys by the thousand, each another than every other, of a few primes: making as many in earnest takes an hour.

Each two of the primes are a key. They are keys like all others to whoever reads, holds or uses one; whoever has two of
them with a common prime has both, so they protect nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb

from cryptography.hazmat.primitives.asymmetric import rsa

EXPONENT = 65_537


def many_keys(number: int) -> Iterator[rsa.RSAPrivateKey]:
    """So many keys of 2048 bits."""
    primes: list[int] = []
    while comb(len(primes), 2) < number:
        made = rsa.generate_private_key(public_exponent=EXPONENT, key_size=2048).private_numbers()
        primes += (made.p, made.q)
    for (p, q), _ in zip(combinations(primes, 2), range(number), strict=False):
        d = rsa.rsa_recover_private_exponent(EXPONENT, p, q)
        yield rsa.RSAPrivateNumbers(
            p=p,
            q=q,
            d=d,
            dmp1=rsa.rsa_crt_dmp1(d, p),
            dmq1=rsa.rsa_crt_dmq1(d, q),
            iqmp=rsa.rsa_crt_iqmp(p, q),
            public_numbers=rsa.RSAPublicNumbers(EXPONENT, p * q),
        ).private_key(unsafe_skip_rsa_key_validation=True)
