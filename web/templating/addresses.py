"""Addresses within the site: by the names of its URL patterns, and of the page that is shown."""

from functools import lru_cache
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import get_script_prefix, reverse

from chirp.pagination import Cursor
from web.responses import current_page, is_htmx, safe_next


def url(name: str, *args: str | int) -> str:
    """The path of a page by the name of its URL pattern: `url("profile", person.handle)`."""
    return _path(get_script_prefix(), name, args)


# Django's reverse() takes longer than the rest of a link. The site's paths depend on nothing else:
# it uses neither i18n_patterns() nor `request.urlconf`.
@lru_cache(maxsize=8192)
def _path(script_prefix: str, name: str, args: tuple[str | int, ...]) -> str:
    return reverse(name, args=args)


def page_link(request: HttpRequest, cursor: Cursor) -> str:
    """The address of the page at `cursor` of the list that `request` shows."""
    query = {key: value for key, value in request.GET.items() if key != "cursor"}
    return f"{request.path}?{urlencode({**query, 'cursor': cursor.encode()})}"


def here(request: HttpRequest) -> str:
    """The address of the page that the viewer sees, for forms that lead back to it.

    For htmx this is the page around the fragment, and not the fragment's own address.
    """
    if request.method == "GET" and not is_htmx(request):
        return request.get_full_path()
    return current_page(request) or safe_next(request)
