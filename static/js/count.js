// The counter of the composer: as tweets/text/limits.py counts.

import { text as say } from "./page.js";

const LINK_LENGTH = 23;
const LINK = /https?:\/\/[^\s<>"]+|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|social|info|eu|de|uk)\b(?:\/[^\s<>"]*)?/gi;
const BLANK_LINES = /\n(?:[^\S\n]*\n){3,}/g;
const segmenter = "Segmenter" in Intl ? new Intl.Segmenter() : null;

const clusters = (text) =>
  segmenter ? Array.from(segmenter.segment(text), (part) => part.segment) : Array.from(text);

const codePoints = (text) => Array.from(text).length;

const normalized = (typed) => typed.replace(BLANK_LINES, "\n\n\n").trim().normalize("NFC");

// Characters as people count them, a link as 23.
const lengthOf = (text) => {
  const links = text.match(LINK) || [];
  return clusters(text.replace(LINK, "")).length + links.length * LINK_LENGTH;
};

// Both as the form sends it, where a line ends with two code points, and as it is stored.
const codePointsOf = (typed, text) =>
  Math.max(codePoints(typed.replace(/\n/g, "\r\n")), codePoints(text));

const count = (counter) => {
  const typed = document.getElementById(counter.dataset.countFor).value;
  const { limit, codePoints: most, cluster } = counter.dataset;
  const text = normalized(typed);
  const left = Math.min(limit - lengthOf(text), most - codePointsOf(typed, text));
  const isUnfit = clusters(text).some((part) => codePoints(part) > cluster);
  counter.textContent = String(left);
  counter.title = isUnfit ? say("unfit") : "";
  counter.hidden = typed === "";
  counter.classList.toggle("is-over", left < 0 || isUnfit);
  // A screen reader hears the number only when it begins to matter.
  counter.setAttribute("aria-live", left < 20 ? "polite" : "off");
};

// Keeps a counter up to date with its field.
export const watch = (counter) => {
  document.getElementById(counter.dataset.countFor).addEventListener("input", () => count(counter));
  count(counter);
};
