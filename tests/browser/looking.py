"""What is to hold on every page, at every width and in every language, as a browser lays it out."""

from selenium.common.exceptions import WebDriverException

from tests.browser.person import Person

WIDTHS = (1280, 820, 390)  # pixels: a desktop, a tablet, a phone
PHONE = WIDTHS[-1]
HEIGHT = 900

# Elements outside of the page, what is smaller than a finger, and words that nobody translated.
# The arguments: whether the pointer is a finger, and whether the page is in Arabic.
FAULTS = r"""
const [isPhone, isArabic] = arguments;
const root = document.documentElement;
const HOW = {visibilityProperty: true, contentVisibilityAuto: true};
const visible = (element) => element.checkVisibility(HOW);
const named = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 140);
const faults = [];

// Above and before the beginning of a page nothing can be scrolled to.
const wide = Math.max(root.scrollWidth, document.body.scrollWidth) - root.clientWidth;
if (wide > 0) {
  const out = [...document.querySelectorAll("body *")].filter((element) => {
    const {left, right, width} = element.getBoundingClientRect();
    return width && visible(element) && (right > root.clientWidth + 1 || left < -1);
  });
  faults.push(`${wide} pixels too wide: ${out.slice(0, 3).map(named).join(" AND ")}`);
}

// A link within a text may be as high as its line.
const CONTROLS = "button, summary, select, textarea, .button, .icon-button, .tab, .action, " +
  ".nav-link, .menu-item, .settings-page, input:not([type=checkbox], [type=radio])";
const HIDDEN = ".visually-hidden, .visually-hidden *";
if (isPhone) {
  for (const element of document.querySelectorAll(CONTROLS)) {
    const {width, height} = element.getBoundingClientRect();
    if (!width || !visible(element) || element.matches(HIDDEN)) continue;
    if (Math.min(width, height) < 43.5) faults.push(`${width} x ${height}: ${named(element)}`);
  }
}

// What people wrote is marked: by its direction, its language, or as something technical.
const BY_PEOPLE = "bdi, code, kbd, [dir=auto], [dir=ltr], [lang]:not(html), .person-handle, " +
  ".brand, .nav-brand, .composer-zone, option, script, noscript, template, textarea, .foot > span";
const ENGLISH = /[A-Za-z]{2,}/;
const ALLOWED = /Chirp|JavaScript|https?:\S+|\S*[@#]\S+|nora|bob|charlie|1.png|\b[A-Z]{2,4}\b/g;
if (isArabic) {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const words = node.data.replace(ALLOWED, "");
    if (!ENGLISH.test(words) || node.parentElement.closest(BY_PEOPLE)) continue;
    faults.push(`English: ${node.data.trim().slice(0, 80)}`);
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    if (element.closest("[lang]:not(html)")) continue;
    for (const name of ["aria-label", "title", "placeholder"]) {
      const words = (element.getAttribute(name) || "").replace(ALLOWED, "");
      if (ENGLISH.test(words)) faults.push(`English: ${name}="${element.getAttribute(name)}"`);
    }
  }
  const {title} = document;
  if (ENGLISH.test(title.replace(ALLOWED, ""))) faults.push(`English: title ${title}`);
}
return [...new Set(faults)];
"""


def resize(person: Person, width: int) -> None:
    """Make the window as wide as a device, and a phone's pointer a finger."""
    mobile = width == PHONE
    metrics = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": mobile}
    person.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    touch = {"enabled": mobile, "maxTouchPoints": 1}
    person.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", touch)


def faults(person: Person, width: int, language: str) -> list[str]:
    """What is wrong with the present page at its present width."""
    asked = (width == PHONE, language == "ar")
    try:
        found: list[str] = person.browser.execute_script(FAULTS, *asked)
    except WebDriverException as error:  # the page is being left
        return [str(error)]
    return [f"{person.path} at {width}: {each}" for each in found]
