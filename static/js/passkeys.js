// Passkeys. A form with data-passkey gets options from the address in it, has the browser make or use
// a passkey, and is sent with the answer. Nothing else of the site needs this.
(() => {
  "use strict";

  const WHY = {
    NotAllowedError: "No passkey was used. It was cancelled, or took too long.",
    InvalidStateError: "This device has a passkey of your account already.",
    SecurityError: "Your browser allows no passkeys at this address.",
  };

  const decoded = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  };

  const encoded = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");

  // What is base64 in JSON, and bytes for the browser.
  const readOptions = (options) => {
    options.challenge = decoded(options.challenge);
    if (options.user) options.user.id = decoded(options.user.id);
    for (const known of options.excludeCredentials || options.allowCredentials || []) {
      known.id = decoded(known.id);
    }
    return options;
  };

  const answerOf = (credential) => {
    const { id, rawId, type, response } = credential;
    const { credProps } = credential.getClientExtensionResults();
    const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    const given = parts.filter((part) => response[part]).map((part) => [part, encoded(response[part])]);
    const answer = { id, rawId: encoded(rawId), type, response: Object.fromEntries(given) };
    if (credProps) answer.clientExtensionResults = { credProps };
    return JSON.stringify(answer);
  };

  const optionsFor = async (form) => {
    const response = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
    const found = await response.json().catch(() => ({})); // the page of an error is no JSON
    if (!response.ok) throw Object.assign(new Error(), { said: found.message });
    return readOptions(found);
  };

  const use = async (form) => {
    const publicKey = await optionsFor(form);
    const ask = form.dataset.passkey === "create" ? "create" : "get";
    const credential = await navigator.credentials[ask]({ publicKey });
    form.elements.credential.value = answerOf(credential);
    form.submit();
  };

  const say = (form, text) => {
    const line = form.querySelector("[data-passkey-says]");
    line.textContent = text;
    line.hidden = text === "";
  };

  const start = (form) => {
    const button = form.querySelector("button");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      say(form, "");
      try {
        await use(form);
      } catch (error) {
        say(form, error.said || WHY[error.name] || "That did not work. Please try again.");
        button.disabled = false;
      }
    });
    // A page that comes back from the browser's memory.
    window.addEventListener("pageshow", () => { button.disabled = false; });
  };

  if (window.PublicKeyCredential) {
    for (const form of document.querySelectorAll("form[data-passkey]")) start(form);
  } else {
    for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = true;
    for (const line of document.querySelectorAll("[data-passkey-missing]")) line.hidden = false;
  }
})();
