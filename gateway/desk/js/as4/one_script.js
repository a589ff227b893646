/**
 * A module and all that it imports as one script without imports, for a Worker: no import map covers what a Worker
 * imports, and modules that refer to each other in circles cannot be blobs of their own.
 *
 * The modules stand one after the other in the order in which a browser would run them, in one scope; so each name at
 * their top is given once among all of them, and only the few forms of import and export are read that ours and those
 * of the library have. Any other form, and a name under another name, is a fault of ours and ends the making.
 *
 * SECURITY: what runs is what the caller hands in, who holds each module to its hash; nothing else is added here.
 */

/** @typedef {(address: string) => Promise<string>} TextAt the text of the module of that address */

const IMPORT = /^import\s+(?:(\{[^}]*\}|\*\s+as\s+[\w$]+|[\w$]+)\s+from\s+)?["']([^"']+)["'];?[ \t]*$/gm;
const PASSED_ON = /^export\s+(\{[^}]*\}|\*\s+as\s+[\w$]+)\s+from\s+["']([^"']+)["'];?[ \t]*$/gm;
const LISTED = /^export\s+\{([^}]*)\};?[ \t]*$/gm;
const DECLARED = /^export\s+(?=(?:async\s+)?(?:function\*?|class|const|let|var)\s+(?:([\w$]+)|\{([^}]*)\}))/gm;
const DEFAULT = /\bexport default ([\w$]+);?[ \t]*$/m;
const LEFT = /^[ \t]*(?:import|export)\b(?!\.)/m;

/**
 * @typedef {object} Part one module, read
 * @property {string} text without imports and exports
 * @property {{what: string, from: string}[]} imports
 * @property {{what: string, from: string}[]} passedOn
 * @property {Set<string>} names that it exports
 * @property {string | null} standard the name of what it exports as default
 */

/**
 * @param {string} entry the address of the module that is to run
 * @param {TextAt} textAt
 * @returns {Promise<string>}
 */
export async function oneScript(entry, textAt) {
  /** @type {Map<string, Part>} */
  const parts = new Map();
  /** @type {string[]} */
  const order = [];

  /** @param {string} address @returns {Promise<void>} */
  async function take(address) {
    if (parts.has(address)) return;
    const part = partOf(await textAt(address), address);
    parts.set(address, part);
    for (const { from } of [...part.imports, ...part.passedOn]) await take(from);
    order.push(address);
  }

  await take(entry);
  const written = order.map((address) => {
    const part = /** @type {Part} */ (parts.get(address));
    return `${part.imports.map((each) => bound(each, parts)).join("")}${part.text}\n`;
  });
  return written.join("");
}

/** @type {(text: string, address: string) => Part} */
function partOf(text, address) {
  const there = (/** @type {string} */ from) => new URL(from, address).href;
  const asked = [IMPORT, PASSED_ON]
    .flatMap((form) => [...text.matchAll(form)].map((each) => ({ each, isImport: form === IMPORT })))
    .sort((one, other) => one.each.index - other.each.index)
    .map(({ each: [, what = "", from], isImport }) => ({ what, from: there(from), isImport }));
  const listed = [...text.matchAll(LISTED)].flatMap(([, names]) => namesIn(names));
  const declared = [...text.matchAll(DECLARED)].flatMap(([, name, names]) => (name === undefined ? namesIn(names) : [name]));
  const standard = DEFAULT.exec(text)?.[1] ?? null;
  const left = text
    .replace(IMPORT, "")
    .replace(PASSED_ON, "")
    .replace(LISTED, "")
    .replace(DECLARED, "")
    .replace(DEFAULT, "");
  if (LEFT.test(left)) throw new SyntaxError("a form of import or export that is not read here");
  return {
    text: left,
    imports: asked.filter((each) => each.isImport),
    passedOn: asked.filter((each) => !each.isImport),
    names: new Set([...listed, ...declared]),
    standard,
  };
}

/**
 * What has to be said for the names of an import, where it gives any that do not stand in the scope already.
 *
 * @type {(asked: {what: string, from: string}, parts: ReadonlyMap<string, Part>) => string}
 */
function bound({ what, from }, parts) {
  const { passedOn, names, standard } = /** @type {Part} */ (parts.get(from));
  if (what === "") return "";
  if (what.startsWith("{")) {
    const known = new Set([...names, ...passedOn.flatMap((each) => namesOf(each.what))]);
    if (namesIn(what.slice(1, -1)).some((each) => !known.has(each))) throw new SyntaxError("an import of what is not exported");
    return "";
  }
  if (!what.startsWith("*")) {
    if (standard === null) throw new SyntaxError("an import of a default that is not there");
    return what === standard ? "" : `const ${what} = ${standard};\n`;
  }
  const all = [...names, ...passedOn.filter((each) => each.what.startsWith("{")).flatMap((each) => namesOf(each.what))];
  return `const ${what.replace(/^\*\s+as\s+/, "")} = { ${all.join(", ")} };\n`;
}

/** @type {(what: string) => string[]} */
const namesOf = (what) => (what.startsWith("{") ? namesIn(what.slice(1, -1)) : [what.replace(/^\*\s+as\s+/, "")]);

/** @type {(list: string) => string[]} */
function namesIn(list) {
  const names = list.split(",").map((each) => each.trim()).filter((each) => each !== "");
  if (names.some((each) => !/^[\w$]+$/.test(each))) throw new SyntaxError("an import or export under another name");
  return names;
}
