// The composer: counts, further tweets of a thread, files, completions, and the draft.

import { watch } from "./count.js";
import { complete } from "./completion.js";
import { keepDraft } from "./draft.js";
import { text } from "./page.js";
import { prepareFiles } from "./upload.js";

const MENTIONS = /@\w{1,30}/g;

// What a further tweet begins with: whom the first one mentions, if it is only for them.
const addressed = (form) => {
  if (form.elements.visibility.value !== "direct") return "";
  return (form.elements.text.value.match(MENTIONS) || []).map((handle) => `${handle} `).join("");
};

const prepareParts = (form) => {
  const add = form.querySelector("[name=add_part]");
  const parts = form.querySelector("[data-parts]");
  if (!add || !parts) return null;
  const most = Number(parts.dataset.most);
  const fields = () => parts.querySelectorAll("textarea");
  const addPart = (typed = addressed(form)) => {
    const number = fields().length + 1;
    const part = parts.querySelector("template").content.cloneNode(true);
    const field = part.querySelector("textarea");
    const counter = part.querySelector("[data-count-for]");
    field.name = "parts";
    field.id = counter.dataset.countFor = `part-${number}`;
    field.setAttribute("aria-label", text("part", { num: number + 1 }));
    field.value = typed;
    parts.append(part);
    watch(counter);
    add.hidden = number >= most;
    return field;
  };
  add.addEventListener("click", (event) => {
    event.preventDefault();
    addPart().focus();
  });
  return addPart;
};

for (const form of document.querySelectorAll("form.composer")) {
  for (const counter of form.querySelectorAll("[data-count-for]")) watch(counter);
  const addPart = prepareParts(form);
  complete(form);
  if (form.querySelector("[data-file]")) prepareFiles(form);
  if (form.dataset.draft) keepDraft(form, addPart);
}
