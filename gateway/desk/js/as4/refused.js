/**
 * Why a message is not shown, by name: the one way in which anything here says no.
 *
 * Each check has a sentence of its own on the page; `reason` says more for the log, and holds no value of the message.
 */

/**
 * The checks, in the order in which a message goes through them.
 *
 * - `size`: more octets than are taken here
 * - `mime`, `xml`, `envelope`, `header`: it is not built as a message is
 * - `form`: its security header is not of the one form that is read
 * - `signer`: it is signed with no certificate of the hub
 * - `signature`, `digest`: it is not what the hub signed
 * - `time`: the certificate or the signed moment does not count now
 * - `addressed`: it is from another hub, for another party or of another mailbox
 * - `encryption`: it is not encrypted as agreed
 * - `sealed-to`: it is sealed to a key that is not ours
 * - `decryption`: a part does not open with our key
 * - `parts`: a part is missing, or one too many came
 * - `part-digest`: a part is not what the hub signed
 * - `compression`: a part is not gzip, is torn, or grows beyond what is taken
 * - `origin`: what came is not what the sender signed
 * - `origin-recipient`: the sender signed it for somebody else
 * - `receipt`: what was answered is no receipt for what was sent
 * - `book`, `book-fork`: the address book does not count, or contradicts the one that is known
 *
 * @typedef {"size" | "mime" | "xml" | "envelope" | "header" | "form" | "signer" | "signature" | "digest" | "time" |
 *   "addressed" | "encryption" | "sealed-to" | "decryption" | "parts" | "part-digest" | "compression" | "origin" |
 *   "origin-recipient" | "receipt" | "book" | "book-fork"} Check
 */

export class Refused extends Error {
  /**
   * @param {Check} check
   * @param {string} reason
   */
  constructor(check, reason) {
    super(`${check}: ${reason}`);
    this.name = "Refused";
    this.check = check;
    this.reason = reason;
  }
}

/**
 * What a step answers; another check's refusal inside it is told as that of `check`.
 *
 * @template T
 * @param {Check} check
 * @param {() => Promise<T>} step
 * @returns {Promise<T>}
 */
export async function toldAs(check, step) {
  try {
    return await step();
  } catch (fault) {
    if (!(fault instanceof Refused) || fault.check.startsWith(check)) throw fault;
    throw new Refused(check, `${fault.check}: ${fault.reason}`);
  }
}
