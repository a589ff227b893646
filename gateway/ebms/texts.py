"""The closed list of sentences that an error may say to a peer.

SECURITY: a sentence is a constant. It never holds a value of the message, a path, a key id or the name of another
party; whoever needs more to find the cause reads the private detail in the log. Causes that a peer must not be able to
tell apart share one sentence.
"""

from __future__ import annotations

from typing import Final, Literal

from gateway.ebms.text import Text

# Envelope and header (EBMS:0009).
HEADER_INVALID: Final = Text(
    "The ebMS header does not follow its schema or its packaging rules.",
    "De ebMS-kop volgt het schema of de verpakkingsregels niet.",
)
ENVELOPE_STRUCTURE: Final = Text(
    "The SOAP envelope must hold one Header and after it one Body.",
    "De SOAP-envelop moet één Header en daarna één Body bevatten.",
)
TOO_MANY_BLOCKS: Final = Text(
    "The SOAP Header has more than 64 blocks, comments counted.",
    "De SOAP-Header heeft meer dan 64 blokken, opmerkingen meegeteld.",
)
HEADER_TOO_LARGE: Final = Text(
    "The ebMS header has more elements, attributes or properties than this endpoint reads.",
    "De ebMS-kop heeft meer elementen, attributen of eigenschappen dan dit eindpunt leest.",
)
NO_MESSAGING: Final = Text(
    "The SOAP header must hold exactly one eb:Messaging addressed to this node.",
    "De SOAP-kop moet precies één eb:Messaging bevatten die aan dit knooppunt gericht is.",
)
NO_UNIT: Final = Text(
    "eb:Messaging holds no message unit.",
    "eb:Messaging bevat geen berichteenheid.",
)
SIGNAL_TWICE: Final = Text(
    "A message holds at most one signal of each kind, and a signal is of one kind.",
    "Een bericht bevat van elke soort hoogstens één signaal, en een signaal is van één soort.",
)
PULL_IN_ANSWER: Final = Text(
    "A PullRequest cannot stand in an answer.",
    "Een PullRequest kan niet in een antwoord staan.",
)
MESSAGE_ID_FORM: Final = Text(
    "MessageId and RefToMessageId must consist of visible ASCII characters without angle brackets, 255 at most.",
    "MessageId en RefToMessageId moeten bestaan uit zichtbare ASCII-tekens zonder punthaken, hoogstens 255.",
)
TIMESTAMP_INVALID: Final = Text(
    "The Timestamp is not a date and time that exists.",
    "De Timestamp is geen bestaande datum en tijd.",
)
MUST_UNDERSTAND_MISSING: Final = Text(
    "eb:Messaging must carry mustUnderstand with the value true.",
    "eb:Messaging moet mustUnderstand met de waarde true dragen.",
)
NOT_READABLE: Final = Text(
    "The request could not be read as an AS4 message.",
    "Het verzoek kon niet als AS4-bericht worden gelezen.",
)

# Content (EBMS:0001, 0003, 0004, 0010).
PARTY_ID_TYPE_TWICE: Final = Text(
    "The PartyIds of one party must have different types.",
    "De PartyId's van één partij moeten verschillende typen hebben.",
)
NOT_A_URI: Final = Text(
    "PartyId, AgreementRef and Service must be a URI when they have no type.",
    "PartyId, AgreementRef en Service moeten een URI zijn als zij geen type hebben.",
)
TEST_ACTION_SERVICE: Final = Text(
    "The test action belongs to the test service alone.",
    "De testactie hoort alleen bij de testservice.",
)
VALUE_LENGTH: Final = Text(
    "A value of the header is too long or holds control characters.",
    "Een waarde in de kop is te lang of bevat stuurtekens.",
)
PROPERTY_TWICE: Final = Text(
    "A property is given more than once.",
    "Een eigenschap is meer dan eens opgegeven.",
)
UNEXPECTED_MPC: Final = Text(
    "The message partition channel is not the one agreed for this message.",
    "Het message partition channel is niet het voor dit bericht afgesproken kanaal.",
)
PART_TWICE: Final = Text(
    "Two parts have the same href, be it in another case, or more than one part is the SOAP Body.",
    "Twee delen hebben dezelfde href, ook op hoofdletters na, of meer dan één deel is de SOAP-Body.",
)
BODY_EMPTY: Final = Text(
    "A part without href, or with one into the SOAP Body, needs content there.",
    "Een deel zonder href, of met een die in de SOAP-Body wijst, vraagt daar om inhoud.",
)
BODY_UNDECLARED: Final = Text(
    "The SOAP Body has content that no part declares.",
    "De SOAP-Body heeft inhoud die geen enkel deel noemt.",
)
COMPRESSION_TYPE: Final = Text(
    "The only CompressionType is application/gzip.",
    "Het enige CompressionType is application/gzip.",
)
CHARACTER_SET: Final = Text(
    "The CharacterSet is not the name of an encoding.",
    "De CharacterSet is geen naam van een codering.",
)
MIME_TYPE_MISSING: Final = Text(
    "A compressed part needs the property MimeType.",
    "Een gecomprimeerd deel heeft de eigenschap MimeType nodig.",
)
HEADERS_DISAGREE: Final = Text(
    "The message header and the payload header do not agree.",
    "De berichtkop en de kop van de inhoud komen niet overeen.",
)

# The proof of origin of a pulled message (EBMS:0101).
PROOF_OF_ORIGIN: Final = Text(
    "The proof of origin in this message is not a signature of its sender over what came with it: the sender has to"
    " send the content as a new message, under another MessageId.",
    "Het bewijs van herkomst in dit bericht is niet de handtekening van de afzender over wat erbij zat: de afzender"
    " moet de inhoud als nieuw bericht sturen, onder een andere MessageId.",
)

# Features and packaging (EBMS:0002, 0007, 0008, 0011).
FEATURE: Final = Text(
    "A feature of the message is not supported.",
    "Een mogelijkheid van het bericht wordt niet ondersteund.",
)
UNKNOWN_SIGNAL: Final = Text(
    "The signal is of a kind that is not supported.",
    "Het signaal is van een soort die niet wordt ondersteund.",
)
SEVERAL_USER_MESSAGES: Final = Text(
    "Several user messages in one message are not supported.",
    "Meerdere gebruikersberichten in één bericht worden niet ondersteund.",
)
BUNDLE: Final = Text(
    "This combination of message units is not supported.",
    "Deze combinatie van berichteenheden wordt niet ondersteund.",
)
PULL_BESIDE_RECEIPT: Final = Text(
    "Nothing is handed out beside a receipt that is not accepted; pull again without it.",
    "Naast een ontvangstbevestiging die niet wordt aanvaard wordt niets uitgereikt; haal opnieuw op zonder haar.",
)
SELECTIVE_PULL: Final = Text(
    "Selective pull is not supported.",
    "Selectief ophalen wordt niet ondersteund.",
)
FRAGMENT: Final = Text(
    "Split and join of large messages is not supported.",
    "Splitsen en samenvoegen van grote berichten wordt niet ondersteund.",
)
BODY_PART: Final = Text(
    "A payload in the SOAP Body is not supported.",
    "Inhoud in de SOAP-Body wordt niet ondersteund.",
)
TOO_MANY_PARTS: Final = Text(
    "The message has more than 64 parts.",
    "Het bericht heeft meer dan 64 delen.",
)
PART_UNDECLARED: Final = Text(
    "A MIME part is not declared in the header.",
    "Een MIME-deel is niet in de kop genoemd.",
)
PART_ABSENT: Final = Text(
    "A declared part is not in the message.",
    "Een genoemd deel zit niet in het bericht.",
)
PART_NAME: Final = Text(
    "The Content-ID that an href names, percent-decoded, holds a character that is not taken here.",
    "De Content-ID die een href noemt, bevat als zijn procenttekens zijn gelezen een teken dat hier niet mag staan.",
)
PART_EXTERNAL: Final = Text(
    "A part outside the message is not fetched.",
    "Een deel buiten het bericht wordt niet opgehaald.",
)


def inflates_over(limit_octets: int) -> Text:
    """Names the limit of what the parts may measure once they are decompressed (EBMS:0303)."""
    return Text(
        f"The parts are larger than {limit_octets} bytes once decompressed, which is the limit here.",
        f"De delen zijn na het uitpakken groter dan {limit_octets} bytes, en dat is hier de grens.",
    )


def inflates_beyond(ratio: int, free_octets: int) -> Text:
    """Names the ratio that a part may grow by, and from where on it counts (EBMS:0303)."""
    return Text(
        f"A part grows to more than {ratio} times its size, which counts above {free_octets // 1024**2} MiB:"
        " send it less compressed or uncompressed.",
        f"Een deel groeit tot meer dan {ratio} keer zijn grootte, wat boven {free_octets // 1024**2} MiB telt:"
        " stuur het minder sterk of niet gecomprimeerd.",
    )


# Schema refusals (EBMS:0004).
SCHEMA_REFUSED: Final = Text(
    "The document does not follow the schema of its message type.",
    "Het document volgt het schema van zijn berichttype niet.",
)


def more_violations(count: int) -> Text:
    """Says how many more violations there are than a schema refusal lists."""
    return Text(f"There are {count} more violations.", f"Er zijn nog {count} overtredingen.")


def more_units(count: int) -> Text:
    """Says how many more message units are refused than are named one by one."""
    return Text(f"{count} more message units are refused.", f"Nog {count} berichteenheden zijn geweigerd.")


HeaderField = Literal[
    "PartyId", "Service", "Action", "ConversationId", "trackingIdentifier", "crossReference", "originalSender",
    "finalRecipient", "MessageId", "Timestamp", "mpc",
]  # fmt: skip


def disagreement(field: HeaderField) -> Text:
    """Names the field, never its value, in which the message header and the payload header differ."""
    return Text(
        f"The message header and the payload header do not agree on {field}.",
        f"De berichtkop en de kop van de inhoud komen niet overeen in {field}.",
    )


# What the use cases of the hub say (gateway.msh).
MESSAGE_TOO_LARGE: Final = Text(
    "The message is larger than this endpoint takes.",
    "Het bericht is groter dan dit eindpunt aanneemt.",
)
ENVELOPE_TOO_LARGE: Final = Text(
    "The SOAP envelope is larger than this endpoint takes.",
    "De SOAP-envelop is groter dan dit eindpunt aanneemt.",
)
DOCUMENT_TOO_LARGE: Final = Text(
    "The XML document is larger than the processing mode allows.",
    "Het XML-document is groter dan de processing mode toestaat.",
)
NOT_FRESH: Final = Text(
    "The Timestamp of the message is too far from the time here: look at the clock of the sender.",
    "De Timestamp van het bericht ligt te ver van de tijd hier: kijk naar de klok van de afzender.",
)
SIGNAL_NOT_FRESH: Final = Text(
    "The signal is not fresh: look at your clock, and send a new one with a new MessageId and the time of now.",
    "Het signaal is niet vers: kijk naar uw klok, en stuur een nieuw met een nieuwe MessageId en de tijd van nu.",
)
EXPIRED: Final = Text(
    "The security Timestamp of the message has expired by the time here: sign the message anew.",
    "De Timestamp in de beveiliging is naar de tijd hier verlopen: onderteken het bericht opnieuw.",
)
NO_MAILBOX: Final = Text(
    "There is no mailbox of that name for the signer of this PullRequest.",
    "Er is geen postbus met die naam voor de ondertekenaar van dit PullRequest.",
)
MESSAGE_ID_USED: Final = Text(
    "The MessageId was used before for another message, which stays accepted. A retry repeats the octets of its parts;"
    " gzip made anew may be other octets.",
    "De MessageId is eerder voor een ander bericht gebruikt, dat aangenomen blijft. Een herhaling bevat dezelfde"
    " octetten van de delen; opnieuw gemaakte gzip kan uit andere octetten bestaan.",
)
NO_QUESTION: Final = Text(
    "The message answers a question that was not asked of this sender.",
    "Het bericht beantwoordt een vraag die niet aan deze afzender is gesteld.",
)
NOT_IN_HAND: Final = Text(
    "A colleague has the question open, or it is answered already.",
    "Een collega heeft de vraag open, of zij is al beantwoord.",
)
OTHER_CONVERSATION: Final = Text(
    "An answer belongs to the conversation of its question.",
    "Een antwoord hoort bij de conversatie van de vraag.",
)
