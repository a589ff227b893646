"""Organisations at a desk, at a hub without a portal: who administers it is told, and it starts all the same."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import main
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring.desks_without_portal import desks_without_portal
from pmodes.folder import read_folder
from xsd.catalogue import load_catalogue

SAID = "and 1 organisation works at a desk"


def knooppunt(site: Site, *command: str) -> Result:
    return CliRunner().invoke(main, [*command, "--hub", str(site.settings)], catch_exceptions=False)


@pytest.fixture
def desk(site: Site) -> Site:
    """The creditor's file says that it works at a desk."""
    file = site.settings.parent / "pmodes" / "creditor.yaml"
    file.write_text(file.read_text() + 'access: desk\nkvk: "12345678"\n')
    return site


@pytest.mark.parametrize("command", [("pmode", "check"), ("status",)], ids=" ".join)
def test_a_desk_without_a_portal_is_warned_of_and_refuses_nothing(desk: Site, command: tuple[str, ...]) -> None:
    ended = knooppunt(desk, *command)
    assert SAID in " ".join((ended.stdout + ended.stderr).split())
    checked = json.loads(knooppunt(desk, "pmode", "check", "--json").stdout)
    assert checked["facts"]["complaints"] == []


def test_the_list_and_a_ping_say_it_of_the_organisation(desk: Site) -> None:
    assert "no portal" in knooppunt(desk, "org", "list").stdout
    assert json.loads(knooppunt(desk, "org", "list", "--json").stdout)["facts"]["portal"] is False
    refused = knooppunt(desk, "ping", "creditor")
    assert refused.exit_code == 1
    assert "works at a desk, and the hub has no portal" in refused.stderr


def test_with_a_portal_or_without_a_desk_that_works_nothing_is_said(desk: Site) -> None:
    settings = read_settings(desk.settings)
    with_portal = settings.model_copy(update={"portal": object()})
    file = desk.settings.parent / "pmodes" / "creditor.yaml"

    def said() -> list[str]:
        configuration = read_folder(settings.pmodes.folder, catalogue=load_catalogue())
        assert list(desks_without_portal(with_portal, configuration)) == []
        return [str(each) for each in desks_without_portal(settings, configuration)]

    assert [each.startswith("portal: the settings have no such section") for each in said()] == [True]
    text = file.read_text()
    file.write_text(text + "suspended: true\n")
    assert said() == []
    file.write_text(text.replace("access: desk", "access: system"))
    assert said() == []
