"""Open redirects: `next` and the like never lead, or link, to another site."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urljoin, urlsplit

import requests

from tools.attack.pages import page_paths
from tools.attack.target import Client, Target

EVIL = "evil.example"
VALUES = (
    f"https://{EVIL}/",
    f"//{EVIL}",
    f"///{EVIL}",
    f"/\\{EVIL}",
    f"\\\\{EVIL}",
    f"/\t/{EVIL}",
    f"/\n/{EVIL}",
    f"\x01//{EVIL}",
    f" //{EVIL}",
    f"http:{EVIL}",
    f"https:/{EVIL}",
    f"//{EVIL}\\@localhost/",
    f"/..//{EVIL}",
    f"/.//{EVIL}",
    f"javascript:location='//{EVIL}'",
    f"data:text/html,{EVIL}",
    f"/login?next=//{EVIL}",
)
LINK = re.compile(r'(?:href|action|src|content)="([^"]*)"')
# What belongs to the page itself: pictures within it, and the key for an app of codes.
OWN = ("data:image/", "otpauth:")
NAMES = ("next", "url", "return", "redirect", "continue")


def of_pages(target: Target) -> Iterator[str]:
    """GET and POST of every page with `next`, signed in and signed out."""
    person, nobody = target.register("led"), target.client()
    for page in page_paths():
        if page.path in ("/logout", "/register"):
            continue
        path = target.path(page.path)
        for value in VALUES[:2] if target.short else VALUES:
            query = "&".join(f"{name}={quote(value)}" for name in NAMES)
            for client in (person.site, nobody):
                yield from _leads_away(target, f"GET {path}", value, client.get(f"{path}?{query}"))
            answer = person.site.submit(f"{path}?next={quote(value)}", {"next": value})
            yield from _leads_away(target, f"POST {path}", value, answer)


def of_signing_in(target: Target) -> Iterator[str]:
    """Log-in leads to a page of this site."""
    person = target.register("led")
    for value in VALUES[:3] if target.short else VALUES:
        form = {"login": person.handle, "password": person.password, "next": value}
        answer = target.client().submit(f"/login?next={quote(value)}", form)
        yield from _leads_away(target, "POST /login", value, answer)


def of_paths(target: Target) -> Iterator[str]:
    """Paths that look like another site are not redirected to it."""
    for path in (f"//{EVIL}/%2f..", f"//{EVIL}", f"/%5c{EVIL}", f"/%09/{EVIL}", f"///{EVIL}/@a"):
        client: Client = target.client()
        yield from _leads_away(target, f"GET {path}", path, client.get(path))


def _leads_away(target: Target, what: str, value: str, answer: requests.Response) -> Iterator[str]:
    for name in ("Location", "HX-Redirect", "HX-Location", "Refresh"):
        if _is_elsewhere(target, answer.headers.get(name, "")):
            yield f"{what} with {value!r} leads to {answer.headers[name]}"
    for link in LINK.findall(answer.text) if EVIL in answer.text else ():
        if link.startswith(OWN):
            continue
        if _is_elsewhere(target, link.replace("&amp;", "&").replace("&#x27;", "'")):
            yield f"{what} with {value!r} links to {link}"


def _is_elsewhere(target: Target, link: str) -> bool:
    """Whether a browser would go to another site: it drops controls, and takes \\ for /."""
    seen = re.sub(r"[\t\r\n]", "", link.strip("".join(map(chr, range(33))))).replace("\\", "/")
    url = urlsplit(urljoin(target.base, seen))
    return url.scheme not in ("http", "https") or url.netloc != urlsplit(target.base).netloc
