"""Signing up, signing in and out, and the settings of the signed-in user."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import registration, security_log, services
from accounts.creation import EmailTaken, HandleTaken
from accounts.joining import invitations, waiting
from accounts.joining import terms as joining
from accounts.joining.domains import parsed
from accounts.joining.models import Mode
from accounts.models import User
from accounts.sso.config import passwords_are_off, provider
from chirp.limits.addresses import client_address
from chirp.pagination import PageRequest
from media import profiles
from web.auth import signed_in, viewer_of
from web.forms import accounts
from web.forms.base import ServiceForm, respond_form
from web.limits import limit_account, limit_address
from web.passkeys import obstacle, spare_password
from web.responses import go_back, respond, safe_next
from web.sessions import begin, note
from web.suspended import to_strikes
from web.templating.site import site_name
from web.views.deletion import to_choice
from web.views.two_step import CHALLENGE, to_second_step

shows_form = require_http_methods(["GET", "HEAD", "POST"])
hides_passwords = sensitive_post_parameters("password", "old", "new")


def sent(request: HttpRequest) -> QueryDict | None:
    """What the form of a request holds; None if it was not sent."""
    return request.POST if request.method == "POST" else None


@hides_passwords
@shows_form
def register(request: HttpRequest) -> HttpResponse:
    """Create an account and sign in, or say what it waits for."""
    terms, data = joining.current(), sent(request)
    code = (data or request.GET).get("invitation", "")
    form = accounts.RegisterForm.under(terms, data, invitation=code)

    def act(**data: str) -> None:
        limit_address(request, "register")
        user = _registered(**data, address=client_address(request.META))
        form.waits = waiting.error_of(user)
        if form.waits is None:
            begin(request, user)
            messages.success(
                request,
                gettext("Welcome to %(site)s, %(name)s.")
                % {"site": site_name(), "name": user.display_name},
            )

    by_provider = provider() if terms.mode != Mode.CLOSED else None
    context: dict[str, Any] = {"terms": terms, "sso": by_provider, "invitation": code}
    if (terms.mode == Mode.CLOSED or passwords_are_off()) and not viewer_of(request):
        template, status = "pages/accounts/closed.html", 200 if by_provider else 403
        return respond(
            request, template, {**context, "next": safe_next(request, "")}, status=status
        )
    context["inviter"] = _inviter(code) if data is None else None
    context["domains"] = parsed(terms.domains)
    response = _entry(request, form, act, "pages/accounts/register.html", **context)
    if form.waits is not None:
        messages.success(request, form.waits.detail)
        return redirect("login")
    return response


def _inviter(code: str) -> User | None:
    """Who made the invitation of a link that was opened; None if it is not valid either."""
    try:
        return invitations.find(code=code, now=timezone.now()).inviter if code else None
    except invitations.BadInvitation:
        return None


def _registered(**data: str) -> User:
    """Create the account, unless the same form has just done so: it may arrive twice."""
    try:
        return registration.sign_up(**data, now=timezone.now()).user
    except (HandleTaken, EmailTaken, invitations.BadInvitation):
        user = services.just_registered(
            handle=data["handle"],
            email=data["email"],
            password=data["password"],
            address=data["address"],
            now=timezone.now(),
        )
        if user is None:
            raise
        return user


@hides_passwords
@shows_form
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by handle or e-mail address. This reactivates a deactivated account.

    A suspended person may read why (web/suspended.py).
    """
    form = accounts.LoginForm(sent(request))

    def act(**data: str) -> None:
        limit_address(request, "sign_in")
        address = client_address(request.META)
        try:
            begin(request, services.sign_in(**data, now=timezone.now(), address=address))
        except services.SecondStepNeeded as needed:
            request.session[CHALLENGE] = needed.challenge
            form.goes_on = True

    response = _entry(request, form, act, "pages/accounts/login.html", sso=provider())
    if elsewhere := to_strikes(request, form.refused) or to_choice(request, form.refused):
        return elsewhere
    return to_second_step(request) if form.goes_on else response


def _entry(
    request: HttpRequest, form: ServiceForm, act: Callable[..., None], template: str, **more: Any
) -> HttpResponse:
    """A page that signs in. It redirects users who are signed in already."""
    if viewer_of(request) or (form.is_bound and form.passes(act)):
        return go_back(request)
    context = {"next": safe_next(request, ""), "obstacle": obstacle(request), **more}
    return respond_form(request, template, form, context)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out. Idempotent."""
    viewer = viewer_of(request)
    if viewer is not None:
        key, address = request.session.session_key or "", client_address(request.META)
        services.sign_out(user=viewer, session_key=key, address=address)
    logout(request)
    response = redirect("home")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@shows_form
@signed_in
def profile_settings(request: HttpRequest, me: User) -> HttpResponse:
    """Edit the profile."""
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = accounts.ProfileForm.of(me, *data)

    def act(pictures: dict[str, Any], **changes: Any) -> None:
        profiles.update_profile(user=me, pictures=pictures, **changes)
        messages.success(
            request,
            gettext("Saved. New pictures appear in a moment.") if pictures else gettext("Saved."),
        )

    template = "pages/accounts/settings_profile.html"
    return settings_form(request, form, act, template=template, unfinished=profiles.unfinished(me))


@hides_passwords
@shows_form
@signed_in
def password_settings(request: HttpRequest, me: User) -> HttpResponse:
    """Change the password. This session stays, all others end."""
    form = accounts.PasswordForm(sent(request))

    def act(old: str, new: str) -> None:
        address = client_address(request.META)
        services.change_password(user=me, old=old, new=new, now=timezone.now(), address=address)
        update_session_auth_hash(request, me)
        note(request, me)
        messages.success(request, gettext("The password is changed."))

    return settings_form(request, form, act)


@require_safe
@signed_in
def security(request: HttpRequest, me: User) -> HttpResponse:
    """What happened to the account: sign-ins, failed ones, and changes."""
    page = security_log.events(user=me, page=PageRequest.of(request.GET))
    template, fragment = "pages/accounts/settings_security.html", "fragments/security_events.html"
    context = {"page": page, "sso": provider()}
    return respond(request, template, context, fragment=fragment)


@hides_passwords
@shows_form
@signed_in
def account_settings(request: HttpRequest, me: User) -> HttpResponse:
    """Sign out, or deactivate the account."""
    form = accounts.DeactivateForm(sent(request))
    spared = spare_password(request, me, form)

    def act(password: str | None = None) -> None:
        address, now = client_address(request.META), timezone.now()
        if password is None:
            services.hide(user=me, now=now, address=address)
        else:
            services.deactivate(user=me, password=password, now=now, address=address)
        logout(request)
        messages.success(request, gettext("Your account is deactivated. Log in to have it back."))

    return settings_form(
        request, form, act, template="pages/accounts/settings_account.html", **spared
    )


def settings_form(
    request: HttpRequest,
    form: ServiceForm,
    act: Callable[..., None],
    *,
    template: str = "pages/accounts/settings_form.html",
    **more: Any,
) -> HttpResponse:
    """A page with one form: save and redirect, or show the errors."""

    def limited(**data: object) -> None:
        limit_account(request)
        act(**data)

    if form.is_bound and form.passes(limited):
        return redirect(request.path if viewer_of(request) else "home")
    context = {"grace_days": settings.ACCOUNT_DELETION_DAYS, **more}
    return respond_form(request, template, form, context)
