/**
 * The recovery sheet: 128 bits of chance as 26 letters and digits, with two more by which a slip of the pen is caught.
 *
 * The alphabet leaves out I, L, O and U (after Crockford): what looks like a zero or a one is read as the digit. The
 * sheet is printed by the browser and sent nowhere.
 *
 * @module
 */

import { hashOf } from "./octets.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SECRET_OCTETS = 16;
const SECRET_LETTERS = 26;
const CHECK_LETTERS = 2;
const GROUP = 4;

/**
 * What stands on the sheet for that secret of 16 octets: seven groups of four.
 * @param {Uint8Array} secret
 * @returns {Promise<string>}
 */
export async function sheetText(secret) {
  if (secret.length !== SECRET_OCTETS) throw new RangeError("a sheet holds 16 octets");
  const letters = lettersOf(secret, SECRET_LETTERS) + (await checkOf(secret));
  return /** @type {string[]} */ (letters.match(new RegExp(`.{${GROUP}}`, "gu"))).join(" ");
}

/**
 * The secret of what somebody typed from a sheet; null where a letter is wrong, missing or too many.
 * @param {string} typed
 * @returns {Promise<Uint8Array<ArrayBuffer> | null>}
 */
export async function readSheet(typed) {
  const letters = typed
    .toUpperCase()
    .replace(/[\s.-]+/gu, "")
    .replace(/O/gu, "0")
    .replace(/[IL]/gu, "1");
  if (letters.length !== SECRET_LETTERS + CHECK_LETTERS) return null;
  const secret = octetsOf(letters.slice(0, SECRET_LETTERS));
  if (secret === null || (await checkOf(secret)) !== letters.slice(SECRET_LETTERS)) return null;
  return secret;
}

/**
 * @param {Uint8Array} secret
 * @returns {Promise<string>}
 */
async function checkOf(secret) {
  return lettersOf(await hashOf("sheet", [secret]), CHECK_LETTERS);
}

/**
 * The first so many letters, five bits each, zeros behind the end.
 * @param {Uint8Array} octets
 * @param {number} count
 * @returns {string}
 */
function lettersOf(octets, count) {
  let letters = "";
  for (let letter = 0; letter < count; letter += 1) {
    let value = 0;
    for (let bit = letter * 5; bit < letter * 5 + 5; bit += 1) {
      value = (value << 1) | (((octets[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
    }
    letters += ALPHABET[value];
  }
  return letters;
}

/**
 * @param {string} letters
 * @returns {Uint8Array<ArrayBuffer> | null}
 */
function octetsOf(letters) {
  const octets = new Uint8Array(SECRET_OCTETS);
  let bit = 0;
  for (const letter of letters) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return null;
    for (let place = 4; place >= 0; place -= 1, bit += 1) {
      const set = (value >> place) & 1;
      if (bit >= SECRET_OCTETS * 8) {
        if (set) return null;
      } else {
        octets[bit >> 3] = /** @type {number} */ (octets[bit >> 3]) | (set << (7 - (bit & 7)));
      }
    }
  }
  return octets;
}
