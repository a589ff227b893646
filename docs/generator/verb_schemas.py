"""The JSON schema of each command that follows from an administrative verb alone: the common shape of a document around
the verb's own answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from gateway.administration.verb import Verb
from gateway.administration.verbs import VERBS


def schemas(verbs: Mapping[str, Verb] = VERBS) -> Mapping[str, str]:
    """The text of each schema by the name of its file."""
    return {f"{each.command.replace(' ', '-')}.json": _text(each) for each in verbs.values() if each.command}


def _text(verb: Verb) -> str:
    name = (verb.command or "").replace(" ", "-")
    common = json.loads((files("gateway.cli") / "json_schemas" / "knooppunt.json").read_text("utf-8"))
    answer = verb.answer.json_schema(mode="serialization", ref_template="#/properties/facts/$defs/{model}")
    facts: dict[str, Any] = {"type": ["object", "null"], "additionalProperties": False, "required": [verb.fact]}
    if definitions := answer.pop("$defs", {}):
        facts["$defs"] = definitions
    facts["properties"] = {verb.fact: {key: value for key, value in answer.items() if key != "title"}}
    common |= {"$id": f"urn:knooppunt:cli:{name}", "title": verb.sentence.rstrip(".")}
    common["properties"] |= {"command": {"const": verb.command}, "facts": facts}
    return json.dumps(common, indent=2, ensure_ascii=False) + "\n"
