// What the scripts of a page share: texts, requests, toasts.

const block = document.getElementById("texts");
const texts = block ? JSON.parse(block.textContent) : {};

// Addresses of the site that scripts lead to.
export const addresses = texts.addresses || {};

// A text of components/texts.html, with values in the place of {names}.
export const text = (name, values = {}) =>
  texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);

// A text in the plural form for a number: the site sends those of the reader's language.
const rules = new Intl.PluralRules(document.documentElement.lang || undefined);
export const plural = (name, num) => texts[name][rules.select(num)].replace("%(num)s", num);

// HTML of the site as nodes.
export const nodes = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
};

// Numbers the entries of a feed anew: each page that is loaded counts from 1.
export const renumber = (feed) => {
  [...feed.querySelectorAll(":scope > article, .branch > article")].forEach((entry, at) => entry.setAttribute("aria-posinset", at + 1));
};

// Gives the focus to an element that has none by itself.
export const focusOn = (element, options = {}) => {
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus(options);
};

const beside = (element, way) => {
  let at = element[way];
  while (at && (at.hidden || !at.matches("article"))) at = at[way];
  return at;
};

// Before an element goes: if it has the focus, that goes on to the entry beside it, or to the page.
export const leave = (element) => {
  if (!element.contains(document.activeElement)) return;
  const entry = beside(element, "nextElementSibling") || beside(element, "previousElementSibling");
  focusOn(entry || document.getElementById("main"));
};

export class Refused extends Error {}

const reason = async (response) => {
  const plain = (response.headers.get("Content-Type") || "").startsWith("text/plain");
  return plain ? response.text() : text("failed");
};

// Reads a fragment, or sends fields and reads what comes back. It throws Refused with the reason.
// What is sent arrives also if the page is left meanwhile.
export const ask = async (address, fields = null) => {
  const response = await fetch(address, {
    method: fields ? "POST" : "GET",
    body: fields && new URLSearchParams(fields),
    headers: { "HX-Request": "true", "HX-Current-URL": window.location.href },
    keepalive: Boolean(fields),
  }).catch(() => {
    throw new Refused(text("unreachable"));
  });
  const elsewhere = response.headers.get("HX-Redirect");
  if (elsewhere) window.location.assign(elsewhere);
  if (!response.ok) throw new Refused(await reason(response));
  return response.text();
};

export const tokenOf = (element) => element.querySelector("[name=csrfmiddlewaretoken]").value;

// Whether a click is to open a new tab or window, which is the browser's affair.
export const isModified = (event) =>
  event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button > 0;

const TOAST_MS = 6000;

// Words that appear for a while, with a button if there is a `label`. They stay while somebody
// points at them or has the focus in them. Returns the function that removes them.
export const toast = (words, { label, press, gone } = {}) => {
  const box = document.createElement("div");
  const line = document.createElement("p");
  let timer;
  let before = null; // what had the focus before it came here
  const close = () => {
    clearTimeout(timer);
    const hadFocus = box.contains(document.activeElement);
    box.remove();
    if (hadFocus) focusOn(before?.isConnected ? before : document.getElementById("main"));
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      close();
      gone?.();
    }, TOAST_MS);
  };
  box.className = "toast";
  line.textContent = words;
  box.append(line);
  if (label) {
    const button = document.createElement("button");
    button.className = "toast-button";
    button.textContent = label;
    button.addEventListener("click", () => {
      close();
      press();
    });
    box.append(button);
  }
  box.addEventListener("focusin", ({ relatedTarget }) => {
    if (!box.contains(relatedTarget)) before = relatedTarget;
  });
  for (const name of ["pointerenter", "focusin"]) box.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["pointerleave", "focusout"]) box.addEventListener(name, wait);
  document.getElementById("toasts").append(box);
  wait();
  return close;
};
