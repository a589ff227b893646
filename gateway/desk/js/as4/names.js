/**
 * Namespaces, element names and algorithm identifiers, as `crypto/names.py` and `gateway/ebms/names.py` have them.
 *
 * Elements are named `{namespace}local`. One suite is written and read here: eDelivery AS4 1.15 with RSA.
 */

export const S12 = "http://www.w3.org/2003/05/soap-envelope";
export const EB = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/";
export const EBBP = "http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0";
export const DS = "http://www.w3.org/2000/09/xmldsig#";
export const EC = "http://www.w3.org/2001/10/xml-exc-c14n#";
export const XENC = "http://www.w3.org/2001/04/xmlenc#";
export const XENC11 = "http://www.w3.org/2009/xmlenc11#";
export const WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
export const WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
export const WSSE11 = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd";
export const XML = "http://www.w3.org/XML/1998/namespace";

const MESSAGE_SECURITY_1_0 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0";
const MESSAGE_SECURITY_1_1 = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1";
const X509_TOKEN = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0";
const SWA = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1";

// Algorithms of the suite
export const EXC_C14N = EC;
export const SHA256 = `${XENC}sha256`;
export const RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
export const RSA_OAEP = `${XENC11}rsa-oaep`;
export const MGF1_SHA256 = `${XENC11}mgf1sha256`;
export const AES128_GCM = `${XENC11}aes128-gcm`;
export const ENVELOPED = `${DS}enveloped-signature`;

// Parts as attachments
export const CONTENT_TRANSFORM = `${SWA}#Attachment-Content-Signature-Transform`;
export const CIPHERTEXT_TRANSFORM = `${SWA}#Attachment-Ciphertext-Transform`;
export const CONTENT_ONLY = `${SWA}#Attachment-Content-Only`;

// Tokens and how they are referenced
export const BASE64_BINARY = `${MESSAGE_SECURITY_1_0}#Base64Binary`;
export const X509_V3 = `${X509_TOKEN}#X509v3`;
export const X509_SKI = `${X509_TOKEN}#X509SubjectKeyIdentifier`;
export const THUMBPRINT_SHA1 = `${MESSAGE_SECURITY_1_1}#ThumbprintSHA1`;
export const ENCRYPTED_KEY_TOKEN = `${MESSAGE_SECURITY_1_1}#EncryptedKey`;

// Roles of a SOAP node and of a party
export const ROLE_NEXT = `${S12}/role/next`;
export const ROLE_ULTIMATE_RECEIVER = `${S12}/role/ultimateReceiver`;
export const ROLE_NEXT_MSH = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/part2/200811/nextmsh";
export const ROLE_EBMS = "ebms";
export const INITIATOR = `${EB}initiator`;
export const RESPONDER = `${EB}responder`;

// Properties of a message and of a part
export const ORIGINAL_SENDER = "originalSender";
export const FINAL_RECIPIENT = "finalRecipient";
export const TRACKING_IDENTIFIER = "trackingIdentifier";
export const CROSS_REFERENCE = "crossReference";
export const MIME_TYPE = "MimeType";
export const CHARACTER_SET = "CharacterSet";
export const COMPRESSION_TYPE = "CompressionType";
export const PURPOSE = "Purpose";
export const PROOF_OF_ORIGIN = "proof-of-origin";

// Media types
export const SOAP_XML = "application/soap+xml";
export const SOAP_XML_UTF8 = `${SOAP_XML}; charset=UTF-8`;
export const MULTIPART_RELATED = "multipart/related";
export const GZIP = "application/gzip";
export const APPLICATION_XML = "application/xml";
export const OCTET_STREAM = "application/octet-stream";

/** @type {(namespace: string, local: string) => string} */
export const named = (namespace, local) => `{${namespace}}${local}`;
