"""Delete the account for good, and the choice to keep it at the next sign-in."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import challenges, deletion
from accounts.challenges import BadChallenge
from accounts.models import User
from accounts.services import DeletionPending
from chirp.errors import ChirpError
from chirp.limits.addresses import client_address
from chirp.texts import text as _
from web.auth import signed_in, viewer_of
from web.forms.accounts import DeleteForm
from web.forms.base import ServiceForm, respond_form
from web.limits import limit_account, limit_address
from web.responses import go_back
from web.sessions import begin, confirmed
from web.templating import formatting

KEEP = "keep"  # in the session: the challenge of a sign-in to an account that is to be deleted
shows_form = require_http_methods(["GET", "HEAD", "POST"])


class NotThisHandle(ChirpError):
    """Another handle than that of the account was typed."""

    message = _("That is not the handle of this account.")
    field = "handle"


@never_cache
@shows_form
@signed_in
@confirmed
def delete_account(request: HttpRequest, me: User) -> HttpResponse:
    """Order the deletion of the account. It is hidden at once."""
    form = DeleteForm(request.POST if request.method == "POST" else None)

    def act(handle: str) -> None:
        limit_account(request)
        if handle.strip().removeprefix("@").lower() != me.handle.lower():
            raise NotThisHandle
        due = deletion.order(user=me, now=timezone.now(), address=client_address(request.META))
        logout(request)
        messages.success(
            request,
            gettext(
                "Your account is hidden, and will be deleted on %(date)s. Log in until then if you "
                "want to keep it."
            )
            % {"date": formatting.date(due)},
        )

    if form.is_bound and form.passes(act):
        return redirect("home")
    context = {"grace_days": settings.ACCOUNT_DELETION_DAYS}
    return respond_form(request, "pages/accounts/delete_account.html", form, context)


def to_choice(request: HttpRequest, refused: ChirpError | None) -> HttpResponse | None:
    """Redirect to the choice whether to keep the account, if a sign-in was refused for that."""
    if not isinstance(refused, DeletionPending):
        return None
    request.session[KEEP] = refused.challenge
    return redirect("keep_account")


@never_cache
@shows_form
def keep_account(request: HttpRequest) -> HttpResponse:
    """After a sign-in to an account that is to be deleted: keep it, or leave it at that."""
    challenge = request.session.get(KEEP, "")
    if viewer_of(request):
        return go_back(request)
    try:
        user = challenges.user_of(challenge, salt=challenges.KEEP)
    except BadChallenge as error:
        messages.error(request, error.detail)
        return redirect("login")
    form = ServiceForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        limit_address(request, "sign_in")
        address = client_address(request.META)
        kept = deletion.keep(challenge=challenge, now=timezone.now(), address=address)
        del request.session[KEEP]
        begin(request, kept)
        messages.success(
            request,
            gettext("Welcome back, %(name)s. Your account stays.") % {"name": kept.display_name},
        )

    if form.is_bound and form.passes(act):
        return redirect("home")
    return respond_form(
        request, "pages/accounts/keep_account.html", form, {"leaving": user, "next": ""}
    )
