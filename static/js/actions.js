// Like, repost, bookmark, follow and delete: the page shows at once what was pressed. If the site
// refuses, it shows what was there before, and says why.

import { ask, focusOn, isModified, leave, nodes, Refused, text, toast, tokenOf } from "./page.js";
import { later } from "./undo.js";

const excuse = (error) => {
  if (!(error instanceof Refused)) throw error;
  toast(error.message);
};

// Makes an element like another one. It stays where it is, and keeps the focus.
const become = (element, other) => {
  for (const { name } of [...element.attributes]) element.removeAttribute(name);
  for (const { name, value } of other.attributes) element.setAttribute(name, value);
};

const becomeButton = (button, other) => {
  become(button, other);
  button.replaceChildren(...other.childNodes);
};

// --- Marks -------------------------------------------------------------------------------------------

const { lang } = document.documentElement;
const numbers = new Intl.NumberFormat(lang || undefined, { numberingSystem: "latn" });
const SHORT = 1000; // from here on counts are shortened, and one more makes no difference
const marking = new WeakSet();

const isOn = (button) => button.getAttribute("aria-pressed") === "true";

// Shows a number in a button or link, and in its name.
const write = (element, count) => {
  if (count >= SHORT) return;
  const span = element.querySelector("span") || element.appendChild(document.createElement("span"));
  const before = span.textContent || numbers.format(0);
  const words = numbers.format(count);
  element.ariaLabel = element.ariaLabel?.replace(before, () => words) ?? null;
  if (count) span.textContent = words;
  else span.remove();
};

const showCount = (button, count) => {
  if (button.dataset.count === undefined) return;
  button.dataset.count = count;
  write(button, count);
};

// What everybody has done with a tweet since it was shown. A mark on its way is counted already.
export const showCounts = (entry, { replies, quotes, reposts, likes }) => {
  const all = { reply: replies, quote: quotes, repost: reposts, like: likes };
  for (const [name, count] of Object.entries(all)) {
    const element = entry.querySelector(`.action-${name}`);
    if (!element || marking.has(element)) continue;
    if (element.dataset.mark) showCount(element, count);
    else write(element, count);
  }
};

const show = (button, on) => {
  if (isOn(button) === on) return;
  button.classList.toggle("is-on", on);
  button.setAttribute("aria-pressed", String(on));
  showCount(button, Number(button.dataset.count) + (on ? 1 : -1));
};

// The address that sets a mark ends with its name, the one that removes it with "un" before that.
const addressFor = (button, on) =>
  button.formAction.replace(/\/(?:un)?(\w+)$/, on ? "/$1" : "/un$1");

// Sends until the site knows what the button shows: somebody may press it again meanwhile.
const sendMark = async (button, fields) => {
  let known = !isOn(button);
  marking.add(button);
  try {
    let html = "";
    while (known !== isOn(button)) {
      const wanted = isOn(button);
      html = await ask(addressFor(button, wanted), fields);
      known = wanted;
    }
    const fresh = nodes(html).querySelector(`[data-mark="${button.dataset.mark}"]`);
    if (fresh) becomeButton(button, fresh);
  } catch (error) {
    show(button, known);
    excuse(error);
  } finally {
    marking.delete(button);
  }
};

const mark = (button) => {
  show(button, !isOn(button));
  if (!marking.has(button)) sendMark(button, new FormData(button.form));
};

// --- Follows -------------------------------------------------------------------------------------------

const undoings = new WeakMap();

const sendFollow = async (form, before) => {
  try {
    const html = await ask(form.action, new FormData(form));
    undoings.delete(form);
    const fresh = nodes(html).querySelector("form");
    if (!fresh) {
      leave(form);
      return form.remove();
    }
    become(form, fresh);
    becomeButton(form.querySelector("button"), fresh.querySelector("button"));
  } catch (error) {
    before();
    excuse(error);
  }
};

const follow = (form) => {
  const button = form.querySelector("button");
  const { className, innerHTML, ariaLabel } = button;
  const { handle, then, thenLabel } = form.dataset;
  const before = () => {
    undoings.delete(form);
    Object.assign(button, { className, innerHTML, ariaLabel });
  };
  Object.assign(button, { textContent: then, ariaLabel: thenLabel });
  button.classList.toggle("button-primary");
  button.classList.toggle("button-quiet");
  button.classList.remove("button-following"); // which would warn of what is done already
  if (form.dataset.follow === "yes") {
    undoings.set(form, () => {}); // pressed again on its way
    sendFollow(form, before);
  } else {
    const words = text("unfollowed", { handle });
    undoings.set(form, later(words, () => sendFollow(form, before), before));
  }
};

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (submitter?.matches("[data-mark]")) {
    event.preventDefault();
    mark(submitter);
  } else if (form.matches("[data-follow]")) {
    event.preventDefault();
    (undoings.get(form) || (() => follow(form)))();
  }
});

// --- Deleting ------------------------------------------------------------------------------------------

// A page that is loaded while a tweet is being deleted may still have it.
const GONE_MS = 15000;
const gone = () => JSON.parse(sessionStorage.getItem("gone") || "[]");
const remember = (address) => {
  const recent = gone().filter(([, until]) => until > Date.now());
  sessionStorage.setItem("gone", JSON.stringify([...recent, [address, Date.now() + GONE_MS]]));
};

const entriesOf = (address) =>
  document.querySelectorAll(`.feed > article[data-href="${CSS.escape(address)}"]`);

const hide = (address, hidden) => {
  for (const entry of entriesOf(address)) entry.hidden = hidden;
};

const remove = (link, entry) => {
  const { href: address } = entry.dataset;
  const fields = new URLSearchParams({ csrfmiddlewaretoken: tokenOf(entry) });
  const target = link.pathname;
  const send = async () => {
    remember(address);
    try {
      await ask(target, fields);
      for (const each of entriesOf(address)) each.remove();
    } catch (error) {
      hide(address, false);
      excuse(error);
    }
  };
  link.closest("details").open = false;
  leave(entry);
  hide(address, true);
  later(text("deleted"), send, () => {
    hide(address, false);
    focusOn(entry);
  });
};

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest("a[data-delete]");
  const entry = link && link.closest(".feed > article[data-href]");
  if (!entry || isModified(event)) return;
  event.preventDefault();
  remove(link, entry);
});

for (const [address, until] of gone()) if (until > Date.now()) hide(address, true);
