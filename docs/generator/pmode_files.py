"""docs/reference/pmode-files.md, from the shapes of the files and the table of parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crypto.suites import SUITES
from generator.example_site import example_site
from generator.markdown import block, code, document, table
from pmodes.configuration import Configuration
from pmodes.effective import effective
from pmodes.folder import read_folder
from pmodes.model import Attachments, Leg, Mailbox
from pmodes.parameter import BOTH, DefaultSource, Parameter
from pmodes.parameters import PARAMETERS
from pmodes.shapes import HubShape, OrganisationShape
from xsd.catalogue import ROLES, load_catalogue

INTRODUCTION = """\
A folder holds `hub.yaml` and one file for each organisation, whatever its name. Everything else is derived: which
services, actions and mailboxes there are follows from roles and modules. Unknown keys, keys that stand twice, and
aliases are refused; all complaints come at once, with file and line. Nothing is guessed: a value is the text that is
written, so that `2.0`, `no` and an OIN with its zeros need no quotes. Only `true`, `false`, `null` and whole numbers
of up to 18 digits such as `7` are no text; where text is meant they are refused, and want quotes. File names of
certificates are seen from the file that names them. Where a party is meant its value alone will do.
The folder is read when the hub starts and again on SIGHUP.

The line that names a `$schema` is for editors: `knooppunt pmode schema` prints it, and it lies beside the file."""

OVERRIDES = """\
Under `overrides` a parameter is set by its ebMS name, in an organisation's file or, for all, in `hub.yaml`. Directly
there it holds for both legs; under `sending` for leg 1 alone, from the organisation to the hub; under `receiving` for
leg 2, from the hub to the organisation. Names are those of ebMS3 Core appendix D and AS4 5.2; what begins with
`Knooppunt.` is ours. `PMode[1].BusinessInfo.MPC` in `hub.yaml` is the MPC to push on; a mailbox has its own.

```yaml
overrides:
  Knooppunt.RefToMessageIdRefused: true
  receiving:
    Knooppunt.EncryptionKeyReference: token
```"""


RULES: Mapping[str, Mailbox | Attachments] = {"mailbox": Mailbox(), "attachments": Attachments()}


def page() -> str:
    """The whole page."""
    site = example_site()
    organisation = (site.settings.parent / "pmodes" / "energie-mijnstad.yaml").read_text("utf-8")
    values = _defaults()
    return document(
        "P-Mode files",
        INTRODUCTION,
        f"An organisation, as `knooppunt pki new` writes it:\n\n{block(organisation, 'yaml')}",
        "## An organisation\n\n" + _keys(OrganisationShape),
        "## hub.yaml\n\n" + _keys(HubShape),
        f"## Words\n\n- Roles: {_listed(each for each in ROLES if each != 'knooppunt')}.\n"
        f"- Suites: {_listed(SUITES)}.\n"
        f"- Modules and versions: those of `knooppunt schema list`.",
        f"## Overrides\n\n{OVERRIDES}\n\n"
        + table(
            ("parameter", "meaning", "legs", "value", "default"),
            (
                (code(p.name), p.description, _legs(p), _kind(p), values.get(p.name))
                for p in PARAMETERS
                if p.kind is not None
            ),
        ),
        "## Parameters that follow from something else\n\n"
        "They stand in the effective P-Mode and cannot be overridden.\n\n"
        + table(
            ("parameter", "meaning", "follows from"),
            ((code(p.name), p.description, _follows_from(p)) for p in PARAMETERS if p.kind is None),
        ),
    )


def _listed(words: Iterator[str] | Mapping[str, object]) -> str:
    return ", ".join(code(each) for each in words)


def _keys(shape: type[OrganisationShape] | type[HubShape]) -> str:
    schema = shape.model_json_schema()
    rows = _rows(schema, schema.get("$defs", {}), "")
    return table(
        ("key", "type", "default", "meaning"),
        ((code(key), kind, default or _rule(shape, key), meaning) for key, kind, default, meaning in rows),
    )


def _rule(shape: type[OrganisationShape] | type[HubShape], key: str) -> str:
    """What a rule of mailboxes or attachments is when the file does not say; an organisation's is the hub's."""
    section, _, name = key.partition(".")
    if section not in RULES or not name:
        return ""
    value = getattr(RULES[section], name)
    if shape is OrganisationShape:
        return "as in hub.yaml"
    return ", ".join(map(code, sorted(value))) if isinstance(value, frozenset) else code("" if value is None else value)


def _rows(schema: Mapping[str, Any], named: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str, str, str]]:
    needed = set(schema.get("required", ()))
    for name, raw in schema["properties"].items():
        key = f"{prefix}{name}"
        inner, many = _inner(raw, named)
        default = "**needed**" if name in needed else _default(raw)
        if inner is None:
            yield key, _type(raw, named), default, raw["description"]
            continue
        yield key, "list" if many else "keys", default, raw["description"]
        yield from _rows(inner, named, f"{key}[]." if many else f"{key}.")


def _inner(raw: Mapping[str, Any], named: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, bool]:
    raw = next((each for each in raw.get("anyOf", ()) if each.get("type") != "null"), raw)
    items = raw.get("items", {})
    reference, many = (raw["$ref"], False) if "$ref" in raw else (items.get("$ref"), True)
    return (None, False) if reference is None else (named[reference.rpartition("/")[2]], many)


def _default(raw: Mapping[str, Any]) -> str:
    value = raw.get("default")
    if value is None or value == "":
        return ""
    return code(str(value).lower() if isinstance(value, bool) else value)


def _type(raw: Mapping[str, Any], named: Mapping[str, Any]) -> str:
    if "anyOf" in raw:
        return next(_type(each, named) for each in raw["anyOf"] if each.get("type") != "null")
    if "enum" in raw:
        return " or ".join(code(each) for each in raw["enum"])
    match raw.get("type"):
        case "array":
            return f"list of {_type(raw['items'], named)}"
        case "integer":
            low, high = raw.get("minimum"), raw.get("maximum")
            return "whole number" if low is None else f"{low} or more" if high is None else f"{low} to {high}"
        case "boolean":
            return "`true` or `false`"
        case "object":
            inner = raw.get("additionalProperties")
            of_each = isinstance(inner, dict) and inner
            return f"names with a {_type(of_each, named)} each" if of_each else "names with values"
        case _:
            return "date" if raw.get("format") == "date" else "text"


def _legs(parameter: Parameter) -> str:
    return "both" if parameter.override_legs == BOTH else ", ".join(str(each.value) for each in parameter.override_legs)


def _follows_from(parameter: Parameter) -> str:
    if parameter.key is None:
        return parameter.source.value
    return f"`{parameter.key}` in hub.yaml" if parameter.source is DefaultSource.HUB else code(parameter.key)


def _kind(parameter: Parameter) -> str:
    if parameter.choices:
        return " or ".join(code(each) if each else "empty" for each in parameter.choices)
    if parameter.kind is int:
        return f"{parameter.minimum} to {parameter.maximum}"
    return "`true` or `false`" if parameter.kind is bool else "a URI" if parameter.is_uri else "text"


def _defaults() -> dict[str, str]:
    """What a parameter is on each leg when nobody overrides it, for the creditor of the example."""
    site = example_site()
    configuration = read_folder(site.settings.parent / "pmodes", catalogue=load_catalogue(), base="urn:knooppunt")
    one, two = (_effective(configuration, leg) for leg in (Leg.SENDING, Leg.RECEIVING))
    found = {}
    for name in one.keys() | two.keys():
        values = [code(each[name]) or "empty" for each in (one, two) if name in each]
        found[name] = values[0] if len(set(values)) == 1 else f"{values[0]} on leg 1, {values[1]} on leg 2"
    return found


def _effective(configuration: Configuration, leg: Leg) -> dict[str, str]:
    organisation = next(each for each in configuration.organisations if each.name == "Energie Mijnstad")
    kind = configuration.catalogue.message("Schuldregeling", "2.0", "Saldoverzoek")
    return {row.name: row.value for row in effective(configuration, configuration.pmode(organisation, kind, leg))}
