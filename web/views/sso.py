"""Single sign-on: to the provider and back, a handle for new accounts, and the settings."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.joining import terms as joining
from accounts.joining.models import CODE_LENGTH, Mode
from accounts.models import User
from accounts.services import DeletionPending, SecondStepNeeded, Suspended
from accounts.sso import client, services
from accounts.sso.client import Identity, SsoFailed
from accounts.sso.config import Provider, provider
from accounts.validation import HANDLE_PATTERN
from accounts.ways_in import OnlyWayIn
from chirp.errors import ChirpError, NotFound
from chirp.limits.addresses import client_address
from chirp.texts import text as _
from web import sso
from web.auth import signed_in, viewer_of
from web.errors import STATUSES
from web.forms.accounts import SsoRegisterForm
from web.forms.base import respond_form
from web.limits import limit_account, limit_address
from web.responses import go_back, respond, safe_next
from web.sessions import begin, confirm, confirmed
from web.suspended import to_strikes
from web.templating.site import site_name
from web.views.deletion import to_choice
from web.views.two_step import CHALLENGE

SIGN_IN, CONNECT, CONFIRM = "sign_in", "connect", "confirm"


class Cancelled(SsoFailed):
    """The person, or the provider, did not go on."""

    code = "sso_cancelled"
    message = _("You were not logged in: that was cancelled.")


def _provider() -> Provider:
    found = provider()
    if found is None:
        raise NotFound
    return found


@require_POST
def to_provider(request: HttpRequest) -> HttpResponse:
    """Sign in with the provider."""
    found = _provider()
    if viewer_of(request):
        return go_back(request)
    invitation = request.POST.get("invitation", "")[:CODE_LENGTH]
    return _leave(request, found, SIGN_IN, invitation=invitation)


@require_POST
@signed_in
@confirmed
def connect(request: HttpRequest, me: User) -> HttpResponse:
    """Connect the account of the signed-in user to the provider."""
    return _leave(request, _provider(), CONNECT, user=me.pk)


@require_POST
@signed_in
def confirm_by_provider(request: HttpRequest, me: User) -> HttpResponse:
    """Prove who one is by the provider instead of the password."""
    return _leave(request, _provider(), CONFIRM, user=me.pk)


def _leave(request: HttpRequest, found: Provider, purpose: str, **about: Any) -> HttpResponse:
    limit_address(request, "sign_in")
    state, attempt = sso.start(request, purpose=purpose, next=safe_next(request, ""), **about)
    try:
        again = purpose == CONFIRM
        url = client.authorization_url(found, attempt, state=state, again=again)
    except ChirpError as error:
        return _failed(request, error)
    return HttpResponseRedirect(url)


@never_cache
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Come back from the provider."""
    found = _provider()
    limit_address(request, "sign_in")
    try:
        attempt, about = _attempt(request, found)
        identity = client.identity(found, attempt, code=request.GET.get("code", ""))
        return _arrive(request, identity, about)
    except ChirpError as error:
        return _failed(request, error)


def _attempt(request: HttpRequest, found: Provider) -> tuple[client.Attempt, dict[str, Any]]:
    """Return the attempt that an address belongs to. Raises SsoFailed and Cancelled."""
    taken = sso.take(request, request.GET.get("state", ""))
    issuer = request.GET.get("iss", found.issuer)  # RFC 9207: against mixed-up providers
    if taken is None or not constant_time_compare(issuer, found.issuer):
        raise SsoFailed
    if "error" in request.GET:
        raise Cancelled if request.GET["error"] == "access_denied" else SsoFailed
    return taken


def _arrive(request: HttpRequest, identity: Identity, about: dict[str, Any]) -> HttpResponse:
    viewer, purpose = viewer_of(request), about["purpose"]
    if purpose == SIGN_IN:
        return _go_on(request, about) if viewer else _sign_in(request, identity, about)
    if viewer is None or viewer.pk != about["user"]:
        raise SsoFailed
    if purpose == CONNECT:
        services.connect(user=viewer, identity=identity, address=client_address(request.META))
        messages.success(request, gettext("Connected."))
        return redirect("settings_sso")
    services.confirm(user=viewer, identity=identity, now=timezone.now())
    confirm(request, spares_password=True)
    return _go_on(request, about, default=reverse("two_step"))


def _sign_in(request: HttpRequest, identity: Identity, about: dict[str, Any]) -> HttpResponse:
    address = client_address(request.META)
    try:
        user = services.sign_in(identity=identity, now=timezone.now(), address=address)
    except services.Unknown:
        sso.remember(request, identity)
        query = {name: about[name] for name in ("next", "invitation") if about[name]}
        return redirect(reverse("sso_register", query=query))
    except SecondStepNeeded as needed:
        request.session[CHALLENGE] = needed.challenge
        return redirect(reverse("second_step", query={"next": about["next"]}))
    except (DeletionPending, Suspended) as refused:
        elsewhere = to_strikes(request, refused) or to_choice(request, refused)
        return elsewhere or redirect("login")
    begin(request, user)
    return _go_on(request, about)


def _go_on(request: HttpRequest, about: dict[str, Any], default: str = "") -> HttpResponse:
    return HttpResponseRedirect(about["next"] or default or reverse("home"))


def _failed(request: HttpRequest, error: ChirpError) -> HttpResponse:
    """The page of what went wrong."""
    context = {"error": error, "next": ""}
    status = STATUSES[error.kind]
    return respond(request, "pages/accounts/sso_failed.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Choose a handle for a new account, whose owner came back from the provider."""
    found, identity, terms = _provider(), sso.identity_of(request), joining.current()
    if viewer_of(request) or identity is None:
        return go_back(request, reverse("login"))
    if terms.mode == Mode.CLOSED:
        context: dict[str, Any] = {"terms": terms, "sso": None, "next": "", "invitation": ""}
        return respond(request, "pages/accounts/closed.html", context, status=403)
    sent = request.POST if request.method == "POST" else None
    code = (sent or request.GET).get("invitation", "")
    initial = {"handle": _handle_for(identity), "name": identity.name[:50], "invitation": code}
    form = SsoRegisterForm.for_newcomer(terms, sent, initial=initial, admitted=found.admits)

    def act(**data: str) -> None:
        limit_address(request, "register")
        now, address = timezone.now(), client_address(request.META)
        try:
            new = services.register(identity=identity, **data, now=now, address=address)
            user, form.waits = new.user, new.waits
        except services.ConnectedElsewhere:  # the form was sent twice
            user = services.sign_in(identity=identity, now=now, address=address)
        if form.waits is None:
            request.session.pop(sso.IDENTITY, None)
            begin(request, user)
            messages.success(
                request,
                gettext("Welcome to %(site)s, %(name)s.")
                % {"site": site_name(), "name": user.display_name},
            )

    if form.is_bound and form.passes(act):
        if form.waits is None:
            return go_back(request)
        messages.success(request, form.waits.detail)
        return redirect("login")
    context = {"next": safe_next(request, ""), "terms": terms, "identity": identity, "sso": found}
    return respond_form(request, "pages/accounts/sso_register.html", form, context)


def _handle_for(identity: Identity) -> str:
    """Return a handle like the name that somebody has at the provider, to begin with."""
    wanted = identity.handle or identity.email
    handle = re.sub(r"[^A-Za-z0-9_]", "_", wanted.partition("@")[0])[:30]
    return handle if re.match(HANDLE_PATTERN, handle) else ""


@require_safe
@signed_in
def settings_page(request: HttpRequest, me: User) -> HttpResponse:
    """Whether the provider signs in to the account."""
    context = {"sso": _provider(), "connected": services.is_connected(me)}
    return respond(request, "pages/accounts/settings_sso.html", context)


@require_POST
@signed_in
@confirmed
def disconnect(request: HttpRequest, me: User) -> HttpResponse:
    """Disconnect the account of the signed-in user from the provider."""
    limit_account(request)
    try:
        services.disconnect(user=me, address=client_address(request.META))
    except OnlyWayIn as error:
        messages.error(request, error.detail)
        return redirect("settings_sso")
    return go_back(request, reverse("settings_sso"), say=gettext("Disconnected."))
