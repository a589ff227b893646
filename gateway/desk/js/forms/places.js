/**
 * Finding one's way in a form: which elements stand in a group, what occurs, and what each place is called. The place of
 * a field and the path that a violation names are the same words, so that either finds the other.
 */

/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").Group} Group */
/** @typedef {import("./types.js").Values} Values */
/** @typedef {import("./types.js").Description} Description */

/**
 * One occurrence of an element: what the form says of it, what stands there, and where.
 * @typedef {{element: Field | Group, value: string | Values, path: string}} Place
 */

/**
 * The fields and groups among items, those inside choices and sequences too, in the order of the schema.
 * @param {Item[]} items
 * @returns {(Field | Group)[]} which nobody changes
 */
export function elementsOf(items) {
  const known = elements.get(items) ?? items.flatMap((item) => (item.kind === "field" || item.kind === "group" ? [item] : elementsOf(item.items)));
  elements.set(items, known);
  return known;
}

/** Asked for thousands of times where a list is read. @type {WeakMap<Item[], (Field | Group)[]>} */
const elements = new WeakMap();

/**
 * What a place is called below its parent.
 * @param {string} parent
 * @param {Field | Group} element
 * @param {number} index from 0
 */
export function pathBelow(parent, element, index) {
  return `${parent}/${element.name}${element.most === 1 ? "" : `[${index + 1}]`}`;
}

/**
 * Everything that occurs directly in a group, in the order of the schema.
 * @param {Item[]} items
 * @param {Values} values
 * @param {string} parent path of the group
 * @returns {Place[]}
 */
export function placesIn(items, values, parent) {
  return elementsOf(items).flatMap((element) =>
    (values.get(element.name) ?? []).map((value, index) => ({ element, value, path: pathBelow(parent, element, index) })),
  );
}

/**
 * Everything that occurs in a group and in the groups inside it, each group before what it holds.
 * @param {Item[]} items
 * @param {Values} values
 * @param {string} parent
 * @returns {Place[]}
 */
export function allPlacesIn(items, values, parent) {
  return placesIn(items, values, parent).flatMap((place) =>
    place.element.kind === "group" && typeof place.value !== "string"
      ? [place, ...allPlacesIn(place.element.items, place.value, place.path)]
      : [place],
  );
}

/**
 * The whole message as a place: the start of every path.
 * @param {Description} description
 * @param {Values} values
 * @returns {Place}
 */
export function root(description, values) {
  const { type, label, items } = description;
  return { element: { kind: "group", name: type, label, least: 1, most: 1, items }, value: values, path: `/${type}` };
}

/**
 * The places at a path of a rule: `A/B`, `//B` at any depth, or empty for the start itself; in document order.
 * @param {Place} start
 * @param {string} path
 * @returns {Place[]}
 */
export function find(start, path) {
  if (!path) return [start];
  const names = path.replace(/^\/\//, "").split("/");
  const [first = "", ...others] = names;
  let found = path.startsWith("//") ? anywhere(start).filter((place) => place.element.name === first) : below(start, first);
  for (const name of others) found = found.flatMap((place) => below(place, name));
  return found;
}

/** What occurs of that name directly in a place. @param {Place} place @param {string} name @returns {Place[]} */
function below({ element, value, path }, name) {
  if (element.kind !== "group" || typeof value === "string") return [];
  const inner = elementsOf(element.items).find((each) => each.name === name);
  return inner === undefined ? [] : (value.get(name) ?? []).map((each, index) => ({ element: inner, value: each, path: pathBelow(path, inner, index) }));
}

/** Everything at any depth in a place. @param {Place} place */
function anywhere({ element, value, path }) {
  return element.kind === "group" && typeof value !== "string" ? allPlacesIn(element.items, value, path) : [];
}

/**
 * The text at a place; that of a group is empty.
 * @param {Place} place
 */
export function textAt(place) {
  return typeof place.value === "string" ? place.value : "";
}

/**
 * The elements on the way to a place, each with its position where it may come several times; it ends before what the
 * form does not have.
 * @param {Description} description
 * @param {string} path
 * @returns {{element: Field | Group, position: string | undefined}[]}
 */
export function wayTo({ items }, path) {
  const way = [];
  for (const step of path.split("/").slice(2)) {
    const [, name, position] = /^([^[]+)(?:\[(\d+)\])?$/.exec(step) ?? [];
    const element = elementsOf(items).find((each) => each.name === name);
    if (element === undefined) break;
    way.push({ element, position });
    items = element.kind === "group" ? element.items : [];
  }
  return way;
}

/**
 * The nearest place of the form that a path leads to, and whether it leads there wholly: a path from elsewhere may name
 * an element that the form does not have, or leave out a position.
 * @param {Description} description
 * @param {string} path `/Type/Group[2]/Field`
 * @returns {{path: string, whole: boolean}}
 */
export function nearest(description, path) {
  const [first, ...steps] = path.split("/").filter((step) => step !== "");
  let at = `/${description.type}`;
  if (first !== description.type) return { path: at, whole: path === "/" };
  let items = description.items;
  for (const step of steps) {
    const [, name, position] = /^([^[]+)(?:\[(\d+)\])?$/.exec(step) ?? [];
    const element = elementsOf(items).find((each) => each.name === name);
    const index = Number(position ?? 1) - 1;
    if (element === undefined || (element.most !== null && index >= element.most)) return { path: at, whole: false };
    at = pathBelow(at, element, index);
    items = element.kind === "group" ? element.items : [];
  }
  return { path: at, whole: true };
}
