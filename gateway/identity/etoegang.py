"""What logins of eHerkenning say, by whichever road: names of attributes and claims, levels, kinds of number.

Source: the interface specifications of the scheme (version 1.13).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.identity.login import Level, OrganisationNumberKind

LEVELS: Final[Mapping[str, Level]] = MappingProxyType(
    {f"urn:etoegang:core:assurance-class:{level.value}": level for level in Level}
)
LEVEL_NAMES: Final[Mapping[Level, str]] = MappingProxyType({level: name for name, level in LEVELS.items()})

LEGAL_SUBJECT: Final = "urn:etoegang:core:LegalSubjectID"
ACTING_SUBJECT: Final = "urn:etoegang:core:ActingSubjectID"
BRANCH: Final = "urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"

NUMBER_KINDS: Final[Mapping[str, OrganisationNumberKind]] = MappingProxyType(
    {"urn:etoegang:1.9:EntityConcernedID:KvKnr": "KVK", "urn:etoegang:1.9:EntityConcernedID:RSIN": "RSIN"}
)

RESTRICTION: Final = re.compile(r"urn:etoegang:[^:]*:ServiceRestriction(:|\Z)")
INTERMEDIARY: Final = re.compile(r"urn:etoegang:[^:]*:IntermediateEntityID(:|\Z)")
OF_KVK: Final = ":KvKnr"
PSEUDONYM: Final = re.compile(r"[!-~]{8,256}")
