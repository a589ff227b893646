/**
 * What somebody wrote, as octets and back: values as forms keep them, and the octets of files, which stand apart, so that
 * a letter more in a field does not carry them along each time.
 */

import { textOf, utf8 } from "../as4/octets.js";

/** @typedef {import("../as4/octets.js").Octets} Octets */

/**
 * @param {unknown} value of texts, numbers, lists, objects, Maps and octets
 * @param {(octets: Octets) => string} nameOf each piece of octets
 * @returns {Octets}
 */
export function toOctets(value, nameOf) {
  return utf8(
    JSON.stringify(value, (_, each) => {
      if (each instanceof Map) return { map: [...each] };
      if (each instanceof Uint8Array) return { octets: nameOf(/** @type {Octets} */ (each)) };
      return each;
    }),
  );
}

/**
 * @param {Octets} written
 * @param {(name: string) => Promise<Octets | null>} find the octets of that name
 * @returns {Promise<any>} null where some of its octets are not there
 */
export async function fromOctets(written, find) {
  /** @type {Map<string, Octets | null>} */
  const found = new Map();
  const text = textOf(written) ?? "null";
  JSON.parse(text, (_, each) => {
    if (isHolding(each, "octets")) found.set(each.octets, null);
    return each;
  });
  for (const name of found.keys()) found.set(name, await find(name));
  if ([...found.values()].includes(null)) return null;
  return JSON.parse(text, (_, each) => {
    if (isHolding(each, "map")) return new Map(each.map);
    return isHolding(each, "octets") ? found.get(each.octets) : each;
  });
}

/** @type {(value: any, name: string) => boolean} whether it stands for something that JSON does not know */
const isHolding = (value, name) => typeof value === "object" && value !== null && Object.keys(value).join() === name;
