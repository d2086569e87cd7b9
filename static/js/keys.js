// One key for what is done often, unless somebody is typing or has turned it off. The page
// /help/keys says which, and has the switch.

import { addresses, ask, focusOn, nodes } from "./page.js";
import { undoLast } from "./undo.js";

const SEQUENCE_MS = 1500; // between g and the key after it

const isOff = () => localStorage.getItem("keys") === "off";
const visible = (element) => element.getClientRects().length > 0;
const one = (selector) => document.querySelector(selector);

// --- Entries of a list ---------------------------------------------------------------------------------

const entries = () => [...document.querySelectorAll("main article")].filter(visible);

const current = () => document.activeElement.closest("main article");

// The first entry below the head of the column, which is where somebody reads who has chosen none.
const inSight = (all) => {
  const head = one(".column-head")?.getBoundingClientRect().bottom || 0;
  return Math.max(all.findIndex((entry) => entry.getBoundingClientRect().bottom > head + 8), 0);
};

const go = (step) => {
  const all = entries();
  const at = all.indexOf(current());
  const entry = all[at < 0 ? inSight(all) : at + step];
  if (!entry) return;
  focusOn(entry, { preventScroll: true });
  entry.scrollIntoView({ block: "nearest" });
};

const press = (selector) => () => current()?.querySelector(selector)?.click();

const open = () => {
  const address = current()?.dataset.href || current()?.querySelector("a.tweet-when, a")?.href;
  if (address) window.location.assign(address);
};

// --- The rest ------------------------------------------------------------------------------------------

const visit = (name) => () => window.location.assign(addresses[name]);

const focusOr = (selector, name) => () => {
  const field = one(selector);
  if (!field || !visible(field)) return visit(name)();
  field.focus();
  field.scrollIntoView({ block: "center" });
};

const profile = () => {
  const link = one(".nav-me");
  if (link) window.location.assign(link.href);
};

const help = async () => {
  const sheet = document.createElement("dialog");
  sheet.className = "dialog";
  sheet.append(nodes(await ask(addresses.keys)));
  sheet.setAttribute("aria-labelledby", sheet.querySelector("h2").id);
  sheet.addEventListener("close", () => sheet.remove());
  sheet.addEventListener("click", (event) => {
    if (event.target === sheet || event.target.closest("[data-close]")) sheet.close();
  });
  document.body.append(sheet);
  prepareSwitch(sheet);
  sheet.showModal();
};

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  o: open,
  l: press("[data-mark=like]"),
  t: press("[data-mark=repost]"),
  b: press("[data-mark=bookmark]"),
  r: press(".action-reply"),
  q: press(".action-quote"),
  m: press(".tweet-menu > summary"),
  v: press(".media a"),
  n: focusOr("#composer textarea", "compose"),
  "/": focusOr("#search", "search"),
  ".": () => one("[data-new]:not([hidden]) button")?.click(),
  z: undoLast,
  "?": help,
};
const AFTER_G = {
  h: visit("home"),
  e: visit("explore"),
  n: visit("notifications"),
  m: visit("conversations"),
  b: visit("bookmarks"),
  l: visit("lists"),
  s: visit("settings"),
  p: profile,
};
const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

// What the key is on a Latin keyboard, for those who write in other letters.
const keyOf = (event) => {
  if (/^[ -~]$/.test(event.key)) return event.key.toLowerCase();
  return /^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : event.key;
};

let sequence = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isOff()) return;
  if (event.target.closest(TYPING) || one("dialog[open]")) return;
  if (event.key === "Enter" && event.target.matches("main article")) return open();
  const key = keyOf(event);
  const isSecond = Date.now() < sequence;
  sequence = key === "g" && !isSecond ? Date.now() + SEQUENCE_MS : 0;
  const table = isSecond ? AFTER_G : KEYS;
  if (!Object.hasOwn(table, key) || (event.repeat && !"jk".includes(key))) return;
  event.preventDefault();
  table[key]();
});

// --- The switch ----------------------------------------------------------------------------------------

const prepareSwitch = (page) => {
  const line = page.querySelector("[data-keys-switch]");
  if (!line) return;
  const box = line.querySelector("input");
  box.checked = !isOff();
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem("keys");
    else localStorage.setItem("keys", "off");
  });
};

prepareSwitch(document);
