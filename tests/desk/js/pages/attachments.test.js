/**
 * What a message holds besides its document is told by its octets, and named so that a name does no harm (PO-86).
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { attachmentOf, cleaned, namesIn } from "../../../../gateway/desk/js/pages/attachments.js";

const octets = (/** @type {string} */ text) => new TextEncoder().encode(text);

test("a PDF is shown, whatever its name says (PO-86)", () => {
  const found = attachmentOf(octets("%PDF-1.7 ..."), "brief.html", 1);
  assert.deepEqual([found.type, found.name, found.shows], ["application/pdf", "brief_html.pdf", true]);
});

test("what only looks like a page or a picture is octets to be saved (PO-86)", () => {
  for (const text of ["<svg xmlns='http://www.w3.org/2000/svg'/>", "<!doctype html>", " %PDF-1.7", "", "GIF89a"]) {
    const found = attachmentOf(octets(text), "a.pdf", 2);
    assert.deepEqual([found.type, found.shows, found.name], ["application/octet-stream", false, "a_pdf.bin"]);
  }
});

test("a name has no path, no control and no mark of direction, and its end is that of its octets (PO-86)", () => {
  assert.equal(cleaned("../../etc/passwd", 1, "pdf"), "etc_passwd.pdf");
  assert.equal(cleaned("factuur\u202efdp.exe", 1, "bin"), "factuur_fdp_exe.bin");
  assert.equal(cleaned("Factuur 12.PDF", 1, "pdf"), "Factuur 12.pdf");
  assert.equal(cleaned("\u0000\n", 3, "png"), "bijlage-3.png");
  assert.equal(cleaned("x".repeat(500), 1, "bin").length, 84);
});

test("the names are those of the header, in its order", () => {
  const one = (/** @type {string} */ name) => new Map([["Bestandsnaam", [name]], ["Soort", ["x"]]]);
  const values = new Map([["Stuurgegevens", [new Map([["Document", [one("a"), one("b")]]])]]]);
  assert.deepEqual(namesIn(/** @type {any} */ (values)), ["a", "b"]);
});
