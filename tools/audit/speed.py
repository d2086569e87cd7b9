"""How soon a page shows its largest part and answers a click, on a processor slowed fourfold."""

from typing import NamedTuple

from tools.audit.browser import SIZES, Viewer

SLOWER = 4  # times
MOST_PAINT = 1200  # ms
MOST_ANSWER = 100  # ms
OBSERVE = """
window.audit = {paint: 0, answer: 0};
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.audit.paint = entry.startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.interactionId) window.audit.answer = Math.max(window.audit.answer, entry.duration);
  }
}).observe({type: "event", durationThreshold: 16, buffered: true});
"""
SETTLED = """
const done = arguments[0];
requestAnimationFrame(() => setTimeout(() => done(window.audit), 300));
"""


class Speed(NamedTuple):
    """Milliseconds: largest contentful paint, and the slowest answer to the clicks."""

    paint: float
    answer: float


def speed(viewer: Viewer, path: str, *clicked: str) -> Speed:
    """Open a page on a slow phone and click the first element of each selector that is there."""
    browser = viewer.browser
    added = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": OBSERVE})
    browser.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    try:
        viewer.opens(path, SIZES["phone"], "light")
        paint = browser.execute_async_script(SETTLED)["paint"]
        for selector in clicked:
            for element in browser.find_elements("css selector", selector)[:1]:
                element.click()
        seen = browser.execute_async_script(SETTLED)
    finally:
        browser.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": 1})
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    return Speed(paint, seen["answer"])
