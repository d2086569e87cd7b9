"""Responses of the site: pages for browsers, fragments for htmx, and redirects back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from chirp.vary import vary_on

NEXT_LENGTH = 2000


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx made this request, and expects a fragment rather than a page."""
    return bool(getattr(request, "htmx", False))


def current_page(request: HttpRequest) -> str | None:
    """The page that an htmx request comes from; None if it is not on this site."""
    try:
        path: str | None = request.htmx.current_url_abs_path  # type: ignore[attr-defined]
    except ValueError:  # the header is not a URL
        return None
    return path and path.partition("#")[0]


def respond(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render `template`, or only its `fragment` for a request by htmx."""
    chosen = fragment if fragment and is_htmx(request) else template
    response = render(request, chosen, context, status=status)
    if fragment:
        vary_on(response, "HX-Request")
    return response


def safe_next(request: HttpRequest, default: str | None = None) -> str:
    """The page to return to, from the form or the query: always one of this site.

    Without one it is `default`, or else the home page.
    """
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = wanted.startswith("/") and len(wanted) <= NEXT_LENGTH
    if here and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("home") if default is None else default


def go_back(request: HttpRequest, default: str | None = None, *, say: str = "") -> HttpResponse:
    """Redirect after a form was processed (Post/Redirect/Get), with a message if there is one."""
    if say:
        messages.success(request, say)
    return HttpResponseRedirect(safe_next(request, default))
