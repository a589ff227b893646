/**
 * The key Worker: the one place where private keys of a unit are, and only as keys that nobody can export.
 *
 * Neither an import map nor Integrity-Policy covers modules of a Worker: the page fetches this one and what it imports
 * with their hashes, and starts them as one script from a blob. Functions are exported for tests alone; in a Worker it
 * answers messages `{id, op, ...}` with `{id, ok: true, value}` or `{id, ok: false, why}`, one at a time.
 *
 * A unit's keys lie at the server as copies, one for each lock. A lock is an ECDH pair whose private half is sealed
 * under what a passkey, a sheet or a device yields; a copy is sealed to its public half. The server can make copies,
 * too, so none is believed: beside them lie pins under the lock itself, and what they name has signed the roster.
 *
 * SECURITY: no octets of somebody else's choosing are signed. SignedInfo is held against the one form that we write;
 * everything else is put together here, behind a label that says what it is. Pages hand in values and get values; a
 * private key leaves sealed to a lock or not at all. What lets somebody in asks for the lock's secret again.
 *
 * @module
 */

import { certificate, spkiIn } from "./worker_certificates.js";
import { base64, chance, fourOctets, fromBase64, hex, joined, pointOf, sha256Hex, signatureBy, spkiOf, utf8 } from "./worker_octets.js";

/**
 * @typedef {{secret?: Uint8Array<ArrayBuffer>, kek?: CryptoKey}} Means 16 or 32 octets, or the key of a device
 * @typedef {{text: string, signature: string}} Signed
 * @typedef {{id: string, kind: string, person: string, administers: boolean, publicKey: string, since: string}} Listed
 * @typedef {{signing: string, decryption: string}} Certificates DER as base64
 * @typedef {{id: string, certificates: Certificates}} KeySet
 * @typedef {{format: string, unit: string, counter: number, previous: string, settings: number, known?: number,
 *   organisation: string, endorsed?: string, sets: KeySet[], locks: Listed[]}} Roster `endorsed` is the SHA-256 of the
 *   settings that the organisation's key before signed
 * @typedef {{organisation: string, roster: number, settings: number, known: number}} Pins and the highest counters seen
 * @typedef {{oneOff: string, keys: Record<string, string>, pins: string | null}} Copy
 * @typedef {{set: string, copy: string}} Kept
 * @typedef {{id: string, unit: string, sealedKey: Uint8Array<ArrayBuffer>}} LockRecord
 * @typedef {{lock: LockRecord, kek: CryptoKey, opener: CryptoKey, kept: Kept[], signed: Signed, roster: Roster,
 *   renewals: Signed[], pins: Pins, signing: CryptoKey, decryption: Map<string, CryptoKey>, organisation: CryptoKey | null}} Held
 * @typedef {{privateKey: CryptoKey, organisation: string, renewal: Signed}} Coming the next key of an organisation
 * @typedef {{set: (work: () => void, ms: number) => number, clear: (timer: number) => void}} Timers
 */

const LABEL = "knooppunt desk 1";
const SIGN = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const OPEN = { name: "RSA-OAEP", hash: "SHA-256" };
const BITS = { modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]) };
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const AES = { name: "AES-GCM", length: 256 };
const IDLE_MS = 15 * 60_000; // nobody did anything
const HIDDEN_MS = 5 * 60_000; // nobody looks
const MOST_SIGNED_INFO = 65_536; // 66 references of less than 1 KB
const CONTENT_KEY_OCTETS = 16; // AES-128, as the suite has it
const LIST_DIGITS = 32; // 128 bits

const W3 = "http://www\\.w3\\.org/";
const SWA = "http://docs\\.oasis-open\\.org/wss/oasis-wss-SwAProfile-1\\.1#Attachment-Content-Signature-Transform";
/** The SignedInfo that we write, octet for octet but for what it refers to: RSA with SHA-256, digests of SHA-256. */
const SIGNED_INFO = new RegExp(
  `^<ds:SignedInfo xmlns:ds="${W3}2000/09/xmldsig#">` +
    `<ds:CanonicalizationMethod Algorithm="${W3}2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod>` +
    `<ds:SignatureMethod Algorithm="${W3}2001/04/xmldsig-more#rsa-sha256">` +
    '</ds:SignatureMethod>(?:<ds:Reference URI="(?:#|cid:)[!#-;=?-~]{1,512}"><ds:Transforms><ds:Transform' +
    ` Algorithm="(?:${W3}2001/10/xml-exc-c14n#|${SWA})"></ds:Transform></ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${W3}2001/04/xmlenc#sha256"></ds:DigestMethod>` +
    "<ds:DigestValue>[A-Za-z0-9+/]{43}=</ds:DigestValue></ds:Reference>){1,66}</ds:SignedInfo>$",
  "u",
);

/** Why something was not done: a word that the page has a sentence for. */
class NotDone extends Error {}

// What is put together for a purpose
/** The label and what it is for, a NUL, and each part behind its length in four octets.
 * @param {string} purpose @param {readonly (string | Uint8Array)[]} parts */
function framed(purpose, parts) {
  const octets = parts.map((each) => (typeof each === "string" ? utf8(each) : each));
  return joined([utf8(`${LABEL} ${purpose}\0`), ...octets.flatMap((each) => [fourOctets(each.length), each])]);
}

// Sealing
/** The key that a lock's secret yields. @param {Means} means @param {string} unit @param {string} lock */
export async function kekOf({ secret, kek }, unit, lock) {
  if (kek !== undefined) return kek;
  if (secret === undefined || (secret.length !== 32 && secret.length !== 16)) throw new NotDone("no-secret");
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  return aesFrom(base, unit, `${LABEL}|${lock}`);
}

/** @param {CryptoKey} base @param {string} unit @param {string} info */
function aesFrom(base, unit, info) {
  const how = { name: "HKDF", hash: "SHA-256", salt: utf8(unit), info: utf8(info) };
  return crypto.subtle.deriveKey(how, base, AES, false, ["encrypt", "decrypt", "wrapKey", "unwrapKey"]);
}

/** The key between the private half of one pair and the public half of another.
 * @param {CryptoKey} ours @param {string} theirs a point as base64 @param {string} unit @param {string} lock */
async function between(ours, theirs, unit, lock) {
  const other = await crypto.subtle.importKey("raw", fromBase64(theirs), CURVE, true, []);
  const bits = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, ours, 256);
  const base = await crypto.subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"]);
  return aesFrom(base, unit, `${LABEL}|seal|${lock}`);
}

/** How AES-GCM seals one thing of a unit for a lock; the vector stands before what is sealed.
 * @param {Uint8Array<ArrayBuffer>} iv @param {string} unit @param {string} what @param {string} lock */
const gcm = (iv, unit, what, lock) => ({ name: "AES-GCM", iv, additionalData: framed("wrap", [unit, what, lock]) });

/** @param {CryptoKey} key @param {CryptoKey} kek @param {string} unit @param {string} what @param {string} lock */
async function sealKey(key, kek, unit, what, lock) {
  const iv = chance(12);
  return joined([iv, new Uint8Array(await crypto.subtle.wrapKey("pkcs8", key, kek, gcm(iv, unit, what, lock)))]);
}

/** @param {Uint8Array<ArrayBuffer>} sealed @param {CryptoKey} kek @param {{unit: string, what: string, lock: string}} place
 * @param {RsaHashedImportParams | EcKeyImportParams} algorithm @param {KeyUsage[]} usages @param {boolean} extractable */
async function openKey(sealed, kek, { unit, what, lock }, algorithm, usages, extractable = false) {
  const how = gcm(sealed.slice(0, 12), unit, what, lock);
  const opened = crypto.subtle.unwrapKey("pkcs8", sealed.slice(12), kek, how, algorithm, extractable, usages);
  return opened.catch(() => Promise.reject(new NotDone("does-not-open")));
}

const openLock = (/** @type {LockRecord} */ { id, unit, sealedKey }, /** @type {CryptoKey} */ kek) =>
  openKey(sealedKey, kek, { unit, what: "lock", lock: id }, CURVE, ["deriveBits"]);

/** The keys of a set, sealed to a lock from a pair used once; without pins, which only the lock's owner can write.
 * @param {{id: string, keys: Record<string, CryptoKey>}} set @param {string} unit
 * @param {{id: string, publicKey: string}} lock @param {CryptoKeyPair} oneOff @returns {Promise<Copy>} */
async function sealCopy(set, unit, lock, oneOff) {
  const kek = await between(oneOff.privateKey, lock.publicKey, unit, lock.id);
  const keys = /** @type {Record<string, string>} */ ({});
  for (const [name, key] of Object.entries(set.keys)) keys[name] = base64(await sealKey(key, kek, unit, `${set.id}/${name}`, lock.id));
  return { oneOff: await pointOf(oneOff.publicKey), keys, pins: null };
}

/** One key of a copy; null where the copy has none of that name. @param {boolean} extractable
 * @param {Copy} copy @param {string} set @param {string} name @param {LockRecord} lock @param {CryptoKey} opener */
async function keyOf(copy, set, name, lock, opener, extractable = false) {
  const sealed = copy.keys[name];
  if (sealed === undefined) return null;
  const kek = await between(opener, copy.oneOff, lock.unit, lock.id);
  const [place, opens] = [{ unit: lock.unit, what: `${set}/${name}`, lock: lock.id }, name === "decryption"];
  return openKey(fromBase64(sealed), kek, place, opens ? OPEN : SIGN, opens ? ["decrypt"] : ["sign"], extractable);
}

/** @param {Pins} pins @param {LockRecord} lock @param {CryptoKey} kek */
async function sealPins(pins, { unit, id }, kek) {
  const iv = chance(12);
  const sealed = await crypto.subtle.encrypt(gcm(iv, unit, "pins", id), kek, utf8(JSON.stringify(pins)));
  return base64(joined([iv, new Uint8Array(sealed)]));
}

/** @param {Copy} copy @param {LockRecord} lock @param {CryptoKey} kek @returns {Promise<Pins>} */
async function openPins(copy, { unit, id }, kek) {
  if (copy.pins === null) throw new NotDone("not-confirmed");
  const sealed = fromBase64(copy.pins);
  const opened = crypto.subtle.decrypt(gcm(sealed.slice(0, 12), unit, "pins", id), kek, sealed.slice(12));
  const octets = await opened.catch(() => Promise.reject(new NotDone("does-not-open")));
  return { known: 0, ...JSON.parse(new TextDecoder().decode(octets)) };
}

// What the organisation's key and the unit's sign for their own browsers
/** @param {string} purpose @param {Signed} signed @param {string} spki */
async function isSigned(purpose, { text, signature }, spki) {
  const key = await crypto.subtle.importKey("spki", fromBase64(spki), SIGN, false, ["verify"]);
  return crypto.subtle.verify(SIGN, key, fromBase64(signature), framed(purpose, [text]));
}

/** @param {string} purpose @param {object} said @param {CryptoKey} key @returns {Promise<Signed>} */
async function signDocument(purpose, said, key) {
  const text = JSON.stringify(said);
  return { text, signature: base64(await signatureBy(key, framed(purpose, [text]))) };
}

const countedAfter = async (/** @type {string | undefined} */ text) =>
  text ? { counter: JSON.parse(text).counter + 1, previous: await sha256Hex(text) } : { counter: 1, previous: "" };

/** The roster, if the pinned key signed it for this unit and lock and it is none of before what was seen.
 * @param {Signed} signed @param {LockRecord} record @param {Pins} pins @returns {Promise<Roster>} */
async function readRoster(signed, { id, unit }, pins) {
  if (!(await isSigned("roster", signed, pins.organisation))) throw new NotDone("foreign-roster");
  const roster = /** @type {Roster} */ (JSON.parse(signed.text));
  if (roster.unit !== unit || roster.organisation !== pins.organisation) throw new NotDone("foreign-roster");
  if (roster.counter < pins.roster) throw new NotDone("older-roster");
  if (!roster.locks.some((each) => each.id === id)) throw new NotDone("not-on-the-roster");
  return { ...roster, settings: Math.max(roster.settings, pins.settings), known: Math.max(roster.known ?? 0, pins.known) };
}

/** The organisation's key of now: renewals follow on the pinned one, each signed by the key before it.
 * @param {string} organisation @param {readonly Signed[]} renewals oldest first */
async function renewed(organisation, renewals) {
  let key = organisation;
  for (const each of renewals) if (await isSigned("organisation", each, key)) key = JSON.parse(each.text).organisation;
  return key;
}

const newSigning = () => crypto.subtle.generateKey({ ...SIGN, ...BITS }, true, ["sign", "verify"]);
const newPair = () => crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);

/** Two pairs and their certificates. @param {{unit: string, name: string, from: Date, until: Date}} wanted */
async function newPairs(wanted) {
  const signing = await newSigning();
  const decryption = await crypto.subtle.generateKey({ ...OPEN, ...BITS }, true, ["encrypt", "decrypt"]);
  const certificates = {
    signing: base64(await certificate({ ...wanted, subject: signing, issuer: signing })),
    decryption: base64(await certificate({ ...wanted, subject: decryption, issuer: signing })),
  };
  return { keys: { signing: signing.privateKey, decryption: decryption.privateKey }, certificates };
}

/** The key for digests of rows of lists: whoever has the signing key, and nobody else, makes the same one again, for such a
 * signature has no chance in it. @param {CryptoKey} signing @param {string} unit */
async function listKey(signing, unit) {
  const secret = await signatureBy(signing, framed("list", [unit]));
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: utf8(unit), info: utf8(`${LABEL}|list`) };
  return crypto.subtle.deriveKey(how, base, { name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign"]);
}

/** What answers the messages of a page: it holds the keys of one unit, or none.
 * @param {{tell: (event: object) => void, timers: Timers}} outside */
export function keyKeeper({ tell, timers }) {
  let held = /** @type {Held | null} */ (null);
  let oneOff = /** @type {CryptoKeyPair | null} */ (null);
  let coming = /** @type {Coming | null} */ (null); // under which other units are to go, too
  let used = 0; // the moment of the last question but "hidden"
  const running = /** @type {Record<"idle" | "hidden", number | null>} */ ({ idle: null, hidden: null });

  function lock(/** @type {string} */ why) {
    if (held !== null) tell({ event: "locked", why });
    held = oneOff = null;
    if (why !== "again") coming = null;
    later("idle", null);
    later("hidden", null);
  }
  /** @param {"idle" | "hidden"} why @param {number | null} ms */
  function later(why, ms) {
    if (running[why] !== null) timers.clear(/** @type {number} */ (running[why]));
    running[why] = ms === null ? null : timers.set(() => lock(why), ms);
  }
  function unlocked() {
    if (held === null) throw new NotDone("locked");
    return held;
  }
  /** Whoever is here opens the lock again, or nothing is handed out. @param {Means} means */
  async function opensAgain(means) {
    const now = unlocked();
    await openLock(now.lock, await kekOf(means, now.lock.unit, now.lock.id));
    return now;
  }
  /** The keys of a kept set, exportable for as long as they are sealed to somebody else.
   * @param {Held} now @param {Kept} kept @param {boolean} administers */
  async function handedOn(now, kept, administers) {
    const copy = JSON.parse(kept.copy);
    const keys = /** @type {Record<string, CryptoKey>} */ ({});
    for (const name of ["signing", "decryption", ...(administers ? ["organisation"] : [])]) {
      const key = await keyOf(copy, kept.set, name, now.lock, now.opener, true);
      if (key !== null) keys[name] = key;
    }
    return { id: kept.set, keys };
  }
  async function organisationKey(/** @type {Held} */ now) {
    const { keys } = await handedOn(now, /** @type {Kept} */ (now.kept[0]), true);
    if (keys.organisation === undefined) throw new NotDone("not-an-administrator");
    return keys.organisation;
  }
  /** What the organisation's key signs, where that is the pinned one: a copy of before a renewal holds another.
   * @param {string} purpose @param {object} said @param {Held} now */
  async function signAsOrganisation(purpose, said, { organisation, pins }) {
    if (organisation === null) throw new NotDone("not-an-administrator");
    const signed = await signDocument(purpose, said, organisation);
    if (!(await isSigned(purpose, signed, pins.organisation))) throw new NotDone("foreign-key");
    return signed;
  }
  /** A copy for a lock. Pins of other locks are carried over from their copy before, sealed as they are, where copies
   * are kept. @param {Held} now @param {Listed} lock @param {{id: string, keys: Record<string, CryptoKey>}} set */
  async function copyFor(now, { id, publicKey }, set) {
    const copy = await sealCopy(set, now.lock.unit, { id, publicKey }, await newPair());
    if (id === now.lock.id) copy.pins = await sealPins(unlocked().pins, now.lock, now.kek);
    return { set: set.id, lock: id, copy: JSON.stringify(copy) };
  }
  /** The roster after this one, which counts from now on: where the server keeps another, the page locks.
   * @param {Held} now @param {Partial<Roster>} changed */
  async function nextRoster(now, changed) {
    const next = { ...now.roster, ...(await countedAfter(now.signed.text)), settings: now.pins.settings, known: now.pins.known, ...changed };
    const signed = await signAsOrganisation("roster", next, now);
    held = { ...now, roster: next, signed, pins: { ...now.pins, roster: next.counter } };
    return signed;
  }
  /** @param {Held} now @returns {Promise<Coming>} */
  async function nextKey(now) {
    const { publicKey, privateKey } = await newSigning();
    const organisation = base64(await spkiOf(publicKey));
    const head = { format: `${LABEL} organisation`, ...(await countedAfter(now.renewals.at(-1)?.text)) };
    return { privateKey, organisation, renewal: await signAsOrganisation("organisation", { ...head, organisation }, now) };
  }
  /** @param {"settings" | "known"} kind that the unit signs, by any set of its roster @param {Signed} signed */
  async function readNewest(kind, signed) {
    const now = unlocked();
    const signers = kind === "known" ? now.roster.sets.map((each) => spkiIn(each.certificates.signing)) : [now.pins.organisation];
    const by = await Promise.all(signers.map((each) => isSigned(kind, signed, each)));
    const isEndorsed = kind === "settings" && (await sha256Hex(signed.text)) === now.roster.endorsed;
    if (!isEndorsed && !by.includes(true)) throw new NotDone(`foreign-${kind}`);
    const said = JSON.parse(signed.text);
    if (said.counter < now.pins[kind]) throw new NotDone(`older-${kind}`);
    now.pins = { ...now.pins, [kind]: said.counter };
    return said;
  }
  /** @param {"settings" | "known"} kind @param {{text: string, before: ?Signed}} asked */
  async function signNext(kind, { text, before }) {
    const now = unlocked();
    // Where none were seen, those of before may be a lost key's: only that they are followed is said of them.
    if (before && now.pins[kind] > 0) await readNewest(kind, before);
    const [said, { counter, previous }] = [JSON.parse(text), await countedAfter(before?.text)];
    const wanted = `${LABEL} ${kind},${kind === "known" ? now.lock.unit : ""},${counter},${previous}`;
    if (`${said.format},${said.unit ?? ""},${said.counter},${said.previous}` !== wanted) throw new NotDone("not-the-next");
    if (said.counter <= now.pins[kind]) throw new NotDone(`older-${kind}`);
    return kind === "known" ? signDocument(kind, said, now.signing) : signAsOrganisation(kind, said, now);
  }
  /** @type {Record<string, (message: any) => Promise<unknown>>} */
  const ops = {
    /** A lock's pair: the public half, and the private one under what opens the lock. */
    async newLock({ unit, lock: id, ...means }) {
      const kek = await kekOf(means, unit, id);
      const pair = await newPair();
      const sealedKey = await sealKey(pair.privateKey, kek, unit, "lock", id);
      return { publicKey: await pointOf(pair.publicKey), sealedKey };
    },
    /** The first set of a unit, or the first again: `before` is the roster that nobody can open any more. */
    async makeSet({ unit, name, set, from, until, lock: listed, sealedKey, before, ...means }) {
      const lock = { id: listed.id, unit, sealedKey };
      const kek = await kekOf(means, unit, lock.id);
      await openLock(lock, kek);
      const { keys, certificates } = await newPairs({ unit, name, from: new Date(from), until: new Date(until) });
      const pair = held ? null : await newSigning();
      const organisation = pair ? base64(await spkiOf(pair.publicKey)) : unlocked().pins.organisation;
      const key = pair ? pair.privateKey : await organisationKey(unlocked());
      const counted = await countedAfter(before?.text);
      const pinned = { organisation, roster: counted.counter, settings: held?.pins.settings ?? 0, known: 0 };
      const said = { settings: pinned.settings, organisation, endorsed: held?.roster.endorsed ?? "" };
      const copy = await sealCopy({ id: set, keys: { ...keys, organisation: key } }, unit, listed, await newPair());
      copy.pins = await sealPins(pinned, lock, kek);
      const signed = await signDocument("roster", { format: `${LABEL} roster`, unit, ...counted, ...said, sets: [{ id: set, certificates }], locks: [{ ...listed, administers: true }] }, key);
      return { certificates, organisation, copy: JSON.stringify(copy), roster: signed };
    },
    /** Opens a unit's keys; refuses where a certificate is in force that is none of its own. */
    async unlock({ lock: record, roster: signed, renewals = [], kept, inForce, ...means }) {
      lock("again");
      const kek = await kekOf(means, record.unit, record.id);
      const opener = await openLock(record, kek);
      // Of a set that the operator refused there is no copy any more.
      const listed = /** @type {KeySet[]} */ (JSON.parse(signed.text).sets);
      const newest = listed.flatMap(({ id }) => kept.filter((/** @type {Kept} */ each) => each.set === id))[0];
      if (newest === undefined) throw new NotDone("no-copy");
      const copy = JSON.parse(newest.copy);
      const pins = await openPins(copy, record, kek);
      pins.organisation = await renewed(pins.organisation, renewals);
      const roster = await readRoster(signed, record, pins);
      const own = roster.sets.flatMap((each) => [each.certificates.signing, each.certificates.decryption]);
      if (inForce.some((/** @type {string} */ each) => !own.includes(each))) throw new NotDone("stranger");
      const decryption = /** @type {Map<string, CryptoKey>} */ (new Map());
      for (const each of kept) {
        const set = roster.sets.find((known) => known.id === each.set);
        const key = set && (await keyOf(JSON.parse(each.copy), each.set, "decryption", record, opener));
        if (set && key) decryption.set(set.certificates.decryption, key);
      }
      // What is sealed and signed until the newest set is in force belongs to the one that is.
      const active = roster.sets.find((each) => inForce.includes(each.certificates.signing)) ?? roster.sets[0];
      const from = kept.find((/** @type {Kept} */ each) => each.set === active?.id) ?? newest;
      const signing = await keyOf(JSON.parse(from.copy), from.set, "signing", record, opener);
      if (signing === null) throw new NotDone("no-copy");
      const organisation = await keyOf(copy, newest.set, "organisation", record, opener);
      const ordered = [newest, ...kept.filter((/** @type {Kept} */ each) => each !== newest)];
      const seen = { ...pins, roster: roster.counter, settings: roster.settings, known: roster.known ?? 0 };
      held = { lock: record, kept: ordered, signed, roster, renewals, pins: seen, kek, opener, signing, decryption, organisation };
      later("idle", IDLE_MS);
      return ops.facts?.({});
    },
    /** What is public of the keys that are open. */
    async facts() {
      const { lock: record, roster: { unit, sets, locks }, pins, organisation } = unlocked(); // prettier-ignore
      return { ...pins, unit, lock: record.id, sets, locks, administers: organisation !== null };
    },
    /** The end of an enrolment: the server's 32 octets, signed as nothing else is. */
    async enrol({ challenge }) {
      const { lock: record, signing } = unlocked();
      if (!(challenge instanceof Uint8Array) || challenge.length !== 32) throw new NotDone("no-challenge");
      return signatureBy(signing, framed("enrol", [record.unit, record.id, challenge]));
    },
    /** The signature value over a SignedInfo of ours. */
    async signSignedInfo({ octets }) {
      const text = octets.length > MOST_SIGNED_INFO ? "" : new TextDecoder("utf-8", { ignoreBOM: true }).decode(octets);
      if (!SIGNED_INFO.test(text)) throw new NotDone("no-signed-info"); // what is no UTF-8 does not match either
      return signatureBy(unlocked().signing, octets);
    },
    /** The content key of a message that is sealed to that certificate. */
    async unwrapContentKey({ octets, certificate: sealedTo }) {
      const key = unlocked().decryption.get(sealedTo);
      if (key === undefined) throw new NotDone("stranger");
      const found = await crypto.subtle.decrypt(OPEN, key, octets).catch(() => new ArrayBuffer(0));
      if (found.byteLength !== CONTENT_KEY_OCTETS) throw new NotDone("does-not-open");
      return new Uint8Array(found);
    },
    /** Of each text the digests by the key in force and by those of all sets that are kept, 32 digits each. */
    async listDigests({ texts }) {
      const { signing, kept, lock: record, opener } = unlocked(); // prettier-ignore
      const signers = [signing];
      for (const { set, copy } of kept) {
        const key = await keyOf(JSON.parse(copy), set, "signing", record, opener);
        if (key !== null) signers.push(key);
      }
      const keys = await Promise.all(signers.map((each) => listKey(each, record.unit)));
      const by = async (/** @type {CryptoKey} */ key, /** @type {string} */ text) =>
        hex(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text)))).slice(0, LIST_DIGITS);
      return Promise.all(texts.map((/** @type {string} */ text) => Promise.all(keys.map((key) => by(key, text)))));
    },
    /** The pair of this side for one ceremony, and what the other side is to confirm. */
    async beginCeremony() {
      const { pins: { organisation, settings }, roster } = unlocked(); // prettier-ignore
      oneOff = await newPair();
      return { oneOff: await pointOf(oneOff.publicKey), organisation, settings, set: roster.sets[0] };
    },
    /** Lets a lock in: copies of all sets, and the roster with it. For a lock of one's own no ceremony is needed. */
    async admit({ lock: listed, own, ...means }) {
      const now = await opensAgain(means);
      if (now.roster.locks.some((each) => each.id === listed.id)) throw new NotDone("known-lock");
      const pair = own ? await newPair() : oneOff;
      oneOff = null;
      if (pair === null) throw new NotDone("no-ceremony");
      const signed = await nextRoster(now, { locks: [...now.roster.locks, listed] });
      const copies = [];
      for (const kept of now.kept) {
        const set = await handedOn(now, kept, listed.administers);
        copies.push({ set: kept.set, copy: JSON.stringify(await sealCopy(set, now.lock.unit, listed, pair)) });
      }
      return { copies, roster: signed };
    },
    /** The other side: what the words confirmed is pinned under one's own lock, and each copy has to be from it. */
    async accept({ lock: record, kept, roster: signed, confirmed, ...means }) {
      const kek = await kekOf(means, record.unit, record.id);
      const opener = await openLock(record, kek);
      const asked = { organisation: confirmed.organisation, roster: 1, settings: confirmed.settings, known: 0 };
      const roster = await readRoster(signed, record, asked);
      const pins = { ...asked, roster: roster.counter, settings: roster.settings, known: roster.known ?? 0 };
      const [first, { signing, decryption }] = [roster.sets[0]?.certificates, confirmed.certificates];
      if (first?.signing !== signing || first?.decryption !== decryption) throw new NotDone("not-confirmed");
      const copies = [];
      for (const each of kept) {
        const copy = JSON.parse(each.copy);
        if (copy.oneOff !== confirmed.oneOff) throw new NotDone("not-confirmed");
        await keyOf(copy, each.set, "signing", record, opener);
        copies.push({ set: each.set, copy: JSON.stringify({ ...copy, pins: await sealPins(pins, record, kek) }) });
      }
      return { copies };
    },
    /** A new set, sealed to the roster less who leaves. */
    async rotate({ set, name, from, until, without, ...means }) {
      const now = await opensAgain(means);
      const locks = now.roster.locks.filter((each) => !without.includes(each.id));
      const { keys, certificates } = await newPairs({ unit: now.lock.unit, name, from: new Date(from), until: new Date(until) });
      const signed = await nextRoster(now, { sets: [{ id: set, certificates }, ...now.roster.sets], locks });
      const organisation = await organisationKey(now);
      const copies = [];
      for (const each of locks) copies.push(await copyFor(now, each, { id: set, keys: each.administers ? { ...keys, organisation } : keys }));
      return { certificates, copies, roster: signed };
    },
    /** Another key of the organisation, for which the one before signs, sealed to administrators less who leaves. A unit that
     * holds that one, too, goes `along`, once it was opened: under the same, which is held until the keys are locked. */
    async renew({ without, settings, along = false, ...means }) {
      const now = await opensAgain(means);
      if (settings) await readNewest("settings", settings);
      coming = along ? coming : await nextKey(now);
      if (coming === null || now.organisation === null) throw new NotDone(coming ? "not-an-administrator" : "no-next-key");
      const { privateKey, organisation, renewal } = coming;
      if (!(await isSigned("organisation", renewal, now.pins.organisation))) throw new NotDone("foreign-key");
      const locks = now.roster.locks.filter((each) => !without.includes(each.id));
      const changed = { organisation, endorsed: settings ? await sha256Hex(settings.text) : "", locks };
      const roster = await nextRoster({ ...now, pins: { ...now.pins, organisation }, organisation: privateKey }, changed);
      const copies = [];
      for (const kept of now.kept) {
        const { id, keys } = await handedOn(now, kept, false);
        const all = { id, keys: { ...keys, organisation: privateKey } };
        for (const each of locks.filter(({ administers }) => administers)) copies.push(await copyFor(now, each, all));
      }
      const own = copies.filter((each) => each.lock === now.lock.id);
      const { set, copy } = /** @type {Kept} */ (own[0]);
      const kept = await keyOf(JSON.parse(copy), set, "organisation", now.lock, now.opener); // not to be exported
      held = { ...unlocked(), kept: own, renewals: [...now.renewals, renewal], organisation: kept };
      return { renewal, copies, roster };
    },
    /** The next version of a document, of whose content the page is the judge. */
    signSettings: (asked) => signNext("settings", asked),
    signKnown: (asked) => signNext("known", asked),
    /** A document, if the key that signs its kind signed it and none newer was seen. */
    readSettings: ({ signed }) => readNewest("settings", signed),
    readKnown: ({ signed }) => readNewest("known", signed),
    /** The copies with the highest counters that were seen, to be kept in the place of the others. */
    async pinned() {
      const { kept, lock: record, kek, pins } = unlocked();
      const sealed = await sealPins(pins, record, kek);
      return kept.map((each) => ({ set: each.set, copy: JSON.stringify({ ...JSON.parse(each.copy), pins: sealed }) }));
    },
    hidden: async ({ hidden }) => later("hidden", hidden && held !== null ? HIDDEN_MS : null),
    stay: async () => undefined,
    lock: async () => lock("asked"),
  };

  /** @param {{id: number, op: string}} message */
  async function answer({ id, op, ...rest }) {
    try {
      const work = Object.hasOwn(ops, op) ? ops[op] : undefined;
      if (work === undefined) throw new NotDone("unknown");
      if (held !== null && Date.now() - used > IDLE_MS) lock("idle"); // a machine that slept winds no timers
      const value = await work(rest);
      if (op !== "hidden") used = Date.now();
      if (held !== null && op !== "hidden") later("idle", IDLE_MS);
      return { id, ok: true, value };
    } catch (fault) {
      return { id, ok: false, why: fault instanceof NotDone ? fault.message : "failed" };
    }
  }

  let last = /** @type {Promise<unknown>} */ (Promise.resolve());
  /** One after the other, as they come. @param {{id: number, op: string, [argument: string]: any}} message */
  function handle(message) {
    last = last.then(() => answer(message));
    return last;
  }
  return { handle };
}

const scope = /** @type {any} */ (globalThis);
if (typeof scope.WorkerGlobalScope === "function" && scope instanceof scope.WorkerGlobalScope) {
  const keeper = keyKeeper({
    tell: (event) => scope.postMessage(event),
    timers: { set: (work, ms) => scope.setTimeout(work, ms), clear: (timer) => scope.clearTimeout(timer) },
  });
  scope.onmessage = async (/** @type {MessageEvent} */ event) => scope.postMessage(await keeper.handle(event.data));
}
