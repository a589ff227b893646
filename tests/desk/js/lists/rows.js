/** Rows on standard input, written, guarded and read again: `test_lists.py` reads what was written by Python's reader. */

import { readFileSync } from "node:fs";

import { readCsv } from "../../../../gateway/desk/js/lists/csv_read.js";
import { guarded, unguarded, writeCsv } from "../../../../gateway/desk/js/lists/csv_write.js";

const [columns, ...rows] = /** @type {string[][]} */ (JSON.parse(readFileSync(0, "utf-8")));
const octets = writeCsv(columns ?? [], rows);
const read = readCsv(new TextDecoder().decode(octets), ";").map((cells) => cells.map(unguarded));
const all = [columns ?? [], ...rows].map((cells) => cells.map(guarded));
process.stdout.write(JSON.stringify({ octets: Buffer.from(octets).toString("base64"), guarded: all, read }));
