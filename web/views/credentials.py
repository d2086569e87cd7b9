"""E-mail addresses and forgotten passwords."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import emails, recovery
from accounts.models import User
from chirp.limits.addresses import client_address
from web.auth import signed_in, viewer_of
from web.forms import credentials as forms
from web.forms.base import ServiceForm, respond_form
from web.limits import limit_account, limit_address
from web.passkeys import spare_password
from web.responses import go_back

shows_form = require_http_methods(["GET", "HEAD", "POST"])
hides_secrets = sensitive_post_parameters("password", "token", "code")
SENT = _("If there is such an account, an e-mail with a link is on its way to its address.")


@shows_form
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """Ask for a link to set a new password. The answer does not tell whether there is one."""
    form = forms.ForgottenForm(request.POST if request.method == "POST" else None)

    def act(login: str) -> None:
        limit_address(request, "mail")
        recovery.ask(login=login, now=timezone.now())

    if form.is_bound and form.passes(act):
        messages.success(request, SENT)
        return redirect("login")
    return respond_form(request, "pages/accounts/forgotten_password.html", form, {"next": ""})


@never_cache
@hides_secrets
@shows_form
def set_password(request: HttpRequest) -> HttpResponse:
    """Set a new password by the link of an e-mail."""
    if request.method != "POST":
        token = request.GET.get("token", "")
        form = forms.SetPasswordForm(initial={"token": token})
        form.owner = recovery.check(token=token).handle
    else:
        form = forms.SetPasswordForm(request.POST)

    def act(token: str, password: str) -> None:
        limit_address(request, "sign_in")
        address = client_address(request.META)
        recovery.set_password(token=token, new=password, address=address)

    if form.is_bound and form.passes(act):
        messages.success(request, gettext("The new password is set. Log in with it."))
        return redirect("login")
    return respond_form(request, "pages/accounts/set_password.html", form, {"next": ""})


@never_cache
@hides_secrets
@shows_form
def confirm_email(request: HttpRequest) -> HttpResponse:
    """Confirm an address by the link of an e-mail, signed in or not. GET only asks."""
    if request.method != "POST":
        token = request.GET.get("token", "")
        form, email = forms.TokenForm(initial={"token": token}), emails.address_of(token=token)
    else:
        form, email = forms.TokenForm(request.POST), ""

    def act(token: str) -> None:
        address, by = client_address(request.META), viewer_of(request)
        user = emails.confirm_by_link(token=token, address=address, by=by)
        messages.success(request, f"{user.email} is confirmed.")

    if form.is_bound and form.passes(act):
        return redirect("home")
    context = {"next": "", "email": email}
    return respond_form(request, "pages/accounts/confirm_email.html", form, context)


@hides_secrets
@shows_form
@signed_in
def email_settings(request: HttpRequest, me: User) -> HttpResponse:
    """The address of the account, and its change."""
    form = forms.EmailForm(request.POST if request.method == "POST" else None)

    def act(email: str, password: str | None = None) -> None:
        address, now = client_address(request.META), timezone.now()
        if password is None:
            emails.begin_change(user=me, email=email, now=now)
        else:
            emails.change(user=me, email=email, password=password, now=now, address=address)
        say = gettext("Now confirm %(email)s: an e-mail is on its way.") % {"email": email}
        messages.success(request, say)

    return _email_page(request, me, act, change=form)


@hides_secrets
@require_POST
@signed_in
def confirm_by_code(request: HttpRequest, me: User) -> HttpResponse:
    """Confirm the address by the code of the e-mail."""

    def act(code: str) -> None:
        address = client_address(request.META)
        now = timezone.now()
        state = emails.confirm_by_code(user=me, code=code, now=now, address=address)
        messages.success(request, f"{state.email} is confirmed.")

    return _email_page(request, me, act, code=forms.CodeForm(request.POST))


@require_POST
@signed_in
def send_confirmation(request: HttpRequest, me: User) -> HttpResponse:
    """Send the e-mail with link and code again."""
    limit_account(request)
    emails.ask_to_confirm(user=me, now=timezone.now())
    return go_back(request, "/settings/email", say=gettext("The e-mail is on its way."))


@require_POST
@signed_in
def cancel_email(request: HttpRequest, me: User) -> HttpResponse:
    """Keep the present address."""
    limit_account(request)
    emails.cancel_change(user=me)
    return go_back(request, "/settings/email", say=gettext("The address stays as it is."))


def _email_page(
    request: HttpRequest,
    me: User,
    act: Callable[..., None],
    *,
    change: ServiceForm | None = None,
    code: ServiceForm | None = None,
) -> HttpResponse:
    """The page of the address with two forms, of which one may be sent."""

    def limited(**data: Any) -> None:
        limit_account(request)
        act(**data)

    form, change = change or code, change or forms.EmailForm()
    spared = spare_password(request, me, change)
    assert form is not None
    if form.is_bound and form.passes(limited):
        return redirect("settings_email")
    context = {
        "state": emails.state(user=me),
        "change": change,
        "code": code or forms.CodeForm(),
        **spared,
    }
    return respond_form(request, "pages/accounts/settings_email.html", form, context)
