/**
 * A document that carries its own signature: one ds:Signature over all the rest, as the last child of the root
 * (`crypto/enveloped.py`). Clauses: XML Signature 1.1 4.4.3.2, 6.6.4.
 *
 * SECURITY: the answer is the octets that were signed; whoever goes on reads those, and nothing that stood around them.
 * The key is one of those handed in: KeyInfo is not read, and is there for people.
 */

import { isSignedBy, unfitness } from "./certificates.js";
import {
  algorithmOf,
  attributeOf,
  base64In,
  childElements,
  childrenNamed,
  descendants,
  nodesIn,
  onlyChild,
  trimmed,
} from "./elements.js";
import { ENVELOPED, EXC_C14N, RSA_SHA256, SHA256 } from "./names.js";
import { digested, same } from "./octets.js";
import { Refused } from "./refused.js";
import {
  CANONICALIZATION_METHOD,
  DIGEST_METHOD,
  DIGEST_VALUE,
  KEY_INFO,
  REFERENCE,
  SIGNATURE,
  SIGNATURE_METHOD,
  SIGNATURE_VALUE,
  SIGNED_INFO,
  TRANSFORMS,
} from "./signature.js";
import { canonical } from "./verify.js";

/** @typedef {import("./certificates.js").Certificate} Certificate */
/** @typedef {import("./document.js").XmlDocument} XmlDocument */
/** @typedef {import("./document.js").XmlElement} XmlElement */
/** @typedef {import("./octets.js").Octets} Octets */

const MOST_SIGNATURE_CHARACTERS = 4096;
const MOST_DIGEST_CHARACTERS = 256;
const MOST_ELEMENTS = 40; // of a ds:Signature of this form, KeyInfo included

/**
 * What one of these certificates signed, in canonical form and without the signature, which is taken out of the
 * document; whether the certificate is valid is the caller's to judge.
 *
 * @param {XmlDocument} document
 * @param {readonly Certificate[]} certificates
 * @returns {Promise<{content: Octets, certificate: Certificate}>}
 */
export async function verifyEnveloped(document, certificates) {
  const signature = onlyChild(document.root, SIGNATURE);
  const behind = document.root.children.slice(document.root.children.indexOf(signature) + 1);
  if (behind.some((each) => typeof each !== "string" || trimmed(each) !== "")) refuse("something stands behind the signature");
  const nodes = [...descendants(signature)].reduce((sum, [each]) => sum + nodesIn(each), 1);
  if (nodes > MOST_ELEMENTS) refuse("the signature holds too many elements and comments");
  const [signedInfo, value] = childrenNamed(signature, [SIGNED_INFO, SIGNATURE_VALUE, KEY_INFO]);
  const digest = readSignedInfo(signedInfo);
  const made = base64In(value, MOST_SIGNATURE_CHARACTERS, "signature");
  const certificate = await signerOf(await canonical(document, signedInfo, []), made, certificates);
  await document.remove(signature);
  const content = await canonical(document, document.root, []);
  if (!same(await digested(content), digest)) throw new Refused("digest", "the document is not what was signed");
  return { content, certificate };
}

/** @type {(signedInfo: XmlElement) => Octets} the SHA-256 of the whole document without the signature */
function readSignedInfo(signedInfo) {
  const [method, signatureMethod, reference] = childrenNamed(signedInfo, [
    CANONICALIZATION_METHOD,
    SIGNATURE_METHOD,
    REFERENCE,
  ]);
  if (algorithmOf(method) !== EXC_C14N || nodesIn(method) > 0) refuse("SignedInfo has another canonical form");
  if (algorithmOf(signatureMethod) !== RSA_SHA256 || nodesIn(signatureMethod) > 0) {
    refuse("the signature is made by an algorithm that is not accepted");
  }
  if (attributeOf(reference, "URI") !== "") refuse("the signature is over something else than the whole document");
  const [transforms, digestMethod, digest] = childrenNamed(reference, [TRANSFORMS, DIGEST_METHOD, DIGEST_VALUE]);
  const chain = childElements(transforms);
  if (chain.map(algorithmOf).join() !== [ENVELOPED, EXC_C14N].join() || chain.some((each) => nodesIn(each) > 0)) {
    refuse("the reference is read through other transforms than it has to be");
  }
  if (algorithmOf(digestMethod) !== SHA256) refuse("the digest is made by an algorithm that is not accepted");
  return base64In(digest, MOST_DIGEST_CHARACTERS, "signature");
}

/** @type {(octets: Octets, value: Octets, certificates: readonly Certificate[]) => Promise<Certificate>} */
async function signerOf(octets, value, certificates) {
  for (const each of certificates) {
    if (unfitness(each, "signing") === null && (await isSignedBy(each, value, octets))) return each;
  }
  throw new Refused("signer", "no certificate that is known for it made the signature");
}

/** @type {(reason: string) => never} */
function refuse(reason) {
  throw new Refused("form", reason);
}
