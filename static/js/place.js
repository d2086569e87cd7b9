// One's place: only after a click, and no more of it than was chosen.

import { text, toast } from "./page.js";

const COARSE = 2; // decimals of a degree: about a kilometre
const EXACT = 6;

const locate = (exact, found) => {
  navigator.geolocation.getCurrentPosition(
    (position) => found(position.coords),
    () => toast(text("nowhere")),
    { enableHighAccuracy: exact, timeout: 15000 },
  );
};

const preparePlace = (place) => {
  const { lat, lon, place: name, exact } = place.closest("form").elements;
  const add = place.querySelector("[data-place-add]");
  const chosen = place.querySelector("[data-place-chosen]");

  const show = () => {
    chosen.hidden = lat.value === "";
    add.hidden = !chosen.hidden;
    place.querySelector("[data-place-said]").textContent = `${lat.value}, ${lon.value}`;
  };

  const find = () => {
    locate(exact.checked, (coords) => {
      const digits = exact.checked ? EXACT : COARSE;
      lat.value = coords.latitude.toFixed(digits);
      lon.value = coords.longitude.toFixed(digits);
      const hadFocus = document.activeElement === add;
      show();
      if (hadFocus) name.focus();
    });
  };

  const remove = () => {
    for (const field of [lat, lon, name]) field.value = "";
    exact.checked = false;
    show();
    add.focus();
  };

  add.addEventListener("click", find);
  exact.addEventListener("change", find);
  place.querySelector("[data-place-remove]").addEventListener("click", remove);
  show();
};

const prepareNear = (form) => {
  const find = form.querySelector("[data-near-find]");
  find.querySelector("button").addEventListener("click", () => {
    locate(false, (coords) => {
      form.elements.lat.value = coords.latitude.toFixed(COARSE);
      form.elements.lon.value = coords.longitude.toFixed(COARSE);
      form.submit();
    });
  });
};

// Browsers tell it only to pages that nobody can have changed on the way.
if (window.isSecureContext && "geolocation" in navigator) {
  document.querySelectorAll("[data-place]").forEach(preparePlace);
  document.querySelectorAll("[data-near]").forEach(prepareNear);
} else {
  for (const useless of document.querySelectorAll("[data-place], [data-near-find]")) useless.hidden = true;
}
