"""Lighthouse: its four categories for a page as a phone sees it."""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tools.audit.browser import CHROMIUM, PROGRAMS

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST = 95  # of 100, in each category
MOST_SHIFT = 0.01  # of the layout: what is called none
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic"


class Report(NamedTuple):
    """Scores out of 100 by category, the layout shift, and the audits that cost points."""

    scores: dict[str, int]
    shift: float
    lost: list[str]


def report(address: str, cookies: Mapping[str, str]) -> Report:
    """What Lighthouse says of a page. Raises CalledProcessError if it cannot look at it."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    with tempfile.TemporaryDirectory() as folder:
        out, headers = Path(folder, "report.json"), Path(folder, "headers.json")
        headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}))
        subprocess.run(
            [
                *("node", str(PROGRAMS / "lighthouse/cli/index.js"), address, "--quiet"),
                *("--output=json", f"--output-path={out}", f"--chrome-flags={FLAGS}"),
                *(f"--only-categories={','.join(CATEGORIES)}", f"--extra-headers={headers}"),
            ],
            env={**os.environ, "CHROME_PATH": CHROMIUM or ""},
            check=True,
            capture_output=True,
            timeout=300,
        )
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
    return Report(scores, audits["cumulative-layout-shift"]["numericValue"], lost)
