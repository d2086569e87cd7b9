"""Passkeys: signing in with them, the second step, confirming who one is, and their settings.

Each use has two requests. The first, of a script, gets options for the browser. The second is a
form with the browser's answer, and leads to a page like any other form.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import challenges, passkeys
from accounts.devices import device_name
from accounts.models import User
from accounts.passkeys import Answer, Purpose
from accounts.sso.config import provider
from accounts.webauthn import Ceremony
from chirp.errors import ChirpError
from chirp.limits.addresses import client_address
from chirp.texts import shown
from chirp.texts import text as _
from web.auth import ForAll, P, signed_in, viewer_of
from web.errors import STATUSES
from web.forms.accounts import LoginForm
from web.forms.base import respond_form
from web.forms.credentials import AddPasskeyForm, PasskeyForm, RenamePasskeyForm
from web.limits import limit_account, limit_address
from web.passkeys import keep, obstacle, site_of, take
from web.responses import go_back, safe_next
from web.sessions import begin, confirm, confirmed
from web.suspended import to_strikes
from web.views import two_step
from web.views.deletion import to_choice
from web.views.two_step import CHALLENGE, shows_form

Begins = Callable[Concatenate[HttpRequest, P], Ceremony]


def gives_options(view: Begins[P]) -> ForAll[P]:
    """Answer a script with the options of a ceremony, or with the message of an error."""

    @require_POST
    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            begun = view(request, *args, **kwargs)
        except ChirpError as error:
            return _refused(error)
        keep(request, begun.state)
        return JsonResponse(begun.options)

    return wrapper


@gives_options
def sign_in_options(request: HttpRequest) -> Ceremony:
    """Begin to sign in with a passkey. This is what counts as an attempt."""
    limit_address(request, "sign_in")
    return passkeys.begin_sign_in(site=site_of(request), now=timezone.now())


@never_cache
@shows_form
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey, without a password. This reactivates a deactivated account."""
    if viewer_of(request):
        return go_back(request)
    if request.method != "POST":
        return redirect("login")
    form = PasskeyForm(request.POST)

    def act(credential: str) -> None:
        user = passkeys.sign_in(answer=_answer(request, credential))
        begin(request, user, spares_password=True)

    if form.passes(act):
        return go_back(request)
    if elsewhere := to_strikes(request, form.refused) or to_choice(request, form.refused):
        return elsewhere
    context = {"form": LoginForm(), "next": safe_next(request, ""), "obstacle": obstacle(request)}
    context["sso"] = provider()
    return respond_form(request, "pages/accounts/login.html", form, context, name="passkey")


@gives_options
def second_step_options(request: HttpRequest) -> Ceremony:
    """Begin the second step of a sign-in with a passkey."""
    limit_address(request, "sign_in")
    user = challenges.user_of(request.session.get(CHALLENGE, ""))
    return _proof(request, user, Purpose.SECOND_STEP)


@never_cache
@shows_form
def second_step(request: HttpRequest) -> HttpResponse:
    """The second step of a sign-in, with a passkey."""
    if viewer_of(request) or request.method != "POST":
        return redirect("second_step")
    form, challenge = PasskeyForm(request.POST), request.session.get(CHALLENGE, "")

    def act(credential: str) -> None:
        answer = _answer(request, credential)
        user = passkeys.finish_sign_in(challenge=challenge, answer=answer)
        del request.session[CHALLENGE]
        begin(request, user)

    if form.passes(act):
        return go_back(request)
    if isinstance(form.refused, challenges.BadChallenge):
        return two_step.begin_again(request, form.refused)
    if elsewhere := to_strikes(request, form.refused) or to_choice(request, form.refused):
        return elsewhere
    return two_step.second_step_page(request, passkey=form)


@gives_options
def confirm_options(request: HttpRequest) -> Ceremony:
    """Begin to confirm, with a passkey, who is signed in."""
    return _proof(request, _me(request), Purpose.CONFIRM)


@never_cache
@shows_form
@signed_in
def confirm_identity(request: HttpRequest, me: User) -> HttpResponse:
    """Confirm with a passkey who is signed in, in place of the password."""
    if request.method != "POST":
        return redirect("confirm")
    form = PasskeyForm(request.POST)

    def act(credential: str) -> None:
        limit_account(request)
        passkeys.confirm(user=me, answer=_answer(request, credential))
        confirm(request, spares_password=True)

    if form.passes(act):
        return go_back(request, reverse("two_step"))
    return two_step.confirm_page(request, me, passkey=form)


@gives_options
def add_options(request: HttpRequest) -> Ceremony:
    """Begin to add a passkey."""
    me = _me(request)
    return passkeys.begin_adding(user=me, site=site_of(request), now=timezone.now())


@never_cache
@shows_form
@signed_in
@confirmed
def add(request: HttpRequest, me: User) -> HttpResponse:
    """Add a passkey, with a name."""
    name = shown(device_name(request.headers.get("User-Agent", "")))
    form = AddPasskeyForm(
        request.POST if request.method == "POST" else None, initial={"name": name}
    )

    def act(credential: str, name: str) -> None:
        limit_account(request)
        codes = passkeys.add(user=me, name=name, answer=_answer(request, credential))
        two_step.keep_codes(request, codes)
        messages.success(request, gettext("The passkey is added."))

    if form.is_bound and form.passes(act):
        return redirect("recovery_codes")
    context = {"obstacle": obstacle(request)}
    return respond_form(request, "pages/accounts/add_passkey.html", form, context)


@shows_form
@signed_in
def rename(request: HttpRequest, me: User, factor_id: int) -> HttpResponse:
    """Give a passkey another name."""
    passkey = passkeys.find(user=me, passkey_id=factor_id)
    sent = request.POST if request.method == "POST" else None
    form = RenamePasskeyForm(sent, initial={"name": str(passkey)})

    def act(name: str) -> None:
        limit_account(request)
        passkeys.rename(user=me, passkey_id=factor_id, name=name)

    if form.is_bound and form.passes(act):
        return redirect("two_step")
    return respond_form(request, "pages/accounts/rename_passkey.html", form)


def _refused(error: ChirpError) -> HttpResponse:
    response = JsonResponse({"message": error.detail}, status=STATUSES[error.kind])
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def _proof(request: HttpRequest, user: User, purpose: Purpose) -> Ceremony:
    site, now = site_of(request), timezone.now()
    return passkeys.begin_proof(user=user, purpose=purpose, site=site, now=now)


def _me(request: HttpRequest) -> User:
    """Return the signed-in user, for a script, which follows no redirects to the log-in page."""
    viewer = viewer_of(request)
    if viewer is None:
        raise challenges.BadChallenge(_("You are not logged in any more. Please log in again."))
    limit_account(request)
    return viewer


def _answer(request: HttpRequest, credential: str) -> Answer:
    """What a browser answered to the ceremony that it began, which is over by that."""
    address, state = client_address(request.META), take(request)
    return Answer(credential, site_of(request), state, timezone.now(), address)
