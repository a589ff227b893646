/**
 * The Worker in which libxml2 reads XML. It holds no keys and knows nothing but documents that are open.
 *
 * It is started by `xml_start.js`, as one script with all that it imports; so no name stands twice among all of these.
 */

import * as library from "../../vendor/libxml2-wasm/index.mjs";
import { serveXml } from "./xml_service.js";

serveXml(/** @type {any} */ (globalThis), library);
