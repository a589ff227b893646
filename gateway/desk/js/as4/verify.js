/**
 * Verifying the signature of an AS4 message (`crypto/verify.py`).
 *
 * Order of work: forms, counts and algorithms; ids; which elements are meant; the certificate; the signature value over
 * SignedInfo; the digests; what the certificate and wsu:Timestamp say of time. Digests of parts are handed out as
 * expected values. Clauses: AS4 5.1.4, 5.1.5; ebMS3 Core 7; WSS SwA Profile 1.1.1 5.
 *
 * SECURITY: the caller says by position which elements it will go on with, and a signature that covers any other element
 * is refused, whatever its id. KeyInfo can only choose among the certificates that are handed in.
 */

import { invalidity, isSignedBy, objection, unfitness } from "./certificates.js";
import { contentIdOf } from "./content_ids.js";
import { childElements, fragmentOf, idsOf, localName, nodesIn, onlyChild, trimmedTextIn } from "./elements.js";
import { namedAmong, readKeyInfo } from "./key_references.js";
import { readMoment } from "./moments.js";
import { named, WSU } from "./names.js";
import { digested, same } from "./octets.js";
import { Refused } from "./refused.js";
import { readSignature, SIGNATURE } from "./signature.js";

/** @typedef {import("./certificates.js").Certificate} Certificate */
/** @typedef {import("./document.js").XmlDocument} XmlDocument */
/** @typedef {import("./document.js").XmlElement} XmlElement */
/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./signature.js").Reference} Reference */

/**
 * @typedef {object} Positions the elements that the caller will go on with
 * @property {XmlDocument} document
 * @property {XmlElement} messaging
 * @property {XmlElement} body
 * @property {ReadonlySet<string>} contentIds of the parts that the message declares
 */

/**
 * @typedef {object} Policy
 * @property {readonly Certificate[]} certificates those that may have signed
 * @property {Date} now
 * @property {boolean} [judgesTime] false to leave what is said of time to the caller
 * @property {boolean} [judgesFitness] false to ask a certificate for its key alone
 */

/**
 * @typedef {object} Verified a signature that holds
 * @property {readonly Reference[]} references in the order of SignedInfo, as a receipt repeats them
 * @property {ReadonlyMap<string, Octets>} partDigests the SHA-256 that each part has to have, by Content-ID
 * @property {Certificate} certificate
 * @property {Date | null} created what a signed wsu:Timestamp says
 */

const TIMESTAMP = named(WSU, "Timestamp");
const CREATED = named(WSU, "Created");
const EXPIRES = named(WSU, "Expires");
const MOST_SECURITY_CHILDREN = 160;
const SKEW_MILLISECONDS = 5 * 60_000;

/**
 * The one signature in a wsse:Security.
 *
 * @type {(security: XmlElement, positions: Positions, policy: Policy) => Promise<Verified>}
 */
export async function verifySecurity(security, positions, policy) {
  if (nodesIn(security) > MOST_SECURITY_CHILDREN) {
    throw new Refused("form", "the security header holds too many elements and comments");
  }
  return verifySignature(onlyChild(security, SIGNATURE), childElements(security), positions, policy);
}

/**
 * One ds:Signature; `beside` are the elements among which its token and a signed wsu:Timestamp may stand.
 *
 * @param {XmlElement} signature
 * @param {readonly XmlElement[]} beside
 * @param {Positions} positions
 * @param {Policy} policy
 * @returns {Promise<Verified>}
 */
export async function verifySignature(signature, beside, positions, policy) {
  const form = readSignature(signature);
  const ids = idsOf(positions.document.root);
  const timestamps = beside.filter((each) => each.name === TIMESTAMP);
  if (timestamps.length > 1) throw new Refused("form", "there is more than one Timestamp");
  const lifetime = timestamps.map(readLifetime);
  const { elements, partDigests } = assigned(form.references, ids, timestamps, positions);
  const naming = readKeyInfo(form.keyInfo, (id) => beside.find((each) => each === ids.get(id)) ?? null);
  const certificate = await chosen(await namedAmong(naming, policy.certificates), policy);
  const octets = await canonical(positions.document, form.signedInfo, form.prefixes);
  if (!(await isSignedBy(certificate, form.value, octets))) {
    throw new Refused("signature", "the signature value is not that of the certificate");
  }
  for (const [reference, element] of elements) {
    const found = await digested(await canonical(positions.document, element, reference.prefixes));
    if (!same(found, reference.digest)) {
      throw new Refused("digest", `the digest of ${localName(element)} does not match`);
    }
  }
  const signedTime = [...elements.values()].includes(timestamps[0]) ? lifetime[0] : { created: null, expires: null };
  if (policy.judgesTime !== false) checkTime(certificate, signedTime, policy.now);
  return { references: form.references, partDigests, certificate, created: signedTime.created };
}

/**
 * An element in exclusive canonical form.
 *
 * @type {(document: XmlDocument, element: XmlElement, prefixes: readonly string[]) => Promise<Octets>}
 */
export async function canonical(document, element, prefixes) {
  return document.canonical(element, prefixes).catch(() => {
    throw new Refused("form", "an element has no canonical form");
  });
}

/**
 * Which element each `#id` means, and what was signed of each part; nothing twice, and nothing left out.
 *
 * @param {readonly Reference[]} references
 * @param {ReadonlyMap<string, XmlElement>} ids
 * @param {readonly XmlElement[]} timestamps
 * @param {Positions} positions
 */
function assigned(references, ids, timestamps, { messaging, body, contentIds }) {
  const allowed = [messaging, body, ...timestamps];
  /** @type {Map<Reference, XmlElement>} */
  const elements = new Map();
  /** @type {Map<string, Octets>} */
  const partDigests = new Map();
  for (const reference of references) {
    const id = fragmentOf(reference.uri);
    if (id === null) {
      const contentId = contentIdOf(reference.uri);
      if (contentId === null || !contentIds.has(contentId)) {
        throw new Refused("form", "a reference is to a part that is not declared");
      }
      if (partDigests.has(contentId)) throw new Refused("form", "a part is signed twice");
      partDigests.set(contentId, reference.digest);
      continue;
    }
    const element = allowed.find((each) => each === ids.get(id));
    if (element === undefined) throw new Refused("form", "a reference is to no element that may be signed");
    if ([...elements.values()].includes(element)) throw new Refused("form", "an element is signed twice");
    elements.set(reference, element);
  }
  const signed = [...elements.values()];
  if (!signed.includes(messaging)) throw new Refused("form", "eb:Messaging is not signed");
  if (!signed.includes(body)) throw new Refused("form", "the SOAP Body is not signed");
  if (partDigests.size !== contentIds.size) throw new Refused("form", "a declared part is not signed");
  return { elements, partDigests };
}

/** @type {(found: readonly Certificate[], policy: Policy) => Promise<Certificate>} */
async function chosen(found, policy) {
  if (found.length === 0) throw new Refused("signer", "the signature names no certificate that is known for it");
  const certificate = found.find((each) => objection(each, "signing", policy.now) === null) ?? found[0];
  const unfit = policy.judgesFitness === false ? null : unfitness(certificate, "signing");
  if (unfit !== null) throw new Refused("signer", unfit);
  return certificate;
}

/** @typedef {{created: Date | null, expires: Date | null}} Lifetime */

/** @type {(timestamp: XmlElement) => Lifetime} */
function readLifetime(timestamp) {
  /** @type {Map<string, Date>} */
  const moments = new Map();
  for (const child of childElements(timestamp)) {
    if (![CREATED, EXPIRES].includes(child.name) || moments.has(child.name)) {
      throw new Refused("form", "the Timestamp has an unknown part");
    }
    const read = readMoment(trimmedTextIn(child));
    if (read === null || !read.hasZone) throw new Refused("form", "the Timestamp holds no time with a zone");
    moments.set(child.name, read.moment);
  }
  return { created: moments.get(CREATED) ?? null, expires: moments.get(EXPIRES) ?? null };
}

/** @type {(certificate: Certificate, lifetime: Lifetime, now: Date) => void} */
function checkTime(certificate, { created, expires }, now) {
  const invalid = invalidity(certificate, now);
  if (invalid !== null) throw new Refused("time", invalid);
  if (expires !== null && expires < now) throw new Refused("time", "the Timestamp has expired");
  if (created !== null && created.getTime() > now.getTime() + SKEW_MILLISECONDS) {
    throw new Refused("time", "the Timestamp lies in the future");
  }
}
