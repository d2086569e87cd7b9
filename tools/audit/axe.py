"""axe-core: what machines can tell about the accessibility of a page."""

from typing import Any

from tools.audit.browser import PROGRAMS, Viewer

# The Web Content Accessibility Guidelines up to 2.2 AA, and what axe calls best practice.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN = """
const [tags, done] = arguments;
axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]})
  .then((result) => done(result.violations), (error) => done(String(error)));
"""


def violations(viewer: Viewer) -> list[str]:
    """What axe finds on the page that is shown: rule, element and what is wrong with it."""
    # Through the debugger, since the site's policy allows no script that is not its own.
    source = (PROGRAMS / "axe-core/axe.min.js").read_text()
    viewer.browser.execute_cdp_cmd("Runtime.evaluate", {"expression": source})
    found: Any = viewer.browser.execute_async_script(RUN, list(TAGS))
    if isinstance(found, str):
        raise RuntimeError(found)
    return [_sentence(rule, node) for rule in found for node in rule["nodes"]]


def _sentence(rule: dict[str, Any], node: dict[str, Any]) -> str:
    element = " ".join(str(part) for part in node["target"])
    why = " ".join(node["failureSummary"].split("\n")[1:2]).strip() or rule["help"]
    return f"{rule['id']} ({rule['impact']}): {element}: {why}"
