// What happens while a page is open: "3 new tweets" above the home timeline, and how much is unread.
// Nothing that somebody reads moves before they press something.
//
// It comes from the stream of live updates (docs/streams.md), only while the page is in sight: a
// browser has room for six connections to a site. Without a stream, home asks now and then.

import { showCounts } from "./actions.js";
import { addresses, ask, focusOn, leave, nodes, plural, Refused, renumber, text } from "./page.js";

const SETTLED_MS = 3000; // who only passes through opens no stream
const POLL_MS = 45000;
const AGAIN_MS = 5 * 60000; // after the stream was refused
const MOST_UNREAD = 99;
const MOST_WATCHED = 100; // tweets of which a stream tells the counts

const pill = document.querySelector("[data-new]");
const home = () => document.querySelector(".feed");
const entry = (id) => document.getElementById(`t${id}`);

// --- New tweets ----------------------------------------------------------------------------------------

const fresh = new Set(); // ids

const say = () => {
  const link = Object.assign(document.createElement("a"), { className: "button button-primary" });
  link.href = `${addresses.home}?view=latest`; // whatever another tab has chosen
  link.textContent = plural("newTweets", fresh.size);
  pill.replaceChildren(...(fresh.size ? [link] : []));
};

// Asks for the words: none if there is nothing new.
const look = async () => {
  if (!pill || !home() || document.hidden) return;
  const newest = home().querySelector("article[id]")?.id.slice(1) || "0";
  try {
    pill.replaceChildren(nodes(await ask(`${pill.dataset.new}?since=${newest}`)));
  } catch (error) {
    if (!(error instanceof Refused)) throw error; // the next time will do
  }
};

// Puts what is new above the rest. If it is more than a page, there would be a gap: it is loaded.
const show = async (address) => {
  const content = nodes(await ask(address));
  const known = [...content.querySelectorAll("article[id]")].find(({ id }) => document.getElementById(id));
  if (!known) return window.location.assign(address);
  while (known.nextSibling) known.nextSibling.remove();
  known.remove();
  for (const line of content.querySelectorAll(".read-line")) line.remove();
  const first = content.firstElementChild;
  home().prepend(content);
  renumber(home());
  window.htmx?.process(home());
  fresh.clear();
  pill.replaceChildren();
  window.scrollTo({ top: 0 });
  if (!first) return;
  focusOn(first, { preventScroll: true });
};

pill?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  if (home()) show(link.href);
  else window.location.assign(link.href);
});

// --- What is unread ------------------------------------------------------------------------------------

const badge = (id, address, count) => {
  document.getElementById(id)?.remove();
  const link = document.querySelector(`.nav-list a[href="${address}"]`);
  if (!link || !count) return;
  const number = Object.assign(document.createElement("b"), { className: "nav-badge", id });
  const words = Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: ` ${text("unread")}` });
  number.append(count > MOST_UNREAD ? `${MOST_UNREAD}+` : String(count), words);
  link.append(number);
};

// --- What becomes of the tweets on the page ---------------------------------------------------------

const tweets = () => [...document.querySelectorAll("main article.tweet[id]")];
const idOf = (article) => article.dataset.href?.split("/").pop() || article.id.slice(1);
const showing = (id) => tweets().filter((article) => idOf(article) === id);

// Of a long list, those that were loaded last.
const watched = () => [...new Set(tweets().map(idOf))].slice(-MOST_WATCHED).join();

// Shows the new text of a tweet, but not while somebody is in the middle of something there.
const renew = async (article) => {
  const isFocus = article.matches(".tweet-focus");
  const part = isFocus ? ".tweet-rest" : ".tweet-body";
  const old = article.querySelector(part);
  try {
    const page = isFocus
      ? await (await fetch(window.location.pathname)).text()
      : await ask(`${article.dataset.href}/entry?anchor=${article.id}`);
    const fresh = nodes(page).querySelector(`#${CSS.escape(article.id)} ${part}`);
    if (fresh && !old.contains(document.activeElement)) old.replaceWith(fresh);
    window.htmx?.process(article);
  } catch (error) {
    if (!(error instanceof Refused || error instanceof TypeError)) throw error; // no connection
  }
};

// --- The stream ----------------------------------------------------------------------------------------

const EVENTS = {
  home: ({ id }) => {
    if (!pill || entry(id)) return;
    fresh.add(id);
    say();
  },
  delete: ({ id }) => {
    if (fresh.delete(id)) say();
    if (!entry(id)?.matches(".feed > article")) return;
    leave(entry(id));
    entry(id).remove();
  },
  unread: ({ notifications, conversations }) => {
    badge("unread", addresses.notifications, notifications);
    badge("unread-conversations", addresses.conversations, conversations);
  },
  edit: ({ id }) => showing(id).forEach(renew),
  counts: ({ id, counts }) => {
    for (const article of showing(id)) showCounts(article, counts);
  },
  reset: look,
};

let stream = null;
let last = "";
let soon;
let polling;

const close = () => {
  clearTimeout(soon);
  stream?.close();
  stream = null;
};

const open = () => {
  clearInterval(polling);
  const query = new URLSearchParams();
  if (last) query.set("last_event_id", last);
  if (watched()) query.set("watch", watched());
  stream = new EventSource(`${addresses.stream}?${query}`);
  for (const [name, hear] of Object.entries(EVENTS)) {
    stream.addEventListener(name, (event) => {
      last = event.lastEventId || last;
      hear(JSON.parse(event.data));
    });
  }
  stream.addEventListener("error", () => {
    if (stream?.readyState !== EventSource.CLOSED) return; // the browser comes back by itself
    close();
    polling = setInterval(look, POLL_MS);
    soon = setTimeout(open, AGAIN_MS);
  });
};

const openSoon = () => {
  close();
  if (!document.hidden) soon = setTimeout(open, SETTLED_MS);
};

if (document.querySelector(".nav-me")) {
  openSoon();
  document.addEventListener("more", openSoon); // other tweets to watch
  document.addEventListener("visibilitychange", () => {
    openSoon();
    if (!last) look();
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) openSoon();
  });
}
