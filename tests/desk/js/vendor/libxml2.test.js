/** The scripts of others are what the list of parts says, and do what the desk wants of them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gunzipSync, gzipSync } from '../../../../gateway/desk/vendor/fflate/fflate.js';
import {
  ParseOption, XmlC14NMode, XmlDocument, XmlParseError, XmlValidateError, XsdValidator,
} from '../../../../gateway/desk/vendor/libxml2-wasm/index.mjs';

const SCHEMA = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="bedrag"><xs:simpleType><xs:restriction base="xs:decimal">
    <xs:fractionDigits value="2"/></xs:restriction></xs:simpleType></xs:element>
</xs:schema>`;

/** @param {string} text @param {string} schema */
function validate(text, schema) {
  const document = XmlDocument.fromString(text);
  const schemaDocument = XmlDocument.fromString(schema);
  const validator = XsdValidator.fromDoc(schemaDocument);
  try {
    validator.validate(document);
  } finally {
    for (const each of [validator, schemaDocument, document]) each.dispose();
  }
}

test('a document is held against a schema', () => {
  validate('<bedrag>12.50</bedrag>', SCHEMA);
  assert.throws(() => validate('<bedrag>12.505</bedrag>', SCHEMA), XmlValidateError);
});

test('a document is canonicalised exclusively', () => {
  const document = XmlDocument.fromString('<a xmlns:n="urn:n" xmlns="urn:a"><b z="1" a=\'2\'/></a>');
  const written = document.canonicalizeToString({ mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0 });
  document.dispose();
  assert.equal(written, '<a xmlns="urn:a"><b a="2" z="1"></b></a>');
});

test('what is no XML is refused', () => {
  assert.throws(() => XmlDocument.fromString('<a><b></a>'), XmlParseError);
});

test('an entity of the world outside is not fetched', () => {
  const text = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>';
  const document = XmlDocument.fromString(text, { option: ParseOption.XML_PARSE_NONET });
  assert.equal(document.root.content, '');
  document.dispose();
});

test('gzip comes back as it was', () => {
  const octets = new TextEncoder().encode('een bericht '.repeat(1000));
  assert.deepEqual(gunzipSync(gzipSync(octets)), octets);
});
