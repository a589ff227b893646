"""The rows of the table that are about the keys of a unit: what browsers ask and say of them."""

from __future__ import annotations

from typing import Final

from gateway.portal import keys_changes, keys_view, known, organisation_renewal, settings_changes
from gateway.portal.rights import Act
from gateway.portal.route import Handler, Route, Takes

_KEYS: Final = "/desk/api/units/{unit}/keys"
_LOCK: Final = f"{_KEYS}/locks/{{lock}}"
_CEREMONY: Final = f"{_KEYS}/ceremonies/{{ceremony}}"


def _said(path: str, handler: Handler) -> Route:
    return Route(method="POST", path=path, act=Act.CHANGE_KEYS, handler=handler, takes=Takes.JSON)


KEY_ROUTES: Final = (
    Route(method="GET", path=_KEYS, act=Act.SEE_KEYS, handler=keys_view.unit_keys),
    _said(f"{_KEYS}/locks", keys_changes.add_lock),
    _said(f"{_LOCK}/count", keys_changes.count_lock),
    _said(f"{_LOCK}/remove", keys_changes.remove_lock),
    _said(f"{_KEYS}/sets", keys_changes.propose),
    _said(f"{_KEYS}/copies", keys_changes.wrap),
    _said(f"{_KEYS}/organisation", organisation_renewal.renew_organisation_key),
    _said(f"{_KEYS}/settings", settings_changes.sign_settings),
    Route(method="GET", path=f"{_KEYS}/known", act=Act.SEE_KEYS, handler=known.known),
    _said(f"{_KEYS}/known", known.keep_known),
    _said(f"{_KEYS}/ceremonies", keys_changes.open_ceremony),
    _said(_CEREMONY, keys_changes.say),
    _said(f"{_CEREMONY}/end", keys_changes.end_ceremony),
)
