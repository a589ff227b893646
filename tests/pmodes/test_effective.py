"""The effective view: every parameter with its origin, and overrides by name."""

from __future__ import annotations

import ast
from dataclasses import fields
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path

import pytest
from support.configuration.pmode_files import (
    COUNSELLOR,
    COUNSELLOR_YAML,
    CREDITOR,
    CREDITOR_YAML,
    DAY,
    HUB_YAML,
    configuration,
    message,
    party,
    read,
    the_complaint,
    type_of,
)

from gateway.ebms import names
from gateway.ebms.errors import ProcessingModeMismatch
from gateway.ebms.names import OIN_TYPE
from pmodes.configuration import Configuration
from pmodes.effective import ShownParameter, effective
from pmodes.match import match_user_message, receiver_of
from pmodes.model import Leg, PMode
from pmodes.parameter import Parameter
from pmodes.parameters import BY_NAME, PARAMETERS
from xsd.catalogue import load_catalogue


def rows(found: Configuration, pmode: PMode) -> dict[str, ShownParameter]:
    return {row.name: row for row in effective(found, pmode)}


def sending(**changed: str) -> dict[str, ShownParameter]:
    found = read(**changed) if changed else configuration()
    return rows(found, match_user_message(found, message(), DAY))


def receiving(**changed: str) -> dict[str, ShownParameter]:
    found = read(**changed) if changed else configuration()
    receiver = receiver_of(found, message(), type_of(message()), DAY)
    return rows(found, found.pmode(receiver, type_of(message()), Leg.RECEIVING))


def test_every_parameter_of_the_table_is_shown_with_an_origin() -> None:
    for leg, shown in ((Leg.SENDING, sending()), (Leg.RECEIVING, receiving())):
        assert list(shown) == [each.name for each in PARAMETERS if leg in each.legs]
        assert all(row.origin and row.description for row in shown.values())


GROUPS = ("initiator", "responder", "business_info", "security", "strictness")


def test_every_path_of_the_table_is_a_field_of_the_pmode_and_every_field_is_in_the_table() -> None:
    pmode = match_user_message(configuration(), message(), DAY)
    paths = {each.path for each in PARAMETERS if each.always is None}
    for path in paths:
        attrgetter(path)(pmode)
    alone = {each.name for each in fields(pmode)} - {"leg", "message_type", "organisation", *GROUPS}
    grouped = {f"{group}.{each.name}" for group in GROUPS for each in fields(getattr(pmode, group))}
    assert alone | grouped <= paths
    assert len(BY_NAME) == len(PARAMETERS)


def attributes_of(module: str) -> set[str]:
    """Whatever a module takes from a value by its name."""
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    tree = ast.parse(Path(found.origin).read_text("utf-8"))
    return {each.attr for each in ast.walk(tree) if isinstance(each, ast.Attribute)}


@pytest.mark.parametrize("parameter", PARAMETERS, ids=[each.name for each in PARAMETERS])
def test_a_parameter_is_read_where_the_table_says_or_is_the_same_for_all(parameter: Parameter) -> None:
    if parameter.always is not None:
        assert (parameter.path, parameter.reader, parameter.kind) == ("", "", None)
        return
    whole, _, within = parameter.path.partition(".")
    read = whole if whole in ("initiator", "responder") or not within else within.partition(".")[0]
    assert read in attributes_of(parameter.reader)


@pytest.mark.parametrize(
    ("name", "one", "two"),
    [
        ("PMode.MEPbinding", names.PUSH, names.PULL),
        ("PMode[1].ErrorHandling.Report.AsResponse", "true", "false"),
        ("PMode[1].Security.SendReceipt.ReplyPattern", "Response", "Callback"),
    ],
)
def test_what_is_the_same_for_all_partners_depends_on_the_leg(name: str, one: str, two: str) -> None:
    assert (sending()[name].value, receiving()[name].value) == (one, two)


ORIGINS = [
    ("PMode.Initiator.Party", f"{COUNSELLOR} ({OIN_TYPE})", "counsellor.yaml:2"),
    ("PMode.Responder.Party", None, "hub.yaml:2"),
    ("PMode[1].BusinessInfo.Service", "urn:knooppunt:Schuldregeling:2.0", "module catalogue"),
    ("PMode[1].BusinessInfo.Action", "Saldoverzoek", "module catalogue"),
    ("PMode[1].Security.X509.Signature.Certificate", None, "counsellor.yaml:7"),
    ("PMode[1].Security.X509.Encryption.Certificate", None, "hub.yaml:6"),
    ("PMode[1].ErrorHandling.Report.AsResponse", "true", "profile"),
    ("PMode.Agreement", "", "default"),
    ("Knooppunt.Language", "nl", "default"),
    ("Knooppunt.Suite", "as4-1.15-rsa", "default"),
]


@pytest.mark.parametrize(("name", "value", "origin"), ORIGINS, ids=[row[0] for row in ORIGINS])
def test_a_value_is_shown_with_the_place_it_comes_from(name: str, value: str | None, origin: str) -> None:
    row = sending()[name]
    assert row.origin == origin
    assert value is None or row.value == value


def test_the_second_leg_is_signed_by_the_hub_and_sealed_to_the_receiver() -> None:
    shown = receiving()
    assert shown["PMode[1].Security.X509.Signature.Certificate"].origin == "hub.yaml:5"
    assert shown["PMode[1].Security.X509.Encryption.Certificate"].origin == "creditor.yaml:8"
    assert shown["Knooppunt.Language"].value == "en"
    assert shown["Knooppunt.Language"].origin == "creditor.yaml:9"


def test_a_default_of_the_hub_is_shown_as_the_hubs() -> None:
    shown = sending(hub=HUB_YAML + "suite: as4-1.15-rsa\nlanguage: en\n")
    assert (shown["Knooppunt.Suite"].origin, shown["Knooppunt.Language"].origin) == ("hub.yaml:7", "hub.yaml:8")


OVERRIDES = [
    ("PMode.Initiator.Role", "urn:role:shv"),
    ("PMode.Responder.Role", "urn:role:hub"),
    ("PMode[1].BusinessInfo.MPC", "urn:mpc:own"),
    ("PMode[1].Security.X509.Encryption.Encrypt", "false"),
    ("PMode[1].Security.X509.Encryption.MinimumStrength", "128"),
    ("PMode[1].PayloadService.CompressionType", '""'),
    ("Knooppunt.Suite", "as4-1.15-rsa"),
    ("Knooppunt.KeyReference", "ski"),
    ("Knooppunt.EncryptionKeyReference", "token"),
    ("Knooppunt.MinimumRsaBits", "2048"),
    ("Knooppunt.Revocation", "soft"),
    ("Knooppunt.Origin", "false"),
    ("Knooppunt.MustUnderstandRequired", "true"),
    ("Knooppunt.TypeParameterRequired", "true"),
    ("Knooppunt.CompressedWhenOff", "true"),
    ("Knooppunt.UndeclaredPartsRefused", "false"),
    ("Knooppunt.RefToMessageIdRefused", "true"),
    ("Knooppunt.LayerTwo", "true"),
]


def test_every_parameter_that_may_be_overridden_is_in_the_table_of_these_tests() -> None:
    assert {row[0] for row in OVERRIDES} == {each.name for each in PARAMETERS if each.kind is not None}


@pytest.mark.parametrize(("name", "value"), OVERRIDES, ids=[row[0] for row in OVERRIDES])
def test_an_override_by_ebms_name_takes_effect_on_the_legs_that_it_may(name: str, value: str) -> None:
    text = CREDITOR_YAML + f"overrides:\n  {name}: {value}\n"
    found = read(creditor=text)
    creditor = found.by_party[CREDITOR]
    question = found.catalogue.find("urn:knooppunt:Schuldregeling:2.0", "Saldoverzoek")
    for leg in Leg:
        row = rows(found, found.pmode(creditor, question, leg)).get(name)
        if leg in BY_NAME[name].override_legs:
            assert row is not None
            assert (row.value, row.origin) == (value.strip('"'), "creditor.yaml:14")
        else:
            assert row is None or row.origin != "creditor.yaml:14"


def test_an_override_for_one_leg_leaves_the_other_alone_and_goes_before_one_of_the_hub() -> None:
    found = read(
        hub=HUB_YAML + "overrides: {Knooppunt.KeyReference: ski}\n",
        creditor=CREDITOR_YAML + "overrides: {receiving: {Knooppunt.KeyReference: thumbprint}}\n",
    )
    creditor = found.by_party[CREDITOR]
    legs = {leg: rows(found, found.pmode(creditor, None, leg))["Knooppunt.KeyReference"] for leg in Leg}
    assert (legs[Leg.SENDING].value, legs[Leg.SENDING].origin) == ("ski", "hub.yaml:7")
    assert (legs[Leg.RECEIVING].value, legs[Leg.RECEIVING].origin) == ("thumbprint", "creditor.yaml:13")


def test_an_overridden_mpc_is_the_mailbox_that_is_pulled() -> None:
    found = read(creditor=CREDITOR_YAML + "overrides: {receiving: {'PMode[1].BusinessInfo.MPC': 'urn:mpc:own'}}\n")
    assert found.by_mpc["urn:mpc:own"].party_id == CREDITOR
    assert f"urn:knooppunt:mpc:{CREDITOR}" not in found.by_mpc


def test_an_mpc_overridden_for_all_is_the_one_to_push_on_and_every_mailbox_keeps_its_own() -> None:
    found = read(hub=HUB_YAML + "overrides: {'PMode[1].BusinessInfo.MPC': 'urn:mpc:all'}\n")
    mpcs = {leg: found.pmode(found.by_party[CREDITOR], None, leg).business_info.mpc for leg in Leg}
    assert mpcs == {Leg.SENDING: "urn:mpc:all", Leg.RECEIVING: f"urn:knooppunt:mpc:{CREDITOR}"}
    under = "overrides: {receiving: {'PMode[1].BusinessInfo.MPC': 'urn:mpc:all'}}\n"
    assert the_complaint(hub=HUB_YAML + under) == (
        "hub.yaml:7: overrides.receiving.PMode[1].BusinessInfo.MPC: is each organisation's own on this leg and cannot"
        " be overridden for all; put it into their files"
    )


def test_a_role_that_was_overridden_has_to_be_in_the_message() -> None:
    found = read(counsellor=COUNSELLOR_YAML + "overrides: {sending: {PMode.Initiator.Role: 'urn:role:shv'}}\n")
    assert match_user_message(found, message(from_party=party(COUNSELLOR, "urn:role:shv")), DAY)
    with pytest.raises(ProcessingModeMismatch) as caught:
        match_user_message(found, message(), DAY)
    assert [(each.what, each.expected) for each in caught.value.compared] == [("PMode.Initiator.Role", "urn:role:shv")]


def test_the_shipped_modules_give_pmodes_for_every_message_and_both_ends() -> None:
    shipped = load_catalogue()
    found = configuration()
    creditor = found.by_party[CREDITOR]
    ids = [found.pmode(creditor, each, leg).id for each in shipped for leg in Leg]
    assert len(ids) == len(set(ids)) >= 4
