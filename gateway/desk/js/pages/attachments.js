/**
 * What a message holds besides its document, as a page offers it: viewed where its octets are of a type that a browser
 * shows without running anything, else saved, under a name that says nothing to a file system.
 *
 * SECURITY: the type is told by the octets, never by the message. What is not PDF, PNG or JPEG has no type but octets.
 */

import { startsWith, utf8 } from "../as4/octets.js";

/** @typedef {import("../as4/octets.js").Octets} Octets */
/** @typedef {import("../forms/types.js").Values} Values */

/** @typedef {{octets: Octets, name: string, size: number, type: string, shows: boolean}} Attachment */

const OCTETS = "application/octet-stream";
const MAGIC = /** @type {const} */ ([
  ["application/pdf", "pdf", utf8("%PDF-")],
  ["image/png", "png", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
  ["image/jpeg", "jpg", Uint8Array.of(0xff, 0xd8, 0xff)],
]);
const MOST_LETTERS = 80;

/** @type {(octets: Octets, said: string, number: number) => Attachment} `said` is its name in the message */
export function attachmentOf(octets, said, number) {
  const found = MAGIC.find(([, , first]) => startsWith(octets, first));
  const [type, end] = found ?? [OCTETS, "bin"];
  return { octets, name: cleaned(said, number, end), size: octets.length, type, shows: found !== undefined };
}

/** @type {(values: Values) => string[]} the names that the header of a document gives its attachments, in their order */
export function namesIn(values) {
  /** @type {string[]} */
  const found = [];
  for (const [name, each] of values) {
    for (const value of each) {
      if (typeof value !== "string") found.push(...namesIn(value));
      else if (name === "Bestandsnaam") found.push(value);
    }
  }
  return found;
}

/** @type {(said: string, number: number, end: string) => string} a name with the end that its octets have */
export function cleaned(said, number, end) {
  const plain = said
    .normalize("NFC")
    .replace(/[^\p{L}\p{N} _-]+/gu, "_")
    .trim();
  const ending = new RegExp(`_${end}$`, "iu");
  const name = plain.replace(ending, "").replace(/^[_ -]+|[_ -]+$/gu, "").slice(0, MOST_LETTERS);
  return `${name || `bijlage-${number}`}.${end}`;
}

/** @type {(type: string, reference: string) => string} under which a document is saved: one line of letters, digits and dashes */
export const documentName = (type, reference) => `${type}-${reference}`.replace(/[^\w-]/gu, "_");

/** @type {(octets: number, language: string) => string} */
export const sizeOf = (octets, language) =>
  octets < 1_000_000
    ? `${Math.max(1, Math.round(octets / 1000))} kB`
    : `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(octets / 1_000_000)} MB`;

/** Offer it as a file. @param {Octets} octets @param {string} name @param {string} type */
export function saveFile(octets, name, type = OCTETS) {
  const address = URL.createObjectURL(new Blob([octets], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), REVOKED_MILLISECONDS);
}

/** Show it in a tab of its own, which knows nothing of this one. @param {Attachment} attachment */
export function viewFile({ octets, type }) {
  const address = URL.createObjectURL(new Blob([octets], { type }));
  open(address, "_blank", "noopener");
  setTimeout(() => URL.revokeObjectURL(address), REVOKED_MILLISECONDS);
}

// By then the browser has what it was given.
const REVOKED_MILLISECONDS = 10_000;
