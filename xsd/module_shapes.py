"""What may stand in the catalogue and in the rules of a module version, as pydantic models that refuse anything else.

They check the form of one value at a time; whether names exist is for `xsd.catalogue` and `xsd.rule_files`.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from xsd.check_digits import CHECKS


def _some_role(roles: list[str]) -> list[str]:
    if not roles:
        raise ValueError("a message has at least one role that sends it and one that receives it")
    return roles


Texts = Annotated[list[str], Field(min_length=1)]
Roles = Annotated[list[str], AfterValidator(_some_role)]
Where = Annotated[dict[str, list[str]], Field(min_length=1, max_length=1)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AttachmentRow(_Shape):
    """A document that has to come with a message."""

    kind: str
    senders: Roles = Field(alias="from")


class MessageRow(_Shape):
    """One message type."""

    question: bool = False
    answers: list[str] = []
    waives: list[str] = []
    term_working_days: int | None = Field(None, ge=1)
    senders: Roles = Field(alias="from")
    receivers: Roles = Field(alias="to")
    attachments: list[AttachmentRow] = []

    @model_validator(mode="after")
    def _is_answered(self) -> MessageRow:
        if self.question and not self.answers:
            raise ValueError("a question has answers; name them, or take question out")
        return self


class CatalogueShape(_Shape):
    """One catalogue file."""

    title: str | None = None
    generation: str = ""
    previous: str | None = None
    of_itself_for: list[str] = []  # roles that have this version as soon as they have an earlier one
    messages: dict[str, MessageRow]


class _RuleRow(_Shape):
    code: str
    messages: list[str] | None = None
    nl: str
    en: str
    within: str = ""


class _ConditionalRow(_RuleRow):
    when: Where | None = None
    unless: Where | None = None

    @model_validator(mode="after")
    def _has_one_condition(self) -> _ConditionalRow:
        if self.when is not None and self.unless is not None:
            raise ValueError("when and unless exclude each other; keep one")
        return self


class CheckDigitRow(_RuleRow):
    """A number with a check digit."""

    kind: Literal["check-digit"]
    at: str
    algorithm: str

    @model_validator(mode="after")
    def _is_known(self) -> CheckDigitRow:
        if self.algorithm not in CHECKS:
            raise ValueError(f"algorithm is one of {', '.join(CHECKS)}")
        return self


class SumRow(_RuleRow):
    """A total and its terms."""

    kind: Literal["sum"]
    total: str
    terms: Texts


class OneOfRow(_ConditionalRow):
    """Some of a few elements, under a condition or always."""

    kind: Literal["one-of"]
    choose: Texts
    least: int = Field(1, ge=0)
    most: int = Field(1, ge=0)


class DateOrderRow(_RuleRow):
    """Two dates in their order."""

    kind: Literal["date-order"]
    earlier: str
    later: str


class SameSetRow(_ConditionalRow):
    """The same values as in the question."""

    kind: Literal["same-set-as-question"]
    here: str
    there: str


RuleRow: TypeAlias = CheckDigitRow | SumRow | OneOfRow | DateOrderRow | SameSetRow
"""The closed list of kinds."""


class RulesShape(_Shape):
    """One file of rules."""

    rules: list[Annotated[RuleRow, Field(discriminator="kind")]]
