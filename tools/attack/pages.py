"""The pages of the site: the URL patterns of this checkout's web/urls.py."""

import re
from dataclasses import dataclass

from django.urls import URLPattern, get_resolver

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class PagePath:
    """The path of a page: `/@{handle}/{tweet_id}` with its parameters."""

    path: str
    parameters: tuple[str, ...]


def page_paths() -> list[PagePath]:
    """Every path of the site's pages, in the order of web/urls.py."""
    patterns = get_resolver("web.urls").url_patterns
    routes = [str(each.pattern) for each in patterns if isinstance(each, URLPattern)]
    return [
        PagePath("/" + PARAMETER.sub(r"{\1}", route), tuple(PARAMETER.findall(route)))
        for route in routes
    ]
