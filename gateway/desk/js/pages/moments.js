/**
 * Moments in words, in the time of the Netherlands whatever the clock of this computer is set to: as the server writes
 * them, so that the same moment reads the same wherever it stands in the portal.
 */

const ZONE = { timeZone: "Europe/Amsterdam" };

/** @param {Date} at @param {Intl.DateTimeFormatOptions} style */
const inWords = (at, style) => at.toLocaleString(document.documentElement.lang, { ...style, ...ZONE });

/** `3 dec 2026, 14:05`. @param {Date} at */
export const momentInWords = (at) => inWords(at, { dateStyle: "medium", timeStyle: "short" });

/** `14:05`. @param {Date} at */
export const clockTime = (at) => inWords(at, { timeStyle: "short" });

/** `3-12-2026`. @param {Date} at */
export const dayInWords = (at) => inWords(at, { year: "numeric", month: "numeric", day: "numeric" });
