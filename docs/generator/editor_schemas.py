"""The JSON Schemas for editors (`gateway.written.editor_schema`), from the shapes of the files and the tables of words.

Draft 7, which is what editors know. Two readers have to agree on a file: ours takes `2.0` and an OIN for text where an
editor sees a number, so free text may be a number here. What a file may say shorter than its shape, `party: X` for a
list of one, stands in `_SHORTER`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from crypto.suites import SUITES
from gateway.client.participant_shape import ParticipantShape
from gateway.settings import Settings
from gateway.written.editor_schema import EditorSchema
from gateway.written.header_text import HeaderText
from pmodes.consistency import ORGANISATION_ROLES
from pmodes.model import Leg
from pmodes.parameter import Parameter
from pmodes.parameters import PARAMETERS
from pmodes.shapes import HubShape, OrganisationShape
from xsd.catalogue import ROLES, load_catalogue

Schema = dict[str, Any]

_TITLES: Final = {
    EditorSchema.ORGANISATION: "An organisation at a Knooppunt hub",
    EditorSchema.HUB: "hub.yaml: a Knooppunt hub as a party, and defaults for all organisations",
    EditorSchema.SETTINGS: "hub.toml: the settings of a Knooppunt hub",
    EditorSchema.PARTICIPANT: "participant.yaml: what a participant of a Knooppunt hub runs on",
}
_MODELS: Final[Mapping[EditorSchema, type[BaseModel]]] = {
    EditorSchema.ORGANISATION: OrganisationShape,
    EditorSchema.HUB: HubShape,
    EditorSchema.SETTINGS: Settings,
    EditorSchema.PARTICIPANT: ParticipantShape,
}
_TEXT: Final[Schema] = {"type": ["string", "number"]}
_HEADER_TEXT: Final = TypeAdapter(HeaderText).json_schema()["pattern"]  # signs that no editor lets through unseen
_THUMBPRINT: Final[Schema] = {"type": "string", "pattern": "^:*([0-9A-Fa-f]:*){64}$"}
_LEG_KEYS: Final = {Leg.SENDING: "sending", Leg.RECEIVING: "receiving"}


def schemas() -> Mapping[str, str]:
    """The text of each schema by the name of its file."""
    return {kind.file_name: _text(kind) for kind in EditorSchema}


def _text(kind: EditorSchema) -> str:
    made = _MODELS[kind].model_json_schema(schema_generator=_OfFiles)
    del made["description"]  # of the class, and the title says it for a file
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": _TITLES[kind]}
    return json.dumps(head | _Walk(kind).through(made), indent=2, ensure_ascii=False) + "\n"


class _OfFiles(GenerateJsonSchema):
    """What a model opens while it reads is a name in the file."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1, "description": "Name of a file, seen from this one."}

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:
        return {"type": "string"}


class _Walk:
    """From what pydantic makes of a model to what an editor shows of a file."""

    def __init__(self, kind: EditorSchema) -> None:
        self._kind = kind

    def through(self, node: Schema, key: str = "") -> Schema:
        """A schema with everything below it; `key` is whose value it is."""
        found = {name: value for name, value in node.items() if name not in ("title", "default", "format")}
        if "patternProperties" in found:  # names of header text, as everything that is named here
            (found["additionalProperties"],) = found.pop("patternProperties").values()
        for holding in ("properties", "$defs"):
            if holding in found:
                found[holding] = {name: self.through(each, name) for name, each in found[holding].items()}
        for holding in ("items", "additionalProperties"):
            if isinstance(found.get(holding), dict):
                found[holding] = self.through(found[holding])
        if "anyOf" in found:  # a key without a value is refused, so null is none of them
            kinds = [self.through(each) for each in found.pop("anyOf") if each.get("type") != "null"]
            found = (kinds[0] | found) if len(kinds) == 1 else {"anyOf": kinds, **found}
        if node.get("default") not in (None, "", [], {}):
            found["default"] = node["default"]
        if node.get("format") == "date":
            found["pattern"] = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
        elif found.get("type") == "string" and not found.keys() & {"enum", "const"}:
            found = self._as_text(found)
        return self._by_key(found, key)

    def _as_text(self, found: Schema) -> Schema:
        if found.get("pattern", _HEADER_TEXT) != _HEADER_TEXT:
            return found
        found = {name: value for name, value in found.items() if name != "pattern"}
        return found if self._kind is EditorSchema.SETTINGS else found | _TEXT

    def _by_key(self, found: Schema, key: str) -> Schema:
        """What the shape does not say, because a file's words are held against tables after its form."""
        if found.get("type") == "array":
            match found["items"].get("$ref", ""):
                case "#/$defs/PartyShape":
                    return _one_or_several(found, found["items"], _TEXT)
                case "#/$defs/CertificateShape" | "#/$defs/RootShape":
                    found["items"] = {"anyOf": [_TEXT | {"minLength": 1}, found["items"]]}
                case "#/$defs/VersionShape":
                    found["items"] = {"anyOf": [_TEXT, found["items"]]}
                case "#/$defs/CertificateFile":
                    return _one_or_several(found | {"minItems": 1}, found["items"])
        match key:
            case "roles":
                roles = ROLES if self._kind is EditorSchema.PARTICIPANT else ORGANISATION_ROLES
                found["items"] = {"enum": list(roles)}
            case "suite":
                found = {name: value for name, value in found.items() if name in ("description", "default")}
                found["enum"] = sorted(SUITES)
            case "modules" if isinstance(found.get("additionalProperties"), dict):
                found["properties"] = _modules(found["additionalProperties"])
            case "tls_thumbprints" | "compromised":
                found["items"] = _THUMBPRINT
            case "overrides":
                found |= _overrides(for_all=self._kind is EditorSchema.HUB)
            case "party" if self._kind is EditorSchema.PARTICIPANT and found["type"] == "array":
                return _one_or_several(found | {"minItems": 1}, found["items"])
            case "agreement" if self._kind is EditorSchema.PARTICIPANT:
                return {"anyOf": [_TEXT, found]}
            case "host":
                return _one_or_several(found | {"minItems": 1}, found["items"])
        return found


def _one_or_several(found: Schema, *one: Schema) -> Schema:
    """A list, of which one may stand alone in any of these forms."""
    about = {"description": found.pop("description")} if "description" in found else {}
    items = {"anyOf": list(one)} if len(one) > 1 else one[0]
    return {"anyOf": [*one, found | {"items": items}], **about}


def _modules(versions: Schema) -> Schema:
    """The shipped modules by name, for an editor to offer; others lie in folders of the hub that has them."""
    shipped: dict[str, list[str]] = {}
    for module in load_catalogue().modules:
        shipped.setdefault(module.name, []).append(module.version)
    return {name: _offering(versions, those) for name, those in shipped.items()}


def _offering(versions: Schema, shipped: list[str]) -> Schema:
    forms = versions.get("items", {}).get("anyOf", [])
    offered = {"description": f"Shipped versions: {', '.join(shipped)}."}
    if not forms:
        return versions | offered
    return versions | offered | {"items": {"anyOf": [{"enum": shipped}, *forms]}}


def _overrides(*, for_all: bool) -> Schema:
    both: Schema = {}
    of_leg: dict[Leg, Schema] = {leg: {} for leg in Leg}
    for parameter in PARAMETERS:
        legs = parameter.legs_to_set(for_all=for_all) if parameter.kind is not None else frozenset()
        if legs:
            both[parameter.name] = _value(parameter)
        for leg in legs:
            of_leg[leg][parameter.name] = _value(parameter)
    for leg, key in _LEG_KEYS.items():
        both[key] = {
            "type": "object",
            "description": f"On leg {leg.value} alone.",
            "properties": of_leg[leg],
            "additionalProperties": False,
        }
    return {"properties": both, "additionalProperties": False}


def _value(parameter: Parameter) -> Schema:
    about = {"description": parameter.description}
    if parameter.choices:
        return {"enum": list(parameter.choices), **about}
    if parameter.kind is bool:
        return {"type": "boolean", **about}
    if parameter.kind is int:
        return {"type": "integer", "minimum": parameter.minimum, "maximum": parameter.maximum, **about}
    return {"type": "string", "minLength": 1, **about}
