"""What a login says, whichever road it came by: the values that the portal goes on with.

Who may do what with it is the portal's to decide; which unit a branch is, and whether an organisation lets
intermediaries in, likewise.

SECURITY: a `Login` exists only after every check of its road held. A refusal tells the outside which check it was and
no more; `detail` is for the log, and holds no value of the assertion either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args


class LoginKind(StrEnum):
    """What somebody logged in for. It follows from the service in the assertion and from nothing else."""

    USER = "user"
    ADMINISTRATOR = "administrator"


class Level(Enum):
    """How sure it is who logs in. Levels have no order as texts, so `<` is not defined: ask `reaches`."""

    LOA1 = "loa1"
    LOA2 = "loa2"
    LOA2PLUS = "loa2plus"
    LOA3 = "loa3"
    LOA4 = "loa4"

    def reaches(self, required: Level) -> bool:
        """Whether this level is at least the required one."""
        return _RANK[self] >= _RANK[required]


_RANK: Final[Mapping[Level, int]] = MappingProxyType(
    {Level.LOA1: 1, Level.LOA2: 2, Level.LOA2PLUS: 3, Level.LOA3: 4, Level.LOA4: 5}
)

OrganisationNumberKind: TypeAlias = Literal["KVK", "RSIN"]
_DIGITS: Final[Mapping[OrganisationNumberKind, int]] = MappingProxyType({"KVK": 8, "RSIN": 9})
BRANCH_DIGITS: Final = 12

SKEW: Final = timedelta(seconds=60)  # between the clock of a provider and ours
MOST_OPEN: Final = timedelta(minutes=10)  # from beginning a login to its answer


def is_digits(value: str, count: int) -> bool:
    """Whether this is so many digits 0 to 9, and nothing else."""
    return len(value) == count and value.isascii() and value.isdigit()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationNumber:
    """The number of the organisation that is represented; ValueError where it is not of its form."""

    kind: OrganisationNumberKind
    value: str

    def __post_init__(self) -> None:
        if not is_digits(self.value, _DIGITS[self.kind]):
            raise ValueError(f"a number of kind {self.kind} has {_DIGITS[self.kind]} digits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who was proven to be there, for whom, how surely, and when (aware UTC).

    `issuer` is who vouches: the broker's entity id, or the issuer of an id token. `branch` is an establishment number
    of 12 digits where the mandate is limited to one, `intermediary` the KvK number of who acted under a chain mandate.
    `pseudonym` means something together with issuer and organisation only.
    """

    kind: LoginKind
    issuer: str
    organisation: OrganisationNumber
    branch: str | None = None
    intermediary: str | None = None
    pseudonym: str
    level: Level
    at: datetime

    @property
    def person(self) -> PersonKey:
        """By what the same person is known again."""
        return PersonKey(issuer=self.issuer, organisation=self.organisation, pseudonym=self.pseudonym)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A login that every check held for but the last of memory: the assertion's id counts once until that moment."""

    login: Login
    assertion_id: str
    remember_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKey:
    """The key of a person; never the pseudonym alone, which stays the same for who acts for several organisations."""

    issuer: str
    organisation: OrganisationNumber
    pseudonym: str


LoginCheck: TypeAlias = Literal[
    "document",  # size, encoding, DTD, comment, processing instruction, not what it has to be
    "source",  # it comes from another than the configured provider
    "response",  # an answer to another question
    "status",  # the provider says no
    "shape",  # not exactly what has to stand at each place
    "signature",
    "issuer",
    "destination",
    "recipient",
    "audience",
    "request",  # no open login of this browser, or one that is over
    "time",
    "replay",
    "level",
    "service",
    "decryption",  # one text, whatever it was
    "identity",  # the organisation's number, the pseudonym, the branch
]
"""Every check that can refuse a login, in the order of SAML's; the portal has a text for each."""
LOGIN_CHECKS: Final[tuple[LoginCheck, ...]] = get_args(LoginCheck)


class LoginRefused(Exception):
    """Nobody is logged in. `check` may be shown, `detail` may not; `is_cancelled` where the person himself ended it at
    the provider, which is no error.
    """

    def __init__(self, check: LoginCheck, detail: str, *, is_cancelled: bool = False) -> None:
        super().__init__(f"{check}: {detail}")
        self.check = check
        self.detail = detail
        self.is_cancelled = is_cancelled
