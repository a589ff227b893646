/**
 * The octets of a file that somebody chose, as text: what a spreadsheet saved, and why it cannot be read where it is
 * something else.
 *
 * SECURITY: size and kind are judged before anything is decoded; nothing is guessed from a name but its end.
 */

/** @typedef {import("./types.js").ChosenFile} ChosenFile */
/** @typedef {{text: string, notice: string | null, fault?: undefined} | {fault: string, text?: undefined}} Decoded keys of the catalogue */

export const MOST_FILE_OCTETS = 4 * 1024 * 1024; // 4 MB, as the public rules have it
export const MOST_ROWS = 10_000; // of one file, its header aside

/** How a file begins that is none of text, and what is said of it. @type {[number[], string][]} */
const OTHERS = [
  [[0x50, 0x4b, 0x03, 0x04], "lists.fault.xlsx"],
  [[0xd0, 0xcf, 0x11, 0xe0], "lists.fault.xls"],
  [[0x25, 0x50, 0x44, 0x46], "lists.fault.pdf"],
  [[0xff, 0xfe], "lists.fault.utf16"],
  [[0xfe, 0xff], "lists.fault.utf16"],
];
/** What Windows-1252 has at 80 to 9F, where Latin-1 has controls; five places stay what they are. */
const WINDOWS = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";
const UTF8_MARK = [0xef, 0xbb, 0xbf];

/**
 * Its text: UTF-8 where it is that, and else what Windows in the Netherlands writes, which is told.
 * @param {Pick<ChosenFile, "name" | "octets">} file
 * @returns {Decoded}
 */
export function decoded({ name, octets }) {
  const begins = (/** @type {number[]} */ signs) => signs.every((each, index) => octets[index] === each);
  const other = OTHERS.find(([signs]) => begins(signs));
  if (other !== undefined) return { fault: other[1] };
  if (!/\.csv$/iu.test(name)) return { fault: "lists.fault.name" };
  if (octets.length > MOST_FILE_OCTETS) return { fault: "lists.fault.large" };
  if (octets.length === 0) return { fault: "lists.fault.empty" };
  if (octets.includes(0)) return { fault: "lists.fault.nul" };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(octets), notice: null };
  } catch {
    if (begins(UTF8_MARK)) return { fault: "lists.fault.utf8" };
    return { text: windowsText(octets), notice: "lists.notice.windows" };
  }
}

/** @param {Uint8Array} octets */
function windowsText(octets) {
  const signs = Array.from(octets, (each) => (each >= 0x80 && each < 0xa0 ? (WINDOWS[each - 0x80] ?? "") : String.fromCharCode(each)));
  return signs.join("");
}
