"""The one table of routes: method, path, what it does, who answers, the page it shows and the path of its twin.

Whoever adds a row adds one to the matrix of `tests/portal/test_rights_matrix.py`, which fails without it.
"""

from __future__ import annotations

from typing import Final

from gateway.portal import (
    beginning,
    changes,
    desk,
    for_scripts,
    in_hand,
    keys_page,
    login,
    messages,
    organisation,
    organisation_settings,
    own_machine,
    pages,
    requests,
    session_call,
)
from gateway.portal.keys_routes import KEY_ROUTES
from gateway.portal.rights import Act
from gateway.portal.route import Route, RouteTable, Takes

GET, POST = "GET", "POST"
_START = "start.html.j2"
_MESSAGES = "messages.html.j2"
_UNIT: Final = "/desk/api/units/{unit}"
_MESSAGE: Final = f"{_UNIT}/messages/{{message}}"

ROUTES: Final = RouteTable(
    (
        Route(method=GET, path="/", act=Act.SEE, handler=pages.start, page=_START, twin="/desk/api/start"),
        Route(
            method=GET,
            path="/uitleg",
            act=Act.SEE,
            handler=pages.explanation,
            page="explanation.html.j2",
            twin="/desk/api/explanation",
        ),
        Route(
            method=GET,
            path=own_machine.PAGE,
            act=Act.SEE,
            handler=own_machine.ask,
            page="own_machine.html.j2",
        ),
        Route(
            method=POST,
            path="/desk/api/own-machine",
            act=Act.LOG_IN,
            handler=own_machine.redeem,
            takes=Takes.JSON,
        ),
        Route(method=GET, path="/desk/files/{edition}/{name...}", act=Act.SEE, handler=pages.desk_file),
        Route(
            method=POST,
            path="/inloggen",
            act=Act.LOG_IN,
            handler=login.depart,
            page="departure.html.j2",
            takes=Takes.FORM,
        ),
        Route(
            method=GET,
            path="/eherkenning/1.13/acs",
            act=Act.LOG_IN,
            handler=login.arrive,
            page="unknown_organisation.html.j2",
        ),
        Route(
            method=GET,
            path="/oidc/{client}/callback",
            act=Act.LOG_IN,
            handler=login.arrive,
            page="unknown_organisation.html.j2",
        ),
        Route(method=GET, path="/oidc/keys", act=Act.SEE, handler=login.our_keys),
        Route(
            method=POST,
            path="/uitloggen",
            act=Act.LOG_OUT,
            handler=login.leave,
            twin="/desk/api/log-out",
            takes=Takes.FORM,
        ),
        Route(method=POST, path="/blijf", act=Act.STAY, handler=login.stay, takes=Takes.FORM),
        Route(method=GET, path="/desk/api/session", act=Act.STAY, handler=session_call.session),
        Route(method=POST, path="/desk/api/session", act=Act.STAY, handler=session_call.session, takes=Takes.JSON),
        Route(
            method=GET,
            path="/berichten",
            act=Act.SEE_OVERVIEW,
            handler=messages.overview,
            page=_MESSAGES,
            twin="/desk/api/messages",
        ),
        Route(method=GET, path=f"{_UNIT}/messages", act=Act.SEE_MESSAGES, handler=messages.of_unit),
        Route(
            method=GET,
            path="/berichten/{unit}/{message}",
            act=Act.SEE_MESSAGES,
            handler=messages.message,
            page="message.html.j2",
            twin=_MESSAGE,
        ),
        Route(
            method=POST,
            path="/berichten/{unit}/{message}/verlengen",
            act=Act.PROLONG,
            handler=messages.prolong_message,
            page="message.html.j2",
            twin=f"{_MESSAGE}/prolong",
            takes=Takes.FORM,
        ),
        Route(
            method=GET,
            path="/nieuw/{unit}",
            act=Act.OPEN,
            handler=beginning.beginning,
            page="new.html.j2",
            twin=f"{_UNIT}/new",
        ),
        Route(method=POST, path=f"{_MESSAGE}/lease", act=Act.OPEN, handler=desk.lease, takes=Takes.JSON),
        Route(method=POST, path=f"{_MESSAGE}/lease/take-over", act=Act.OPEN, handler=desk.take_over, takes=Takes.JSON),
        Route(method=POST, path=f"{_MESSAGE}/lease/prolong", act=Act.OPEN, handler=desk.keep, takes=Takes.JSON),
        Route(method=POST, path=f"{_MESSAGE}/lease/release", act=Act.OPEN, handler=desk.release, takes=Takes.JSON),
        Route(method=GET, path=f"{_MESSAGE}/octets", act=Act.OPEN, handler=desk.octets),
        Route(method=GET, path=f"{_UNIT}/directory", act=Act.OPEN, handler=for_scripts.directory),
        Route(method=GET, path=f"{_UNIT}/endpoint", act=Act.SEE_KEYS, handler=for_scripts.endpoint),
        Route(method=GET, path="/desk/schemas/{module}/{version}", act=Act.SEE_OVERVIEW, handler=for_scripts.schema),
        Route(
            method=GET,
            path="/desk/forms/{module}/{version}/{file}",
            act=Act.SEE_OVERVIEW,
            handler=for_scripts.form,
        ),
        Route(method=POST, path="/desk/as4/units/{unit}", act=Act.OPEN, handler=desk.push, takes=Takes.OCTETS),
        Route(
            method=GET,
            path="/verstuurd",
            act=Act.SEE_OVERVIEW,
            handler=messages.sent,
            page="sent.html.j2",
            twin="/desk/api/sent",
        ),
        Route(
            method=GET,
            path="/sleutel",
            act=Act.SEE_OVERVIEW,
            handler=keys_page.keys,
            page="keys.html.j2",
            twin="/desk/api/keys",
        ),
        Route(
            method=GET,
            path="/organisatie",
            act=Act.ADMINISTER,
            handler=organisation.organisation,
            page="organisation.html.j2",
            twin="/desk/api/organisation",
        ),
        Route(
            method=GET,
            path="/organisatie/instellingen",
            act=Act.ADMINISTER,
            handler=organisation_settings.settings,
            page="settings.html.j2",
            twin="/desk/api/organisation/settings",
        ),
        Route(
            method=GET,
            path=requests.PAGE,
            act=Act.ADMINISTER,
            handler=requests.requests,
            page="requests.html.j2",
            twin="/desk/api/organisation/requests",
        ),
        Route(
            method=POST,
            path=requests.PAGE,
            act=Act.ADMINISTER,
            handler=requests.ask,
            page="requests.html.j2",
            twin="/desk/api/organisation/requests",
            takes=Takes.FORM,
        ),
        Route(
            method=POST,
            path=f"{requests.PAGE}/{{request}}/intrekken",
            act=Act.ADMINISTER,
            handler=requests.withdraw,
            twin="/desk/api/organisation/requests/{request}/withdraw",
            takes=Takes.FORM,
        ),
        Route(
            method=GET,
            path="/organisatie/wijzigingen",
            act=Act.ADMINISTER,
            handler=changes.changes,
            page="changes.html.j2",
            twin="/desk/api/organisation/changes",
        ),
        Route(
            method=GET,
            path="/organisatie/{unit}/inzage",
            act=Act.SEE_HANDLING,
            handler=in_hand.in_hand,
            page="in_hand.html.j2",
            twin=f"{_UNIT}/in-hand",
        ),
        Route(
            method=POST,
            path="/organisatie/{unit}/koppelen",
            act=Act.LINK,
            handler=organisation.pair,
            page="organisation.html.j2",
            twin=f"{_UNIT}/link",
            takes=Takes.FORM,
        ),
        Route(
            method=POST,
            path="/organisatie/{unit}/ontkoppelen",
            act=Act.LINK,
            handler=organisation.unlink,
            twin=f"{_UNIT}/unlink",
            takes=Takes.FORM,
        ),
        Route(
            method=POST,
            path="/naam",
            act=Act.STAY,
            handler=organisation.name,
            twin="/desk/api/name",
            takes=Takes.FORM,
        ),
        *KEY_ROUTES,
    )
)
