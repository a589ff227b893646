"""How the route of a request is found."""

from __future__ import annotations

import pytest

from gateway.portal.portal import Portal
from gateway.portal.rights import RIGHTS, Act
from gateway.portal.route import Found, Route, RouteTable, Takes
from gateway.portal.routes import ROUTES
from gateway.portal.visit import Octets, Outcome, Visit


async def nothing(_visit: Visit, _portal: Portal) -> Outcome:
    return Octets()


TABLE = RouteTable(
    (
        Route(method="GET", path="/", act=Act.SEE, handler=nothing),
        Route(method="GET", path="/a/{unit}", act=Act.SEE, handler=nothing),
        Route(method="POST", path="/a/{unit}", act=Act.SEE, handler=nothing, takes=Takes.FORM, twin="/desk/a"),
        Route(method="GET", path="/a/b", act=Act.SEE, handler=nothing),
        Route(method="GET", path="/f/{edition}/{name...}", act=Act.SEE, handler=nothing),
    )
)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/", {}),
        ("/a/00000003%3A1", {"unit": "00000003:1"}),
        ("/a/b%2Fc", {"unit": "b/c"}),
        ("/a/b", {"unit": "b"}),
        ("/f/1/js/a.js", {"edition": "1", "name": "js/a.js"}),
    ],
)
def test_a_path_is_cut_at_its_slashes_and_then_decoded(path: str, values: dict[str, str]) -> None:
    found = TABLE.find("GET", path)
    assert isinstance(found, Found)
    assert found.path == values


@pytest.mark.parametrize("path", ["", "/x", "/a/", "/a", "/a/b/c", "/a/%ff", "//a", "/A/b", "/a/" + "x" * 301, "/f/1"])
def test_any_other_path_is_nowhere(path: str) -> None:
    assert TABLE.find("GET", path) == frozenset()


def test_a_path_with_another_method_says_which_it_knows_and_HEAD_is_GET() -> None:
    assert TABLE.find("PUT", "/a/x") == {"GET", "POST"}
    assert isinstance(TABLE.find("HEAD", "/a/x"), Found)


def test_the_twin_of_a_form_is_a_call_with_json() -> None:
    found = TABLE.find("POST", "/desk/a")
    assert isinstance(found, Found)
    assert found.route.takes is Takes.JSON
    assert found.route.is_call


def test_every_verb_has_its_right_and_is_used_by_the_unit_or_without_one() -> None:
    assert RIGHTS.keys() == set(Act)
    assert len({(each.method, each.path) for each in ROUTES.routes}) == len(ROUTES.routes)


def test_every_route_that_changes_something_takes_a_token_and_every_page_has_its_twin() -> None:
    assert [each.path for each in ROUTES.routes if each.method != "GET" and each.takes is Takes.NOTHING] == []
    alone = {
        "/eigen-computer",
        "/aansluiten",
        "/inloggen",
        "/eherkenning/1.13/acs",
        "/oidc/{client}/callback",
        "/meldingen/bevestigen/{link}",
        "/meldingen/afmelden/{link}",
        "/meldingen/afmelden/{link}/in-een-keer",
    }  # the same for everybody, of the login itself, or where a letter leads to
    assert {each.path for each in ROUTES.routes if each.page is not None and each.twin is None} == alone
