// Lists go on as one reads. The address is that of the page which is being read, and coming back
// leads to the same place.

import { ask, focusOn, nodes, Refused, renumber, toast } from "./page.js";

const AHEAD = "0px 0px 600px 0px"; // a page is loaded before its end is in sight
const SETTLED_MS = 250; // browsers allow about 100 changes of the address in 30 seconds

// --- Further pages -------------------------------------------------------------------------------------

const starts = []; // [the first entry of a page that was loaded, its address]

const put = (pager, content) => {
  const first = content.firstElementChild;
  const list = pager.previousElementSibling;
  const next = content.querySelector("[data-more]");
  const hadFocus = pager.contains(document.activeElement);
  if (next) {
    pager.replaceWith(next);
    watch(next);
  } else pager.remove();
  if (list?.matches("[role=feed]")) {
    list.append(content);
    renumber(list);
  }
  else (next || list)[next ? "before" : "after"](content);
  if (hadFocus && first) focusOn(first);
  return first;
};

const load = async (pager) => {
  const link = pager.querySelector("a");
  if (pager.classList.contains("is-loading")) return;
  pager.classList.add("is-loading");
  pager.previousElementSibling?.setAttribute("aria-busy", "true");
  try {
    const content = nodes(await ask(link.href));
    const first = put(pager, content);
    if (!first) return;
    starts.push([first, link.href]);
    document.dispatchEvent(new Event("more"));
    comeBack();
    window.htmx?.process(first.parentElement);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    toast(error.message);
    pager.classList.remove("is-loading");
  } finally {
    for (const busy of document.querySelectorAll("[aria-busy=true]")) busy.removeAttribute("aria-busy");
  }
};

const approaching = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      approaching.unobserve(target); // what fails is not tried again by itself
      load(target);
    }
  },
  { rootMargin: AHEAD },
);

const watch = (pager) => {
  pager.dataset.more = "watched";
  approaching.observe(pager);
  pager.querySelector("a").addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    load(pager);
  });
};

// --- Where one reads -----------------------------------------------------------------------------------

const own = window.location.href;

const entries = () => document.querySelectorAll("main article[id]");

const place = () => {
  const head = document.querySelector(".column-head")?.getBoundingClientRect().bottom || 0;
  for (const entry of entries()) {
    const { top, bottom } = entry.getBoundingClientRect();
    if (bottom > head) return { id: entry.id, top };
  }
  return null;
};

// Of the page that has the entry at the top of the screen.
const addressOf = ({ top }) => {
  const begun = starts.filter(([entry]) => entry.isConnected && entry.getBoundingClientRect().top <= top);
  return begun.length ? begun.at(-1)[1] : own;
};

const note = () => {
  const here = place();
  if (here && !goal) window.history.replaceState({ ...window.history.state, place: here }, "", addressOf(here));
};

// The place to come back to, for which another page may have to be loaded. After some seconds, or
// when somebody goes elsewhere, it is given up.
const GIVE_UP_MS = 3000;
const [visit] = performance.getEntriesByType("navigation");
let goal = visit?.type === "navigate" ? null : window.history.state?.place;

const comeBack = () => {
  const entry = goal && document.getElementById(goal.id);
  if (!entry) return;
  const away = () => entry.getBoundingClientRect().top - goal.top;
  window.scrollBy({ top: away(), behavior: "instant" });
  if (Math.abs(away()) < 1) goal = null;
};

setTimeout(() => {
  goal = null;
}, GIVE_UP_MS);

for (const name of ["wheel", "touchstart", "pointerdown", "keydown"]) {
  window.addEventListener(name, () => {
    goal = null;
  }, { passive: true });
}

const watchNew = () => {
  for (const pager of document.querySelectorAll("[data-more='']")) watch(pager);
};

document.addEventListener("htmx:afterSettle", watchNew); // such as what a search has found

let settling;

if (document.querySelector("[data-more], [role=feed]")) {
  window.history.scrollRestoration = "manual";
  comeBack();
  watchNew();
  window.addEventListener("scroll", () => {
    clearTimeout(settling);
    settling = setTimeout(note, SETTLED_MS);
  }, { passive: true });
  window.addEventListener("pagehide", note);
}
