/**
 * The texts of the one catalogue for what scripts draw, in the language of the page.
 *
 * @module
 */

/** @typedef {(key: string, values?: Record<string, string>) => string} Sentences */

/** @returns {Promise<Sentences>} */
export async function sentences() {
  const language = document.documentElement.lang === "en" ? "en" : "nl";
  const answer = await fetch(new URL(`../../texts/${language}.json`, import.meta.url));
  /** @type {Record<string, string>} */
  const texts = await answer.json();
  return (key, values = {}) => {
    const text = texts[key];
    if (text === undefined) throw new RangeError(`no text ${key}`);
    return text.replace(/\{(\w+)\}/gu, (whole, name) => values[name] ?? whole);
  };
}
