"""Forms that arrive without a valid CSRF token: usually because signing in or out replaced it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from chirp.error_handlers import error_response
from web.auth import viewer_of
from web.drafts import CHOOSE_AGAIN, keep_draft
from web.lazy import gettext_lazy as _
from web.limits import limit_address
from web.responses import go_back

EXPIRED = _(
    "This form has expired, or cookies are off. Nothing was changed. "
    "Go back, reload the page and send it again."
)
SEND_AGAIN = _(
    "The form had expired, and your text was not posted. Here it is: please send it again."
)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Repeat nothing, and lose nothing. `reason` is for developers and only in the log.

    Somebody who signs in twice is signed in. What was written is shown again in the composer. For
    other forms it is a 403.
    """
    if request.path in (reverse("login"), reverse("register")) and viewer_of(request):
        return go_back(request)
    if request.path == reverse("compose") and request.method == "POST":
        limit_address(request, "sign_in")
        keep_draft(request)
        messages.warning(request, f"{SEND_AGAIN} {CHOOSE_AGAIN}" if request.FILES else SEND_AGAIN)
        return redirect("compose")
    return error_response(request, 403, EXPIRED)
