"""Name constraints: whether the names of a certificate are among those that an authority may speak for (RFC 5280
4.2.1.10 and 7).

SECURITY: the names may come out of a message. Comparisons are counted in advance and bounded; a form of name that is
constrained and not known here is a violation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from stringprep import in_table_b1
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from unicodedata import category, normalize
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from crypto.certificates import Certificate
from crypto.paths.extensions import Statements

MOST_COMPARISONS: Final = 20_000
_SPACES: Final = "\t\n\v\f\r\x85"
_UNSEEN: Final = ("Cc", "Cf")


def name_objection(
    certificate: Certificate, said: Statements, constraints: Sequence[x509.NameConstraints]
) -> str | None:
    """Which names of the certificate are outside what all of these allow, or None."""
    names = tuple(_names(certificate, said))
    subtrees = sum(len(each.permitted_subtrees or ()) + len(each.excluded_subtrees or ()) for each in constraints)
    if len(names) * subtrees > MOST_COMPARISONS:
        return f"so many that they take more than {MOST_COMPARISONS} comparisons"
    for each in constraints:
        for name in names:
            told, matches = _FORMS.get(name.form, ("a name of an unknown form", _unknown))
            if any(matches(tree, name.value, True) for tree in _of_form(each.excluded_subtrees, name)):
                return f"{told} that is excluded"
            permitted = _of_form(each.permitted_subtrees, name)
            if permitted and not any(matches(tree, name.value, False) for tree in permitted):
                return f"{told} that is not permitted"
    return None


class _Name(NamedTuple):
    form: type[x509.GeneralName]
    value: Any


def _names(certificate: Certificate, said: Statements) -> Iterator[_Name]:
    """Every name that constraints are about: the subject, addresses in it, and the alternative names."""
    if certificate.subject.rdns:
        yield _Name(x509.DirectoryName, certificate.subject)
    for address in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
        yield _Name(x509.RFC822Name, str(address.value))
    for each in said.alternative_names:
        yield _Name(type(each), each.value)


def _of_form(subtrees: Sequence[x509.GeneralName] | None, name: _Name) -> list[Any]:
    return [each.value for each in subtrees or () if type(each) is name.form]


def _unknown(_subtree: object, _name: object, excluding: bool) -> bool:
    """What cannot be compared is excluded where it may be, and is not permitted."""
    return excluding


def _directory(subtree: x509.Name, name: x509.Name, _: bool) -> bool:
    """Compared as RFC 5280 7.1 compares names, and not by their octets."""
    tree = [_comparable(each) for each in subtree.rdns]
    return [_comparable(each) for each in name.rdns[: len(tree)]] == tree


def _comparable(part: x509.RelativeDistinguishedName) -> frozenset[tuple[x509.ObjectIdentifier, str | bytes]]:
    return frozenset((each.oid, _prepared(each.value)) for each in part)


def _prepared(value: str | bytes) -> str | bytes:
    """Text as RFC 4518 2 prepares it: without what cannot be seen, without regard to case, to how a character is
    composed and to how many spaces stand where; whichever of the kinds of string it is written in.
    """
    if isinstance(value, bytes):
        return value
    visible = "".join(each for each in value if each in _SPACES or not (in_table_b1(each) or category(each) in _UNSEEN))
    return " ".join(normalize("NFKC", normalize("NFKC", visible).casefold()).split())


def _dns(subtree: str, name: str, excluding: bool) -> bool:
    tree, host = subtree.lower(), name.lower()
    if excluding and host.startswith("*."):  # it stands for every name with one label more
        return _within(host[2:], tree) or _within(tree, host[2:])
    return _within(host, tree)


def _within(host: str, tree: str) -> bool:
    """Whether a host is that of the tree or below it; a leading dot takes those below alone."""
    if tree.startswith("."):
        return host.endswith(tree)
    return not tree or host == tree or host.endswith(f".{tree}")


def _mail(subtree: str, name: str, _: bool) -> bool:
    local, at, host = name.rpartition("@")
    wanted_local, wanted_at, wanted_host = subtree.rpartition("@")
    if not at:
        return False
    if wanted_at:
        return local == wanted_local and host.lower() == wanted_host.lower()
    return host.lower().endswith(subtree.lower()) if subtree.startswith(".") else host.lower() == subtree.lower()


def _uri(subtree: str, name: str, excluding: bool) -> bool:
    try:
        host = urlsplit(name).hostname
    except ValueError:
        host = None
    if host is None or ":" in host or host.rpartition(".")[2].isdigit():  # none, or an address: it is in no tree
        return excluding
    tree = subtree.lower()
    return host.endswith(tree) if tree.startswith(".") else host == tree


def _address(subtree: IPv4Network | IPv6Network, name: object, excluding: bool) -> bool:
    if not isinstance(name, IPv4Address | IPv6Address):
        return excluding
    return name in subtree  # never, where one is of version 4 and the other of 6


_FORMS: Final[Mapping[type[x509.GeneralName], tuple[str, Callable[[Any, Any, bool], bool]]]] = MappingProxyType(
    {
        x509.DirectoryName: ("a directory name", _directory),
        x509.DNSName: ("a DNS name", _dns),
        x509.RFC822Name: ("an e-mail address", _mail),
        x509.UniformResourceIdentifier: ("a URI", _uri),
        x509.IPAddress: ("an IP address", _address),
    }
)
