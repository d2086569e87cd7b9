// What makes the site pleasanter where scripts run. Nothing here is needed for anything to work.
(() => {
  "use strict";

  // --- The counter of the composer: as tweets/text/limits.py counts -------------------------------

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
    counter.title = isUnfit ? "A character of this text is made of too many parts." : "";
    counter.hidden = typed === "";
    counter.classList.toggle("is-over", left < 0 || isUnfit);
    // A screen reader hears the number only when it begins to matter.
    counter.setAttribute("aria-live", left < 20 ? "polite" : "off");
  };

  for (const counter of document.querySelectorAll("[data-count-for]")) {
    document.getElementById(counter.dataset.countFor).addEventListener("input", () => count(counter));
    count(counter);
  }

  // --- The time zone of this browser, for times that the next page shows: web/time_zone.py ----------

  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const hasZone = document.cookie.split("; ").includes(`time_zone=${timeZone}`);
  if (timeZone && !hasZone) {
    document.cookie = `time_zone=${timeZone}; path=/; max-age=31536000; samesite=lax`;
  }

  // --- Sending a form: once, also with Ctrl+Enter -------------------------------------------------

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.classList.contains("is-sending")) event.preventDefault();
    form.classList.add("is-sending");
  });

  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll(".is-sending")) form.classList.remove("is-sending");
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field.matches("textarea")) {
      field.form.requestSubmit();
    }
  });

  // --- Menus close when one looks elsewhere --------------------------------------------------------

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except) menu.open = false;
    }
  };

  document.addEventListener("keydown", (event) => {
    const open = document.querySelector("details.menu[open]");
    if (event.key !== "Escape" || !open) return;
    closeMenus(null);
    open.querySelector("summary").focus();
  });

  // --- A click anywhere on a tweet opens its thread ------------------------------------------------

  const INTERACTIVE = "a, button, summary, details.menu, input, textarea, select, label";

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    closeMenus(target && target.closest("details.menu"));
    const tweet = target && target.closest("[data-href]");
    if (!tweet || target.closest(INTERACTIVE) || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) window.open(tweet.dataset.href, "_blank", "noopener");
    else window.location.assign(tweet.dataset.href);
  });

  document.documentElement.classList.add("is-clickable");

  // --- Words that appear for a while -----------------------------------------------------------------

  const TOAST_MS = 6000;

  const toast = (text) => {
    const line = document.createElement("p");
    line.className = "toast";
    line.textContent = text;
    document.getElementById("toasts").append(line);
    setTimeout(() => line.remove(), TOAST_MS);
  };

  // --- One's place: only after a click, and no more of it than was chosen ----------------------------

  const COARSE = 2; // decimals of a degree: about a kilometre
  const EXACT = 6;

  const locate = (exact, found) => {
    navigator.geolocation.getCurrentPosition(
      (position) => found(position.coords),
      () => toast("Your browser does not tell where you are."),
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
        show();
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
    place.hidden = false;
  };

  const prepareNear = (form) => {
    const find = form.querySelector("[data-near-find]");
    find.hidden = false;
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
  }

  // --- What went wrong with something htmx asked for ------------------------------------------------

  document.addEventListener("htmx:responseError", (event) => {
    const answer = event.detail.xhr;
    const plain = (answer.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    toast(plain ? answer.responseText : "That did not work. Reload the page and try again.");
  });

  document.addEventListener("htmx:sendError", () => toast("The site cannot be reached right now."));
})();
