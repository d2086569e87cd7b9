"""What a page weighs: its HTML, and all its styles and scripts as they are sent."""

import re
from typing import NamedTuple
from urllib.parse import urljoin

import requests

MOST_HTML = 30_000  # bytes of home as it is sent
MOST_ASSETS = 60_000  # bytes of styles and scripts together as they are sent
ASSET = re.compile(r'<(?:script[^>]+src|link[^>]+rel="stylesheet"[^>]+href)="([^"]+)"')
IMPORT = re.compile(r'\bimport\b[^"\';]*["\'](\.[^"\']+\.js)["\']')


class Weight(NamedTuple):
    """Bytes on the wire (compressed), and of HTML also before that."""

    html: int
    html_plain: int
    assets: int


def weight(session: requests.Session, address: str) -> Weight:
    """The weight of a page and of its styles and scripts, those that scripts import included."""
    html, sent = _sent(session, address)
    sizes: dict[str, int] = {}
    left = [urljoin(address, one) for one in ASSET.findall(html.decode())]
    while left:
        asset = left.pop()
        if asset not in sizes:
            content, sizes[asset] = _sent(session, asset)
            left += [urljoin(asset, one) for one in IMPORT.findall(content.decode())]
    return Weight(sent, len(html), sum(sizes.values()))


def _sent(session: requests.Session, address: str) -> tuple[bytes, int]:
    """The content behind an address, and the bytes that it takes on the wire."""
    answer = session.get(address, stream=True, timeout=30)
    raw = answer.raw.read(decode_content=False)
    return session.get(address, timeout=30).content, len(raw)
