// What makes the site pleasanter where scripts run. Nothing here is needed for anything to work.

import { addresses, isModified } from "./page.js";
import "./forms.js";
import "./actions.js";
import "./times.js";
import "./keys.js";
import "./draft.js";
import "./feed.js";
import "./live.js";

// What only some pages need.
const needs = (selector, load) => {
  if (document.querySelector(selector)) load();
};

needs("[data-place], [data-near]", () => import("./place.js"));
needs("[data-push], [data-push-off]", () => import("./push.js"));

// Pictures open above the page, and without scripts as pages of their own.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest(".media a.media-item");
  if (!link || isModified(event)) return;
  event.preventDefault();
  import("./viewer.js").then(({ view }) => view(link));
});

// The page for times without a connection, and what makes the site an app.
navigator.serviceWorker?.register(addresses.worker).catch(() => {
  // Signing out empties the browser, also of what is on its way. The next page tries it again.
});
if (localStorage.getItem("push")) import("./push.js").then(({ keepOn }) => keepOn()).catch(() => {});

// Who comes to answer finds the field ready.
const answer = () => {
  if (window.location.hash === "#reply") document.querySelector("#reply textarea")?.focus();
};
window.addEventListener("hashchange", answer);
window.addEventListener("load", () => setTimeout(answer)); // the browser goes to #reply first
