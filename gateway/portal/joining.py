"""Aansluiten: somebody who has no login asks that an organisation takes part, where the settings have this page.

SECURITY: anybody can send the form. It changes nothing: a person calls the contact, by a number that is looked up
elsewhere, and only an approval writes a file. What is kept of people is the contact, for as long as
`gateway.store.portal.terms` says. The answer is the same whether an organisation takes part already or not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Final

from crypto.certificates import der
from gateway.addresses import read_mail_address
from gateway.identity.login import OrganisationNumber
from gateway.portal.cookies import joining_cookie, token_of
from gateway.portal.faults import Missing, PortalFault
from gateway.portal.fields import (
    WrongField,
    certificate_typed,
    chosen,
    digits_alone,
    name_typed,
    past_day_typed,
    typed,
)
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, See, Shown, Visit
from gateway.portal.wishing import modules_to_ask
from gateway.store.portal.interface import TooManyOpen
from gateway.store.portal.model import STRANGER, RequestKind
from gateway.store.portal.wishes import ENVIRONMENTS, Access, Environment, JoiningWish, write_wish
from pmodes.consistency import ORGANISATION_ROLES
from pmodes.term import local_day

PAGE: Final = "/aansluiten"
MOST_ESTABLISHMENTS: Final = 50
_ACCESSES: Final[tuple[Access, ...]] = ("desk", "system")
_KVK: Final = re.compile(r"[0-9]{8}")
_ESTABLISHMENT: Final = re.compile(r"[0-9]{12}")
_TELEPHONE: Final = re.compile(r"[+(]?[0-9][0-9 ()/.-]{6,24}")
_SECRET_OCTETS: Final = 32
_FORM: Final = "joining"
_TYPED: Final = (
    "name", "kvk", "establishments", "role", "environment", "access", "contact", "email", "telephone",
    "connection_agreed", "processing_agreed",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningView:
    """The form, or that it arrived (`is_done`); each list of choices has what a form sends and how that is called.
    Where something does not fit, `fault` is the text, at the field `fault_at`, and `typed` what stood in the fields.
    """

    token: str
    is_done: bool
    roles: tuple[tuple[str, str], ...]
    modules: tuple[tuple[str, str, bool], ...]  # the name of its field, what it is called, and whether it is ticked
    environments: tuple[tuple[str, str], ...]
    environment: Environment
    accesses: tuple[tuple[str, str], ...]
    today: str
    typed: Mapping[str, str]
    asked: str | None = None
    fault: str | None = None
    fault_at: str | None = None


async def joining(visit: Visit, portal: Portal) -> Outcome:
    """The form, empty."""
    _want_page(portal)
    cookie = visit.joining or portal.random(_SECRET_OCTETS).hex()
    view = _view(visit, portal, token=token_of(cookie), is_done="done" in visit.query)
    return Shown(view=view, cookies=() if visit.joining else (joining_cookie(cookie),))


async def join(visit: Visit, portal: Portal) -> Outcome:
    """Take the form; what does not fit is said at its field."""
    _want_page(portal)
    try:
        wish = _wish_typed(visit, portal)
    except WrongField as fault:
        token = token_of(visit.joining or "")
        return Shown(view=_view(visit, portal, token=token, fault=fault), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    number = OrganisationNumber(kind="KVK", value=wish.kvk)
    try:
        found = await portal.store.submit_request(
            RequestKind.JOINING, write_wish(wish), organisation=number, unit="", by=STRANGER
        )
    except TooManyOpen as fault:
        raise PortalFault(HTTPStatus.TOO_MANY_REQUESTS, "error.too_many_joinings", detail=str(fault)) from None
    if found is not None:
        portal.log("portal_joining", request=found.id, address=visit.address)
    return See(path=f"{PAGE}?done=1")


def _want_page(portal: Portal) -> None:
    if not portal.facts.joining:
        raise Missing("the settings have no page for joining")


def _wish_typed(visit: Visit, portal: Portal) -> JoiningWish:
    access = chosen(visit, "access", _ACCESSES, "fault.choice")
    is_system = access == "system"
    return JoiningWish(
        name=name_typed(visit, "name"),
        kvk=_kvk(visit),
        establishments=_establishments(visit, most=1 if is_system else MOST_ESTABLISHMENTS),
        role=chosen(visit, "role", ORGANISATION_ROLES, "fault.choice"),
        modules=_modules(visit, portal),
        environment=chosen(visit, "environment", ENVIRONMENTS, "fault.choice"),
        access=access,
        signing=der(certificate_typed(visit, "signing")) if is_system else None,
        encryption=der(certificate_typed(visit, "encryption")) if is_system else None,
        contact=name_typed(visit, "contact"),
        email=_email(visit),
        telephone=_telephone(visit),
        connection_agreed=_agreed(visit, "connection_agreed"),
        processing_agreed=_agreed(visit, "processing_agreed"),
    )


def _kvk(visit: Visit) -> str:
    said = digits_alone(typed(visit, "kvk", "fault.kvk", most=40))
    if not _KVK.fullmatch(said):
        raise WrongField("kvk", "fault.kvk")
    return said


def _telephone(visit: Visit) -> str:
    """As it was typed, for whoever dials it; a blank is a blank and a dash a hyphen, of whatever kind."""
    said = re.sub(r"[\u2010-\u2015]", "-", re.sub(r"\s+", " ", typed(visit, "telephone", "fault.telephone", most=40)))
    if not _TELEPHONE.fullmatch(said):
        raise WrongField("telephone", "fault.telephone")
    return said


def _establishments(visit: Visit, *, most: int) -> tuple[str, ...]:
    """One to a line, or with commas between; each as people write it; none where nothing is typed."""
    if not visit.form.get("establishments", "").strip():
        return ()
    said = typed(visit, "establishments", "fault.establishments", most=2000)
    found = tuple(dict.fromkeys(digits_alone(each) for each in re.split(r"[\n,;]", said) if each.strip()))
    if not all(_ESTABLISHMENT.fullmatch(each) for each in found) or len(found) > MOST_ESTABLISHMENTS:
        raise WrongField("establishments", "fault.establishments")
    if len(found) > most:
        raise WrongField("establishments", "fault.one_establishment")
    return found


def _modules(visit: Visit, portal: Portal) -> tuple[str, ...]:
    found = tuple(each for number, each in enumerate(modules_to_ask(portal)) if f"module-{number}" in visit.form)
    if not found:
        raise WrongField("module-0", "fault.module")
    return found


def _email(visit: Visit) -> str:
    said = typed(visit, "email", "fault.email", most=254)
    try:
        return read_mail_address(said)
    except ValueError:
        raise WrongField("email", "fault.email") from None


def _agreed(visit: Visit, field: str) -> date | None:
    if not visit.form.get(field, "").strip():
        return None
    return past_day_typed(visit, field, local_day(visit.now))


def _view(
    visit: Visit, portal: Portal, *, token: str, is_done: bool = False, fault: WrongField | None = None
) -> JoiningView:
    texts = visit.texts
    modules = enumerate(modules_to_ask(portal))
    return JoiningView(
        token=token,
        is_done=is_done,
        roles=tuple((each, texts(f"role.{each}")) for each in ORGANISATION_ROLES),
        modules=tuple((f"module-{number}", each, f"module-{number}" in visit.form) for number, each in modules),
        environments=tuple((each, texts(f"environment.{each}")) for each in ENVIRONMENTS),
        environment=portal.hub.configuration().hub.environment,
        accesses=tuple((each, texts(f"joining.access.{each}")) for each in _ACCESSES),
        today=local_day(visit.now).isoformat(),
        typed={each: visit.form[each][:2000] for each in _TYPED if each in visit.form} if fault is not None else {},
        asked=None if fault is None else _FORM,
        fault=None if fault is None else fault.text,
        fault_at=None if fault is None else fault.field,
    )
