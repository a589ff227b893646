"""What may be wrong with the form of wsse:Security: one table, one row for each fault, one code for each row.

A form is wrong whoever wrote it and whatever its signature value is worth. That of the signature is judged before any
arithmetic; that of encryption after it, so that who has proved nothing causes no work over it, and before a private key
is used. The row is the sentence for the log; the class is the code that answers (`gateway.ebms.errors`). Two readers of
one syntax raise one row. Two things have the code of whoever asked: what is no base64 (`crypto.elements.base64_of`),
and a recipient who is named in a form of EBMS:0101, which is EBMS:0102 in an EncryptedKey.

Clauses: AS4 5.1.4 to 5.1.6, ebMS3 Core 6.7.2, WSS SOAP Message Security 1.1.1 7 to 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crypto.faults import FailedAuthentication, FailedDecryption, PolicyNoncompliance, SecurityFault
from crypto.findings import Finding

FORM_FAULTS: Final[Mapping[str, type[SecurityFault]]] = MappingProxyType(
    {
        # any element
        "{} does not hold exactly {}": PolicyNoncompliance,
        "{} holds {} {}": PolicyNoncompliance,
        "{} holds more than text": PolicyNoncompliance,
        "{} is longer than {} characters": PolicyNoncompliance,
        "{} names no algorithm": PolicyNoncompliance,
        "an id occurs more than once": FailedAuthentication,
        # canonicalization
        "exclusive canonicalization has an unknown parameter": PolicyNoncompliance,
        "a PrefixList has more than {} characters": PolicyNoncompliance,
        "a PrefixList has more than {} prefixes": PolicyNoncompliance,
        # ds:Signature and its references
        "the signature has more references and comments than a message can have": PolicyNoncompliance,
        "SignedInfo has an attribute that no signature has": PolicyNoncompliance,
        "SignedInfo does not begin with its two methods": PolicyNoncompliance,
        "the signature has {} references": PolicyNoncompliance,
        "the canonicalization {} is not accepted": PolicyNoncompliance,
        "the signature algorithm {} is not accepted": PolicyNoncompliance,
        "something else stands where a Reference should": PolicyNoncompliance,
        "a reference names neither an id nor a part": PolicyNoncompliance,
        "the transform {} is not accepted there": PolicyNoncompliance,
        "the attachment transform has a parameter": PolicyNoncompliance,
        "the digest {} is not accepted": PolicyNoncompliance,
        # ds:KeyInfo, wsse:SecurityTokenReference and tokens
        "a SecurityTokenReference of that kind is not supported": PolicyNoncompliance,
        "the key is to be fetched from elsewhere": PolicyNoncompliance,
        "the KeyInfo does not name one certificate by a SecurityTokenReference": FailedAuthentication,
        "a SecurityTokenReference does not hold exactly one reference": PolicyNoncompliance,
        "the referenced token is not an X.509 certificate": PolicyNoncompliance,
        "the token is not referenced by an id in the message": PolicyNoncompliance,
        "the referenced token is not in the security header": FailedAuthentication,
        "the token is not a single X.509 certificate": PolicyNoncompliance,
        "the token is not base64": PolicyNoncompliance,
        "a KeyIdentifier of this type is not supported": PolicyNoncompliance,
        "the X509Data does not name one certificate by issuer and serial number": FailedAuthentication,
        "the issuer and serial number cannot be read": PolicyNoncompliance,
        "the issuer is not a distinguished name": PolicyNoncompliance,
        "the issuer has an attribute of unknown type": PolicyNoncompliance,
        "the issuer has a value that is no string": PolicyNoncompliance,
        "the issuer has a value that is no text": PolicyNoncompliance,
        # wsu:Timestamp
        "the Timestamp holds no time with a zone": PolicyNoncompliance,
        "the Timestamp has an unknown part": PolicyNoncompliance,
        # what is signed
        "there is more than one Timestamp": PolicyNoncompliance,
        "eb:Messaging is not signed": PolicyNoncompliance,
        "the SOAP Body is not signed": PolicyNoncompliance,
        "{} declared parts are not signed": PolicyNoncompliance,
        "the security header holds more than {} elements and comments": PolicyNoncompliance,
        "a reference is to no element that may be signed": FailedAuthentication,
        "an element is signed twice": PolicyNoncompliance,
        "a reference is to a part that is not declared": FailedAuthentication,
        "a part is signed twice": PolicyNoncompliance,
        # xenc:EncryptedKey and xenc:EncryptedData
        "the message has {} wrapped keys and {} encrypted parts": PolicyNoncompliance,
        "something else than the parts is encrypted": PolicyNoncompliance,
        "two wrapped keys or encrypted parts have one id": PolicyNoncompliance,
        "a part is encrypted twice": PolicyNoncompliance,
        "a ReferenceList names data that are not there": PolicyNoncompliance,
        "a wrapped key is for nothing": PolicyNoncompliance,
        "{} declared parts are not encrypted": PolicyNoncompliance,
        "encryption of the type {} is not accepted": PolicyNoncompliance,
        "the cipher {} is not accepted": PolicyNoncompliance,
        "an encrypted part is in no ReferenceList": PolicyNoncompliance,
        "encrypted data are not a MIME part": PolicyNoncompliance,
        "an encrypted part is not declared": FailedDecryption,
        "encrypted data are read through an unknown transform": PolicyNoncompliance,
        "the key transport {} or a parameter of it is not accepted": PolicyNoncompliance,
        "an encrypted part names another key than the one that lists it": PolicyNoncompliance,
        "a ReferenceList does not name each encrypted part once by its id": PolicyNoncompliance,
        # xenc:EncryptionMethod of a key
        "the key transport has an unknown parameter": PolicyNoncompliance,
    }
)


def form_fault(row: str, *shown: object, finding: Finding | None = None) -> SecurityFault:
    """The fault of that row; `shown` fills the gaps of its sentence."""
    fault = FORM_FAULTS[row](row.format(*shown), finding)
    fault.form = row
    return fault
