// Forms, menus and clicks, as people expect them.

import { focusOn, isModified, text, toast } from "./page.js";

// --- The time zone of this browser, for times that the next page shows: web/time_zone.py ----------

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const hasZone = document.cookie.split("; ").includes(`time_zone=${timeZone}`);
if (timeZone && !hasZone) {
  document.cookie = `time_zone=${timeZone}; path=/; max-age=31536000; samesite=lax`;
}

// --- Sending a form: once, also with Ctrl+Enter -------------------------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.classList.contains("is-sending")) event.preventDefault();
  form.classList.add("is-sending");
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll(".is-sending")) form.classList.remove("is-sending");
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field.matches("textarea")) {
    field.form.requestSubmit();
  }
});

// --- Menus close when one looks elsewhere --------------------------------------------------------

const MENU = "details.menu, .nav-more > details";

const closeMenus = (except) => {
  for (const menu of document.querySelectorAll(`:is(${MENU})[open]`)) {
    if (menu !== except) menu.open = false;
  }
};

document.addEventListener("keydown", (event) => {
  const open = document.querySelector(`:is(${MENU})[open]`);
  if (event.key !== "Escape" || !open) return;
  closeMenus(null);
  open.querySelector("summary").focus();
});

// One that stays open would cover what has the focus.
document.addEventListener("focusin", ({ target }) => closeMenus(target.closest(MENU)));

// --- A click anywhere on a tweet opens its thread ------------------------------------------------

const INTERACTIVE = "a, button, summary, details.menu, input, textarea, select, label, video, audio";

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  closeMenus(target && target.closest(MENU));
  const tweet = target && target.closest("[data-href]");
  if (!tweet || target.closest(INTERACTIVE) || String(getSelection())) return;
  if (isModified(event)) window.open(tweet.dataset.href, "_blank", "noopener");
  else window.location.assign(tweet.dataset.href);
});

// --- What htmx replaces may have had the focus ----------------------------------------------------

let replaced = null;

document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  replaced = target.contains(document.activeElement) ? target : null;
});

document.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
  if (replaced && document.activeElement === document.body) focusOn(replaced.isConnected ? replaced : elt);
  replaced = null;
});

// --- What went wrong with something htmx asked for ------------------------------------------------

document.addEventListener("htmx:responseError", (event) => {
  const answer = event.detail.xhr;
  const plain = (answer.getResponseHeader("Content-Type") || "").startsWith("text/plain");
  toast(plain ? answer.responseText : text("failed"));
});

document.addEventListener("htmx:sendError", () => toast(text("unreachable")));

// A transition to a page that comes late is skipped, which is no error.
for (const name of ["pageswap", "pagereveal"]) {
  window.addEventListener(name, ({ viewTransition }) => viewTransition?.ready.catch(() => {}));
}
