"""Check 13 of a login: which organisation, which person, limited to what.

The organisation and the person stand in the assertion encrypted for us; what comes out is read by the same parser and
has to be exactly one saml:NameID of a kind that is known. A restriction of the mandate that nobody here knows is a
refusal: letting it pass would let in more than the organisation allowed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from crypto.elements import Element
from crypto.faults import FailedDecryption
from crypto.login_decryption import NOT_OPENED, opened
from gateway.identity import etoegang
from gateway.identity.login import BRANCH_DIGITS, LoginRefused, OrganisationNumber, is_digits
from gateway.identity.saml import names
from gateway.identity.saml.checks import Attributes, single
from gateway.identity.saml.parties import RelyingParty
from gateway.identity.saml.walking import one, parsed, value


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the identifying attributes say."""

    organisation: OrganisationNumber
    pseudonym: str
    branch: str | None
    intermediary: str | None


def identified(attributes: Attributes, us: RelyingParty) -> Identity:
    """13: each number of its form, each attribute once; LoginRefused (`identity`, `decryption`)."""
    qualifier, number = _opened(attributes, etoegang.LEGAL_SUBJECT, us, etoegang.NUMBER_KINDS.keys())
    try:
        organisation = OrganisationNumber(kind=etoegang.NUMBER_KINDS[qualifier], value=number)
    except ValueError as fault:
        raise LoginRefused("identity", str(fault)) from None
    _, pseudonym = _opened(attributes, etoegang.ACTING_SUBJECT, us, names.PSEUDONYM_KINDS)
    if not etoegang.PSEUDONYM.fullmatch(pseudonym):
        raise LoginRefused("identity", "the pseudonym is not of its form")
    return Identity(
        organisation=organisation,
        pseudonym=pseudonym,
        branch=_branch(attributes),
        intermediary=_intermediary(attributes, us),
    )


def _branch(attributes: Attributes) -> str | None:
    restrictions = [name for name in attributes if etoegang.RESTRICTION.match(name)]
    if not restrictions:
        return None
    if restrictions != [etoegang.BRANCH]:
        raise LoginRefused("identity", "the mandate is limited in a way that nobody here knows")
    branch = value(single(attributes, etoegang.BRANCH, "identity"), check="identity")
    if not is_digits(branch, BRANCH_DIGITS):
        raise LoginRefused("identity", f"a branch has {BRANCH_DIGITS} digits")
    return branch


def _intermediary(attributes: Attributes, us: RelyingParty) -> str | None:
    """The number of who acts under a chain mandate, in the clear or encrypted like the others."""
    found = [name for name in attributes if etoegang.INTERMEDIARY.match(name)]
    if not found:
        return None
    if len(found) != 1 or not found[0].endswith(etoegang.OF_KVK):
        raise LoginRefused("identity", "the intermediary is named in a way that nobody here knows")
    element = single(attributes, found[0], "identity")
    if len(element):
        _, number = _opened(attributes, found[0], us, etoegang.NUMBER_KINDS.keys())
    else:
        number = value(element, check="identity")
    try:
        return OrganisationNumber(kind="KVK", value=number).value
    except ValueError as fault:
        raise LoginRefused("identity", str(fault)) from None


def _opened(attributes: Attributes, name: str, us: RelyingParty, kinds: Collection[str]) -> tuple[str, str]:
    """What kind of identifier an attribute holds, and which."""
    holder = single(attributes, name, "identity")
    name_id = _name_id(one(holder, names.ENCRYPTED_ID, check="identity"), us)
    qualifier = name_id.get("NameQualifier", "")
    if qualifier not in kinds:
        raise LoginRefused("identity", f"{name.rpartition(':')[2]} is of a kind that nobody here knows")
    return qualifier, value(name_id, check="identity")


def _name_id(encrypted_id: Element, us: RelyingParty) -> Element:
    """SECURITY: one check and one text, whether it did not open or came out as something else."""
    try:
        octets = opened(encrypted_id, recipient=us.entity_id, keys=us.unwrappers)
        name_id = parsed(octets, check="decryption")
    except (FailedDecryption, LoginRefused):
        raise LoginRefused("decryption", NOT_OPENED) from None
    if name_id.tag != names.NAME_ID:
        raise LoginRefused("decryption", NOT_OPENED)
    return name_id
