"""Names of the ebMS 3.0 header: namespaces, SOAP roles, defaults, property names.

The WS-Security names are in `crypto.names`. Sources: ebMS3 Core 4.3 (defaults), 5.2 (header); AS4 3.1 (compression),
5.2.5 (roles); SOAP 1.2 2.2 (roles).
"""

from __future__ import annotations

from typing import Final

SOAP12: Final = "http://www.w3.org/2003/05/soap-envelope"
SOAP11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
EB: Final = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
EBBP: Final = "http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0"
MESSAGE_FRAGMENT: Final = "http://docs.oasis-open.org/ebxml-msg/ns/v3.0/mf/2010/04/"
XML: Final = "http://www.w3.org/XML/1998/namespace"

# Roles of a SOAP node. `NEXT_MSH` is the role of ebMS3 Part 2 that every message handler plays, endpoints too.
ROLE_NEXT: Final = f"{SOAP12}/role/next"
ROLE_ULTIMATE_RECEIVER: Final = f"{SOAP12}/role/ultimateReceiver"
ROLE_NEXT_MSH: Final = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/part2/200811/nextmsh"
ROLE_EBMS: Final = "ebms"  # the second wsse:Security header, for authorization only (ebMS3 Core 7.10)

# Message exchange patterns and their bindings (ebMS3 Core 2.2).
ONE_WAY: Final = f"{EB}oneWay"
PUSH: Final = f"{EB}push"
PULL: Final = f"{EB}pull"

# Defaults of ebMS3 Core 4.3 and AS4 5.2.5. Every P-Mode has a twin with the test service and action, for messages that
# nobody is to receive (eDelivery AS4 1.4.4.3).
DEFAULT_MPC: Final = f"{EB}defaultMPC"
INITIATOR: Final = f"{EB}initiator"
RESPONDER: Final = f"{EB}responder"
TEST_SERVICE: Final = f"{EB}service"
TEST_ACTION: Final = f"{EB}test"

# The types of PartyId: an OIN, and a business unit without one (`OIN:establishment number`).
OIN_TYPE: Final = "urn:oasis:names:tc:ebcore:partyid-type:iso6523:0190"
UNIT_TYPE: Final = "urn:oasis:names:tc:ebcore:partyid-type:unregistered:knooppunt"

# Message properties of both legs.
ORIGINAL_SENDER: Final = "originalSender"
FINAL_RECIPIENT: Final = "finalRecipient"
TRACKING_IDENTIFIER: Final = "trackingIdentifier"
CROSS_REFERENCE: Final = "crossReference"

# Properties of a part (AS4 3.1, eD1 1.4.3.1).
MIME_TYPE: Final = "MimeType"
CHARACTER_SET: Final = "CharacterSet"
COMPRESSION_TYPE: Final = "CompressionType"
PURPOSE: Final = "Purpose"  # of a part that the hub adds to what a sender sent; a sender's own never bears it
PART_PROPERTIES: Final = frozenset({MIME_TYPE, CHARACTER_SET, COMPRESSION_TYPE})  # those of a sender

# What the attribute type of a property may say (EBXMLMSG-2): a data type of ebMS3 Core D.3.3, or that of a party id.
PROPERTY_TYPES: Final = frozenset({"string", "int", "boolean", "date", "uri", OIN_TYPE, UNIT_TYPE})

# Media types (AS4 2.1.1, 3.1; ebMS3 Core 5.1.1); GZIP is also the one CompressionType.
SOAP_XML: Final = "application/soap+xml"
SOAP_XML_UTF8: Final = f"{SOAP_XML}; charset=UTF-8"
MULTIPART_RELATED: Final = "multipart/related"
GZIP: Final = "application/gzip"
APPLICATION_XML: Final = "application/xml"
TEXT_XML: Final = "text/xml"
APPLICATION_PDF: Final = "application/pdf"
OCTET_STREAM: Final = "application/octet-stream"
