"""The parts of an audit: each looks at one page, and says what it saw and whether that is well."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import requests

from tools.audit import lighthouse, speed, weight
from tools.audit.axe import violations
from tools.audit.browser import SIZES, Viewer
from tools.audit.pages import Page

LOOKS = (
    ("desktop", "light"),
    ("phone", "dark"),
    ("desktop", "contrast"),
    ("phone", "dark-contrast"),
)
# What is clicked to see how soon the page answers.
CLICKED = (".action-like button", ".menu > summary")


@dataclass(frozen=True)
class Seen:
    """A line of the table."""

    well: bool
    line: str


@dataclass(frozen=True)
class Audit:
    """A running site, a session of an account there, and a browser."""

    site: str
    session: requests.Session
    viewer: Viewer

    def visitor(self, page: Page) -> requests.Session:
        """Who looks at a page: the account, or somebody without one."""
        return self.session if page.signed_in else requests.Session()


def accessibility(
    audit: Audit, page: Page, looks: Iterable[tuple[str, str]] = LOOKS
) -> Iterator[Seen]:
    """What axe says of a page in each look, and whether it fits into a narrow window."""
    viewer = audit.viewer
    viewer.becomes(audit.visitor(page))
    for size, theme in looks:
        viewer.opens(page.path, SIZES[size], theme)
        yield from (Seen(False, f"{size} {theme}: {line}") for line in violations(viewer))
    viewer.resizes(SIZES["narrow"])  # zooming in does not load the page again either
    if overflow := viewer.overflow():
        yield Seen(False, f"narrow: {overflow} pixels wider than the window")


def scores(audit: Audit, page: Page) -> Iterator[Seen]:
    """The scores of Lighthouse, and what they lost where one is too low."""
    audit.viewer.becomes(audit.visitor(page))
    try:
        found = lighthouse.report(audit.viewer, page.path)
    except lighthouse.LighthouseFailed as error:
        yield Seen(False, str(error))
        return
    well = min(found.scores.values()) >= lighthouse.LEAST and found.shift < lighthouse.MOST_SHIFT
    said = ", ".join(f"{name} {score}" for name, score in found.scores.items())
    yield Seen(well, f"{said}, layout shift {found.shift:.3f}")
    yield from (Seen(well, line) for line in found.lost)


def weights(audit: Audit, page: Page) -> Iterator[Seen]:
    """The bytes of the page, and of its styles and scripts."""
    found = weight.weight(audit.visitor(page), audit.site + page.path)
    well = found.html <= weight.MOST_HTML and found.assets <= weight.MOST_ASSETS
    html = f"HTML {found.html:,} bytes ({found.html_plain:,} before compression)"
    yield Seen(well, f"{html}, styles and scripts {found.assets:,} bytes")


def speeds(audit: Audit, page: Page) -> Iterator[Seen]:
    """When the largest part of the page is there, and how soon it answers."""
    audit.viewer.becomes(audit.visitor(page))
    found = speed.speed(audit.viewer, page.path, *CLICKED)
    well = found.paint <= speed.MOST_PAINT and found.answer <= speed.MOST_ANSWER
    yield Seen(well, f"largest paint {found.paint:.0f} ms, slowest answer {found.answer:.0f} ms")


PARTS: Mapping[str, Callable[[Audit, Page], Iterator[Seen]]] = {
    "axe": accessibility,
    "lighthouse": scores,
    "weight": weights,
    "speed": speeds,
}
