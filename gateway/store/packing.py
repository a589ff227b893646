"""Evidence as it is kept: compressed against the words that every receipt has in common.

The dictionary is part of the format: what was packed with it can be read only with it, so it never changes. A leading
octet names it.
"""

from __future__ import annotations

import zlib

_FORM = b"\x01"
_COMMON = (
    b'<?xml version="1.0" encoding="UTF-8"?><S12:Envelope xmlns:S12="http://www.w3.org/2003/05/soap-envelope"'
    b' xmlns:eb="http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"'
    b' xmlns:ebbp="http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0"'
    b' xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"'
    b' xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"'
    b' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><S12:Header><eb:Messaging S12:mustUnderstand="true" wsu:Id="'
    b'"><eb:SignalMessage><eb:MessageInfo><eb:Timestamp></eb:Timestamp><eb:MessageId></eb:MessageId><eb:RefToMessageId>'
    b"</eb:RefToMessageId></eb:MessageInfo><eb:Receipt><ebbp:NonRepudiationInformation>"
    b'<ebbp:MessagePartNRInformation><ds:Reference URI="cid:"><ds:Transforms><ds:Transform Algorithm="'
    b"http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform"
    b'"/></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>'
    b"</ds:DigestValue></ds:Reference></ebbp:MessagePartNRInformation></ebbp:NonRepudiationInformation></eb:Receipt>"
    b"</eb:SignalMessage></eb:Messaging><wsse:Security><wsse:BinarySecurityToken EncodingType="
    b'"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary" ValueType="'
    b'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3" wsu:Id="'
    b'"></wsse:BinarySecurityToken><ds:Signature><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="'
    b'http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="'
    b'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/></ds:SignedInfo><ds:SignatureValue></ds:SignatureValue>'
    b"<ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference/></wsse:SecurityTokenReference></ds:KeyInfo>"
    b"</ds:Signature></wsse:Security></S12:Header><S12:Body/></S12:Envelope>"
)


def packed(octets: bytes) -> bytes:
    """These octets as they are kept."""
    # A receipt and those words fit into a window of 8 KiB; the memory of a larger one takes longer than the work.
    press = zlib.compressobj(9, wbits=13, memLevel=6, zdict=_COMMON)
    return _FORM + press.compress(octets) + press.flush()


def unpacked(kept: bytes) -> bytes | None:
    """The octets that were kept; None when these are not what `packed` made."""
    if kept[:1] != _FORM:
        return None
    press = zlib.decompressobj(zdict=_COMMON)
    try:
        octets = press.decompress(kept[1:])
    except zlib.error:
        return None
    return octets if press.eof and not press.unused_data else None
