"""The pages of the site, by names that say what they are, for audits and pictures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import requests

SIGNED_OUT = {
    "landing": "/",
    "login": "/login",
    "register": "/register",
    "forgotten": "/login/forgotten",
    "about": "/about",
    "terms": "/terms",
    "privacy": "/privacy",
    "public-explore": "/explore",
    "public-profile": "/@{person}",
    "public-thread": "{thread}",
    "embed": "{thread}/embed",
    "api": "/api/docs",
    "missing": "/nothing-here",
    "offline": "/offline",
}
SIGNED_IN = {
    "home": "/?view=latest",  # "/" is the view of last time
    "ranked": "/?view=ranked",
    "explore": "/explore",
    "trending": "/explore/tweets",
    "search-tweets": "/search?q=coffee",
    "search-people": "/search?q=a&type=users",
    "search-nothing": "/search?q=qqqqqqqqqq",
    "hashtag": "/hashtag/{hashtag}",
    "nearby": "/nearby",
    "notifications": "/notifications",
    "mentions": "/notifications/mentions",
    "reactions": "/notifications/reactions",
    "strangers": "/notifications/requests",
    "conversations": "/conversations",
    "conversation": "{conversation}",
    "bookmarks": "/bookmarks",
    "lists": "/lists",
    "new-list": "/lists/new",
    "list": "{list}",
    "list-members": "{list}/members",
    "edit-list": "{list}/edit",
    "delete-list": "{list}/delete",
    "compose": "/compose",
    "drafts": "/drafts",
    "scheduled": "/scheduled",
    "thread": "{thread}",
    "likes": "{thread}/likes",
    "reposts": "{thread}/reposts",
    "quotes": "{thread}/quotes",
    "why": "{thread}/why",
    "report": "{thread}/report",
    "edit": "{own}/edit",
    "delete": "{own}/delete",
    "history": "{own}/history",
    "profile": "/@{person}",
    "profile-replies": "/@{person}/replies",
    "profile-media": "/@{person}/media",
    "followers": "/@{person}/followers",
    "following": "/@{person}/following",
    "in-lists": "/@{person}/lists/choose",
    "own-profile": "/@{me}",
    "own-likes": "/@{me}/likes",
    "requests": "/settings/requests",
    "settings": "/settings",
    "settings-found": "/settings?q=time",
    "settings-profile": "/settings/profile",
    "settings-language": "/settings/language",
    "settings-privacy": "/settings/privacy",
    "settings-blocked": "/settings/blocked",
    "settings-muted": "/settings/muted",
    "settings-account": "/settings/account",
    "settings-password": "/settings/password",
    "settings-email": "/settings/email",
    "settings-two-step": "/settings/two-step",
    "settings-passkey": "/settings/two-step/passkey",
    "settings-app": "/settings/two-step/app",
    "settings-sessions": "/settings/sessions",
    "settings-security": "/settings/security",
    "settings-apps": "/settings/apps",
    "settings-invitations": "/settings/invitations",
    "settings-notifications": "/settings/notifications",
    "settings-filters": "/settings/filters",
    "new-filter": "/settings/filters/new",
    "edit-filter": "{filter}",
    "settings-hashtags": "/settings/hashtags",
    "settings-strikes": "/settings/strikes",
    "settings-reports": "/settings/reports",
    "settings-export": "/settings/export",
    "settings-import": "/settings/import",
    "delete-account": "/settings/account/delete",
}
# Where the ids of a running site are found: a page, and what its links look like.
FOUND = {
    "thread": ("/", r'data-href="(/@[^"/]+/\d+)"'),
    "conversation": ("/conversations", r'href="(/conversations/\d+)"'),
    "list": ("/lists", r'href="(/lists/\d+)"'),
    "hashtag": ("/explore", r'href="/hashtag/([^"?]+)"'),
    "filter": ("/settings/filters", r'href="(/settings/filters/\d+)"'),
    "own": ("/@{me}", r'data-href="(/@{me}/\d+)"'),
}


@dataclass(frozen=True)
class Page:
    """A page: its name, its path on the site that was asked, and whether one signs in for it."""

    name: str
    path: str
    signed_in: bool


def pages(session: requests.Session, site: str, handle: str) -> tuple[list[Page], list[str]]:
    """All pages of the running site, and the names of those that it has nothing for.

    `session` is signed in as `handle`, whose home timeline, lists and so on give the ids.
    """
    known = found(session, site, handle)
    there: list[Page] = []
    empty: list[str] = []
    for signed_in, paths in ((False, SIGNED_OUT), (True, SIGNED_IN)):
        for name, path in paths.items():
            if set(re.findall(r"{(\w+)}", path)) <= known.keys():
                there.append(Page(name, path.format_map(known), signed_in))
            else:
                empty.append(name)
    return there, empty


def found(session: requests.Session, site: str, handle: str) -> Mapping[str, str]:
    """The parts of paths that depend on the content of the site."""
    known = {"me": handle}
    for name, (path, pattern) in FOUND.items():
        page = session.get(site + path.format_map(known), timeout=30).text
        match = re.search(pattern.replace("{me}", handle), page)
        if match:
            known[name] = match[1]
    if "thread" in known:
        known["person"] = known["thread"].split("/")[1].removeprefix("@")
    return known
