/**
 * The Worker in which libxml2 reads XML. It holds no keys and knows nothing but documents that are open.
 */

import * as libxml2 from "../../vendor/libxml2-wasm/index.mjs";
import { serveXml } from "./xml_service.js";

serveXml(/** @type {any} */ (globalThis), libxml2);
