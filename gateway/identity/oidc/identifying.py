"""Which organisation, which person, limited to what, as the claims of a token say it.

Two ways of saying it are in use, and a token may use both, if they agree: claims whose places a setting names, and
`represents` (NL GOV profile), nested: whoever stands deepest is represented, whoever stands between acts for it under a
chain of mandates. A restriction that nobody here knows is a refusal.

SECURITY: `sub` and the pseudonym are names of a person at this provider. One that is a KvK number, an RSIN or a BSN, or
has the form of one, is refused: it would be stored and known again as what it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from gateway.identity import etoegang
from gateway.identity.login import (
    BRANCH_DIGITS,
    LoginRefused,
    OrganisationNumber,
    OrganisationNumberKind,
    is_digits,
)
from gateway.identity.oidc.parties import ClaimPath, ClaimPaths

REPRESENTS: Final = "represents"
_MOST_CHARACTERS: Final = 256
_MOST_DEEP: Final = 2  # whoever is represented, and one who acts for it
_DIGITS_OF_NUMBERS: Final = frozenset({8, 9})  # KvK; RSIN and BSN
_BETWEEN_DIGITS: Final = str.maketrans("", "", " .-")
_KINDS: Final[Mapping[str, OrganisationNumberKind]] = MappingProxyType(
    {**etoegang.NUMBER_KINDS, "urn:nl-eid-gdi:1.0:id:KvKnr": "KVK", "urn:nl-eid-gdi:1.0:id:RSIN": "RSIN"}
)
_NUMBER_NAMES: Final = ("kvknr", "rsin", "bsn")  # how kinds of identifier end that no person's name may be of


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedInToken:
    """What the claims say."""

    organisation: OrganisationNumber
    pseudonym: str
    branch: str | None
    intermediary: str | None


def identified(claims: Mapping[str, Any], paths: ClaimPaths) -> NamedInToken:
    """Each number of its form; LoginRefused (`identity`)."""
    chain = _represented(claims)
    organisation = _agreed(_claimed(claims, paths), chain[-1] if chain else None, "the organisation")
    if organisation is None:
        raise LoginRefused("identity", "the token names no organisation")
    intermediary = _agreed(_claimed_intermediary(claims), chain[0] if len(chain) > 1 else None, "the intermediary")
    if intermediary is not None and intermediary.kind != "KVK":
        raise LoginRefused("identity", "the intermediary is named in a way that nobody here knows")
    return NamedInToken(
        organisation=organisation,
        pseudonym=_pseudonym(claims, paths),
        branch=_branch(claims, paths),
        intermediary=None if intermediary is None else intermediary.value,
    )


def text_at(claims: Mapping[str, Any], path: ClaimPath) -> str | None:
    """The text at that place; None where there is none, LoginRefused where something else stands there."""
    found: Any = claims
    for name in path:
        if not isinstance(found, dict):
            raise LoginRefused("identity", f"the claim before {name} holds no others")
        if name not in found:
            return None
        found = found[name]
    if not isinstance(found, str) or not 0 < len(found) <= _MOST_CHARACTERS:
        raise LoginRefused("identity", f"the claim {path[-1]} is no text, or one too long")
    return found


def _number(kind: str | None, value: str | None) -> OrganisationNumber:
    if kind is None or kind not in _KINDS or value is None:
        raise LoginRefused("identity", "an organisation is named in a way that nobody here knows")
    try:
        return OrganisationNumber(kind=_KINDS[kind], value=value)
    except ValueError as fault:
        raise LoginRefused("identity", str(fault)) from None


def _represented(claims: Mapping[str, Any]) -> tuple[OrganisationNumber, ...]:
    """From the outermost to the deepest."""
    found: list[OrganisationNumber] = []
    inner: Mapping[str, Any] = claims
    while REPRESENTS in inner:
        inner = inner[REPRESENTS]
        if not isinstance(inner, dict) or len(found) == _MOST_DEEP:
            raise LoginRefused("identity", "whom the person represents is said in a way that nobody here knows")
        if text_at(inner, ("iss",)) is None:
            raise LoginRefused("identity", "nobody is named who knows whom the person represents")
        found.append(_number(text_at(inner, ("sub_id_type",)), text_at(inner, ("sub",))))
    return tuple(found)


def _claimed(claims: Mapping[str, Any], paths: ClaimPaths) -> OrganisationNumber | None:
    value = text_at(claims, paths.organisation)
    return None if value is None else _number(text_at(claims, paths.organisation_kind), value)


def _claimed_intermediary(claims: Mapping[str, Any]) -> OrganisationNumber | None:
    found = [name for name in claims if etoegang.INTERMEDIARY.match(name)]
    if not found:
        return None
    if len(found) != 1 or not found[0].endswith(etoegang.OF_KVK):
        raise LoginRefused("identity", "the intermediary is named in a way that nobody here knows")
    return _number("urn:etoegang:1.9:EntityConcernedID:KvKnr", text_at(claims, (found[0],)))


def _agreed(one: OrganisationNumber | None, other: OrganisationNumber | None, what: str) -> OrganisationNumber | None:
    if one is not None and other is not None and one != other:
        raise LoginRefused("identity", f"the token names {what} twice, and not the same")
    return one or other


def _pseudonym(claims: Mapping[str, Any], paths: ClaimPaths) -> str:
    subject, pseudonym = text_at(claims, ("sub",)), text_at(claims, paths.pseudonym)
    kind = (text_at(claims, ("sub_id_type",)) or "").lower()
    if subject is None or pseudonym is None or not etoegang.PSEUDONYM.fullmatch(pseudonym):
        raise LoginRefused("identity", "the token has no pseudonym of its form")
    if kind.endswith(_NUMBER_NAMES) or any(_is_a_number(each) for each in (subject, pseudonym)):
        raise LoginRefused("identity", "the person is named by a number that is nobody's pseudonym")
    return pseudonym


def _is_a_number(name: str) -> bool:
    """Whether it has the form of a KvK number, an RSIN or a BSN, alone or behind the name of its kind."""
    last = name.rpartition(":")[2].translate(_BETWEEN_DIGITS)
    return any(is_digits(last, digits) for digits in _DIGITS_OF_NUMBERS)


def _branch(claims: Mapping[str, Any], paths: ClaimPaths) -> str | None:
    if any(etoegang.RESTRICTION.match(name) and (name,) != paths.branch for name in claims):
        raise LoginRefused("identity", "the mandate is limited in a way that nobody here knows")
    branch = text_at(claims, paths.branch)
    if branch is not None and not is_digits(branch, BRANCH_DIGITS):
        raise LoginRefused("identity", f"a branch has {BRANCH_DIGITS} digits")
    return branch
