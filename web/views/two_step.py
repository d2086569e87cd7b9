"""The second step of signing in, and its settings: authenticator app and recovery codes.

Passkeys are in web/views/passkeys.py.
"""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import factors, services
from accounts.challenges import BadChallenge, user_of
from accounts.models import User
from accounts.sealing import seal, unseal
from accounts.sso.config import provider
from accounts.sso.services import is_connected
from accounts.ways_in import OnlyWayIn
from chirp.limits.addresses import client_address
from web.auth import signed_in, viewer_of
from web.forms import credentials as forms
from web.forms.base import ServiceForm, respond_form
from web.limits import limit_account, limit_address
from web.passkeys import obstacle
from web.responses import go_back, respond, safe_next
from web.sessions import begin, confirm, confirmed
from web.suspended import to_strikes
from web.views.deletion import to_choice

# Keys of sessions. The last two are sealed: sessions are in the database.
CHALLENGE, SECRET, CODES = "challenge", "new_secret", "new_codes"
shows_form = require_http_methods(["GET", "HEAD", "POST"])
hides_secrets = sensitive_post_parameters("password", "code")


def to_second_step(request: HttpRequest) -> HttpResponse:
    """Redirect to the second step of a sign-in, which leads on to where the first would."""
    return redirect(f"{reverse('second_step')}?{urlencode({'next': safe_next(request, '')})}")


@never_cache
@hides_secrets
@shows_form
def second_step(request: HttpRequest) -> HttpResponse:
    """The second step of a sign-in: a code, or a passkey."""
    challenge = request.session.get(CHALLENGE, "")
    if viewer_of(request):
        return go_back(request)
    try:
        user_of(challenge)
    except BadChallenge as error:
        return begin_again(request, error)
    form = forms.SecondStepForm(request.POST if request.method == "POST" else None)

    def act(code: str) -> None:
        limit_address(request, "sign_in")
        address, now = client_address(request.META), timezone.now()
        user = services.finish_sign_in(challenge=challenge, code=code, now=now, address=address)
        del request.session[CHALLENGE]
        begin(request, user)

    if form.is_bound and form.passes(act):
        return go_back(request)
    if elsewhere := to_strikes(request, form.refused) or to_choice(request, form.refused):
        return elsewhere
    return second_step_page(request, form=form)


def begin_again(request: HttpRequest, error: BadChallenge) -> HttpResponse:
    """Redirect to the log-in page: the first step is of no use any more."""
    messages.error(request, error.detail)
    return redirect("login")


def second_step_page(request: HttpRequest, **sent: ServiceForm) -> HttpResponse:
    """The page of the second step, with the one of its forms (`form`, `passkey`) that was sent."""
    user = user_of(request.session.get(CHALLENGE, ""))
    return _proof_page(request, user, "second_step.html", forms.SecondStepForm(), sent)


@never_cache
@hides_secrets
@shows_form
@signed_in
def confirm_password(request: HttpRequest, me: User) -> HttpResponse:
    """Ask for password or passkey, before something that protects the account is changed."""
    form = forms.ConfirmForm(request.POST if request.method == "POST" else None)

    def act(password: str) -> None:
        limit_account(request)
        address, now = client_address(request.META), timezone.now()
        services.check_password(me, password, field="password", now=now, address=address)
        confirm(request)

    if form.is_bound and form.passes(act):
        return go_back(request, reverse("two_step"))
    return confirm_page(request, me, form=form)


def confirm_page(request: HttpRequest, me: User, **sent: ServiceForm) -> HttpResponse:
    """The page that asks who it is, with the one of its forms (`form`, `passkey`) that was sent."""
    return _proof_page(request, me, "confirm.html", forms.ConfirmForm(), sent)


def _proof_page(
    request: HttpRequest, user: User, template: str, unsent: ServiceForm, sent: dict[str, Any]
) -> HttpResponse:
    """A page with a form, and a button for the passkeys of `user` if there are any."""
    context = {
        "form": unsent,
        "next": safe_next(request, ""),
        "factors": factors.factors(user=user),
        "obstacle": obstacle(request),
        "sso": provider() if is_connected(user) else None,
    }
    ((name, form),) = sent.items()
    return respond_form(request, f"pages/accounts/{template}", form, context, name=name)


@require_safe
@signed_in
def two_step(request: HttpRequest, me: User) -> HttpResponse:
    """The second factors of the account."""
    found = factors.factors(user=me)
    return _page(request, "two_step.html", {"factors": found, "obstacle": obstacle(request)})


@never_cache
@hides_secrets
@shows_form
@signed_in
@confirmed
def add_app(request: HttpRequest, me: User) -> HttpResponse:
    """Set up an authenticator app: show its secret, and check its first code."""
    form = forms.AppForm(request.POST if request.method == "POST" else None)
    secret = unseal(request.session.setdefault(SECRET, seal(factors.new_secret())))

    def act(code: str) -> None:
        limit_account(request)
        address, now = client_address(request.META), timezone.now()
        codes = factors.add_app(user=me, secret=secret, code=code, now=now, address=address)
        del request.session[SECRET]
        keep_codes(request, codes)
        messages.success(request, gettext("The authenticator app is set up."))

    if form.is_bound and form.passes(act):
        return redirect("recovery_codes")
    uri = factors.setup_uri(user=me, secret=secret)
    context = {"secret": secret, "qr_code": factors.qr_code(uri), "uri": uri}
    return respond_form(request, "pages/accounts/add_app.html", form, context)


@require_POST
@signed_in
@confirmed
def remove_factor(request: HttpRequest, me: User, factor_id: int) -> HttpResponse:
    """Remove an authenticator app or a passkey."""
    limit_account(request)
    try:
        factors.remove(user=me, factor_id=factor_id, address=client_address(request.META))
    except OnlyWayIn as error:
        messages.error(request, error.detail)
        return redirect("two_step")
    return go_back(request, reverse("two_step"), say=gettext("Removed."))


@require_POST
@signed_in
@confirmed
def new_codes(request: HttpRequest, me: User) -> HttpResponse:
    """Replace the recovery codes."""
    limit_account(request)
    address = client_address(request.META)
    keep_codes(request, factors.new_recovery_codes(user=me, address=address))
    return redirect("recovery_codes")


@never_cache
@require_safe
@signed_in
def recovery_codes(request: HttpRequest, me: User) -> HttpResponse:
    """New recovery codes, which are shown this once."""
    codes = request.session.pop(CODES, None)
    if not codes:
        return redirect("two_step")
    return _page(request, "recovery_codes.html", {"codes": unseal(codes).split()})


def keep_codes(request: HttpRequest, codes: list[str]) -> None:
    """Keep new recovery codes, if there are any, for the page that shows them once."""
    if codes:
        request.session[CODES] = seal(" ".join(codes))


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    required = settings.REQUIRE_STAFF_MFA
    return respond(request, f"pages/accounts/{name}", {**context, "staff_needs_it": required})
