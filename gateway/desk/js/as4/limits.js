/**
 * What is taken here, in octets and counts. Those of XML and MIME are the hub's own; those of content are a browser's,
 * which holds a whole message in memory: what is larger is for `knooppunt pull`.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * @typedef {object} DocumentLimits
 * @property {number} octets as they arrived
 * @property {number} depth of elements, the root counted as one
 * @property {number} elements in all, and comments
 * @property {number} attributes of one element
 * @property {number} attributesInAll
 * @property {number} namespaces declarations in all
 * @property {number} ids
 * @property {number} textOctets of one text or value
 */

/** @type {DocumentLimits} */
export const ENVELOPE_LIMITS = Object.freeze({
  octets: 256 * KIB,
  depth: 64,
  elements: 10_000,
  attributes: 64,
  attributesInAll: 4_096,
  namespaces: 256,
  ids: 512,
  textOctets: 64 * KIB,
});

// Canonical copies declare a namespace wherever it is used first, so they are larger than what they are copies of.
export const ORIGIN_LIMITS = Object.freeze({ ...ENVELOPE_LIMITS, octets: MIB, namespaces: 4_096 });

/** @type {DocumentLimits} */
export const BOOK_LIMITS = Object.freeze({
  octets: 64 * MIB,
  depth: 16,
  elements: 2_000_000,
  attributes: 8,
  attributesInAll: 500_000,
  namespaces: 64,
  ids: 1_000_000,
  textOctets: MIB,
});

/** @type {DocumentLimits} */
export const PAYLOAD_LIMITS = Object.freeze({
  octets: 4 * MIB,
  depth: 64,
  elements: 200_000,
  attributes: 64,
  attributesInAll: 400_000,
  namespaces: 4_096,
  ids: 400_000,
  textOctets: 4 * MIB,
});

/**
 * @typedef {object} MessageLimits
 * @property {number} octets of the whole message on the wire
 * @property {number} inflatedOctets of one part
 * @property {number} inflationRatio how many times its size a part may grow, above FREE_OCTETS of `gzip.js`
 * @property {number} parts beside the envelope
 */

/** @type {MessageLimits} */
export const MESSAGE_LIMITS = Object.freeze({
  octets: 256 * MIB,
  inflatedOctets: 256 * MIB,
  inflationRatio: 100,
  parts: 64,
});

export const PART_HEADERS = 16;
export const PART_HEADER_OCTETS = 8 * KIB;
