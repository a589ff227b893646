"""Whether the hub's TLS certificate is for the host by which participants reach it (RFC 9525 6.3, 6.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from cryptography import x509

from crypto.certificates import Certificate
from gateway.addresses import read_url
from gateway.wiring.own_certificates import OwnCertificate
from pmodes.validity import Concern


def concerns_of_names(own: Sequence[OwnCertificate], public_url: str) -> Iterator[Concern]:
    """What to say where a participant that checks the name, as each has to, would not connect."""
    scheme, host, _, _ = read_url(public_url)
    if scheme == "http" and any(each.use == "tls" for each in own):
        yield Concern(
            place="hub.public_url",
            sentence="begins with http, and the hub listens with TLS: participants do not connect; write https",
        )
    for each in own:
        if each.use == "tls" and not covers(each.certificate, host):
            named = ", ".join(_names(each.certificate)) or "no host at all"
            yield Concern(
                place=each.key,
                sentence=f"the certificate is for {named}, and hub.public_url has the host {host}: participants do not"
                " connect; name a certificate for that host, or mend the URL",
            )


def covers(certificate: Certificate, host: str) -> bool:
    """Whether a name among the certificate's subjectAltName is that host; the common name counts for nobody."""
    names = _alternative_names(certificate)
    if names is None:
        return False
    try:
        return ip_address(host) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        wanted = host.lower().removesuffix(".")
        return any(_is_named(wanted, each.lower()) for each in names.get_values_for_type(x509.DNSName))


def _is_named(host: str, name: str) -> bool:
    """An asterisk stands for the whole leftmost label, and for no more."""
    if name.startswith("*."):
        label, _, rest = host.partition(".")
        return bool(label) and rest == name[2:]
    return host == name


def _names(certificate: Certificate) -> list[str]:
    names = _alternative_names(certificate)
    if names is None:
        return []
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]


def _alternative_names(certificate: Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return None
