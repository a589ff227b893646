/**
 * Gzip of parts: members one after the other inflated within limits, and a writer whose digest tells nothing
 * (AS4 3.1, RFC 1952; `gateway/ebms/gzip.py`).
 *
 * fflate inflates and tells where a member ends that another one follows, and leaves heads, checksums and what stands
 * at the end to us. So a member of nothing is put behind the last one: only where it is found exactly behind what came
 * did what came end there. fflate is handed in.
 *
 * SECURITY: the input may be a bomb. Above FREE_OCTETS it may not grow beyond a ratio, and never beyond the limit.
 */

import { joined, startsWith, utf8 } from "./octets.js";
import { Refused } from "./refused.js";

/** @typedef {import("./octets.js").Octets} Octets */

/**
 * What is used of fflate.
 *
 * @typedef {object} Flate
 * @property {new (take: (octets: Uint8Array) => void) => Gunzip} Gunzip
 * @property {(octets: Uint8Array, options?: {level?: 0 | 6 | 9}) => Uint8Array} deflateSync
 */

/** @typedef {{push(octets: Uint8Array, isLast?: boolean): void, onmember?: (offset: number) => void}} Gunzip */

export const FREE_OCTETS = 32 * 1024 * 1024;
export const SALT_OCTETS = 16;
const RATIO = 100;
const STEP_OCTETS = 64 * 1024;
const HEAD_OCTETS = 8 * 1024;
const TRAILER_OCTETS = 8;
const FREE_MEMBERS = 64;
const OCTETS_PER_MEMBER = 1024;
const MAGIC = Uint8Array.of(0x1f, 0x8b, 0x08);
// An empty block behind a plain head.
const NOTHING = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const TABLE = Uint32Array.from({ length: 256 }, (_, octet) => {
  let value = octet;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/**
 * What a part inflates to; the gzip of nothing may be nothing.
 *
 * @param {Octets} octets
 * @param {{flate: Flate, mostOctets: number, ratio?: number}} means
 * @returns {Octets}
 */
export function inflated(octets, { flate, mostOctets, ratio = RATIO }) {
  if (octets.length === 0) return octets;
  checkHead(octets);
  /** @type {Uint8Array[]} */
  const pieces = [];
  let [checksum, length, total, members, came, end] = [0, 0, 0, 1, 0, 0];
  const gunzip = new flate.Gunzip((piece) => {
    checksum = crc32(piece, checksum);
    length += piece.length;
    total += piece.length;
    if (total > mostOctets) refuse("larger than is taken here");
    if (total > FREE_OCTETS + ratio * Math.ceil(came / STEP_OCTETS) * STEP_OCTETS) refuse("it grows beyond the ratio");
    if (piece.length > 0) pieces.push(piece.slice());
  });
  gunzip.onmember = (offset) => {
    if (offset > octets.length) refuse("truncated");
    checkTrailer(octets.subarray(offset - TRAILER_OCTETS, offset), checksum, length);
    [checksum, length, members, end] = [0, 0, members + 1, offset];
    if (members > FREE_MEMBERS + offset / OCTETS_PER_MEMBER) refuse("too many members");
    if (offset < octets.length) checkHead(octets.subarray(offset));
  };
  try {
    for (let at = 0; at < octets.length; at += STEP_OCTETS) {
      came = Math.min(octets.length, at + STEP_OCTETS);
      gunzip.push(octets.subarray(at, came));
    }
    gunzip.push(NOTHING, true);
  } catch (fault) {
    if (fault instanceof Refused) throw fault;
    refuse("broken, truncated, or followed by something else");
  }
  if (end !== octets.length) refuse("truncated");
  return joined(...pieces);
}

/**
 * Octets as gzip with a salt in an extra field of the head: without it the digest would let anyone test a guess.
 *
 * What compresses so well that it would be taken for a bomb is stored as it is.
 *
 * @param {Uint8Array} octets
 * @param {Uint8Array} salt 16 random octets
 * @param {Flate} flate
 * @returns {Octets}
 */
export function deflated(octets, salt, flate) {
  if (salt.length !== SALT_OCTETS) throw new RangeError(`a salt is ${SALT_OCTETS} octets`);
  const head = Uint8Array.of(...MAGIC, 4, 0, 0, 0, 0, 0, 255, SALT_OCTETS + 4, 0, ...utf8("KP"), SALT_OCTETS, 0, ...salt);
  const small = flate.deflateSync(octets);
  const isBomb = octets.length > FREE_OCTETS + RATIO * small.length;
  const trailer = new DataView(new ArrayBuffer(TRAILER_OCTETS));
  trailer.setUint32(0, crc32(octets), true);
  trailer.setUint32(4, octets.length, true);
  return joined(head, isBomb ? flate.deflateSync(octets, { level: 0 }) : small, new Uint8Array(trailer.buffer));
}

/** @type {(octets: Uint8Array, before?: number) => number} */
export function crc32(octets, before = 0) {
  let value = ~before;
  for (let at = 0; at < octets.length; at += 1) value = TABLE[(value ^ octets[at]) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}

/** @type {(octets: Octets) => void} the head of a member (RFC 1952 2.3) */
function checkHead(octets) {
  const flags = octets[3];
  if (!startsWith(octets, MAGIC) || octets.length < 10 || flags >= 0x20) refuse("not gzip");
  let length = 10;
  if (flags & 0x04) length += 2 + octets[10] + 256 * octets[11];
  for (const flag of [0x08, 0x10]) {
    if (flags & flag) {
      const end = octets.subarray(0, length + HEAD_OCTETS).indexOf(0, length);
      if (end === -1) refuse("a head too long, or truncated");
      length = end + 1;
    }
  }
  if (flags & 0x02) length += 2;
  if (length > HEAD_OCTETS) refuse("a head too long");
  if (!(octets.length >= length)) refuse("truncated");
  if (flags & 0x02) {
    const written = octets[length - 2] + 256 * octets[length - 1];
    if ((crc32(octets.subarray(0, length - 2)) & 0xffff) !== written) refuse("a head whose checksum does not match");
  }
}

/** @type {(trailer: Octets, checksum: number, length: number) => void} */
function checkTrailer(trailer, checksum, length) {
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.length);
  if (view.getUint32(0, true) !== checksum || view.getUint32(4, true) !== length % 2 ** 32) {
    refuse("a checksum or length that does not match");
  }
}

/** @type {(reason: string) => never} */
function refuse(reason) {
  throw new Refused("compression", reason);
}
