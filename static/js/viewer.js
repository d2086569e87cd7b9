// Pictures as large as the screen: with their descriptions, arrows, swipes and zoom.

import { text } from "./page.js";

const ZOOM = 2.5;
const MOST = 6;
const SWIPE = 60; // pixels

const made = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const iconButton = (name, label, press) => {
  const button = made("button", { type: "button", className: `icon-button viewer-${name}` });
  button.innerHTML = `<svg class="icon" aria-hidden="true"><use href="#icon-${name}"></use></svg>`;
  button.setAttribute("aria-label", label);
  button.addEventListener("click", press);
  return button;
};

class Viewer {
  constructor(links) {
    this.links = links;
    this.picture = made("img", { className: "viewer-picture", draggable: false });
    this.words = made("p", { className: "viewer-words", dir: "auto" });
    this.number = made("p", { className: "viewer-number" });
    this.number.setAttribute("aria-live", "polite");
    this.stage = made("div", { className: "viewer-stage" }, this.picture);
    const bar = made("div", { className: "viewer-bar" },
      iconButton("close", text("close"), () => this.dialog.close()),
      this.number,
      iconButton("zoom", text("zoom"), () => this.zoom(this.scale > 1 ? 1 : ZOOM)));
    const steps = links.length > 1
      ? [iconButton("back", text("previous"), () => this.go(-1)), iconButton("next", text("next"), () => this.go(1))]
      : [];
    this.dialog = made("dialog", { className: "viewer" }, bar, this.stage, ...steps, this.words);
    this.dialog.setAttribute("aria-label", text("pictures"));
    this.pointers = new Map();
    this.listen();
  }

  open(link) {
    document.body.append(this.dialog);
    this.show(this.links.indexOf(link));
    this.dialog.showModal();
    this.dialog.addEventListener("close", () => {
      this.dialog.remove();
      this.links[this.at].focus();
    });
  }

  show(at) {
    this.at = at;
    const link = this.links[at];
    const small = link.querySelector("img");
    Object.assign(this.picture, { src: small.currentSrc, alt: small.alt, width: small.width, height: small.height });
    this.picture.src = link.href;
    this.words.textContent = small.alt || text("undescribed");
    this.number.textContent = text("pictureOf", { num: at + 1, total: this.links.length });
    this.zoom(1);
  }

  go(step) {
    this.show((this.at + step + this.links.length) % this.links.length);
  }

  zoom(scale, x = 0, y = 0) {
    this.scale = Math.min(Math.max(scale, 1), MOST);
    [this.x, this.y] = this.scale === 1 ? [0, 0] : [x, y];
    this.stage.classList.toggle("is-zoomed", this.scale > 1);
    this.picture.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
  }

  // Arrows lead where they point: in languages that are written from right to left, on is left.
  key(event) {
    const forward = document.dir === "rtl" ? -1 : 1;
    const does = {
      ArrowRight: () => this.go(forward),
      ArrowLeft: () => this.go(-forward),
      "+": () => this.zoom(this.scale * 1.4, this.x, this.y),
      "-": () => this.zoom(this.scale / 1.4, this.x, this.y),
      0: () => this.zoom(1),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  }

  spread() {
    const [one, other] = [...this.pointers.values()];
    return Math.hypot(one.x - other.x, one.y - other.y);
  }

  down(event) {
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.stage.setPointerCapture(event.pointerId);
    this.begun = { x: event.clientX, y: event.clientY, left: this.x, top: this.y, scale: this.scale };
    if (this.pointers.size === 2) this.begun.spread = this.spread();
  }

  move(event) {
    if (!this.pointers.has(event.pointerId)) return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const { begun } = this;
    if (this.pointers.size === 2) {
      this.zoom((begun.scale * this.spread()) / begun.spread, this.x, this.y);
    } else if (this.scale > 1) {
      this.zoom(this.scale, begun.left + event.clientX - begun.x, begun.top + event.clientY - begun.y);
    }
  }

  up(event) {
    const wasPinch = this.pointers.size > 1;
    this.pointers.delete(event.pointerId);
    if (wasPinch || this.scale > 1 || event.type === "pointercancel") return;
    const across = event.clientX - this.begun.x;
    const down = event.clientY - this.begun.y;
    const forward = document.dir === "rtl" ? -1 : 1;
    if (Math.abs(across) > SWIPE && Math.abs(across) > Math.abs(down)) this.go(across < 0 ? forward : -forward);
    else if (down > 2 * SWIPE) this.dialog.close();
  }

  listen() {
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.stage.addEventListener("dblclick", (event) => {
      const box = this.stage.getBoundingClientRect();
      const x = (box.left + box.width / 2 - event.clientX) * (ZOOM - 1);
      const y = (box.top + box.height / 2 - event.clientY) * (ZOOM - 1);
      this.zoom(this.scale > 1 ? 1 : ZOOM, x, y);
    });
    this.stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(this.scale * (event.deltaY < 0 ? 1.2 : 1 / 1.2), this.x, this.y);
    });
    this.stage.addEventListener("pointerdown", (event) => this.down(event));
    this.stage.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) {
      this.stage.addEventListener(name, (event) => this.up(event));
    }
  }
}

// Shows the picture that a link leads to, among those beside it.
export const view = (link) => {
  const links = [...link.closest(".media").querySelectorAll("a.media-item")];
  new Viewer(links).open(link);
};
