"""Pages about oneself: coming in, going out, and settings."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.models import User
from people.profile import update_profile
from web.auth import signed_in, viewer_of
from web.forms import accounts
from web.forms.base import ServiceForm
from web.limits import limit_account, limit_address
from web.responses import go_back, respond, safe_next

shows_form = require_http_methods(["GET", "HEAD", "POST"])
hides_passwords = sensitive_post_parameters("password", "old", "new")


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


@hides_passwords
@shows_form
def register(request: HttpRequest) -> HttpResponse:
    """Sign up, and be signed in."""
    form = accounts.RegisterForm(_sent(request))

    def act(**data: str) -> None:
        limit_address(request, "register")
        user = services.register(**data)
        login(request, user)
        messages.success(request, f"Welcome to Chirp, {user.display_name}.")

    words = {"heading": "Create your account", "button": "Sign up", "other": "login"}
    return _entry(request, form, act, words)


@hides_passwords
@shows_form
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by handle or e-mail address. Those who had deactivated their account are back."""
    form = accounts.LoginForm(_sent(request))

    def act(**data: str) -> None:
        limit_address(request, "sign_in")
        login(request, services.sign_in(**data, now=timezone.now()))

    words = {"heading": "Log in", "button": "Log in", "other": "register"}
    return _entry(request, form, act, words)


def _entry(
    request: HttpRequest, form: ServiceForm, act: Callable[..., None], words: dict[str, str]
) -> HttpResponse:
    """A way in: not for those who are in already."""
    if viewer_of(request) or (form.is_bound and form.passes(act)):
        return go_back(request)
    context = {"form": form, "next": safe_next(request, ""), **words}
    return respond(request, "accounts/entry.html", context, status=form.status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out. Twice is the same as once."""
    logout(request)
    return HttpResponseRedirect("/")


@shows_form
@signed_in
def profile_settings(request: HttpRequest, me: User) -> HttpResponse:
    """What one says about oneself, and whether the account is private."""
    form = accounts.ProfileForm(_sent(request), initial=accounts.profile_of(me))

    def act(**changes: object) -> None:
        update_profile(user=me, changes=changes)
        messages.success(request, "Saved.")

    return _settings(request, form, act)


@hides_passwords
@shows_form
@signed_in
def password_settings(request: HttpRequest, me: User) -> HttpResponse:
    """Another password; this session stays, all others end."""
    form = accounts.PasswordForm(_sent(request))

    def act(old: str, new: str) -> None:
        services.change_password(user=me, old=old, new=new)
        update_session_auth_hash(request, me)
        messages.success(request, "The password is changed.")

    return _settings(request, form, act)


@hides_passwords
@shows_form
@signed_in
def account_settings(request: HttpRequest, me: User) -> HttpResponse:
    """Sign out, or deactivate the account."""
    form = accounts.DeactivateForm(_sent(request))
    days = settings.DEACTIVATED_GRACE_DAYS

    def act(password: str) -> None:
        services.deactivate(user=me, password=password, now=timezone.now())
        logout(request)
        say = f"Your account is deactivated. Sign in within {days} days to have it back."
        messages.success(request, say)

    return _settings(request, form, act, template="accounts/settings_account.html")


def _settings(
    request: HttpRequest,
    form: ServiceForm,
    act: Callable[..., None],
    *,
    template: str = "accounts/settings.html",
) -> HttpResponse:
    """A page with one form: make the change and come back, or show what is wrong with it."""

    def limited(**data: object) -> None:
        limit_account(request)
        act(**data)

    if form.is_bound and form.passes(limited):
        return HttpResponseRedirect(request.path if viewer_of(request) else "/")
    context = {"form": form, "grace_days": settings.DEACTIVATED_GRACE_DAYS}
    return respond(request, template, context, status=form.status)
