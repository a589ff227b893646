/**
 * `cid:` URIs and the Content-IDs that they name (RFC 2392 2): one reading for signature, header and MIME alike.
 *
 * SECURITY: a name is visible characters without angle brackets; what decodes to anything else names nothing.
 */

const WRITTEN = /^[!-;=?-~]+$/;
const NAME = /^[^\u0000-\u0020<>\u007f-\u00a0]+$/u;
const UNPRINTABLE = /[\p{C}\p{Z}]/u;
const WRITABLE = /^[!#$&-;=?-[\]-~]+$/;

/**
 * The Content-ID that a `cid:` URI names, percent-decoded; null if it is no such URI or names nothing.
 *
 * @type {(uri: string) => string | null}
 */
export function contentIdOf(uri) {
  return uri.slice(0, 4).toLowerCase() === "cid:" ? decodedName(uri.slice(4)) : null;
}

/**
 * A Content-ID as it is written between brackets or after `cid:`, percent-decoded; null if it cannot be one.
 *
 * @type {(written: string) => string | null}
 */
export function decodedName(written) {
  if (!WRITTEN.test(written)) return null;
  if (!written.includes("%")) return written;
  const octets = [...written.matchAll(/%([0-9A-Fa-f]{2})|[^]/g)].map((each) =>
    each[1] === undefined ? each[0].charCodeAt(0) : Number.parseInt(each[1], 16),
  );
  try {
    const name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(octets));
    return NAME.test(name) && !UNPRINTABLE.test(name) ? name : null;
  } catch {
    return null;
  }
}

/**
 * The same for two Content-IDs that are one for a reader who compares them without case.
 *
 * @type {(contentId: string) => string}
 */
export function withoutCase(contentId) {
  return contentId.toUpperCase().toLowerCase();
}

/**
 * Whether a part header can carry this name as it is: without a percent sign, a quote, a blank or what is not ASCII.
 *
 * @type {(contentId: string) => boolean}
 */
export function isWritable(contentId) {
  return WRITABLE.test(contentId);
}

/**
 * The `cid:` URI of a Content-ID of ours, given without angle brackets.
 *
 * @type {(contentId: string) => string}
 */
export function contentIdUri(contentId) {
  if (!isWritable(contentId)) throw new RangeError("a Content-ID that cannot be written");
  return `cid:${encodeURIComponent(contentId).replace(/%(24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent)}`;
}
