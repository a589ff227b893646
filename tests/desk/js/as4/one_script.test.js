/** The Worker that reads XML, made of its modules as one script, each held to its hash. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

import { textOf, utf8 } from '../../../../gateway/desk/js/as4/octets.js';
import { oneScript } from '../../../../gateway/desk/js/as4/one_script.js';
import { remoteParser } from '../../../../gateway/desk/js/as4/xml_remote.js';
import { startXmlWorker } from '../../../../gateway/desk/js/as4/xml_start.js';

const ENTRY = new URL('../../../../gateway/desk/js/as4/xml_worker.js', import.meta.url).href;
/** @param {string} address */
const installed = (address) => readFile(fileURLToPath(address), 'utf8');

/** @param {Record<string, string>} modules */
const made = (modules) => oneScript('desk:/a.js', async (address) => modules[address] ?? assert.fail(address));

test('the script imports nothing, and reads XML as its modules do', async (context) => {
  const script = await oneScript(ENTRY, installed);
  assert.doesNotMatch(script, /^[ \t]*(?:import|export)[\s{*]/m);
  const folder = await mkdtemp(join(tmpdir(), 'desk-'));
  context.after(() => rm(folder, { recursive: true }));
  const begins = "import { parentPort } from 'node:worker_threads';\n"
    + 'globalThis.postMessage = (said) => parentPort.postMessage(said);\n'
    + "parentPort.on('message', (data) => globalThis.onmessage({ data }));\n";
  await writeFile(join(folder, 'worker.mjs'), begins + script);
  const worker = new Worker(pathToFileURL(join(folder, 'worker.mjs')));
  context.after(() => worker.terminate());
  /** @type {any} */
  const port = { postMessage: (/** @type {unknown} */ said) => worker.postMessage(said) };
  worker.on('message', (data) => port.onmessage({ data }));
  worker.on('error', (fault) => assert.fail(fault));
  const document = await remoteParser(port, () => worker.terminate())(utf8('<a xmlns:b="urn:b"><b:c e="2" d="1"/></a>'));
  assert.equal(textOf(await document.canonical(document.root)), '<a><b:c xmlns:b="urn:b" d="1" e="2"></b:c></a>');
});

test('modules run in the order in which imports ask for them, each once', async () => {
  const script = await made({
    'desk:/a.js': "import { b } from './b.js';\nimport * as all from './c.js';\nimport other from './d.js';\nsaid(b, all, other);\n",
    'desk:/b.js': "import { c } from './c.js';\nexport const b = c + 1;\n",
    'desk:/c.js': 'const c = 1;\nexport { c };\nexport function unused() {}\n',
    'desk:/d.js': 'function standard() { return 4; }\nexport default standard;\n',
  });
  /** @type {any[]} */
  const found = [];
  new Function('said', script)((/** @type {any[]} */ ...told) => found.push(...told));
  assert.deepEqual([found[0], found[1].c, found[2]()], [2, 1, 4]);
});

for (const [what, text] of Object.entries({
  'an import of what is not exported': "import { missing } from './b.js';\n",
  'a name under another name': "import { b as c } from './b.js';\n",
  'an export of everything': "export * from './b.js';\n",
  'an import of a default that is not there': "import b from './b.js';\n",
})) {
  test(`${what} ends the making`, async () => {
    await assert.rejects(made({ 'desk:/a.js': text, 'desk:/b.js': 'export const b = 1;\n' }), SyntaxError);
  });
}

const TRUE = { '/a.js': "import './b.js';\n", '/b.js': 'self.done = 1;\n' };

/**
 * @param {Record<string, string>} served what the server sends for a path
 * @param {Record<string, string>} [named] what the page names the hashes of
 */
async function started(served, named = TRUE) {
  /** @type {string[]} */
  const asked = [];
  const hash = (/** @type {string} */ text) => `sha384-${createHash('sha384').update(text).digest('base64')}`;
  const outside = {
    fetch: async (/** @type {string} */ address, /** @type {RequestInit} */ { integrity }) => {
      const { pathname } = new URL(address);
      asked.push(pathname);
      const text = served[pathname] ?? '';
      if (hash(text) !== integrity) throw new TypeError('Failed to fetch'); // as a browser does
      return new Response(text);
    },
    URL: { createObjectURL: () => 'blob:one', revokeObjectURL: () => undefined },
    Worker: class {
      /** @param {string} address */
      constructor(address) {
        this.address = address;
      }
    },
  };
  const integrityOf = (/** @type {string} */ path) => (path in named ? hash(named[path] ?? '') : undefined);
  const means = { integrityOf, trusted: (/** @type {string} */ blob) => `trusted ${blob}`, entry: 'https://desk.example/a.js' };
  const worker = /** @type {any} */ (await startXmlWorker(means, /** @type {any} */ (outside)));
  return { asked, address: worker.address };
}

test('each module is asked for with its hash, and the Worker is a blob', async () => {
  const { asked, address } = await started(TRUE);
  assert.deepEqual([asked, address], [['/a.js', '/b.js'], 'trusted blob:one']);
});

test('a dependency with one octet changed starts no Worker PO-79', async () => {
  await assert.rejects(started({ ...TRUE, '/b.js': 'self.done = 2;\n' }), TypeError);
});

test('a module that the page names no hash of starts no Worker PO-79', async () => {
  await assert.rejects(started(TRUE, { '/a.js': TRUE['/a.js'] }), TypeError);
});
