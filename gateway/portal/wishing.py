"""From what an administrator typed to what is asked of the operator, and from that to a sentence in his language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

from crypto.certificates import der, load_der, thumbprint_sha256
from crypto.faults import UnusableCredential
from gateway.pages.texts import Texts
from gateway.portal.faults import Unusable
from gateway.portal.fields import (
    WrongField,
    certificate_typed,
    chosen,
    day_typed,
    establishment_typed,
    name_typed,
    typed,
)
from gateway.portal.moments import shown_day
from gateway.portal.portal import Portal
from gateway.portal.visit import Visit
from gateway.store.portal.model import RequestKind
from gateway.store.portal.wishes import (
    ENVIRONMENTS,
    CertificateWish,
    Environment,
    ExtensionWish,
    JoiningWish,
    LeavingWish,
    ListsWish,
    ModuleWish,
    UnitWish,
    Wish,
)
from pmodes.consistency import ORGANISATION_ROLES
from pmodes.model import Organisation
from pmodes.term import local_day

DAYS: Final = (7, 14, 28, 0)  # as `mailbox.extension_days` knows them, what is asked most first
USES: Final[tuple[Literal["signing", "encryption"], ...]] = ("signing", "encryption")

SWITCHES: Final = ("on", "off")
_ROLES: Final = frozenset(ORGANISATION_ROLES)

Typing: TypeAlias = Callable[[Visit, Portal], Wish]


def kind_said(visit: Visit) -> RequestKind:
    """Which form it is."""
    said = visit.said("kind")
    found = next((each for each in _TYPED if each.value == said), None)
    if found is None:
        raise Unusable("field kind: no kind of request")
    return found


def modules_to_ask(portal: Portal) -> tuple[str, ...]:
    """Every module version in which organisations send each other something, as `Schuldregeling 2.0`."""
    known = portal.hub.configuration().catalogue.modules
    theirs = (each for each in known if any(not one.is_for_hub and set(one.senders) & _ROLES for one in each.messages))
    return tuple(sorted(f"{each.name} {each.version}" for each in theirs))


def wish_typed(kind: RequestKind, visit: Visit, portal: Portal) -> Wish:
    """What the form for that kind asks; raises `WrongField`."""
    return _TYPED[kind](visit, portal)


def refuse_other_days(wish: Wish, unit: Organisation, environment: Environment) -> None:
    """Raise `WrongField` where the unit has that module version already with other days, which no request changes."""
    if not isinstance(wish, ModuleWish) or wish.environment != environment:
        return
    for each in unit.modules.get(wish.module, ()):
        is_there = each.ends is None and each.is_active(wish.begins)  # which an approval finds, and changes nothing
        if each.version == wish.version and not each.of_itself and not is_there:
            raise WrongField("module", "fault.module_other_days")


def told(wish: Wish, texts: Texts) -> str:
    """What is asked, in a sentence."""
    match wish:
        case ExtensionWish():
            return texts("request.told.extension", days=wish.days)
        case ModuleWish():
            day, of = shown_day(wish.begins, texts), texts(f"environment.{wish.environment}")
            return texts("request.told.module", module=f"{wish.module} {wish.version}", day=day, environment=of)
        case UnitWish():
            return texts("request.told.unit", name=wish.name, establishment=wish.establishment)
        case CertificateWish():
            use = texts(f"request.use.{wish.use}")
            return texts("request.told.certificate", use=use, thumbprint=_thumbprint(wish.certificate))
        case ListsWish():
            return texts("request.told.lists_on" if wish.on else "request.told.lists_off")
        case LeavingWish():
            return texts("request.told.leaving", day=shown_day(wish.last_day, texts))
        case JoiningWish():
            return texts("request.kind.joining")


def _extension(visit: Visit, _portal: Portal) -> Wish:
    return ExtensionWish(days=int(chosen(visit, "days", [str(each) for each in DAYS], "fault.choice")))


def _module(visit: Visit, portal: Portal) -> Wish:
    module, _, version = chosen(visit, "module", modules_to_ask(portal), "fault.choice").rpartition(" ")
    return ModuleWish(
        module=module,
        version=version,
        begins=day_typed(visit, "begins", local_day(visit.now)),
        environment=chosen(visit, "environment", ENVIRONMENTS, "fault.choice"),
    )


def _unit(visit: Visit, _portal: Portal) -> Wish:
    return UnitWish(name=name_typed(visit), establishment=establishment_typed(visit, "establishment"))


def _certificate(visit: Visit, _portal: Portal) -> Wish:
    use, certificate = chosen(visit, "use", USES, "fault.choice"), certificate_typed(visit, "certificate")
    given = visit.says("begins") and bool((visit.json if isinstance(visit.json, dict) else visit.form).get("begins"))
    begins = day_typed(visit, "begins", local_day(visit.now)) if given else None
    return CertificateWish(use=use, certificate=der(certificate), begins=begins)


def _lists(visit: Visit, _portal: Portal) -> Wish:
    return ListsWish(on=chosen(visit, "lists", SWITCHES, "fault.choice") == "on")


def _leaving(visit: Visit, _portal: Portal) -> Wish:
    last_day = day_typed(visit, "last_day", local_day(visit.now))
    if typed(visit, "sure", "fault.sure") != "yes":
        raise WrongField("sure", "fault.sure")
    return LeavingWish(last_day=last_day)


_TYPED: Final[Mapping[RequestKind, Typing]] = {
    RequestKind.EXTENSION: _extension,
    RequestKind.MODULE: _module,
    RequestKind.UNIT: _unit,
    RequestKind.CERTIFICATE: _certificate,
    RequestKind.LISTS: _lists,
    RequestKind.LEAVING: _leaving,
}


def _thumbprint(certificate: bytes) -> str:
    """In groups, as people hold it against a paper."""
    try:
        digits = thumbprint_sha256(load_der(certificate)).hex()
    except UnusableCredential:
        return "?"
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
