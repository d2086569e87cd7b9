// Files in the composer: chosen several at once, dropped or pasted, and looked at before they are
// sent. The fields are those that work without scripts.

import { text, toast } from "./page.js";

const PREVIEW = 480; // pixels of the longer side

const made = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

// A canvas needs no exception in the policy of the site, as a blob: address does. What the browser
// cannot draw, such as a video, has no preview.
const drawn = async (file) => {
  const canvas = made("canvas", {});
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return null;
  const scale = Math.min(1, PREVIEW / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
};

const fieldsOf = (row) => {
  const [file, alt] = row.querySelectorAll("input");
  return { file, alt, focus: row.querySelector("select") };
};

const pointOf = (value) => {
  const [x, y] = (value || "0,0").split(",").map(Number);
  return [(x + 1) / 2, (1 - y) / 2];
};

// A click on the picture says what matters in it.
const prepareFocus = (canvas, select) => {
  const dot = made("span", { className: "composer-dot" });
  const button = made("button", { type: "button", className: "composer-picture", tabIndex: -1, title: text("focus") }, canvas, dot);
  const own = made("option", { textContent: text("ownFocus") });
  const place = () => {
    const [across, down] = pointOf(select.value);
    dot.style.left = `${across * 100}%`;
    dot.style.top = `${down * 100}%`;
  };
  button.addEventListener("click", (event) => {
    const box = canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 2 - 1;
    const y = 1 - ((event.clientY - box.top) / box.height) * 2;
    own.value = `${x.toFixed(2)},${y.toFixed(2)}`;
    select.append(own);
    select.value = own.value;
    place();
  });
  select.addEventListener("change", place);
  place();
  return button;
};

const clear = (row) => {
  const { file, alt, focus } = fieldsOf(row);
  file.value = "";
  alt.value = "";
  focus.selectedIndex = 0;
  row.querySelector(".composer-preview")?.remove();
  row.hidden = true;
};

const show = async (row, onRemove) => {
  const { file, alt, focus } = fieldsOf(row);
  const { name } = file.files[0];
  const canvas = await drawn(file.files[0]);
  const remove = made("button", { type: "button", className: "button button-quiet button-small", textContent: text("remove") });
  remove.setAttribute("aria-label", text("removeFile", { name }));
  remove.addEventListener("click", () => {
    clear(row);
    onRemove();
  });
  const line = made("p", { className: "composer-name" }, made("bdi", { textContent: name }), remove);
  row.querySelector(".composer-preview")?.remove();
  row.prepend(made("div", { className: "composer-preview" }, ...(canvas ? [prepareFocus(canvas, focus)] : []), line));
  focus.closest("label").hidden = !canvas;
  row.hidden = false;
  alt.focus();
};

export const prepareFiles = (form) => {
  const media = form.querySelector(".composer-media");
  const set = media.querySelector("fieldset");
  const more = media.querySelector(".composer-more");
  const rows = [...media.querySelectorAll("[data-file]")];
  const { accept } = fieldsOf(rows[0]).file;
  const several = made("input", { type: "file", multiple: true, accept, className: "visually-hidden" });
  const choose = made("label", { className: "button button-quiet button-small composer-choose" }, text("choose"), several);
  const hint = made("span", { className: "soft composer-hint", textContent: text("dropHint") });
  const bar = made("p", { className: "composer-row" }, choose, hint);

  // Uploads of this form that were kept take a place, too.
  const free = () => {
    const kept = set.querySelectorAll("[name=media_ids]:checked").length;
    const empty = rows.filter((row) => row.hidden);
    return empty.slice(0, Math.max(empty.length - kept, 0));
  };

  const put = (row, file) => {
    const carrier = new DataTransfer();
    carrier.items.add(file);
    fieldsOf(row).file.files = carrier.files;
    return show(row, () => choose.querySelector("input").focus());
  };

  const take = (files) => {
    const places = free();
    media.open = true;
    [...files].slice(0, places.length).forEach((file, number) => put(places[number], file));
    if (files.length > places.length) toast(text("tooMany", { num: rows.length }));
  };

  for (const row of rows) {
    const { file } = fieldsOf(row);
    row.classList.add("has-preview");
    file.tabIndex = -1;
    row.hidden = !row.querySelector(".errorlist") && !fieldsOf(row).alt.value;
    set.insertBefore(row, more);
  }
  more.replaceWith(bar);
  several.addEventListener("change", () => {
    take(several.files);
    several.value = "";
  });

  form.addEventListener("paste", (event) => {
    const { files } = event.clipboardData;
    if (!files.length) return;
    event.preventDefault();
    take(files);
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("is-target", name === "dragover");
      if (name === "drop") take(event.dataTransfer.files);
    });
  }
};
