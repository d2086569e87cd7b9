// Notifications on this device: turning them on and off, and keeping them on.

import { addresses, ask, text } from "./page.js";

const KEPT = "push"; // in localStorage: the account whose notifications this browser shows
const LOOKED = "push"; // in sessionStorage: that it was looked after in this tab

const handle = document.querySelector(".nav-me")?.getAttribute("href").split("@")[1] || "";
const isAble = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

const encoded = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// The subscription of this browser for the key of the site. One for another key is of no use.
const subscribed = async (key) => {
  const { pushManager } = await navigator.serviceWorker.ready;
  const old = await pushManager.getSubscription();
  if (old && encoded(old.options.applicationServerKey) !== key) await old.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
};

const fieldsOf = (subscription) => {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint, ...keys };
};

class Denied extends Error {}

const turnOn = async (form) => {
  if ((await Notification.requestPermission()) !== "granted") throw new Denied();
  const fields = fieldsOf(await subscribed(form.dataset.push));
  for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
  localStorage.setItem(KEPT, handle);
  form.submit();
};

const offer = (form) => {
  const button = form.querySelector("button");
  const line = form.querySelector("[data-push-says]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    line.hidden = true;
    try {
      await turnOn(form);
    } catch (error) {
      line.textContent = text(error instanceof Denied ? "pushDenied" : "pushFailed");
      line.hidden = false;
      button.disabled = false;
    }
  });
  const why = document.querySelector("[data-push-why]");
  form.hidden = !isAble;
  why.hidden = isAble;
  if (!isAble) why.textContent = text("pushMissing");
};

const turnOff = async () => {
  localStorage.removeItem(KEPT);
  const { pushManager } = await navigator.serviceWorker.ready;
  await (await pushManager.getSubscription())?.unsubscribe();
};

// Also if the button was pressed before this script was there.
if (new URLSearchParams(window.location.search).has("off")) localStorage.removeItem(KEPT);

const form = document.querySelector("[data-push]");
if (form) offer(form);

const off = document.querySelector("[data-push-off]");
off?.addEventListener("submit", async (event) => {
  event.preventDefault();
  await turnOff().catch(() => {}); // the site stops in any case
  off.submit();
});

// After signing in again, with another key of the site, or when its push service gave this browser
// another address: the account that turned notifications on has them on.
export const keepOn = async () => {
  if (!isAble || !handle || localStorage.getItem(KEPT) !== handle || sessionStorage.getItem(LOOKED)) return;
  sessionStorage.setItem(LOOKED, "yes");
  if (Notification.permission !== "granted") return;
  const { on, key, token } = JSON.parse(await ask(addresses.device));
  if (!on) await ask(addresses.device, { ...fieldsOf(await subscribed(key)), csrfmiddlewaretoken: token });
};
