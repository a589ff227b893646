"""A table of eb:Messaging headers with what each breaks of the header schema."""

from __future__ import annotations

from lxml import etree

EB = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
CANARY = "geheim-4711"

MESSAGE_INFO = (
    "<eb:MessageInfo><eb:Timestamp>2026-03-24T10:00:00Z</eb:Timestamp><eb:MessageId>a@b</eb:MessageId>{}"
    "</eb:MessageInfo>"
)
PARTY_INFO = (
    "<eb:PartyInfo><eb:From><eb:PartyId type='t'>1</eb:PartyId><eb:Role>r</eb:Role></eb:From>"
    "<eb:To><eb:PartyId type='t'>2</eb:PartyId><eb:Role>r</eb:Role></eb:To></eb:PartyInfo>"
)
COLLABORATION_INFO = (
    "<eb:CollaborationInfo><eb:AgreementRef type='t' pmode='p'>a</eb:AgreementRef><eb:Service type='t'>s</eb:Service>"
    "<eb:Action>a</eb:Action><eb:ConversationId/></eb:CollaborationInfo>"
)
PROPERTIES = "<eb:MessageProperties><eb:Property name='n' type='t'>v</eb:Property></eb:MessageProperties>"
PAYLOAD_INFO = (
    "<eb:PayloadInfo><eb:PartInfo href='cid:a'><eb:Schema location='l' version='1' namespace='n'/>"
    "<eb:Description xml:lang='nl'>d</eb:Description><eb:PartProperties><eb:Property name='n'>v</eb:Property>"
    "</eb:PartProperties></eb:PartInfo><eb:PartInfo/></eb:PayloadInfo>"
)
USER = MESSAGE_INFO.format("") + PARTY_INFO + COLLABORATION_INFO + PROPERTIES + PAYLOAD_INFO
REFERENCE = (
    "<ds:Reference URI='#a'><ds:Transforms><ds:Transform Algorithm='u:'><ec:InclusiveNamespaces"
    " xmlns:ec='http://www.w3.org/2001/10/xml-exc-c14n#' PrefixList='a'/></ds:Transform></ds:Transforms>"
    "<ds:DigestMethod Algorithm='u:'/><ds:DigestValue>aGFsbG8=</ds:DigestValue></ds:Reference>"
)


def part(inner: str) -> str:
    return f"<ebbp:MessagePartNRInformation>{inner}</ebbp:MessagePartNRInformation>"


def information(*parts: str) -> str:
    return f"<ebbp:NonRepudiationInformation>{''.join(parts)}</ebbp:NonRepudiationInformation>"


def messaging(inner: str, attributes: str = "") -> etree._Element:
    return etree.fromstring(
        f'<eb:Messaging xmlns:eb="{EB}" xmlns:env="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:ebbp="http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
        f" {attributes}>{inner}</eb:Messaging>"
    )


def user(content: str = USER) -> etree._Element:
    return messaging(f"<eb:UserMessage mpc='urn:m'>{content}</eb:UserMessage>")


def signal(content: str, info: str = MESSAGE_INFO.format("")) -> etree._Element:
    return messaging(f"<eb:SignalMessage>{info}{content}</eb:SignalMessage>")


RECEIPT = f"<eb:Receipt>{information(part(REFERENCE), part(REFERENCE))}</eb:Receipt>"
RECEIPT_WITH_ID = RECEIPT.replace("<ds:Reference", "<ds:Reference Id='i'", 1)
AWARENESS = f"<eb:Receipt><eb:UserMessage mpc='urn:m'>{USER}</eb:UserMessage></eb:Receipt>"
ERROR = (
    "<eb:Error errorCode='EBMS:0004' severity='failure' origin='ebMS' category='Content' shortDescription='Other'"
    " refToMessageInError='a@b'><eb:Description xml:lang='nl'>d</eb:Description>"
    "<eb:ErrorDetail>e</eb:ErrorDetail></eb:Error>"
)
SELECTION = (
    "<eb:PullRequest mpc='urn:m'><eb:RefToMessageId>a@b</eb:RefToMessageId><eb:ConversationId>c</eb:ConversationId>"
    "<eb:AgreementRef>a</eb:AgreementRef><eb:Service>s</eb:Service><eb:Action>a</eb:Action>"
    "<eb:From><eb:PartyId>1</eb:PartyId></eb:From><eb:To><eb:Role>r</eb:Role></eb:To>"
    f"{PROPERTIES}</eb:PullRequest>"
)

NR_PART = "Messaging/SignalMessage/Receipt/NonRepudiationInformation/MessagePartNRInformation"

# id, header, what it breaks; the values that must not show are CANARY
CASES: list[tuple[str, etree._Element, tuple[str, ...]]] = [
    ("user-message", user(), ()),
    ("user-message-least", user(MESSAGE_INFO.format("") + PARTY_INFO + COLLABORATION_INFO), ()),
    ("pull-request", signal("<eb:PullRequest mpc='urn:m'/>"), ()),
    ("pull-request-default", signal("<eb:PullRequest/>"), ()),
    ("selective-pull", signal(SELECTION), ()),
    ("receipt", signal(RECEIPT, MESSAGE_INFO.format("<eb:RefToMessageId>c@d</eb:RefToMessageId>")), ()),
    ("receipt-awareness", signal(AWARENESS), ()),
    ("receipt-foreign", signal("<eb:Receipt><x:a xmlns:x='u:'/></eb:Receipt>"), ()),
    (
        "receipt-part-identifier",
        signal(
            f"<eb:Receipt>{information(part('<ebbp:MessagePartIdentifier>a</ebbp:MessagePartIdentifier>'))}</eb:Receipt>"
        ),
        (),
    ),
    (
        "id-twice",
        messaging(f"<eb:SignalMessage>{MESSAGE_INFO.format('')}{RECEIPT_WITH_ID}</eb:SignalMessage>", "id='i'"),
        (),
    ),
    ("errors", signal(ERROR + ERROR), ()),
    ("error-least", signal("<eb:Error errorCode='EBMS:0004' severity='fatal'/>"), ()),
    (
        "bundle",
        messaging(
            f"<eb:SignalMessage>{MESSAGE_INFO.format('')}{RECEIPT}</eb:SignalMessage><eb:UserMessage>{USER}</eb:UserMessage>"
        ),
        (),
    ),
    ("H02-empty", messaging(""), ()),
    ("signal-of-nothing", signal(""), ()),
    (
        "H55-extensions",
        messaging(f"<eb:UserMessage>{USER}</eb:UserMessage><x:a xmlns:x='u:'/>", "xmlns:x='u:' x:b='1' id='i'"),
        (),
    ),
    ("H59-foreign-signal", signal("<x:a xmlns:x='u:'/>"), ()),
    ("H30", user(USER), ()),
    ("must-understand-1", messaging("", "env:mustUnderstand='1'"), ()),
    (
        "must-understand",
        messaging("", f"env:mustUnderstand='{CANARY}'"),
        ("Messaging/@mustUnderstand has a value that its type does not allow",),
    ),
    ("H06", messaging(f"<eb:{CANARY}/>"), ("Messaging/*[1] is not expected here, SignalMessage or UserMessage is",)),
    (
        "no-namespace",
        messaging(f"<{CANARY}/>"),
        ("Messaging/*[1] is not expected here, SignalMessage or UserMessage is",),
    ),
    ("text", messaging(CANARY), ("Messaging may not have text beside its child elements",)),
    ("attribute", messaging("", f"{CANARY}='1'"), ("Messaging/@* is not allowed",)),
    (
        "order",
        messaging(
            f"<eb:UserMessage>{USER}</eb:UserMessage><eb:SignalMessage>{MESSAGE_INFO.format('')}</eb:SignalMessage>"
        ),
        ("Messaging/SignalMessage is not expected here, UserMessage is",),
    ),
    (
        "H07",
        user(PARTY_INFO + COLLABORATION_INFO),
        ("Messaging/UserMessage/PartyInfo is not expected here, MessageInfo is",),
    ),
    (
        "H08-missing",
        user(USER.replace("<eb:MessageId>a@b</eb:MessageId>", "")),
        ("Messaging/UserMessage/MessageInfo lacks MessageId",),
    ),
    ("H08-empty", user(USER.replace("a@b", "")), ("Messaging/UserMessage/MessageInfo/MessageId is empty",)),
    (
        "H11",
        user(USER.replace("2026-03-24T10:00:00Z", CANARY)),
        ("Messaging/UserMessage/MessageInfo/Timestamp has a value that its type does not allow",),
    ),
    (
        "H11-imaginary",
        user(USER.replace("03-24", "30-30")),
        ("Messaging/UserMessage/MessageInfo/Timestamp has a value that its type does not allow",),
    ),
    ("H12-offset", user(USER.replace("00Z", "00.123+02:00")), ()),
    ("H12-no-zone", user(USER.replace("00Z", "00")), ()),
    ("H16", user(USER.replace(">1<", "><")), ("Messaging/UserMessage/PartyInfo/From/PartyId is empty",)),
    (
        "H16-none",
        user(USER.replace("<eb:PartyId type='t'>1</eb:PartyId>", "")),
        ("Messaging/UserMessage/PartyInfo/From/Role is not expected here, PartyId is",),
    ),
    (
        "H18",
        user(
            MESSAGE_INFO.format("") + PARTY_INFO[: PARTY_INFO.index("<eb:To>")] + "</eb:PartyInfo>" + COLLABORATION_INFO
        ),
        ("Messaging/UserMessage/PartyInfo lacks To",),
    ),
    (
        "role",
        user(USER.replace("<eb:Role>r</eb:Role></eb:To>", "</eb:To>")),
        ("Messaging/UserMessage/PartyInfo/To lacks PartyId or Role",),
    ),
    (
        "type-empty",
        user(USER.replace("<eb:Service type='t'>", "<eb:Service type=''>")),
        ("Messaging/UserMessage/CollaborationInfo/Service/@type is empty",),
    ),
    (
        "H31",
        user(USER.replace("<eb:ConversationId/>", "")),
        ("Messaging/UserMessage/CollaborationInfo lacks ConversationId",),
    ),
    (
        "no-service",
        user(USER.replace("<eb:Service type='t'>s</eb:Service>", "")),
        ("Messaging/UserMessage/CollaborationInfo/Action is not expected here, Service is",),
    ),
    (
        "no-part",
        user(USER.replace(PAYLOAD_INFO, "<eb:PayloadInfo/>")),
        ("Messaging/UserMessage/PayloadInfo lacks PartInfo",),
    ),
    (
        "no-property",
        user(USER.replace("<eb:Property name='n'>v</eb:Property>", "")),
        ("Messaging/UserMessage/PayloadInfo/PartInfo[1]/PartProperties lacks Property",),
    ),
    (
        "no-message-property",
        user(USER.replace("<eb:Property name='n' type='t'>v</eb:Property>", "")),
        ("Messaging/UserMessage/MessageProperties lacks Property",),
    ),
    ("H33", user(USER.replace("<eb:Property name='n'>", "<eb:Property name='n' type='t'>")), ()),
    (
        "property-name",
        user(USER.replace("<eb:Property name='n' ", "<eb:Property ")),
        ("Messaging/UserMessage/MessageProperties/Property/@name is missing",),
    ),
    (
        "description-language",
        user(USER.replace(" xml:lang='nl'", "")),
        ("Messaging/UserMessage/PayloadInfo/PartInfo[1]/Description/@lang is missing",),
    ),
    (
        "schema-location",
        user(USER.replace(" location='l'", "")),
        ("Messaging/UserMessage/PayloadInfo/PartInfo[1]/Schema/@location is missing",),
    ),
    (
        "second-error-code",
        signal(ERROR + f"<eb:Error severity='{CANARY}'/>"),
        ("Messaging/SignalMessage/Error[2]/@errorCode is missing",),
    ),
    (
        "H59",
        signal(f"<eb:{CANARY}/>"),
        ("Messaging/SignalMessage/*[2] is not expected here, PullRequest or Receipt or Error is",),
    ),
    (
        "pull-request-child",
        signal(f"<eb:PullRequest><eb:{CANARY}/></eb:PullRequest>"),
        (
            "Messaging/SignalMessage/PullRequest/*[1] is not expected here, RefToMessageId or ConversationId or"
            " AgreementRef or Service or Action or From or To or MessageProperties is",
        ),
    ),
    ("receipt-empty", signal("<eb:Receipt/>"), ("Messaging/SignalMessage/Receipt lacks UserMessage",)),
    (
        "receipt-other-child",
        signal("<eb:Receipt><eb:MessageInfo/></eb:Receipt>"),
        ("Messaging/SignalMessage/Receipt/MessageInfo is not expected here, UserMessage is",),
    ),
    (
        "receipt-of-nothing",
        signal(f"<eb:Receipt>{information()}</eb:Receipt>"),
        ("Messaging/SignalMessage/Receipt/NonRepudiationInformation lacks MessagePartNRInformation",),
    ),
    (
        "receipt-of-no-reference",
        signal(f"<eb:Receipt>{information(part(REFERENCE), part(''))}</eb:Receipt>"),
        (f"{NR_PART}[2] lacks MessagePartIdentifier or Reference",),
    ),
    (
        "receipt-digest",
        signal(f"<eb:Receipt>{information(part(REFERENCE.replace('aGFsbG8=', 'aGF')))}</eb:Receipt>"),
        (f"{NR_PART}/Reference/DigestValue has a value that its type does not allow",),
    ),
    (
        "receipt-no-digest",
        signal("<eb:Receipt>" + information(part("<ds:Reference/>")) + "</eb:Receipt>"),
        (f"{NR_PART}/Reference lacks Transforms or DigestMethod",),
    ),
    (
        "awareness-broken",
        signal(AWARENESS.replace("<eb:Action>a</eb:Action>", "")),
        (
            "Messaging/SignalMessage/Receipt/UserMessage/CollaborationInfo/ConversationId is not expected here,"
            " Action is",
        ),
    ),
    (
        "element-in-value",
        user(USER.replace(">a@b<", f">a@b<{CANARY}/><")),
        ("Messaging/UserMessage/MessageInfo/MessageId may not have child elements",),
    ),
]
