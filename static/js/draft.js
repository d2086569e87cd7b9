// What is being written is kept in this browser until it is posted, for the account that writes it:
// a closed tab or a dead battery loses nothing. It never leaves the browser, and is removed when
// somebody signs out, or another account signs in (forgetOthers), or after a week.

import { text, toast } from "./page.js";

const PREFIX = "draft:";
const DELAY_MS = 400;
const WEEK_MS = 7 * 86400 * 1000;
const KEPT = ["text", "parts", "spoiler", "visibility", "poll_choices"];

const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));

const load = (key) => {
  const draft = JSON.parse(localStorage.getItem(key) || "null");
  return draft && Date.now() - draft.at < WEEK_MS ? draft : null;
};

// Removes the drafts of all accounts but one, or of all.
const forgetOthers = (handle) => {
  for (const key of keys()) {
    if (!handle || !key.startsWith(`${PREFIX}${handle}:`) || !load(key)) localStorage.removeItem(key);
  }
};

// Whether the page says that what was sent has arrived.
const hasArrived = () => document.querySelector(".notices") !== null;

const forgetSent = () => {
  for (const key of keys()) if (load(key)?.sent && hasArrived()) localStorage.removeItem(key);
};

// Pages with a navigation say who is signed in; an error page, which has none, says nothing.
const handle = document.querySelector(".nav-me")?.getAttribute("href").split("@")[1] || "";
if (document.querySelector(".nav, .landing, [name=login]")) forgetOthers(handle);
forgetSent();
let isLeaving = false; // signing out, after which nothing is kept
document.addEventListener("submit", (event) => {
  isLeaving = event.submitter?.matches(".nav-logout") || false;
  if (isLeaving) forgetOthers("");
});

const entriesOf = (form) =>
  [...new FormData(form)].filter(([name, value]) => KEPT.includes(name) && value !== "");

const written = (entries) => entries.filter(([name]) => name !== "visibility").length > 0;

const fill = (form, entries, addPart) => {
  const seen = {};
  for (const [name, value] of entries) {
    const number = (seen[name] = (seen[name] ?? -1) + 1);
    let field = form.querySelectorAll(`[name=${name}]`)[number];
    if (!field && name === "parts") field = addPart("");
    if (!field) continue;
    field.value = value;
    const box = field.closest("details");
    if (box) box.open = true;
    field.dispatchEvent(new Event("input")); // for its counter, and nobody else
  }
};

export const keepDraft = (form, addPart) => {
  const key = PREFIX + form.dataset.draft;
  const before = JSON.stringify(entriesOf(form));
  const save = (sent = false) => {
    const entries = entriesOf(form);
    if (isLeaving) return;
    if (!written(entries) || JSON.stringify(entries) === before) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify({ at: Date.now(), entries, sent }));
  };
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, DELAY_MS);
  });
  form.addEventListener("change", () => save());
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    save(true);
  });
  window.addEventListener("pagehide", () => {
    if (!form.classList.contains("is-sending")) save();
  });

  const draft = load(key);
  const isFresh = !form.querySelector(".errorlist") && !written(JSON.parse(before));
  if (!draft || !isFresh) return;
  fill(form, draft.entries, addPart);
  if (sessionStorage.getItem("restored") === String(draft.at)) return;
  sessionStorage.setItem("restored", draft.at);
  toast(text("restored"), {
    label: text("discard"),
    press: () => {
      for (const part of form.querySelectorAll(".composer-part")) part.remove();
      form.reset();
      form.elements.text.dispatchEvent(new Event("input", { bubbles: true }));
      form.elements.text.focus();
    },
  });
};
