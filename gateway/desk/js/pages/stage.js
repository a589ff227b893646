/**
 * A place of a page where one thing is shown after another, with what its buttons do.
 *
 * Trees come from pure modules; a button says by `data-act` what it does. One thing is done at a time.
 */

import { draw } from "../forms/draw.js";

/** @typedef {import("../forms/view.js").Node} Node */
/** @typedef {Record<string, (path: string) => void | Promise<void>>} Acts */

/**
 * @param {HTMLElement} place
 * @param {(fault: unknown) => void} failed told what an act threw
 */
export function stageOf(place, failed) {
  /** @type {Acts} */
  let acts = {};
  let busy = false;

  place.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-act]") : null;
    const { act = "", path = "" } = button instanceof HTMLElement ? button.dataset : {};
    const work = Object.hasOwn(acts, act) ? acts[act] : undefined;
    if (work === undefined) return;
    event.preventDefault();
    run(() => work(path));
  });

  /** Do one thing, unless another is being done. @param {() => void | Promise<void>} work */
  async function run(work) {
    if (busy) return;
    busy = true;
    place.setAttribute("aria-busy", "true");
    const fault = await Promise.resolve().then(work).then(() => null, (why) => why);
    busy = false;
    place.removeAttribute("aria-busy");
    if (fault !== null) failed(fault);
  }

  return {
    run,
    /**
     * @param {Node[]} trees
     * @param {Acts} what
     * @param {string} [focus] the id of what has the focus then
     */
    show(trees, what, focus) {
      acts = what;
      place.replaceChildren(...trees.map((tree) => draw(tree, place.ownerDocument)));
      if (focus !== undefined) place.ownerDocument.getElementById(focus)?.focus();
    },
  };
}

/** @typedef {ReturnType<typeof stageOf>} Stage */
