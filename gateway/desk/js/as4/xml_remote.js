/**
 * The parser that `document.js` is handed, where libxml2 runs at the other end of a port (`xml_service.js`).
 *
 * SECURITY: what is hostile may be slow. Past its time the Worker is ended, and with it everything that waited.
 */

/** @typedef {import("./document.js").ParseXml} ParseXml */
/** @typedef {import("./document.js").XmlElement} XmlElement */
/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./xml_service.js").Port} Port */
/** @typedef {import("./xml_service.js").Question} Question */
/** @typedef {import("./xsd.js").Objection} Objection */
/** @typedef {import("./xsd.js").SchemaText} SchemaText */

/** @typedef {(octets: Octets, schema: SchemaText) => Promise<Objection[]>} Judge by a schema; empty is what conforms */

// A document of four MiB takes a tenth of a second.
const ANSWER_MILLISECONDS = 10_000;

/** @type {(port: Port, end: () => void, milliseconds?: number) => ParseXml} the parser of `remoteReader` alone */
export function remoteParser(port, end, milliseconds = ANSWER_MILLISECONDS) {
  return remoteReader(port, end, milliseconds).parseXml;
}

/**
 * @param {Port} port
 * @param {() => void} end the Worker behind the port
 * @param {number} [milliseconds] in which an answer has to come
 * @returns {{parseXml: ParseXml, judge: Judge}}
 */
export function remoteReader(port, end, milliseconds = ANSWER_MILLISECONDS) {
  /** @type {Map<number, {take: (answer: any) => void, refuse: (fault: Error) => void, timer: ReturnType<typeof setTimeout>}>} */
  const waiting = new Map();
  let last = 0;
  let ended = false;

  /** @type {() => void} */
  let begin = () => undefined;
  /** @type {Promise<void>} */
  const ready = new Promise((resolve) => {
    begin = resolve;
  });

  port.onmessage = ({ data: { id, answer, fault, isReady } }) => {
    if (isReady) begin();
    const one = waiting.get(id);
    if (one === undefined) return;
    waiting.delete(id);
    clearTimeout(one.timer);
    if (fault === undefined) one.take(answer);
    else one.refuse(new Error(fault));
  };

  /** @type {() => void} */
  function giveUp() {
    ended = true;
    end();
    for (const { refuse, timer } of waiting.values()) {
      clearTimeout(timer);
      refuse(new Error("reading took too long"));
    }
    waiting.clear();
  }

  /** @type {(question: Question) => Promise<any>} */
  function ask(question) {
    if (ended) return Promise.reject(new Error("the reader was ended"));
    last += 1;
    const id = last;
    return new Promise((take, refuse) => {
      waiting.set(id, { take, refuse, timer: setTimeout(giveUp, milliseconds) });
      // What comes to a Worker before its modules have run is lost.
      ready.then(() => port.postMessage({ id, ...question }));
    });
  }

  /** @type {ParseXml} */
  const parseXml = async (octets) => {
    const { document, root } = await ask({ ask: "parse", octets });
    return {
      root,
      canonical: (element, prefixes = []) =>
        ask({ ask: "canonical", document, element: element.number, prefixes: [...prefixes] }),
      remove: (element) => ask({ ask: "remove", document, element: element.number }),
      close: () => {
        ask({ ask: "close", document }).catch(() => undefined); // ended already, and the document with it
      },
    };
  };
  return { parseXml, judge: (octets, schema) => ask({ ask: "validate", octets, schema }) };
}

/**
 * A reader whose Worker is started anew where it took too long: what it read is lost, what comes next is read.
 * @param {() => Promise<{port: Port, end: () => void}>} start
 * @param {number} [milliseconds] in which an answer has to come
 * @returns {Promise<{parseXml: ParseXml, judge: Judge, end: () => void}>} once the first is started
 */
export async function lastingReader(start, milliseconds = ANSWER_MILLISECONDS) {
  let isOver = false;
  /** @typedef {{parseXml: ParseXml, judge: Judge, end: () => void}} Reader */
  /** @type {Promise<Reader> | null} */
  let running = begin();
  await running;

  /** @returns {Promise<Reader>} */
  async function begin() {
    const { port, end } = await start();
    const over = () => {
      running = null;
      end();
    };
    return { ...remoteReader(port, over, milliseconds), end };
  }

  /** @returns {Promise<Reader>} */
  function now() {
    if (isOver) return Promise.reject(new Error("the reader was ended"));
    running ??= begin();
    running.catch(() => {
      running = null;
    });
    return running;
  }

  return {
    parseXml: async (octets) => (await now()).parseXml(octets),
    judge: async (octets, schema) => (await now()).judge(octets, schema),
    end() {
      isOver = true;
      running?.then(({ end }) => end());
    },
  };
}
