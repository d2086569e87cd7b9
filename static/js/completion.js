// Completes @handles and #hashtags while somebody writes: a list below the field, of which the
// arrow keys choose one.

import { addresses, nodes, text } from "./page.js";

const WORD = /(?:^|[^\p{L}\p{N}_@#])([@#][\p{L}\p{N}_]{1,30})$/u;
const DELAY_MS = 150;

const wordBefore = (field) => {
  const { selectionStart: start, selectionEnd: end, value } = field;
  return start === end ? WORD.exec(value.slice(0, start))?.[1] || "" : "";
};

const made = (tag, attributes) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

export const complete = (form) => {
  const id = `completions-${document.querySelectorAll("[role=listbox]").length}`;
  const list = made("ul", { id, role: "listbox", class: "completions", "aria-label": text("completions"), hidden: "" });
  const status = made("p", { class: "visually-hidden", role: "status" });
  let field = null;
  let timer;
  let wanted = "";

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  const close = () => {
    clearTimeout(timer);
    wanted = "";
    list.hidden = true;
    list.replaceChildren();
    status.textContent = "";
    field?.removeAttribute("aria-activedescendant");
  };

  const choose = (option) => {
    for (const each of options()) each.setAttribute("aria-selected", String(each === option));
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const take = (option) => {
    const end = field.selectionStart;
    const { value } = option.dataset;
    field.setRangeText(`${value} `, end - wordBefore(field).length, end, "end");
    close();
    field.dispatchEvent(new Event("input")); // for its counter
    field.dispatchEvent(new Event("change", { bubbles: true })); // for the draft
    field.focus();
  };

  const show = (html) => {
    list.replaceChildren(nodes(html));
    options().forEach((option, number) => {
      option.id = `${id}-${number}`;
    });
    const values = options().map((option) => option.dataset.value);
    if (values.every((value) => value === wanted)) return close(); // none, or what is there already
    field.after(list);
    list.style.top = `${field.offsetTop + field.offsetHeight}px`; // it floats: nothing else moves
    list.hidden = false;
    choose(options()[0]);
    status.textContent = text("suggestions", { num: options().length });
  };

  const find = async () => {
    const word = wordBefore(field);
    if (!word) return close();
    wanted = word;
    const response = await fetch(`${addresses.complete}?q=${encodeURIComponent(word)}`);
    const html = response.ok ? await response.text() : "";
    if (wanted === word) show(html);
  };

  const move = (step) => {
    const all = options();
    choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
  };

  form.append(status);
  for (const each of form.querySelectorAll("textarea")) {
    each.setAttribute("aria-autocomplete", "list");
    each.setAttribute("aria-controls", id);
  }
  form.append(list);
  form.addEventListener("input", (event) => {
    if (!event.target.matches("textarea")) return;
    if (field !== event.target) close();
    field = event.target;
    clearTimeout(timer);
    if (wordBefore(field)) timer = setTimeout(find, DELAY_MS);
    else close();
  });
  form.addEventListener("keydown", (event) => {
    if (list.hidden || event.target !== field || event.isComposing) return;
    const does = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      Enter: () => take(chosen()),
      Tab: () => take(chosen()),
      Escape: close,
    }[event.key];
    if (!does || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  form.addEventListener("focusout", (event) => {
    if (event.target === field) close();
  });
};
