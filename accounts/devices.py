"""Names of devices, from what browsers and apps say of themselves. Imports no Django."""

import re

from chirp.texts import text as _

LENGTH = 200  # characters of a User-Agent that are kept
# The first that is found: others imitate those that come later.
BROWSERS = (
    *(("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet")),
    *(("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome")),
    *(("Safari", "Safari"),),
)
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("CrOS", "ChromeOS"), ("Mac OS X", "Mac"), ("Linux", "Linux")),
)


def device_name(agent: str) -> str:
    """Return a name such as "Firefox on Linux", or the name that a program gives itself."""
    browser = next((name for mark, name in BROWSERS if f"{mark}/" in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    program = re.match(r"[\w.+ -]{1,40}", agent)
    return browser or system or (program[0].strip() if program else "") or _("Unknown device")
