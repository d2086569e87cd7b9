"""What every page shares: answers to htmx or a browser, going back, readable errors."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from chirp import views
from chirp.errors import ChirpError

NEXT_LENGTH = 2000
Answer = Callable[[HttpRequest], HttpResponse]


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


class ReadableErrors:
    """Middleware: what a person did wrong becomes a page that says so, or a line for htmx."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; an empty 405 gets words."""
        response = self.get_response(request)
        if response.status_code == 405 and not response.content and not views.wants_json(request):
            allowed = response.headers.get("Allow", "")
            response = views.error_page(request, 405)
            response["Allow"] = allowed
        return response

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """Django's hook. Django REST Framework's views deal with their own errors before this."""
        if not isinstance(exc, ChirpError):
            return None
        if is_htmx(request):
            response = HttpResponse(exc.detail, content_type="text/plain", status=exc.status)
        else:
            response = views.error_page(request, exc.status, exc.detail)
        if exc.retry_after is not None:
            response["Retry-After"] = str(exc.retry_after)
        return response
