/**
 * A hub that the organisation does not know, on the page that needs it: an administrator compares and signs, anybody else
 * reads whom to ask.
 */

import { partyToCompare, toCompare } from "./hub_known.js";
import { STATE } from "./message_views.js";
import { stageOf } from "./stage.js";
import { hubView } from "./trust_views.js";
import { agreeHub, checkHub, StrangeHub } from "./trusting.js";

/** @typedef {import("./sentences.js").Sentences} Say */
/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./trusting.js").HubMeans} Means */

/**
 * @param {Stage} stage
 * @param {StrangeHub} strange
 * @param {Say} say
 * @param {Means} means
 * @param {() => void | Promise<void>} then what goes on when the hub is known
 */
export async function askAboutHub(stage, { hub, administers }, say, means, then) {
  const agreed = async () => {
    await agreeHub(means, hub);
    await then();
  };
  const acts = { again: () => location.reload(), ...(administers ? { "hub-agreed": agreed } : {}) };
  const compared = { party: partyToCompare(hub), uses: await toCompare(hub) };
  stage.show(hubView(compared, { first: hub.named === null, administers }, say), acts, STATE);
}

/**
 * The hub compared apart from any message; done when it is known.
 *
 * @param {HTMLElement} place
 * @param {Say} say
 * @param {Means} means
 * @returns {Promise<void>}
 */
export function compareHub(place, say, means) {
  return new Promise((done, failed) => {
    const stage = stageOf(place, failed);
    stage.run(async () => {
      try {
        await checkHub(means);
        done();
      } catch (fault) {
        if (!(fault instanceof StrangeHub)) throw fault;
        await askAboutHub(stage, fault, say, means, done);
      }
    });
  });
}
