// What makes the site pleasanter where scripts run. Nothing here is needed for anything to work.

import "./forms.js";
import "./actions.js";
import "./times.js";
import "./keys.js";
import "./draft.js";

// What only some pages need.
const needs = (selector, load) => {
  if (document.querySelector(selector)) load();
};

needs("[data-place], [data-near]", () => import("./place.js"));

// Who comes to answer finds the field ready.
window.addEventListener("load", () => {
  const answer = () => document.querySelector("#reply textarea")?.focus();
  if (window.location.hash === "#reply") setTimeout(answer); // the browser goes to #reply first
});
