/**
 * xs:dateTime, read and written in one way (XML Schema 2 3.2.7; ebMS3 Core 5.2.2.1).
 */

import { trimmed } from "./elements.js";

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:(Z)|([+-])(\d\d):(\d\d))?$/;
const MINUTE = 60_000;

/**
 * The moment, and whether the text names a zone (UTC is meant where it does not); null when there is no such moment.
 *
 * Digits below a millisecond are dropped; 24:00:00 is the midnight that follows.
 *
 * @type {(text: string) => {moment: Date, hasZone: boolean} | null}
 */
export function readMoment(text) {
  const match = DATE_TIME.exec(trimmed(text));
  if (match === null) return null;
  const [year, month, day, hours, minutes, seconds] = match.slice(1, 7).map(Number);
  const milliseconds = Number((match[7] ?? "").slice(0, 3).padEnd(3, "0"));
  const isMidnight = hours === 24 && minutes === 0 && seconds === 0 && milliseconds === 0;
  const offset = match[9] === undefined ? 0 : (Number(match[10]) * 60 + Number(match[11])) * (match[9] === "-" ? -1 : 1);
  if (Number(match[11] ?? 0) > 59 || Math.abs(offset) > 14 * 60) return null;
  if ((hours > 23 && !isMidnight) || minutes > 59 || seconds > 59 || year < 1) return null;
  const noon = new Date(0);
  noon.setUTCFullYear(year, month - 1, day);
  if (noon.getUTCMonth() !== month - 1 || noon.getUTCDate() !== day) return null;
  noon.setUTCHours(hours, minutes, seconds, milliseconds);
  return {
    moment: new Date(noon.getTime() - offset * MINUTE),
    hasZone: match[8] !== undefined || match[9] !== undefined,
  };
}

/**
 * A moment as xs:dateTime in UTC, always with milliseconds.
 *
 * @type {(moment: Date) => string}
 */
export const writeMoment = (moment) => moment.toISOString();
