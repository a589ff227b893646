"""What a line of the table of parameters says: the name, the field, the default, who reads it, what may override it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from crypto.suites import Suite
from gateway.ebms.values import is_uri
from pmodes.model import HubParty, Leg, Organisation, Override, Value

BOTH: Final = frozenset(Leg)
SENDING: Final = frozenset({Leg.SENDING})
RECEIVING: Final = frozenset({Leg.RECEIVING})


class DefaultSource(Enum):
    """Where a value comes from when no file says anything."""

    ORGANISATION = "organisation file"
    HUB = "hub.yaml"
    CATALOGUE = "module catalogue"
    PROFILE = "profile"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What defaults are taken from: one organisation on one leg, whatever the message type."""

    hub: HubParty
    organisation: Organisation
    leg: Leg
    suites: Mapping[str, Suite]

    @property
    def sending(self) -> bool:
        """Whether the organisation is the one that sends the user message."""
        return self.leg is Leg.SENDING


Default = Callable[[Ground], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter, by its ebMS name.

    `path` is the field of `PMode` that holds it and `reader` the module that goes by it; a parameter without them is
    the same for every partner, nothing asks for it, and `always` says what it is on each leg. `default` gives the value
    that no override sets, None where it follows from the message type (`pmodes.derive`) or stands within another
    parameter's; `made` turns the value of an override into what the field holds.

    `key` is the key of the organisation's file (or the hub's, where `source` is HUB) that sets the value; `kind` None
    means that no override is possible: the value follows from something else, or a guarantee of the hub rests on it.
    `legs` are those on which the parameter exists, `override_legs` those on which it may be overridden, and `own_legs`
    those of them on which each organisation has its own, so that hub.yaml cannot set it for all. `never_off` says for
    one that is always on what its being off would do.
    """

    name: str
    description: str
    source: DefaultSource
    path: str = ""
    reader: str = ""
    always: Mapping[Leg, str] | None = None
    default: Default | None = None
    made: Callable[[Value, Ground], object] = lambda value, _: value
    key: str | None = None
    kind: type[bool] | type[int] | type[str] | None = None
    choices: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = 0  # of a number
    is_uri: bool = False
    legs: frozenset[Leg] = BOTH
    override_legs: frozenset[Leg] = BOTH
    own_legs: frozenset[Leg] = frozenset()
    never_off: str = ""

    def value(self, ground: Ground, overrides: Mapping[str, Override]) -> object:
        """What its field holds; only for a parameter with a default."""
        override = overrides.get(self.name)
        if override is not None:
            return self.made(override.value, ground)
        if self.default is None:
            raise RuntimeError(f"{self.name} follows from the message type")
        return self.default(ground)

    def legs_to_set(self, *, for_all: bool) -> frozenset[Leg]:
        """The legs on which an override holds that stands for both, in hub.yaml (`for_all`) or an organisation's."""
        return self.override_legs - self.own_legs if for_all else self.override_legs

    def objection(self, value: object, leg: Leg, *, for_all: bool) -> str | None:
        """Why a value cannot be set on a leg, as the end of a sentence; None if it can."""
        if self.never_off:
            return f"is always on{'' if value is True else f': without it {self.never_off}'}; take it out"
        if self.kind is None:
            instead = "take it out" if self.key is None else f"take it out, and write {self.key} instead"
            return f"follows from {self.key or self.source.value} and cannot be overridden; {instead}"
        if leg not in self.override_legs:
            other = "sending" if leg is Leg.RECEIVING else "receiving"
            instead = f"put it under {other}" if self.override_legs else "take it out"
            return f"cannot be overridden on this leg; {instead}"
        if for_all and leg in self.own_legs:
            return "is each organisation's own on this leg and cannot be overridden for all; put it into their files"
        if type(value) is not self.kind:
            return f"must be {_KIND_NAMES[self.kind]}"
        if self.choices and value not in self.choices:
            return f"must be one of: {', '.join(self.choices)}"
        if self.kind is int and isinstance(value, int) and not self.minimum <= value <= self.maximum:
            return f"must be at least {self.minimum}" if value < self.minimum else f"must be at most {self.maximum}"
        if isinstance(value, str) and not self.choices and not value.strip():
            return "must not be empty"
        if self.is_uri and isinstance(value, str) and not is_uri(value):
            return "must be a URI, such as urn:example:mpc, without blanks"
        return None


_KIND_NAMES: Final = {bool: "true or false", int: "a whole number", str: "text"}


def always(name: str, description: str, one: str, two: str | None = None, *, never_off: str = "") -> Parameter:
    """What the profile fixes for all; `two` is what it is on leg 2, where that differs, and `never_off` what would be
    without it.
    """
    values = {Leg.SENDING: one, Leg.RECEIVING: one if two is None else two}
    return Parameter(
        name=name, description=description, source=DefaultSource.PROFILE, always=values, never_off=never_off
    )


def follows(
    name: str,
    path: str,
    reader: str,
    description: str,
    *,
    source: DefaultSource = DefaultSource.PROFILE,
    key: str | None = None,
    default: Default | None = None,
) -> Parameter:
    """What follows from something else and cannot be overridden."""
    return Parameter(
        name=name, path=path, reader=reader, description=description, source=source, key=key, default=default
    )


def switch(
    name: str,
    path: str,
    reader: str,
    description: str,
    *,
    default: Default,
    source: DefaultSource = DefaultSource.DEFAULT,
    legs: frozenset[Leg] = BOTH,
    override_legs: frozenset[Leg] = BOTH,
) -> Parameter:
    """What is on or off."""
    return Parameter(
        name=name,
        path=path,
        reader=reader,
        description=description,
        source=source,
        default=default,
        kind=bool,
        legs=legs,
        override_legs=override_legs & legs,
    )


def text(
    name: str,
    path: str,
    reader: str,
    description: str,
    *,
    default: Default,
    made: Callable[[Value, Ground], object] = lambda value, _: value,
    source: DefaultSource = DefaultSource.PROFILE,
    key: str | None = None,
    choices: tuple[str, ...] = (),
    override_legs: frozenset[Leg] = BOTH,
    own_legs: frozenset[Leg] = frozenset(),
    is_uri: bool = False,
) -> Parameter:
    """What is a word, free or of a list."""
    return Parameter(
        name=name,
        path=path,
        reader=reader,
        description=description,
        source=source,
        default=default,
        made=made,
        key=key,
        kind=str,
        is_uri=is_uri,
        choices=choices,
        override_legs=override_legs,
        own_legs=own_legs,
    )


def number(name: str, path: str, reader: str, description: str, *, minimum: int, maximum: int) -> Parameter:
    """What is counted, and is its minimum by default."""
    return Parameter(
        name=name,
        path=path,
        reader=reader,
        description=description,
        source=DefaultSource.PROFILE,
        default=lambda _: minimum,
        kind=int,
        minimum=minimum,
        maximum=maximum,
    )
