"""What every page shares: answers to htmx or a browser, going back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

NEXT_LENGTH = 2000


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks, and wants a fragment rather than a page."""
    return bool(getattr(request, "htmx", False))


def current_page(request: HttpRequest) -> str | None:
    """Where the person is while htmx asks, if it is on this site; None otherwise. No fragment."""
    try:
        path: str | None = request.htmx.current_url_abs_path  # type: ignore[attr-defined]
    except ValueError:  # the header can hold anything
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
    """Render `template`, or only its `fragment` when htmx asks for more of the same."""
    chosen = fragment if fragment and is_htmx(request) else template
    response = render(request, chosen, context, status=status)
    if fragment:
        patch_vary_headers(response, ["HX-Request"])
    return response


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """Where the person came from, as the form or the link says: only ever a place on this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = wanted.startswith("/") and len(wanted) <= NEXT_LENGTH
    if here and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return default


def go_back(request: HttpRequest, default: str = "/", *, say: str = "") -> HttpResponse:
    """Post/Redirect/Get: answer a form by sending the person back, with a word if there is one."""
    if say:
        messages.success(request, say)
    return HttpResponseRedirect(safe_next(request, default))
