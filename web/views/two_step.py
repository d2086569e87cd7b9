"""The second step of signing in, and its settings: authenticator app and recovery codes."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import factors, services
from accounts.challenges import BadChallenge, user_of
from accounts.models import User
from accounts.sealing import seal, unseal
from chirp.limits.addresses import client_address
from web.auth import signed_in, viewer_of
from web.forms import credentials as forms
from web.forms.base import respond_form
from web.limits import limit_account, limit_address
from web.responses import go_back, respond, safe_next
from web.sessions import begin, confirm, confirmed

# Keys of sessions. The last two are sealed: sessions are in the database.
CHALLENGE, SECRET, CODES = "challenge", "new_secret", "new_codes"
ISSUER = "Chirp"
shows_form = require_http_methods(["GET", "HEAD", "POST"])
hides_secrets = sensitive_post_parameters("password", "code")


def to_second_step(request: HttpRequest) -> HttpResponse:
    """Redirect to the second step of a sign-in, which leads on to where the first would."""
    return redirect(f"{reverse('second_step')}?{urlencode({'next': safe_next(request, '')})}")


@never_cache
@hides_secrets
@shows_form
def second_step(request: HttpRequest) -> HttpResponse:
    """The second step of a sign-in: a code."""
    challenge = request.session.get(CHALLENGE, "")
    if viewer_of(request):
        return go_back(request)
    try:
        user_of(challenge)
    except BadChallenge as error:
        messages.error(request, error.detail)
        return redirect("login")
    form = forms.SecondStepForm(request.POST if request.method == "POST" else None)

    def act(code: str) -> None:
        limit_address(request, "sign_in")
        address, now = client_address(request.META), timezone.now()
        user = services.finish_sign_in(challenge=challenge, code=code, now=now, address=address)
        del request.session[CHALLENGE]
        begin(request, user)

    if form.is_bound and form.passes(act):
        return go_back(request)
    context = {"next": safe_next(request, "")}
    return respond_form(request, "pages/accounts/second_step.html", form, context)


@never_cache
@hides_secrets
@shows_form
@signed_in
def confirm_password(request: HttpRequest, me: User) -> HttpResponse:
    """Ask for the password again, before something that protects the account is changed."""
    form = forms.ConfirmForm(request.POST if request.method == "POST" else None)

    def act(password: str) -> None:
        limit_account(request)
        address, now = client_address(request.META), timezone.now()
        services.check_password(me, password, field="password", now=now, address=address)
        confirm(request)

    if form.is_bound and form.passes(act):
        return go_back(request, reverse("two_step"))
    context = {"next": safe_next(request, "")}
    return respond_form(request, "pages/accounts/confirm.html", form, context)


@require_safe
@signed_in
def two_step(request: HttpRequest, me: User) -> HttpResponse:
    """The second factors of the account."""
    return _page(request, "two_step.html", {"factors": factors.factors(user=me)})


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
        _keep(request, codes)
        messages.success(request, "The authenticator app is set up.")

    if form.is_bound and form.passes(act):
        return redirect("recovery_codes")
    uri = factors.setup_uri(user=me, secret=secret, issuer=ISSUER)
    context = {"secret": secret, "qr_code": factors.qr_code(uri), "uri": uri}
    return respond_form(request, "pages/accounts/add_app.html", form, context)


@require_POST
@signed_in
@confirmed
def remove_factor(request: HttpRequest, me: User, factor_id: int) -> HttpResponse:
    """Remove an authenticator app or a passkey."""
    limit_account(request)
    factors.remove(user=me, factor_id=factor_id, address=client_address(request.META))
    return go_back(request, reverse("two_step"), say="Removed.")


@require_POST
@signed_in
@confirmed
def new_codes(request: HttpRequest, me: User) -> HttpResponse:
    """Replace the recovery codes."""
    limit_account(request)
    address = client_address(request.META)
    _keep(request, factors.new_recovery_codes(user=me, address=address))
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


def _keep(request: HttpRequest, codes: list[str]) -> None:
    """Keep new recovery codes, if there are any, for the page that shows them once."""
    if codes:
        request.session[CODES] = seal(" ".join(codes))


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    required = settings.REQUIRE_STAFF_MFA
    return respond(request, f"pages/accounts/{name}", {**context, "staff_needs_it": required})
