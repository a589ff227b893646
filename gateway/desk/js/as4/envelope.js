/**
 * Where everything stands in a SOAP 1.2 envelope with an ebMS header (`gateway/ebms/envelope.py`).
 *
 * The envelope has one shape: a Header, after it a Body; in the Header exactly one eb:Messaging, at most one
 * wsse:Security for us, and a second one with the role "ebms". Elements are taken from these positions and nowhere else.
 *
 * SECURITY: everything later is handed the elements found here, so that a copy elsewhere in the document can never be
 * what is read while another is what is verified.
 */

import { attributeOf, childElements, collapsed, descendants, hasText, nodesIn } from "./elements.js";
import { EB, named, ROLE_EBMS, ROLE_NEXT, ROLE_NEXT_MSH, ROLE_ULTIMATE_RECEIVER, S12, WSSE, XENC } from "./names.js";
import { Refused } from "./refused.js";

/** @typedef {import("./document.js").XmlElement} XmlElement */

const ENVELOPE = named(S12, "Envelope");
const HEADER = named(S12, "Header");
const BODY = named(S12, "Body");
const ROLE = named(S12, "role");
const MUST_UNDERSTAND = named(S12, "mustUnderstand");
const MESSAGING = named(EB, "Messaging");
const SECURITY = named(WSSE, "Security");
const ENCRYPTED_DATA = named(XENC, "EncryptedData");
/** @type {ReadonlySet<string | null>} an absent role is that of the ultimate receiver (SOAP 1.2 2.2) */
const OUR_ROLES = new Set([null, ROLE_NEXT, ROLE_ULTIMATE_RECEIVER]);
const MOST_BLOCKS = 64;

/**
 * @param {XmlElement} root
 * @returns {{messaging: XmlElement, body: XmlElement, security: XmlElement}}
 */
export function locate(root) {
  if (root.name !== ENVELOPE || nodesIn(root) > MOST_BLOCKS) refuse("it is no SOAP 1.2 envelope");
  const children = childElements(root);
  if (children.length !== 2 || children[0].name !== HEADER || children[1].name !== BODY || hasText(root)) {
    refuse("it does not hold exactly Header and Body");
  }
  const [header, body] = children;
  if (nodesIn(header) > MOST_BLOCKS) refuse("the Header holds too many blocks");
  const blocks = childElements(header);
  blocks.forEach(refuseUnknown);
  for (const block of blocks) {
    const isEncrypted = [...descendants(block)].some(([each]) => each.name === ENCRYPTED_DATA);
    if ([MESSAGING, ENCRYPTED_DATA].includes(block.name) && isEncrypted) refuse("eb:Messaging is encrypted");
  }
  const messaging = blocks.filter((each) => each.name === MESSAGING);
  if (messaging.length !== 1) refuse(`the Header holds ${messaging.length} eb:Messaging`);
  const role = attributeOf(messaging[0], ROLE);
  if (!OUR_ROLES.has(role) && role !== ROLE_NEXT_MSH) refuse("eb:Messaging is addressed to another node");
  const secured = blocks.filter((each) => each.name === SECURITY);
  const ours = secured.filter((each) => OUR_ROLES.has(attributeOf(each, ROLE)));
  if (ours.length > 1 || secured.filter((each) => attributeOf(each, ROLE) === ROLE_EBMS).length > 1) {
    refuse("two wsse:Security headers have the same role");
  }
  if (ours.length === 0) throw new Refused("signer", "there is no wsse:Security header for us");
  return { messaging: messaging[0], body, security: ours[0] };
}

/** @type {(block: XmlElement) => void} */
function refuseUnknown(block) {
  const written = collapsed(attributeOf(block, MUST_UNDERSTAND) ?? "false");
  if (!["true", "1", "false", "0"].includes(written)) refuse("mustUnderstand is no boolean");
  const isKnown = [MESSAGING, SECURITY].includes(block.name);
  if (["true", "1"].includes(written) && !isKnown && OUR_ROLES.has(attributeOf(block, ROLE))) {
    refuse("a header block that must be understood is not known");
  }
}

/** @type {(reason: string) => never} */
function refuse(reason) {
  throw new Refused("envelope", reason);
}
