/**
 * Warns before the session ends, lets somebody stay by one key, and leaves nothing on the screen after it.
 *
 * Every page of somebody who is logged in has it. The warning is a dialog that the server wrote into the page; without
 * JavaScript the end stands at the foot of the page with the same button. Pages of one browser tell each other when
 * they were used, so that none warns of what another put off.
 *
 * SECURITY: a page that comes back out of the browser's memory is loaded anew, so that the back button shows nothing
 * after logging out; that another session has begun in this browser, or that somebody logged out, ends this page.
 */

import { minutes, prolonged, step } from './session_term.js';

/** @typedef {import('./session_term.js').Term} Term */

const CHANNEL = 'knooppunt-session';

/** @param {Document} page */
function findParts(page) {
  const dialog = page.querySelector('dialog[data-session]');
  if (!(dialog instanceof HTMLDialogElement)) return null;
  const form = dialog.querySelector('form');
  const left = dialog.querySelector('[data-left]');
  const said = dialog.querySelector('[data-said]');
  return form && left && said ? { dialog, form, left, said } : null;
}

/**
 * @param {HTMLElement} element
 * @param {number} now
 * @returns {Term}
 */
function readTerm(element, now) {
  const { idleEndsAt, endsAt, now: then } = element.dataset;
  const at = (/** @type {string | undefined} */ text) => Date.parse(text ?? '');
  return { idleEndsAt: at(idleEndsAt), endsAt: at(endsAt), ahead: at(then) - now };
}

/**
 * Ask the server to go on with the session.
 *
 * @param {string} token
 * @returns {Promise<number | null>} when it ends now unless it is used; null where there is no session any more
 */
async function stay(token) {
  const headers = { 'Content-Type': 'application/json', 'Knooppunt-Token': token };
  const answer = await fetch('/desk/api/session', { method: 'POST', headers, body: '{}' });
  if (answer.status === 401 || answer.status === 403) return null;
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return Date.parse((await answer.json()).idle_ends_at);
}

/** Leave for the start page, keeping nothing of this one. */
function leave() {
  document.body.replaceChildren();
  location.replace('/?ended=1');
}

/**
 * Log out by that form, and go where it leads once that is done.
 *
 * @param {HTMLFormElement} form
 * @param {() => void} done
 */
function logOut(form, done) {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) body.append(name, String(value));
  fetch(form.action, { method: 'POST', body }).then(
    (answer) => {
      done();
      document.body.replaceChildren();
      location.assign(answer.url);
    },
    () => form.submit(),
  );
}

/** @param {NonNullable<ReturnType<typeof findParts>>} parts */
function watch({ dialog, form, left, said }) {
  const token = new FormData(form).get('token');
  const person = dialog.dataset.session ?? '';
  const others = new BroadcastChannel(CHANNEL);
  let term = readTerm(dialog, Date.now());
  let timer = 0;
  let dismissed = false;

  const act = () => {
    clearTimeout(timer);
    const next = step(term, Date.now());
    if (next.what === 'over') {
      leave();
    } else if (next.what === 'wait') {
      dialog.close();
      dismissed = false;
      timer = setTimeout(act, next.milliseconds);
    } else {
      left.textContent = String(minutes(next.left));
      dialog.toggleAttribute('data-final', !next.canStay);
      if (!dialog.open && !dismissed) dialog.showModal();
      timer = setTimeout(act, Math.min(next.left, 10_000));
    }
  };

  form.addEventListener('submit', (event) => {
    if (event.submitter instanceof HTMLButtonElement && event.submitter.formMethod === 'dialog') {
      dismissed = true;
      return;
    }
    event.preventDefault();
    said.textContent = '';
    stay(String(token)).then(
      (idleEndsAt) => {
        if (idleEndsAt === null) return leave();
        term = prolonged(term, idleEndsAt);
        others.postMessage({ person, idleEndsAt });
        act();
      },
      () => {
        said.textContent = said.getAttribute('data-said');
      },
    );
  });
  dialog.addEventListener('cancel', () => {
    dismissed = true;
  });
  others.addEventListener('message', ({ data }) => {
    if (data.person !== person) leave();
    term = prolonged(term, data.idleEndsAt);
    act();
  });
  for (const each of document.querySelectorAll('form[action="/uitloggen"]')) {
    if (!(each instanceof HTMLFormElement)) continue;
    each.addEventListener('submit', (event) => {
      event.preventDefault();
      // Afterwards: a page that left before would come to the start, be still logged in there, and be led back.
      logOut(each, () => others.postMessage({ person: '', idleEndsAt: 0 }));
    });
  }
  addEventListener('visibilitychange', act);
  others.postMessage({ person, idleEndsAt: term.idleEndsAt });
  act();
}

addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

const parts = findParts(document);
if (parts) watch(parts);
