/**
 * multipart/related read whole and strictly (RFC 2046 5.1, RFC 2387), as `gateway/ebms/mime.py` reads it.
 *
 * Lines end in CRLF; a line that begins with the boundary and goes on is a fault and no content. The hub writes parts
 * as they are, so other transfer encodings than those that change nothing are refused.
 *
 * SECURITY: a header that changes what a part means is obeyed or refused, never skipped, and may not stand twice.
 */

import { withoutCase } from "./content_ids.js";
import { trimmed } from "./elements.js";
import { PART_HEADER_OCTETS, PART_HEADERS } from "./limits.js";
import { parseContentId, parseContentType } from "./media_type.js";
import { MULTIPART_RELATED, SOAP_XML } from "./names.js";
import { find, startsWith, textOf, utf8 } from "./octets.js";
import { Refused } from "./refused.js";

/** @typedef {import("./media_type.js").MediaType} MediaType */
/** @typedef {import("./octets.js").Octets} Octets */

/**
 * @typedef {object} MimePart
 * @property {boolean} root whether it is the envelope
 * @property {string | null} contentId percent-decoded, without brackets
 * @property {MediaType | null} mediaType
 * @property {Octets} octets
 */

const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/;
const HEADER_NAME = /^[!-9;-~]+$/;
const NEVER = ["transfer-encoding", "content-range"];
const MEANING = new Set([
  ...NEVER,
  "content-type",
  "content-id",
  "content-transfer-encoding",
  "content-length",
  "content-encoding",
]);
const PLAIN_ENCODINGS = new Set(["7bit", "8bit", "binary"]);
const SKIPPED_OCTETS = 1024; // of a preamble, and of an epilogue
const PADDING_OCTETS = 256;
const CRLF = utf8("\r\n");
const HEADER_END = utf8("\r\n\r\n");
const DASHES = utf8("--");

/**
 * The parts of a body in the order in which they stand.
 *
 * @param {Octets} octets
 * @param {MediaType} contentType
 * @param {{parts: number}} limits so many parts, the envelope among them
 * @returns {MimePart[]}
 */
export function readMultipart(octets, contentType, limits) {
  if (contentType.type !== MULTIPART_RELATED) throw new Refused("mime", "not multipart/related");
  const boundary = contentType.parameters.get("boundary");
  if (boundary === undefined || !BOUNDARY.test(boundary)) {
    throw new Refused("mime", "no boundary, or one that is not allowed");
  }
  const delimiter = utf8(`\r\n--${boundary}`);
  const start = contentType.parameters.get("start");
  const root = { start: start === undefined ? null : parseContentId(start), type: contentType.parameters.get("type") };
  /** @type {MimePart[]} */
  const parts = [];
  let at = afterPreamble(octets, delimiter);
  while (!startsWith(octets, DASHES, at)) {
    if (parts.length >= limits.parts) throw new Refused("mime", "too many parts");
    const [part, end] = readPart(octets, lineEnd(octets, at), delimiter, root, parts);
    parts.push(part);
    at = end;
  }
  skipEpilogue(octets, at + 2);
  if (parts.length === 0) throw new Refused("mime", "no part");
  if (!parts.some((each) => each.root)) throw new Refused("mime", "start names no part");
  return parts;
}

/** @type {(octets: Octets, delimiter: Octets) => number} */
function afterPreamble(octets, delimiter) {
  const line = delimiter.subarray(2);
  if (startsWith(octets, line)) return line.length;
  const found = find(octets, delimiter);
  if (found === -1) throw new Refused("mime", "the final boundary is missing");
  if (found > SKIPPED_OCTETS) throw new Refused("mime", "a preamble too long");
  const preamble = octets.subarray(0, found);
  for (let at = find(preamble, line); at !== -1; at = find(preamble, line, at + 1)) {
    if (preamble[at - 1] === 10 || preamble[at - 1] === 13) {
      throw new Refused("mime", "a boundary after a line end that is no CRLF"); // a part, for some readers
    }
  }
  return found + delimiter.length;
}

/**
 * Where the CRLF after blanks stands.
 *
 * @type {(octets: Octets, at: number) => number}
 */
function lineEnd(octets, at) {
  let end = at;
  while (octets[end] === 32 || octets[end] === 9) end += 1;
  if (end - at > PADDING_OCTETS || !startsWith(octets, CRLF, end)) {
    throw new Refused("mime", "a line that begins with the boundary and goes on");
  }
  return end;
}

/** @type {(octets: Octets, at: number) => void} */
function skipEpilogue(octets, at) {
  let end = at;
  while (octets[end] === 32 || octets[end] === 9) end += 1;
  if (end === octets.length) return;
  if (octets.length - lineEnd(octets, at) - 2 > SKIPPED_OCTETS) throw new Refused("mime", "an epilogue too long");
}

/**
 * One part whose header begins after the CRLF at a position, and where its boundary line ends.
 *
 * @param {Octets} octets
 * @param {number} at
 * @param {Octets} delimiter
 * @param {{start: string | null, type: string | undefined}} root
 * @param {readonly MimePart[]} before
 * @returns {[MimePart, number]}
 */
function readPart(octets, at, delimiter, root, before) {
  const end = find(octets, HEADER_END, at);
  if (end === -1 || end - at > PART_HEADER_OCTETS + 2) {
    throw new Refused("mime", end === -1 ? "the final boundary is missing" : "a part header too long");
  }
  const headers = readHeaders(octets.subarray(at + 2, end));
  // The empty line after a header may be the line end of a boundary already: a part without a body (RFC 2046).
  const begin = startsWith(octets, delimiter, end + 2) ? end + 2 : end + 4;
  const close = find(octets, delimiter, begin);
  if (close === -1) throw new Refused("mime", "the final boundary is missing");
  const content = octets.subarray(begin, close);
  checkLength(headers, content.length);
  return [describe(headers, content, root, before), close + delimiter.length];
}

/**
 * @param {ReadonlyMap<string, string>} headers
 * @param {Octets} octets
 * @param {{start: string | null, type: string | undefined}} wanted
 * @param {readonly MimePart[]} before
 * @returns {MimePart}
 */
function describe(headers, octets, wanted, before) {
  const id = headers.get("content-id");
  const contentId = id === undefined ? null : parseContentId(id);
  if (contentId !== null && before.some((each) => withoutCase(each.contentId ?? "") === withoutCase(contentId))) {
    throw new Refused("mime", "two parts with one Content-ID");
  }
  const type = headers.get("content-type");
  const mediaType = type === undefined ? null : parseContentType(type);
  if (mediaType !== null && /^(multipart|message)\//.test(mediaType.type)) {
    throw new Refused("mime", "a part that is a message of its own");
  }
  if (!PLAIN_ENCODINGS.has((headers.get("content-transfer-encoding") ?? "binary").toLowerCase())) {
    throw new Refused("mime", "a Content-Transfer-Encoding that is not read here");
  }
  const root = wanted.start === null ? before.length === 0 : contentId === wanted.start;
  if (root && mediaType?.type !== SOAP_XML) throw new Refused("mime", "a root part that is not SOAP 1.2");
  if (root && wanted.type !== undefined && parseContentType(wanted.type).type !== SOAP_XML) {
    throw new Refused("mime", "type contradicts the root part");
  }
  return { root, contentId, mediaType, octets };
}

/** @type {(headers: ReadonlyMap<string, string>, octets: number) => void} */
function checkLength(headers, octets) {
  if (NEVER.some((each) => headers.has(each)) || (headers.get("content-encoding") ?? "identity").toLowerCase() !== "identity") {
    throw new Refused("mime", "a part header that is not supported");
  }
  const length = headers.get("content-length");
  if (length === undefined) return;
  if (!/^[0-9]{1,15}$/.test(length)) throw new Refused("mime", "a malformed Content-Length");
  if (Number(length) !== octets) throw new Refused("mime", "a part of another length than its Content-Length");
}

/** @type {(block: Octets) => Map<string, string>} */
function readHeaders(block) {
  /** @type {Map<string, string>} */
  const headers = new Map();
  if (block.length === 0) return headers;
  const text = textOf(block);
  if (text === null) throw new Refused("mime", "a part header with octets that are not allowed");
  let name = "";
  let folds = 0;
  let number = 0;
  for (const line of text.split("\r\n")) {
    if (CONTROL.test(line)) throw new Refused("mime", "a part header with octets that are not allowed");
    if (/^[ \t]/.test(line)) {
      folds += 1;
      if (!headers.has(name) || (MEANING.has(name) && (name !== "content-type" || folds > 1))) {
        throw new Refused("mime", "a folded part header");
      }
      headers.set(name, `${headers.get(name)} ${trimmed(line)}`);
      continue;
    }
    const colon = line.indexOf(":");
    name = (colon === -1 ? line : line.slice(0, colon)).toLowerCase();
    folds = 0;
    number += 1;
    if (colon === -1 || !HEADER_NAME.test(name)) throw new Refused("mime", "a malformed part header");
    if (headers.has(name) && MEANING.has(name)) throw new Refused("mime", "a part header given twice");
    if (number > PART_HEADERS) throw new Refused("mime", "too many part headers");
    headers.set(name, trimmed(line.slice(colon + 1)));
  }
  for (const [each, value] of headers) {
    if (MEANING.has(each) && /[^\t -~]/.test(value)) {
      throw new Refused("mime", "a part header with octets that are not allowed");
    }
  }
  return headers;
}
