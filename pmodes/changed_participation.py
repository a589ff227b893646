"""In what an organisation takes part, put so that two states of it can be held against each other."""

from __future__ import annotations

from dataclasses import dataclass

from pmodes.model import Organisation
from pmodes.participation import ActiveVersion
from xsd.catalogue import Catalogue, Module


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """The message types of one module version that an organisation may send and be sent, on whatever days."""

    sends: tuple[str, ...]
    receives: tuple[str, ...]

    @property
    def told(self) -> str:
        """What it may do, as the middle of a sentence."""
        return " and ".join(word for word, types in (("send", self.sends), ("receive", self.receives)) if types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """How an organisation stands to one module version."""

    may: str
    days: str
    answer_working_days: int | None


def abilities(organisation: Organisation, catalogue: Catalogue) -> dict[str, Abilities]:
    """By the name of each module version that its file has, whoever it is."""
    return {f"{name} {each.version}": able for name, each, able in _versions(organisation, catalogue)}


def standings(organisation: Organisation, catalogue: Catalogue) -> dict[str, Participation]:
    """By the name of each module version in which it may do something."""
    return {
        f"{name} {each.version}": Participation(
            may=f"may {able.told} {name} {each.told}",
            days=each.told.removeprefix(each.version).strip(),
            answer_working_days=each.answer_working_days,
        )
        for name, each, able in _versions(organisation, catalogue)
        if able.told
    }


def _versions(organisation: Organisation, catalogue: Catalogue) -> list[tuple[str, ActiveVersion, Abilities]]:
    return [
        (name, each, _able(organisation, module))
        for name, versions in organisation.modules.items()
        for each in versions
        if (module := catalogue.module(name, each.version)) is not None
    ]


def _able(organisation: Organisation, module: Module) -> Abilities:
    return Abilities(
        sends=tuple(each.name for each in module.messages if organisation.sends(each, None)),
        receives=tuple(each.name for each in module.messages if organisation.receives(each, None)),
    )
