/**
 * The octets of multipart/related that stand around the envelope and the parts (ebMS3 Core 5.1.1, RFC 2046 5.1).
 */

import { isWritable } from "./content_ids.js";
import { MULTIPART_RELATED, OCTET_STREAM, SOAP_XML, SOAP_XML_UTF8 } from "./names.js";
import { joined, utf8 } from "./octets.js";

/** @typedef {import("./octets.js").Octets} Octets */

const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=?]{1,70}$/;

/**
 * An envelope and its parts as one body, with the Content-Type of all.
 *
 * @param {{boundary: string, rootId: string, envelope: Octets,
 *   parts: readonly {contentId: string, octets: Octets}[]}} message
 * @returns {{contentType: string, octets: Octets}}
 */
export function writeMultipart({ boundary, rootId, envelope, parts }) {
  if (!BOUNDARY.test(boundary)) throw new RangeError("a boundary that RFC 2046 does not allow");
  const octets = joined(
    utf8(head(boundary, rootId, SOAP_XML_UTF8).slice(2)),
    envelope,
    ...parts.flatMap((each) => [utf8(head(boundary, each.contentId, OCTET_STREAM)), each.octets]),
    utf8(`\r\n--${boundary}--\r\n`),
  );
  const contentType = `${MULTIPART_RELATED}; type="${SOAP_XML}"; boundary="${boundary}"; start="${bracketed(rootId)}"`;
  return { contentType, octets };
}

/** @type {(boundary: string, contentId: string, mediaType: string) => string} */
function head(boundary, contentId, mediaType) {
  return (
    `\r\n--${boundary}\r\nContent-Type: ${mediaType}\r\nContent-Transfer-Encoding: binary\r\n` +
    `Content-ID: ${bracketed(contentId)}\r\n\r\n`
  );
}

/** @type {(contentId: string) => string} */
function bracketed(contentId) {
  if (!isWritable(contentId)) throw new RangeError("a Content-ID that cannot be written");
  return `<${contentId}>`;
}
