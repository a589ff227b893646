/**
 * The AS4 modules of the desk, asked from outside: one question a line as JSON on standard input, one answer a line.
 *
 * Octets are `{"octets": base64}` both ways, moments are text. A refusal is an answer, `{"refused": check, "reason": …}`;
 * any other fault is `{"fault": …}`, and a test that sees one fails.
 */

import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';

import { checkFollows, readAddressBook } from '../../../../gateway/desk/js/as4/address_book.js';
import { readAnswer, verifyReceipt } from '../../../../gateway/desk/js/as4/answer.js';
import { objection, readCertificate, thumbprintOf } from '../../../../gateway/desk/js/as4/certificates.js';
import { readDocument } from '../../../../gateway/desk/js/as4/document.js';
import { deflated, inflated } from '../../../../gateway/desk/js/as4/gzip.js';
import { parserOf } from '../../../../gateway/desk/js/as4/libxml2.js';
import * as limits from '../../../../gateway/desk/js/as4/limits.js';
import { attribute, text } from '../../../../gateway/desk/js/as4/markup.js';
import { parseContentType } from '../../../../gateway/desk/js/as4/media_type.js';
import { readMultipart } from '../../../../gateway/desk/js/as4/mime_read.js';
import { readMoment } from '../../../../gateway/desk/js/as4/moments.js';
import { base64, fromBase64 } from '../../../../gateway/desk/js/as4/octets.js';
import { openMessage } from '../../../../gateway/desk/js/as4/open.js';
import { packPush, packReceipt } from '../../../../gateway/desk/js/as4/pack.js';
import { Refused } from '../../../../gateway/desk/js/as4/refused.js';
import { accept, learn, signersOf, waiting } from '../../../../gateway/desk/js/as4/trust.js';
import { canonical } from '../../../../gateway/desk/js/as4/verify.js';
import { readTrust } from '../../../../gateway/desk/js/pages/trusting.js';
import * as flate from '../../../../gateway/desk/vendor/fflate/fflate.js';
import * as libxml2 from '../../../../gateway/desk/vendor/libxml2-wasm/index.mjs';
import { portalOf } from '../pages/portals.js';

const parseXml = parserOf(libxml2);
const read = (/** @type {any} */ der) => /** @type {any} */ (readCertificate(der));

/** @param {any} asked */
function meansOf(asked) {
  return { parseXml, flate, now: new Date(asked.now), hubCertificates: asked.hubCertificates.map(read) };
}

/** @param {any} asked */
async function signingKey({ certificate, privateKey }) {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('pkcs8', privateKey, algorithm, false, ['sign']);
  return {
    certificate: read(certificate),
    signSignedInfo: async (/** @type {any} */ octets) =>
      new Uint8Array(await crypto.subtle.sign(algorithm.name, key, octets)),
  };
}

/** @param {any[]} asked */
async function decryptionKeys(asked) {
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-256' };
  const keys = await Promise.all(
    asked.map(async (each) => ({
      certificate: read(each.certificate),
      key: await crypto.subtle.importKey('pkcs8', each.privateKey, algorithm, false, ['decrypt']),
    })),
  );
  return {
    certificates: keys.map((each) => each.certificate),
    unwrapContentKey: async (/** @type {any} */ wrapped, /** @type {any} */ certificate) => {
      const found = /** @type {any} */ (keys.find((each) => each.certificate === certificate));
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, found.key, wrapped));
    },
  };
}

/** @type {Record<string, (asked: any) => unknown>} */
const QUESTIONS = {
  async open(asked) {
    const senders = new Map(Object.entries(asked.senders).map(([party, found]) => [party, found.map(read)]));
    const means = { ...meansOf(asked), self: asked.self, senders, originRequired: asked.originRequired };
    const keys = await decryptionKeys(asked.keys);
    const chosen = { ...limits.MESSAGE_LIMITS, ...asked.limits };
    return openMessage(asked.octets, asked.contentType, { ...means, keys, limits: chosen });
  },
  async push(asked) {
    const means = { key: await signingKey(asked.key), hub: read(asked.hub), flate };
    return packPush({ ...asked.push, at: new Date(asked.push.at) }, means);
  },
  async receipt(asked) {
    return packReceipt({ ...asked, at: new Date(asked.at) }, { key: await signingKey(asked.key) });
  },
  answer: (asked) => readAnswer(asked.octets, asked.contentType, asked.sent, meansOf(asked)),
  verifyReceipt: (asked) => verifyReceipt(asked.octets, asked.contentType, asked.sent, meansOf(asked)),
  mime: (asked) => readMultipart(asked.octets, parseContentType(asked.contentType), { parts: asked.parts ?? 65 }),
  contentType: ({ header }) => parseContentType(header),
  inflate: ({ octets, mostOctets, ratio }) => inflated(octets, { flate, mostOctets, ratio }),
  deflate: ({ octets, salt }) => deflated(octets, salt, flate),
  text: ({ value }) => text(value),
  attribute: ({ value }) => attribute(value),
  moment: ({ written }) => readMoment(written),
  async certificate({ der, use, at }) {
    const certificate = readCertificate(der);
    if (certificate === null) return null;
    return {
      ...certificate,
      serialNumber: String(certificate.serialNumber),
      thumbprint: await thumbprintOf(certificate),
      objection: objection(certificate, use ?? 'signing', new Date(at)),
    };
  },
  book: ({ octets, certificates }) => readAddressBook(octets, certificates.map(read), parseXml),
  async follows({ came, known, certificates, hub, now }) {
    const [first, second] = [came, known].map((each) => each && readAddressBook(each, certificates.map(read), parseXml));
    checkFollows(await first, await second, { hub, now: new Date(now) });
  },
  async trust({ octets, certificates, known, rooted, accepted }) {
    const { book } = await readAddressBook(octets, certificates.map(read), parseXml);
    const before = new Map(
      Object.entries(known).map(([party, { signing, encryption }]) => [
        party,
        { signing: signing.map(read), encryption: encryption.map(read) },
      ]),
    );
    const learnt = await learn(book, before, async () => rooted);
    const more = accepted === null ? { known: learnt.known, taken: [] } : accept(book, learnt.known, accepted);
    return {
      known: Object.fromEntries(
        [...more.known].map(([party, those]) => [
          party,
          { signing: those.signing.map((each) => each.der), encryption: those.encryption.map((each) => each.der) },
        ]),
      ),
      taken: [...learnt.taken, ...more.taken],
      waiting: waiting(book, more.known),
      signers: signersOf(book, more.known),
    };
  },
  async relied({ octets, directory, certificate, hub, named, now }) {
    const [key, own] = [directory, certificate].map(base64);
    const shown = { hub: { value: hub, type: null }, hub_signing: [own], hub_encryption: own, directory: [key], vouched: [] };
    const known = { signing: [own], encryption: [own], directory: [key], ...named };
    const means = await portalOf(shown, { named: known, book: octets, now: new Date(now) });
    return readTrust({ ...means, parseXml }).then(
      ({ objection, hubParty }) => ({ objection, hubParty }),
      (fault) => fault.message,
    );
  },
  async canonical({ octets, place, prefixes, kind }) {
    const chosen = kind === 'payload' ? limits.PAYLOAD_LIMITS : limits.ENVELOPE_LIMITS;
    const document = await readDocument(octets, { limits: chosen, parseXml });
    try {
      let element = document.root;
      for (const at of place ?? []) element = /** @type {any} */ (element.children.filter((each) => typeof each === 'object' && 'name' in each)[at]);
      return await canonical(document, element, prefixes ?? []);
    } finally {
      document.close();
    }
  },
  async document({ octets, charset, kind }) {
    const chosen = kind === 'payload' ? limits.PAYLOAD_LIMITS : limits.ENVELOPE_LIMITS;
    const document = await readDocument(octets, { limits: chosen, parseXml, charset });
    document.close();
    return document.root;
  },
};

/** @type {(key: string, value: any) => unknown} */
function revived(_key, value) {
  return value !== null && typeof value === 'object' && 'octets' in value && Object.keys(value).length === 1 &&
    typeof value.octets === 'string' ? fromBase64(value.octets) : value;
}

/** @type {(key: string, value: any) => unknown} */
function plain(_key, value) {
  // A certificate as its thumbprint, unless it is what was asked about.
  if (value?.der instanceof Uint8Array && !('thumbprint' in value)) {
    return createHash('sha256').update(value.der).digest('hex');
  }
  if (value instanceof Uint8Array) return { octets: base64(value) };
  if (value instanceof Map) return Object.fromEntries(value);
  return typeof value === 'bigint' ? String(value) : value;
}

/** @type {(line: string) => Promise<unknown>} */
async function answered(line) {
  const { question, ...asked } = JSON.parse(line, revived);
  try {
    return { answer: (await QUESTIONS[question](asked)) ?? null };
  } catch (fault) {
    if (fault instanceof Refused) return { refused: fault.check, reason: fault.reason };
    if (fault instanceof RangeError) return { unwritable: fault.message };
    return { fault: fault instanceof Error ? fault.stack : String(fault) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answered(line), plain)}\n`);
}
