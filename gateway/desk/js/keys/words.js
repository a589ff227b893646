/**
 * Seven words that stand for a hash, so that two people can compare it by voice: each carries 11 bits, together 77.
 *
 * A word is made of two short Dutch words, one of 64 and one of 32, as in "molenbrug". People hear at once that another
 * was said, write them without being told how, and any seven of them mean nothing. No list of others was taken.
 *
 * @module
 */

const FIRST = (
  "amandel appel augustus avond bloem boter citroen dolfijn dorp druiven duin eiken eiland fluit fluweel " +
  "ganzen haven hemel herfst honing ijzer inkt kaars kasteel katoen kelder kersen klei krijt kust lente maan " +
  "marmer melk moeras molen muziek nacht oceaan olijf orgel paarden papier pluimen regen rivier schapen " +
  "sneeuw spiegel storm suiker tarwe tulpen vanille viool vlieger vuur wafel wilgen winter zand zeep zilver " +
  "zout"
).split(" ");

const SECOND = (
  "akker beek boom brug deur dijk emmer fles gewelf gracht jas klok koffer kroon ladder lamp mand nest oever " +
  "plein poort raam schip sleutel spijker stoel straat tafel trommel vogel wiel zolder"
).split(" ");

const BITS_OF_A_WORD = 11;

/** How many words stand for a hash. */
export const WORDS = 7;

/**
 * The seven words of a hash: those of its first 77 bits.
 * @param {Uint8Array} hash at least ten octets
 * @returns {string[]}
 */
export function wordsOf(hash) {
  if (hash.length * 8 < WORDS * BITS_OF_A_WORD) throw new RangeError("a hash too short for seven words");
  const words = [];
  for (let word = 0; word < WORDS; word += 1) {
    let value = 0;
    for (let bit = word * BITS_OF_A_WORD; bit < (word + 1) * BITS_OF_A_WORD; bit += 1) {
      value = (value << 1) | ((/** @type {number} */ (hash[bit >> 3]) >> (7 - (bit & 7))) & 1);
    }
    words.push(`${FIRST[value >> 5]}${SECOND[value & 31]}`);
  }
  return words;
}

/**
 * Whether somebody typed these words: in this order, however they are spaced, divided or capitalised.
 * @param {string} typed
 * @param {readonly string[]} words
 * @returns {boolean}
 */
export function areTyped(typed, words) {
  const letters = typed.normalize("NFKC").toLowerCase().replace(/[\s,.;:·-]+/gu, "");
  return letters === words.join("");
}

/**
 * Both lists of which words are made, for whoever judges them.
 * @returns {{first: readonly string[], second: readonly string[]}}
 */
export function wordParts() {
  return { first: FIRST, second: SECOND };
}
