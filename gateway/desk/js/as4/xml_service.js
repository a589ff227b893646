/**
 * XML read for somebody at the other end of a port: documents parsed, canonical forms made, until they are closed.
 *
 * A Worker that holds no keys runs this (`xml_worker.js`); `xml_remote.js` is the other end. What passes is plain data.
 */

import { parserOf } from "./libxml2.js";
import { judgeOf } from "./xsd.js";

/** @typedef {import("./document.js").XmlDocument} XmlDocument */
/** @typedef {import("./document.js").XmlElement} XmlElement */
/** @typedef {import("./libxml2.js").Library} Library */
/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./xsd.js").SchemaText} SchemaText */

/**
 * @typedef {{ask: "validate", octets: Octets, schema: SchemaText} | {ask: "parse", octets: Octets} | {ask: "canonical", document: number, element: number, prefixes: string[]} |
 *   {ask: "remove", document: number, element: number} | {ask: "close", document: number}} Question
 */

/** @typedef {{id: number} & ({answer: unknown} | {fault: string})} Answer */

/**
 * What is used of a MessagePort, or of a Worker.
 *
 * @typedef {object} Port
 * @property {(message: any) => void} postMessage
 * @property {((event: any) => void) | null} onmessage
 */

/**
 * Say that it can begin, and answer what comes through the port, each question by its id.
 *
 * @param {Port} port
 * @param {Library} library
 */
export function serveXml(port, library) {
  const parse = parserOf(library);
  const judge = judgeOf(library);
  /** @type {Map<number, XmlDocument>} */
  const documents = new Map();
  let number = 0;

  /** @type {(question: Question) => Promise<unknown>} */
  async function answerTo(question) {
    if (question.ask === "parse") {
      const document = await parse(question.octets);
      number += 1;
      documents.set(number, document);
      return { document: number, root: document.root };
    }
    if (question.ask === "validate") return judge(question.octets, question.schema);
    const document = documents.get(question.document);
    if (document === undefined) throw new TypeError("the document is closed");
    if (question.ask === "canonical") return document.canonical(numbered(question.element), question.prefixes);
    if (question.ask === "remove") return document.remove(numbered(question.element));
    documents.delete(question.document);
    return document.close();
  }

  port.onmessage = async ({ data: { id, ...question } }) => {
    /** @type {Answer} */
    const said = await answerTo(question).then(
      (answer) => ({ id, answer }),
      (fault) => ({ id, fault: String(fault) }),
    );
    port.postMessage(said);
  };
  port.postMessage({ isReady: true });
}

/** @type {(number: number) => XmlElement} an element is known by its number alone */
const numbered = (number) => ({ name: "", attributes: [], children: [], line: 0, number });
