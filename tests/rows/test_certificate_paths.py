"""Abuse of certificates that no file lists, over sockets, where the hub relies on a root: CE-01, CE-03, CE-04, CE-06 to
CE-08 once more by paths, and SR-10.

Each is nobody's (EBMS:0101); the hub's own judge, openssl and the Java platform agree about many more of them
(`tests/interop/test_path_judges.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from support.hubs.contract import Refused
from support.hubs.hub import TestedHub
from support.hubs.rows import Act, Row, both, refused, taken
from support.keys import der as pieces
from support.keys.issuing import (
    AUTHORITY,
    CA,
    NO_CA,
    Holder,
    authority,
    ec_key,
    holder,
    named,
    rsa_key,
    signed_with,
    usages,
)
from support.keys.pki import NOW, identity
from support.messages.security import hub_with
from support.messages.unlisted import (
    COUNSELLOR,
    CREDITOR,
    DAY,
    ROOT,
    below,
    by_roots,
    key_for,
    purposes,
    question,
    the_root,
    unlisted,
)

from crypto.certificates import der
from crypto.keys import SigningKey

NOBODYS = Refused("EBMS:0101")
DAYS: dict[str, Any] = {"begins": NOW - DAY, "ends": NOW + DAY}
SECOND = timedelta(seconds=1)


def when_asked(make: Callable[[], Act]) -> Act:
    """Make keys and certificates when the row runs."""

    async def act(hub: TestedHub) -> None:
        await make()(hub)

    return act


def no(*signers: SigningKey) -> Act:
    """Questions by these are nobody's."""
    return refused(NOBODYS, *((lambda key=each: question(key)) for each in signers))  # type: ignore[misc]


def yes(*signers: SigningKey) -> Act:
    """Questions by these are taken."""
    return taken(*((lambda key=each: question(key)) for each in signers))  # type: ignore[misc]


def chain(*extensions: Sequence[tuple[x509.ExtensionType, bool]], top: Any = AUTHORITY) -> tuple[Holder, ...]:
    """A root, and an authority with each of these extensions below the one before."""
    found = [authority("Top", key=ec_key(11), extensions=top, **DAYS)]
    for number, each in enumerate(extensions):
        found.append(authority(f"Authority {number}", found[-1], key=ec_key(12 + number), extensions=each, **DAYS))
    return tuple(found)


def by_path(wanted: str, *authorities: Holder, **end: Any) -> Act:
    """What the last authority issues is taken, or is nobody's, where the first is the root."""
    signer = unlisted(issuer=authorities[-1], **end)
    return hub_with((yes if wanted == "taken" else no)(signer), configuration=below(*authorities))


def limited(length: int) -> Sequence[tuple[x509.ExtensionType, bool]]:
    return ((x509.BasicConstraints(ca=True, path_length=length), True), AUTHORITY[1])


def for_names(**trees: Any) -> Sequence[tuple[x509.ExtensionType, bool]]:
    nothing: dict[str, Any] = {"permitted_subtrees": None, "excluded_subtrees": None}
    return (*AUTHORITY, (x509.NameConstraints(**{**nothing, **trees}), True))


def crossed() -> Act:
    """Two authorities that vouch for each other, beside a root that knows neither."""
    one, other = authority("One", key=ec_key(21), **DAYS), authority("Other", key=ec_key(22), **DAYS)
    ring = [holder(a.name, b, key=a.private_key, extensions=AUTHORITY, **DAYS) for a, b in ((one, other), (other, one))]
    return hub_with(no(unlisted(issuer=one)), configuration=below(chain()[0], *ring))


def many(number: int) -> Act:
    """So many certificates for one authority, by as many that nobody knows."""
    issuing = authority("Issuing", key=ec_key(23), **DAYS)
    strangers = [authority(f"Stranger {each}", key=ec_key(24), **DAYS) for each in range(number)]
    crosses = [holder("Issuing", each, key=issuing.private_key, extensions=AUTHORITY, **DAYS) for each in strangers]
    # A P-Mode names a hundred files of them; each holds as many as there are.
    return hub_with(no(unlisted(issuer=issuing)), configuration=below(chain()[0], *crosses))


NL = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "NL")]))
OURS = x509.DirectoryName(named("Somebody"))


def spelled_out() -> Act:
    """The curve of an authority is numbers and no name."""
    top, between = chain(AUTHORITY)
    octets = pieces.signed_anew(der(between.certificate), top.private_key, pieces.explicit_parameters)
    bent = Holder(certificate=x509.load_der_x509_certificate(octets), private_key=between.private_key)
    return hub_with(no(unlisted(issuer=between)), configuration=below(top, bent))


def negative() -> SigningKey:
    """The serial number is below zero; the library would warn of it."""
    top = chain()[0]
    good = unlisted(issuer=top)
    octets = pieces.signed_anew(der(good.certificate), top.private_key, pieces.serial_number(b"\x80\x01"))
    with pytest.warns(match="wasn't positive"):
        return SigningKey(certificate=x509.load_der_x509_certificate(octets), private_key=good.private_key)


def old(algorithm: hashes.HashAlgorithm) -> Act:
    top = authority("Top", key=rsa_key(number=5), **DAYS)
    good = unlisted(issuer=top)
    octets = signed_with(algorithm, der(good.certificate), top)
    signer = SigningKey(certificate=x509.load_der_x509_certificate(octets), private_key=good.private_key)
    return hub_with(both(no(signer), yes(good)), configuration=below(top))


async def sr_10(hub: TestedHub) -> None:
    """The certificate of one organisation for another; two of them in one; and one that is for servers."""
    await no(unlisted(CREDITOR), unlisted(COUNSELLOR, COUNSELLOR), unlisted(COUNSELLOR, CREDITOR))(hub)
    await no(unlisted(f"{COUNSELLOR} "), key_for(named("Somebody"), the_root()))(hub)
    await no(unlisted(extensions=purposes(Purpose.SERVER_AUTH)))(hub)
    await yes(unlisted(extensions=purposes(Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH)))(hub)


PATHS = (
    Row(
        "CE-01p",
        "below a root too both ends of the validity are inclusive, of authorities as well",
        when_asked(lambda: both(
            yes(unlisted(begins=NOW), unlisted(ends=NOW)),
            no(unlisted(begins=NOW + SECOND), unlisted(ends=NOW - SECOND)),
            by_path("taken", chain()[0], authority("Below", chain()[0], key=ec_key(12), begins=NOW - DAY, ends=NOW)),
            by_path(
                "nobody's", chain()[0],
                authority("Below", chain()[0], key=ec_key(12), begins=NOW - DAY, ends=NOW - SECOND),
            ),
        )),
        extra=by_roots(),
    ),
    Row(
        "CE-03p",
        "below a root a certificate for servers, for encryption or for code signs nothing",
        when_asked(lambda: no(
            unlisted(extensions=purposes(Purpose.SERVER_AUTH)),
            unlisted(extensions=purposes(Purpose.CODE_SIGNING)),
            unlisted(extensions=((NO_CA, True), (usages("key_encipherment"), True))),
        )),
        extra=by_roots(),
    ),
    Row(
        "CE-04",
        "who is no authority, or not for so long a path, vouches for nobody; circles and crowds end",
        when_asked(lambda: both(
            by_path("taken", *chain(AUTHORITY)),
            by_path("taken", *chain(AUTHORITY, AUTHORITY, AUTHORITY)),
            by_path("nobody's", *chain(AUTHORITY, AUTHORITY, AUTHORITY, AUTHORITY)),
            by_path("taken", *chain(limited(1), AUTHORITY)),
            by_path("nobody's", *chain(limited(0), AUTHORITY)),
            by_path("nobody's", *chain(AUTHORITY, top=limited(0))),
            by_path("nobody's", *chain(((CA, True), (usages("crl_sign"), True)))),
            crossed(),
            many(99),
        )),
    ),
    Row(
        "CE-06",
        "an authority vouches for no name outside its name constraints",
        when_asked(lambda: both(
            by_path("taken", *chain(for_names(permitted_subtrees=[OURS]))),
            by_path("nobody's", *chain(for_names(permitted_subtrees=[NL]))),
            by_path("nobody's", *chain(for_names(excluded_subtrees=[OURS]))),
        )),
    ),
    Row(
        "CE-07p",
        "self-signed, the root itself, and a root of the same name vouch for nobody",
        when_asked(lambda: both(
            yes(unlisted()),
            no(
                key_for(named("Somebody", COUNSELLOR), None),
                SigningKey(certificate=the_root().certificate, private_key=the_root().private_key),
                unlisted(issuer=authority(the_root().name, key=rsa_key(number=8), **DAYS)),
                identity("stranger").signing_key,
            ),
        )),
        extra=by_roots(),
    ),
    Row(
        "CE-08p",
        "below a root too weak and odd certificates are refused, and old signatures of authorities",
        when_asked(lambda: both(
            hub_with(no(unlisted(key=rsa_key(1024))), extra=by_roots()),
            hub_with(no(negative()), configuration=below(chain()[0])),
            spelled_out(),
            old(hashes.SHA1()),
            old(hashes.MD5()),
        )),
    ),
    Row(
        "SR-10",
        "a root vouches for the organisation whose one OIN stands in the certificate, and not for servers",
        sr_10,
        extra=by_roots(ROOT, "creditor"),
    ),
)  # fmt: skip


@pytest.mark.parametrize("row", [pytest.param(each, id=each.id) for each in PATHS])
async def test_certificate_paths(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
