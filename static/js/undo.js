// What is done only after some seconds, in which it can be undone. When the page is left or put
// away it is done at once, so that nobody believes in something that never happens.

import { text, toast } from "./page.js";

const waiting = new Set();

// Says `words`, and calls `act` later, or `undo` if somebody wants it. Returns what undoes it.
export const later = (words, act, undo) => {
  const job = {};
  const once = (then) => () => {
    if (!waiting.delete(job)) return;
    job.close();
    then();
  };
  job.finish = once(act);
  job.undo = once(undo);
  waiting.add(job);
  job.close = toast(words, { label: text("undo"), press: job.undo, gone: job.finish });
  return job.undo;
};

// Undoes the last thing that can be undone.
export const undoLast = () => [...waiting].pop()?.undo();

const finishAll = () => {
  for (const job of waiting) job.finish();
};

window.addEventListener("pagehide", finishAll);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") finishAll();
});
