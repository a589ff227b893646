"""Namespaces, element names and algorithm identifiers of WS-Security as AS4 uses it.

Sources: XML Signature 1.1, XML Encryption 1.1, RFC 9231, WSS SOAP Message Security 1.1.1, WSS X.509 Token Profile
1.1.1, WSS SwA Profile 1.1.1. Element names are in lxml's `{namespace}local` spelling.
"""

from __future__ import annotations

from typing import Final

S12: Final = "http://www.w3.org/2003/05/soap-envelope"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
EC: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
XENC11: Final = "http://www.w3.org/2009/xmlenc11#"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
WSSE11: Final = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"

_WSS_SOAP_1_0 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0"
_WSS_SOAP_1_1 = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1"
_WSS_X509 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0"
_SWA = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1"
_MORE_2001 = "http://www.w3.org/2001/04/xmldsig-more#"

# Element names
MUST_UNDERSTAND: Final = f"{{{S12}}}mustUnderstand"
SECURITY: Final = f"{{{WSSE}}}Security"
BINARY_SECURITY_TOKEN: Final = f"{{{WSSE}}}BinarySecurityToken"
SECURITY_TOKEN_REFERENCE: Final = f"{{{WSSE}}}SecurityTokenReference"
TOKEN_REFERENCE: Final = f"{{{WSSE}}}Reference"
KEY_IDENTIFIER: Final = f"{{{WSSE}}}KeyIdentifier"
WSU_ID: Final = f"{{{WSU}}}Id"
TIMESTAMP: Final = f"{{{WSU}}}Timestamp"
CREATED: Final = f"{{{WSU}}}Created"
EXPIRES: Final = f"{{{WSU}}}Expires"

SIGNATURE: Final = f"{{{DS}}}Signature"
SIGNED_INFO: Final = f"{{{DS}}}SignedInfo"
SIGNATURE_VALUE: Final = f"{{{DS}}}SignatureValue"
CANONICALIZATION_METHOD: Final = f"{{{DS}}}CanonicalizationMethod"
SIGNATURE_METHOD: Final = f"{{{DS}}}SignatureMethod"
REFERENCE: Final = f"{{{DS}}}Reference"
TRANSFORMS: Final = f"{{{DS}}}Transforms"
TRANSFORM: Final = f"{{{DS}}}Transform"
DIGEST_METHOD: Final = f"{{{DS}}}DigestMethod"
DIGEST_VALUE: Final = f"{{{DS}}}DigestValue"
KEY_INFO: Final = f"{{{DS}}}KeyInfo"
KEY_NAME: Final = f"{{{DS}}}KeyName"
RETRIEVAL_METHOD: Final = f"{{{DS}}}RetrievalMethod"
KEY_INFO_REFERENCE: Final = "{http://www.w3.org/2009/xmldsig11#}KeyInfoReference"
X509_DATA: Final = f"{{{DS}}}X509Data"
X509_ISSUER_SERIAL: Final = f"{{{DS}}}X509IssuerSerial"
X509_ISSUER_NAME: Final = f"{{{DS}}}X509IssuerName"
X509_SERIAL_NUMBER: Final = f"{{{DS}}}X509SerialNumber"
INCLUSIVE_NAMESPACES: Final = f"{{{EC}}}InclusiveNamespaces"

ENCRYPTED_KEY: Final = f"{{{XENC}}}EncryptedKey"
ENCRYPTED_DATA: Final = f"{{{XENC}}}EncryptedData"
ENCRYPTION_METHOD: Final = f"{{{XENC}}}EncryptionMethod"
CIPHER_DATA: Final = f"{{{XENC}}}CipherData"
CIPHER_VALUE: Final = f"{{{XENC}}}CipherValue"
CIPHER_REFERENCE: Final = f"{{{XENC}}}CipherReference"
CIPHER_TRANSFORMS: Final = f"{{{XENC}}}Transforms"
REFERENCE_LIST: Final = f"{{{XENC}}}ReferenceList"
DATA_REFERENCE: Final = f"{{{XENC}}}DataReference"
MGF: Final = f"{{{XENC11}}}MGF"

# Canonicalization and transforms
EXC_C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
ATTACHMENT_CONTENT_TRANSFORM: Final = f"{_SWA}#Attachment-Content-Signature-Transform"
ATTACHMENT_CIPHERTEXT_TRANSFORM: Final = f"{_SWA}#Attachment-Ciphertext-Transform"
ATTACHMENT_CONTENT_ONLY: Final = f"{_SWA}#Attachment-Content-Only"

# Digests
SHA1: Final = f"{DS}sha1"
SHA256: Final = f"{XENC}sha256"
SHA384: Final = f"{_MORE_2001}sha384"
SHA512: Final = f"{XENC}sha512"

# Signatures
RSA_SHA256: Final = f"{_MORE_2001}rsa-sha256"
RSA_SHA384: Final = f"{_MORE_2001}rsa-sha384"
RSA_SHA512: Final = f"{_MORE_2001}rsa-sha512"

# Key transport and content encryption
RSA_OAEP: Final = f"{XENC11}rsa-oaep"
RSA_OAEP_MGF1P: Final = f"{XENC}rsa-oaep-mgf1p"
MGF1_SHA1: Final = f"{XENC11}mgf1sha1"
MGF1_SHA256: Final = f"{XENC11}mgf1sha256"
AES128_CBC: Final = f"{XENC}aes128-cbc"  # for logins alone, see crypto.login_decryption
AES256_CBC: Final = f"{XENC}aes256-cbc"
AES128_GCM: Final = f"{XENC11}aes128-gcm"
AES256_GCM: Final = f"{XENC11}aes256-gcm"

# Tokens and how they are referenced
BASE64_BINARY: Final = f"{_WSS_SOAP_1_0}#Base64Binary"
X509_V3: Final = f"{_WSS_X509}#X509v3"
X509_SKI: Final = f"{_WSS_X509}#X509SubjectKeyIdentifier"
THUMBPRINT_SHA1: Final = f"{_WSS_SOAP_1_1}#ThumbprintSHA1"
ENCRYPTED_KEY_TOKEN: Final = f"{_WSS_SOAP_1_1}#EncryptedKey"
