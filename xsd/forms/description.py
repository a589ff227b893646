"""One message type as a form: what a browser needs to draw it, to make a document of what was typed, to check that and
to show a document that came. Made of schema, catalogue and rules, so that a module version that is only a folder has
its forms.

`docs/reference/forms.md` says what stands in it. The order is that of the schema; what the schema allows and no more.
What a form asks and what a document holds have the same paths: `/Type/Group/Field`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from xsd.check_digits import account_forms
from xsd.checking.violations import SENTENCES
from xsd.forms.values import Json, value_of
from xsd.forms.words import ElementWords, FormFault, FormWords, words_of
from xsd.generating.export import rule_parameters
from xsd.message_type import HUB_ROLE, MessageType
from xsd.payload_header import HEADER
from xsd.rule_files import MessageTree
from xsd.rule_kinds import CheckDigit, Rule
from xsd.schema_model import ElementUse, Group, MessageModel, SchemaModel, read_schema_model

FORM: Final = 1
"""The generation of this description. Who reads it refuses another."""

FILLED: Final = {
    "Referentienummer": "reference",
    "ConversatieReferentienummer": "conversation",
    "CrossReferentienummer": "question",
    "Versie": "version",
    "Afzender": "sender",
    "Ontvanger": "receiver",
    "Berichttype": "type",
    "Aanmaakmoment": "moment",
    "Bijlagen": "attachments",
}
"""What the machine fills in the header of a message, and with what. Nobody types any of it."""


def form_description(message_type: MessageType) -> Json:
    """The description of a message type, as JSON values; raises FormFault for a forms file that cannot be used."""
    model = read_schema_model(message_type.schema)
    message = model.message(message_type.name)
    words = words_of(message_type.folder)
    label = words.message(message_type.name)
    return {
        "form": FORM,
        "module": message_type.module,
        "version": message_type.version,
        "type": message_type.name,
        "namespace": message_type.namespace,
        "service": message_type.service,
        "label": {"nl": label.nl, "en": label.en},
        "hint": {"nl": message.doc},
        "by_hand": not (message_type.is_for_hub or message_type.senders == (HUB_ROLE,)),
        "question": message_type.question,
        "answers": list(message_type.answers),
        "answers_to": list(message_type.answers_to),
        "waives": list(message_type.waives),
        "term_working_days": message_type.answer_term_working_days,
        "from": list(message_type.senders),
        "to": list(message_type.receivers),
        "attachments": [{"kind": each.kind, "from": list(each.roles)} for each in message_type.attachments],
        "items": list(_Drawing(model, words, _accounts(message_type, model, message)).items(message.content, "")),
        "rules": [_rule(rule) for rule in message_type.rules],
        "unique": [_unique(unique.selector, unique.field) for unique in message.uniques],
    }


def _rule(rule: Rule) -> Json:
    demand = rule_parameters(rule)
    if demand.get("algorithm") == "iban":
        demand["countries"] = account_forms()
    return {"code": rule.code, "nl": rule.nl, "en": rule.en, "kind": type(rule.check).__name__, **demand}


def _accounts(message_type: MessageType, model: SchemaModel, message: MessageModel) -> frozenset[str]:
    """The paths of account numbers, which a rule holds against the check of an IBAN."""
    tree = MessageTree(model, message)
    checks = [rule.check for rule in message_type.rules if isinstance(rule.check, CheckDigit)]
    return frozenset(path for check in checks if check.algorithm == "iban" for path in tree.resolve(check.at))


def _unique(selector: str, field: str) -> Json:
    nl, en = SENTENCES["XSD-CVC-IDC"]
    return {"code": "XSD-CVC-IDC", "nl": nl, "en": en, "within": selector, "at": field}


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One form in the making. `accounts`: paths of account numbers, which are chosen from the organisation's own."""

    model: SchemaModel
    words: FormWords
    accounts: frozenset[str]

    def items(self, content: Group, prefix: str) -> Iterator[Json]:
        """What stands in a group, in its order; `prefix` is the path of its element with a slash, or nothing."""
        _refuse_what_no_form_shows(content, prefix)
        if content.kind == "choice" or (content.least, content.most) != (1, 1):
            yield {**_occurs(content), "kind": content.kind, "items": list(self._inner(content, prefix))}
        else:
            yield from self._inner(content, prefix)

    def _inner(self, content: Group, prefix: str) -> Iterator[Json]:
        for item in content.items:
            if isinstance(item, Group):
                yield from self.items(item, prefix)
            else:
                yield self._element(item, f"{prefix}{item.name}")

    def _element(self, use: ElementUse, path: str) -> Json:
        words = self.words.element(use.name)
        described: dict[str, object] = {
            "name": use.name,
            "label": {"nl": words.nl, "en": words.en},
            **_hint(use, words),
            **_occurs(use),
        }
        filled = FILLED.get(use.name) if path == f"{HEADER}/{use.name}" else None
        if path == HEADER:
            filled = "header"
        if filled is not None:
            described["filled"] = filled
        origin = self._origin(path, words)
        if origin is not None:
            described["from"] = origin
        if words.copies:
            described["copies"] = list(words.copies)
        inner = self.model.complex_type(use.type_name)
        if inner is not None:
            return {**described, "kind": "group", "items": list(self.items(inner.content, f"{path}/"))}
        value = value_of(self.model.simple_type(use.type_name), self.words, words)
        return {**described, "kind": "field", "value": value}

    def _origin(self, path: str, words: ElementWords) -> str | None:
        """An account number is chosen from the list unless the words say otherwise; nothing else ever is."""
        if path in self.accounts:
            return None if words.origin == "typed" else "accounts"
        return None if words.origin in ("typed", "accounts") else words.origin


def _refuse_what_no_form_shows(content: Group, prefix: str) -> None:
    """A form keeps what stands in a group by the names of its elements, so their order must follow from the schema."""
    where = prefix.rstrip("/") or "the message itself"
    names = [use.name for use in content.elements()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FormFault(f"{where}: {', '.join(twice)} stands at two places of one group; no form can show that")
    if content.most != 1:
        raise FormFault(f"{where}: a choice or sequence repeats as a whole; repeat an element that holds it instead")


def _occurs(item: ElementUse | Group) -> dict[str, object]:
    return {"least": item.least, "most": item.most}


def _hint(use: ElementUse, words: ElementWords) -> dict[str, object]:
    """The meaning of the element, unless its label says as much."""
    meaning = use.doc if words.uitleg is None else words.uitleg
    hint = {"nl": meaning} if meaning and meaning.rstrip(".").lower() != words.nl.lower() else {}
    if words.hint:
        hint["en"] = words.hint
    return {"hint": hint} if hint else {}
