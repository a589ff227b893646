"""Certificates and paths with the verdict on each: the one table that our judge, openssl and the Java platform are held
against.

Each row makes its certificates anew; nothing of it is kept. `ours` is what decides in our verdict, empty where the
certificate may be used; `openssl` and `java` say why one of them judges otherwise, and are empty where it agrees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from support.keys import der
from support.keys.issuing import (
    AT,
    AUTHORITY,
    CA,
    DAY,
    NO_CA,
    SIGNER,
    authority,
    crl,
    distribution,
    rsa_key,
    usages,
)
from support.keys.path_makers import (
    DIRECTORY,
    DNS,
    DUTCH,
    DUTCH_NAME,
    IP,
    MAIL,
    PSS,
    SECOND,
    UNKNOWN,
    URI,
    Path,
    authority_with,
    bent,
    constrained,
    crosses,
    cycle,
    edwards,
    forged,
    limited,
    long_path,
    named_below,
    namesake,
    old_hash,
    purposes,
    root_itself,
    self_signed,
    server_certificate,
    three,
    two_roots,
    under_policies,
    untrusted,
    with_crls,
    without_crl,
)


@dataclass(frozen=True, kw_only=True)
class Row:
    made: Callable[[], Path]
    ours: str = ""
    openssl: str = ""
    java: str = ""


NO_ANCHOR = "its trust anchor is a name and a key: nothing else of a root is asked"
ANY_END = "what an end certificate is for is asked of its key usage alone, and this one may sign"
NO_NUMBER = "numbers are compared and not judged"
ONE_PATH = "it follows one issuer of a name, and does not go back to try another"
COMMON_NAME = "it takes the common name for a DNS name where there is no other"
NO_NESTING = "RFC 5280 bounds nobody by the purposes of his issuer"

ROWS: dict[str, Row] = {
    # what may be used
    "below one authority": Row(made=three),
    "below the root itself": Row(made=lambda: long_path(0)),
    "as the Dutch government issues it": Row(made=server_certificate),
    "five certificates": Row(made=lambda: long_path(3)),
    "without a subject or any extension for its use": Row(
        made=lambda: three(end={"extensions": ((NO_CA, True),)}),
    ),
    "for clients": Row(made=lambda: three(end={"extensions": purposes(Purpose.CLIENT_AUTH)})),
    "for servers and clients": Row(
        made=lambda: three(end={"extensions": purposes(Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH)})
    ),
    "for e-mail": Row(made=lambda: three(end={"extensions": purposes(Purpose.EMAIL_PROTECTION)})),
    "an unknown extension that is not critical": Row(
        made=lambda: three(end={"extensions": (*SIGNER, (UNKNOWN, False))})
    ),
    "signed with RSASSA-PSS": Row(
        made=lambda: three(root={"key": rsa_key(), **PSS}, middle={"key": rsa_key(number=1), **PSS}, end=PSS)
    ),
    "signed with Ed25519": Row(made=edwards),
    "an old root beside the new one": Row(made=two_roots, openssl=ONE_PATH),
    # validity
    "on its last second": Row(made=lambda: three(end={"ends": AT}), openssl="it counts the last second as past"),
    "one second after its end": Row(made=lambda: three(end={"ends": AT - SECOND}), ours="validity"),
    "on its first second": Row(made=lambda: three(end={"begins": AT})),
    "one second before its begin": Row(
        made=lambda: three(end={"begins": AT + SECOND}), ours="validity"
    ),
    "an issuer that has ended": Row(made=lambda: three(middle={"ends": AT - SECOND}), ours="validity of issuer 1"),
    "a root that has ended": Row(
        made=lambda: three(root={"ends": AT - SECOND}), ours="validity of the root"
    ),
    # roots and signatures
    "a root that is not trusted": Row(made=untrusted, ours="path"),
    "a root of the same name": Row(made=namesake, ours="signature"),
    "a certificate that signed itself": Row(made=self_signed, ours="path"),
    "the root itself": Row(
        made=root_itself, ours="path",
        openssl="a trusted certificate is its own path; here it is no organisation's",
        java="a trusted certificate is its own path; here it is no organisation's",
    ),
    "signed with SHA-1": Row(made=lambda: old_hash(hashes.SHA1()), ours="signature"),
    "signed with MD5": Row(made=lambda: old_hash(hashes.MD5()), ours="signature"),
    "signed by another": Row(made=forged, ours="signature"),
    # authorities
    "an issuer that is no authority": Row(
        made=lambda: three(middle=authority_with((NO_CA, True), AUTHORITY[1])), ours="basicConstraints of issuer 1"
    ),
    "an issuer that does not say what it is": Row(
        made=lambda: three(middle=authority_with(AUTHORITY[1])), ours="basicConstraints of issuer 1"
    ),
    "an end certificate as issuer": Row(
        made=lambda: three(middle={"extensions": SIGNER}), ours="basicConstraints of issuer 1"
    ),
    "an issuer that may not sign certificates": Row(
        made=lambda: three(middle=authority_with((CA, True), (usages("crl_sign", "digital_signature"), True))),
        ours="keyUsage of issuer 1",
    ),
    "a root that may not sign certificates": Row(
        made=lambda: three(root=authority_with((CA, True), (usages("crl_sign"), True))),
        ours="keyUsage of the root", java=NO_ANCHOR,
    ),
    "an authority as the end": Row(
        made=lambda: three(end=authority_with((CA, True), (usages("key_cert_sign", "digital_signature"), True))),
        ours="basicConstraints", openssl=ANY_END, java=ANY_END,
    ),
    "as many authorities as the path length": Row(made=lambda: limited(1, 1)),
    "one authority more than the path length": Row(made=lambda: limited(0, 1), ours="pathLenConstraint of issuer 2"),
    "a path length with authorities that renewed themselves": Row(made=lambda: limited(0, 1, self_issued=True),
        openssl=ONE_PATH),
    "a path length on the root": Row(
        made=lambda: three(root=authority_with((x509.BasicConstraints(ca=True, path_length=0), True), AUTHORITY[1])),
        ours="pathLenConstraint of the root", java=NO_ANCHOR,
    ),
    "six certificates": Row(made=lambda: long_path(4), ours="path"),
    "authorities that vouch for each other": Row(made=cycle, ours="path"),
    "a thousand crossed certificates": Row(
        made=lambda: crosses(1000, one_leads_to_a_root=False), ours="path"
    ),
    "a thousand crossed certificates and a root": Row(made=lambda: crosses(1000, one_leads_to_a_root=True),
        openssl=ONE_PATH),
    # what it is for
    "for encryption only": Row(
        made=lambda: three(end={"extensions": ((NO_CA, True), (usages("key_encipherment"), True))}),
        ours="keyUsage",
    ),
    "for commitments only": Row(
        made=lambda: three(end={"extensions": ((NO_CA, True), (usages("content_commitment"), True))}),
        ours="keyUsage",
        openssl="its mail purpose takes nonRepudiation for digitalSignature",
    ),
    "for signing, and asked for encryption": Row(made=lambda: three(use="encryption"), ours="keyUsage"),
    "for encryption, and asked for it": Row(
        made=lambda: three(
            end={"extensions": ((NO_CA, True), (usages("key_encipherment"), True))}, use="encryption"
        ),
    ),
    "for servers only": Row(
        made=lambda: three(end={"extensions": purposes(Purpose.SERVER_AUTH)}), ours="extendedKeyUsage"
    ),
    "for code only": Row(
        made=lambda: three(end={"extensions": purposes(Purpose.CODE_SIGNING)}),
        ours="extendedKeyUsage",
    ),
    "for mail, and asked for TLS": Row(
        made=lambda: three(end={"extensions": purposes(Purpose.EMAIL_PROTECTION)}, use="tls"),
        ours="extendedKeyUsage",
    ),
    "an issuer for servers only": Row(
        made=lambda: three(middle=authority_with(*AUTHORITY, (x509.ExtendedKeyUsage([Purpose.SERVER_AUTH]), False))),
        ours="extendedKeyUsage", java=NO_NESTING,
    ),
    "an unknown critical extension": Row(
        made=lambda: three(end={"extensions": (*SIGNER, (UNKNOWN, True))}), ours="critical extensions"
    ),
    "an unknown critical extension of an issuer": Row(
        made=lambda: three(middle=authority_with(*AUTHORITY, (UNKNOWN, True))), ours="critical extensions of issuer 1"
    ),
    # policies
    "a policy that is wanted": Row(made=lambda: under_policies(["1.2.3"], ["1.2.3"], "1.2.3")),
    "a policy that its issuer leaves open": Row(made=lambda: under_policies(["1.2.3"], ["2.5.29.32.0"], "1.2.3")),
    "another policy": Row(
        made=lambda: under_policies(["1.2.4"], ["1.2.3", "1.2.4"], "1.2.3"), ours="certificatePolicies"
    ),
    "a policy that its issuer has not": Row(
        made=lambda: under_policies(["1.2.3"], ["1.2.4"], "1.2.3"), ours="certificatePolicies"
    ),
    "no policy where one is wanted": Row(
        made=lambda: under_policies([], [], "1.2.3"), ours="certificatePolicies"
    ),
    # names
    "a DNS name below the one permitted": Row(
        made=lambda: constrained(DNS("a.hub.example"), permitted=[DNS("hub.example")])
    ),
    "a DNS name beside the one permitted": Row(
        made=lambda: constrained(DNS("badhub.example"), permitted=[DNS("hub.example")]), ours="names"
    ),
    "a DNS name that is excluded": Row(
        made=lambda: constrained(DNS("a.hub.example"), excluded=[DNS("hub.example")]), ours="names"
    ),
    "a name of a form that nobody constrains": Row(
        made=lambda: constrained(MAIL("a@hub.example"), permitted=[DNS("hub.example")]), java=COMMON_NAME,
    ),
    "a subject within the one permitted": Row(
        made=lambda: constrained(permitted=[DIRECTORY(DUTCH)], subject=DUTCH_NAME)
    ),
    "a subject outside the one permitted": Row(
        made=lambda: constrained(permitted=[DIRECTORY(DUTCH)]), ours="names"
    ),
    "a subject within the one permitted, in another case and with more spaces": Row(
        made=lambda: constrained(permitted=[DIRECTORY(named_below("HUB"))], subject=named_below(" Hub ", "End"))
    ),
    "a subject that is excluded, in another case and with more spaces": Row(
        made=lambda: constrained(
            excluded=[DIRECTORY(named_below("Some Hub"))], subject=named_below("SOME  hub", "End")
        ),
        ours="names",
    ),
    "a subject that is excluded, in another kind of string": Row(
        made=lambda: constrained(
            excluded=[DIRECTORY(named_below("Hub", kind=_ASN1Type.PrintableString))],
            subject=named_below("Hub", "End"),
        ),
        ours="names",
    ),
    "an e-mail address of a host that is permitted": Row(
        made=lambda: constrained(MAIL("a@hub.example"), permitted=[MAIL("hub.example")])
    ),
    "an e-mail address of another host": Row(
        made=lambda: constrained(MAIL("a@other.example"), permitted=[MAIL("hub.example")]), ours="names"
    ),
    "an address in the net permitted": Row(
        made=lambda: constrained(IP(ip_address("192.0.2.1")), permitted=[IP(ip_network("192.0.2.0/24"))])
    ),
    "an address outside the net permitted": Row(
        made=lambda: constrained(IP(ip_address("198.51.100.1")), permitted=[IP(ip_network("192.0.2.0/24"))]),
        ours="names",
    ),
    "a URI of a host that is excluded": Row(
        made=lambda: constrained(URI("https://hub.example/a"), excluded=[URI("hub.example")]),
        ours="names",
    ),
    # keys and numbers
    "an RSA key of 1024 bits": Row(
        made=lambda: three(end={"key": rsa_key(1024)}), ours="key"
    ),
    "an issuer with an RSA key of 1024 bits": Row(
        made=lambda: three(middle={"key": rsa_key(1024)}), ours="path"
    ),
    "a curve of 192 bits": Row(
        made=lambda: three(end={"key": ec.generate_private_key(ec.SECP192R1())}), ours="key"
    ),
    "a curve given by its parameters": Row(made=lambda: bent(der.explicit_parameters), ours="key"),
    "an issuer's curve given by its parameters": Row(
        made=lambda: bent(der.explicit_parameters, of_issuer=True), ours="path"
    ),
    "a negative serial number": Row(
        made=lambda: bent(der.serial_number(b"\x80\x01")), ours="serial number",
        openssl=NO_NUMBER, java=NO_NUMBER,
    ),
    "a serial number of zero": Row(
        made=lambda: bent(der.serial_number(b"\0")), ours="serial number",
        openssl=NO_NUMBER, java=NO_NUMBER,
    ),
    # revocation
    "told good": Row(made=lambda: with_crls(lambda by, _: crl(by))),
    "revoked": Row(made=lambda: with_crls(lambda by, number: crl(by, number)), ours="revocation"),
    "an issuer that is revoked": Row(
        made=lambda: with_crls(lambda by, _: crl(by), lambda by, number: crl(by, number)), ours="revocation of issuer 1"
    ),
    "a CRL that is too old": Row(
        made=lambda: with_crls(lambda by, _: crl(by, this_update=AT - 2 * DAY, next_update=AT - DAY)),
        ours="revocation",
    ),
    "a CRL that was due a second ago": Row(
        made=lambda: with_crls(lambda by, _: crl(by, next_update=AT - SECOND)), ours="revocation",
        java="it lets clocks differ by a quarter of an hour",
    ),
    "a CRL of tomorrow": Row(
        made=lambda: with_crls(lambda by, _: crl(by, this_update=AT + DAY, next_update=AT + 2 * DAY)),
        ours="revocation",
    ),
    "a CRL by another key": Row(
        made=lambda: with_crls(lambda by, _: crl(authority("Issuing"))), ours="revocation"
    ),
    "a delta CRL": Row(
        made=lambda: with_crls(lambda by, _: crl(by, extensions=[(x509.DeltaCRLIndicator(3), True)])),
        ours="revocation", openssl="it takes one that calls itself delta for a complete one",
    ),
    "an indirect CRL": Row(
        made=lambda: with_crls(lambda by, _: crl(by, extensions=[(distribution(indirect_crl=True), True)])),
        ours="revocation", java="one by the issuer itself speaks for the issuer's own, too",
    ),
    "a CRL of authorities": Row(
        made=lambda: with_crls(lambda by, _: crl(by, extensions=[(distribution(only_contains_ca_certs=True), True)])),
        ours="revocation",
    ),
    "no CRL of the issuer": Row(made=without_crl, ours="revocation"),
}  # fmt: skip
