// Relative times go on while a page is open: as web/templating/formatting.py says them.

import { text } from "./page.js";

const EVERY_MS = 20000;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const UNITS = [
  ["days", DAY],
  ["hours", HOUR],
  ["minutes", MINUTE],
];

const shortTime = (seconds) => {
  const unit = UNITS.find(([, size]) => seconds >= size);
  return unit ? text(unit[0], { num: Math.floor(seconds / unit[1]) }) : text("now");
};

// After a week there is a date, which does not change.
const tick = () => {
  for (const time of document.querySelectorAll("time[title]")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    if (seconds >= 7 * DAY || time.closest(".poll")) continue;
    const words = shortTime(seconds);
    if (time.textContent !== words) time.textContent = words;
  }
};

setInterval(() => {
  if (!document.hidden) tick();
}, EVERY_MS);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) tick();
});
