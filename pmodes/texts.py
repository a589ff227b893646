"""The closed list of what a refusal about P-Modes says to a peer, in both languages.

SECURITY: a sentence names parameters, places and words of the catalogue, never a value of the message or another party.
"""

from __future__ import annotations

from typing import Final

from gateway.ebms.text import Phrase, Text

# Said before the signature is verified (decision 0013).
NO_PROCESSING_MODE: Final = Text("No processing mode fits this message.", "Geen processing mode past bij dit bericht.")
REFERENCE_REFUSED: Final = Text(
    "A One-Way message carries no RefToMessageId.", "Een eenrichtingsbericht draagt geen RefToMessageId."
)
TOO_MANY_PARTY_IDS: Final = Phrase(
    "{party} has more PartyIds than the processing mode allows.",
    "{party} heeft meer PartyId's dan de processing mode toestaat.",
)
NOT_KNOWN: Final = Phrase("The value of {element} is not known here.", "De waarde van {element} is hier niet bekend.")
NOT_PUSHED_ON: Final = Text("Messages are not pushed on this MPC.", "Op dit MPC worden geen berichten aangeboden.")

# Message properties.
PROPERTY_NOT_LISTED: Final = Text(
    "There is a message property that the processing mode does not list.",
    "Er is een eigenschap die de processing mode niet noemt.",
)
PROPERTY_MISSING: Final = Phrase("The message property {name} is missing.", "De eigenschap {name} ontbreekt.")
PROPERTY_TOO_LONG: Final = Phrase(
    "The message property {name} is longer than the processing mode allows.",
    "De eigenschap {name} is langer dan de processing mode toestaat.",
)
PROPERTY_OF_OTHER_TYPE: Final = Phrase(
    "The message property {name} is not of its data type.", "De eigenschap {name} heeft niet haar gegevenstype."
)
PROPERTY_TYPE_NOT_LISTED: Final = Text(
    "The attribute type of a property says what the processing mode does not list.",
    "Het attribuut type van een eigenschap zegt iets dat de processing mode niet noemt.",
)
NOT_SPOKEN_FOR: Final = Text(
    "The message property originalSender names a party for which this sender does not act.",
    "De eigenschap originalSender noemt een partij voor wie deze afzender niet optreedt.",
)

# Whoever is told one of these can do something about it, so a client knows them again (gateway/client/advice.py).
VERSION_NOT_ACTIVE: Final = Phrase(
    "{version} is not active for this sender.", "{version} is niet actief voor deze afzender."
)
VERSION_NOT_YET: Final = Phrase(
    "{version} is active for this sender from {day}.", "{version} is actief voor deze afzender vanaf {day}."
)
VERSION_ENDED: Final = Phrase(
    "{version} was active for this sender until {day}.", "{version} was actief voor deze afzender tot en met {day}."
)
CALLED_FROM_ELSEWHERE: Final = Text(
    "This participant called from an address that was not agreed with it.",
    "Deze deelnemer belde vanaf een adres dat niet met hem is afgesproken.",
)
SUSPENDED: Final = Text(
    "This participant is suspended: it can neither send nor collect. What waits for it runs to its term.",
    "Deze deelnemer is geschorst: verzenden en ophalen kan niet. Wat klaarstaat, loopt tot zijn termijn.",
)
TYPE_NOT_SENT: Final = Phrase(
    "A sender in this role does not send {type} of {version}.",
    "Een afzender in deze rol verstuurt geen {type} van {version}.",
)
TYPE_NOT_RECEIVED: Final = Phrase(
    "The final recipient does not receive {type} of {version}.",
    "De eindontvanger ontvangt geen {type} van {version}.",
)
OTHER_VERSION: Final = Phrase(
    "The question was asked in {version}; its answer uses the same version.",
    "De vraag is gesteld in {version}; het antwoord gebruikt dezelfde versie.",
)
PARTS_TOO_MANY: Final = Text(
    "The message has more parts than the processing mode allows.",
    "Het bericht heeft meer delen dan de processing mode toestaat.",
)
PART_MISSING: Final = Text(
    "A part that the processing mode requires is missing.",
    "Een deel dat de processing mode vereist, ontbreekt.",
)
PART_OF_OTHER_TYPE: Final = Phrase(
    "Part {number} is not of a MIME type that the processing mode allows.",
    "Deel {number} heeft een MIME-type dat de processing mode niet toestaat.",
)
PART_PROPERTY_NOT_LISTED: Final = Phrase(
    "Part {number} has a property that the processing mode does not list.",
    "Deel {number} heeft een eigenschap die de processing mode niet noemt.",
)
PART_PROPERTY_VALUE: Final = Phrase(
    "A property of part {number} is longer than the processing mode allows, or not of its data type.",
    "Een eigenschap van deel {number} is langer dan de processing mode toestaat, of heeft niet haar gegevenstype.",
)
PART_TYPE_PARAMETER: Final = Phrase(
    "The MimeType of part {number} has another parameter than charset with the name of an encoding.",
    "Het MimeType van deel {number} heeft een andere parameter dan charset met de naam van een codering.",
)
PART_COMPRESSED: Final = Phrase(
    "Part {number} is compressed, which the processing mode does not allow.",
    "Deel {number} is gecomprimeerd; dat staat de processing mode niet toe.",
)
PART_TOO_LARGE: Final = Phrase(
    "Part {number} is larger than the processing mode allows.",
    "Deel {number} is groter dan de processing mode toestaat.",
)
