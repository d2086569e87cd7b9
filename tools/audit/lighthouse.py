"""Lighthouse: its four categories for a page as a phone sees it."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from tools.audit.browser import PROGRAMS, Viewer

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST = 95  # of 100, in each category
MOST_SHIFT = 0.01  # of the layout: what is called none


class Report(NamedTuple):
    """Scores out of 100 by category, the layout shift, and the audits that cost points."""

    scores: dict[str, int]
    shift: float
    lost: list[str]


class LighthouseFailed(Exception):
    """Lighthouse gave no report."""


def report(viewer: Viewer, path: str) -> Report:
    """What Lighthouse says of a page, as the viewer who is signed in there.

    Raises LighthouseFailed, with what Lighthouse says, if it cannot look at it.
    """
    # It looks in the browser that has the cookies. A header with them, its other way, does not
    # reach what scripts ask for once a page has set a cookie of its own.
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "report.json")
        done = subprocess.run(
            [
                *("node", str(PROGRAMS / "lighthouse/cli/index.js"), viewer.site + path),
                *("--quiet", "--output=json", f"--output-path={out}", f"--port={viewer.port}"),
                f"--only-categories={','.join(CATEGORIES)}",
            ],
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
        if done.returncode:
            raise LighthouseFailed(f"Lighthouse cannot look at {path}: {done.stderr.strip()}")
        return _read(json.loads(out.read_text()))


def _read(found: dict[str, Any]) -> Report:
    scores = {name: round(100 * (found["categories"][name]["score"] or 0)) for name in CATEGORIES}
    audits = found["audits"]
    lost = [
        f"{name}: {ref['id']}: {audit.get('displayValue') or audit['title']}"
        for name in CATEGORIES
        for ref in found["categories"][name]["auditRefs"]
        if ref["weight"] and (audit := audits[ref["id"]])["score"] not in (None, 1)
    ]
    shift = audits["cumulative-layout-shift"]["numericValue"]
    return Report(scores, shift, [*lost, *_moved(audits), *_said(audits)])


def _moved(audits: dict[str, Any]) -> list[str]:
    """The elements that moved after they were shown, and by how much of the window."""
    return [
        f"moved by {item['score']:.3f}: {item['node']['selector']}"
        for item in _items(audits["layout-shifts"])
        if "node" in item
    ]


def _said(audits: dict[str, Any]) -> list[str]:
    """The errors in the console of the browser."""
    errors = _items(audits["errors-in-console"])
    return [f"console: {item['description']}" for item in errors]


def _items(audit: dict[str, Any]) -> list[dict[str, Any]]:
    return list((audit.get("details") or {}).get("items", ()))
