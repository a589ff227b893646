/** Seven words, and the recovery sheet (PO-53). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readSheet, sheetText } from "../../../../gateway/desk/js/keys/sheet.js";
import { areTyped, wordParts, WORDS, wordsOf } from "../../../../gateway/desk/js/keys/words.js";

/** How many letters have to be put in, taken out or changed to make one of the other. */
function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[other.length];
}

describe("words", () => {
  test("are 2,048, all different, of parts that differ by three letters at least", () => {
    const { first, second } = wordParts();
    assert.deepEqual([first.length, second.length], [64, 32]);
    assert.equal(new Set(first.flatMap((one) => second.map((other) => one + other))).size, 2048);
    for (const list of [first, second]) {
      for (const [at, one] of list.entries()) {
        for (const other of list.slice(0, at)) assert.ok(distance(one, other) > 2, `${one} ${other}`);
      }
    }
  });

  test("stand for the first 77 bits of a hash, each for eleven of them", () => {
    const { first, second } = wordParts();
    const hash = crypto.getRandomValues(new Uint8Array(32));
    const bits = Array.from(hash, (each) => each.toString(2).padStart(8, "0")).join("");
    const found = wordsOf(hash).map((word) => {
      const at = first.findIndex((each) => second.includes(word.slice(each.length)) && word.startsWith(each));
      const then = second.indexOf(word.slice(first[at].length));
      return at.toString(2).padStart(6, "0") + then.toString(2).padStart(5, "0");
    });
    assert.equal(found.length, WORDS);
    assert.equal(found.join(""), bits.slice(0, 77));
    assert.throws(() => wordsOf(hash.slice(0, 9)), RangeError);
  });

  test("change with each bit that they stand for", () => {
    const words = wordsOf(new Uint8Array(32)).join(" ");
    for (let bit = 0; bit < 77; bit += 1) {
      const hash = new Uint8Array(32);
      hash[bit >> 3] = 128 >> (bit & 7);
      assert.notEqual(wordsOf(hash).join(" "), words);
    }
  });

  test("are known however they were typed, and not in another order", () => {
    const words = wordsOf(crypto.getRandomValues(new Uint8Array(32)));
    for (const typed of [words.join(" "), words.join("-").toUpperCase(), ` ${words.join(",\n")}. `]) {
      assert.ok(areTyped(typed, words));
    }
    assert.ok(!areTyped([...words].reverse().join(" "), words));
    assert.ok(!areTyped(words.slice(1).join(" "), words));
    assert.ok(!areTyped("", words));
  });
});

describe("a sheet (PO-53)", () => {
  test("is seven groups of four, and gives its secret back however it is typed", async () => {
    const secret = crypto.getRandomValues(new Uint8Array(16));
    const text = await sheetText(secret);
    assert.match(text, /^(?:[0-9A-HJKMNP-TV-Z]{4} ){6}[0-9A-HJKMNP-TV-Z]{4}$/u);
    const typed = [text, text.toLowerCase(), text.replaceAll(" ", ""), text.replaceAll(" ", "-")];
    typed.push(text.replaceAll("0", "O").replaceAll("1", "l"));
    for (const each of typed) assert.deepEqual(await readSheet(each), secret);
  });

  test("catches a wrong letter in all but one of a hundred places, and two that changed places", async () => {
    const text = (await sheetText(crypto.getRandomValues(new Uint8Array(16)))).replaceAll(" ", "");
    let [tried, missed] = [0, 0];
    for (let at = 0; at < text.length; at += 1) {
      for (const letter of "0123456789ABCDEFGHJKMNPQRSTVWXYZ") {
        if (letter === text[at]) continue;
        tried += 1;
        if ((await readSheet(text.slice(0, at) + letter + text.slice(at + 1))) !== null) missed += 1;
      }
    }
    assert.ok(missed <= tried / 100, `${missed} of ${tried}`);
  });

  test("is refused when a letter is missing, too many, or none of the alphabet", async () => {
    const text = await sheetText(new Uint8Array(16));
    for (const each of [text.slice(1), `${text}0`, "", `U${text.slice(1)}`, `?${text.slice(1)}`]) {
      assert.equal(await readSheet(each), null);
    }
    await assert.rejects(sheetText(new Uint8Array(15)), RangeError);
  });
});
