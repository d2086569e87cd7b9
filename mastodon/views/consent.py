"""The pages on which a person lets an app use their account.

The site's `Referrer-Policy: same-origin` keeps codes from other sites. A stricter one would make
browsers send `Origin: null` with the form, which Django's CSRF protection refuses.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services as accounts
from accounts.models import User
from accounts.oauth import redirects, scopes, services
from accounts.oauth.models import App
from accounts.oauth.services import OAuthError
from chirp.error_handlers import error_response
from chirp.limits.addresses import client_address
from chirp.limits.quotas import spend
from chirp.plain_text import is_storable

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
UNKNOWN_APP = (
    "The app that led you here is not known, or wants to lead you to an address that it did not "
    "register. Try to sign in from the app again."
)


class Denied(OAuthError):
    """The person does not want this."""

    code = "access_denied"
    message = "The resource owner denied the request."


class UnsupportedResponseType(OAuthError):
    """The app wants something else than a code."""

    code = "unsupported_response_type"
    message = "Only the response type code is supported."


@dataclass(frozen=True, slots=True)
class Wish:
    """What an app asks a person for."""

    app: App
    redirect_uri: str
    state: str
    scopes: list[str]
    challenge: str


@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask the signed-in user whether an app may use the account, and lead back to the app."""
    response = _answer(request)
    response["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest) -> HttpResponse:
    query = request.GET
    client_id, uri = query.get("client_id", ""), query.get("redirect_uri", "")
    storable = is_storable(client_id) and is_storable(uri)
    app = services.find_app(client_id=client_id, redirect_uri=uri) if storable else None
    if app is None:
        return error_response(request, 400, UNKNOWN_APP)
    try:
        wish = _wish(request, app, uri)
    except OAuthError as error:
        return _lead_back(request, uri, _error(request, error))
    if not isinstance(request.user, User):
        return _to_login(request)
    if request.method == "POST":
        return _decided(request, request.user, wish)
    return _consent_page(request, wish)


def _wish(request: HttpRequest, app: App, uri: str) -> Wish:
    """What the request asks for. Raises OAuthError."""
    query = request.GET
    if query.get("response_type") != "code":
        raise UnsupportedResponseType
    challenge = query.get("code_challenge", "")
    is_plain = query.get("code_challenge_method", "plain") != "S256"
    if challenge and (is_plain or not CHALLENGE.fullmatch(challenge)):
        raise OAuthError("Only code challenges with S256 are supported.")
    wanted = services.granted(app, scopes.parse(query.get("scope", "")) or scopes.DEFAULT)
    return Wish(app, uri, query.get("state", ""), wanted, challenge)


def _error(request: HttpRequest, error: OAuthError) -> dict[str, str]:
    found = {"error": error.code, "error_description": error.detail}
    return {**found, **_state(request)}


def _state(request: HttpRequest) -> dict[str, str]:
    state = request.GET.get("state")
    return {} if state is None else {"state": state}


def _to_login(request: HttpRequest) -> HttpResponse:
    query = urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{query}")


def _consent_page(request: HttpRequest, wish: Wish) -> HttpResponse:
    context = {
        "app": wish.app,
        "may": scopes.in_words(wish.scopes),
        "leads_to": _where(wish.redirect_uri),
        "here": request.get_full_path(),
        "user": request.user,
    }
    response = render(request, "pages/oauth/authorize.html", context)
    # Browsers apply this also to where the answer to the form redirects to: see docs/mastodon.md.
    sources = ["'self'", redirects.form_action(wish.redirect_uri)]
    response._csp_replace = {"form-action": sources}  # type: ignore[attr-defined]
    return response


def _where(uri: str) -> str:
    """Where the person will be led, in a few characters; empty for a code to copy."""
    if uri == redirects.OUT_OF_BAND:
        return ""
    source = redirects.form_action(uri)
    return source if "://" in source else "an app on this device"


def _decided(request: HttpRequest, user: User, wish: Wish) -> HttpResponse:
    decision = request.POST.get("decision")
    if decision == "switch":
        key, address = request.session.session_key or "", client_address(request.META)
        accounts.sign_out(user=user, session_key=key, address=address)
        logout(request)
        return _to_login(request)
    if decision != "allow":
        return _lead_back(request, wish.redirect_uri, _error(request, Denied()))
    quota = spend("write", who=str(user.pk))
    if quota is not None:
        quota.check()
    code = services.authorize(
        user=user,
        app=wish.app,
        redirect_uri=wish.redirect_uri,
        wanted=wish.scopes,
        challenge=wish.challenge,
        now=timezone.now(),
    )
    return _lead_back(request, wish.redirect_uri, {"code": code, **_state(request)})


def _lead_back(request: HttpRequest, uri: str, parameters: dict[str, str]) -> HttpResponse:
    """Redirect to the app. Django's own redirects refuse the schemes of apps."""
    if uri != redirects.OUT_OF_BAND:
        return HttpResponse(status=302, headers={"Location": redirects.target(uri, parameters)})
    if "code" in parameters:
        native = f"{reverse('oauth_native')}?{urlencode({'code': parameters['code']})}"
        return HttpResponseRedirect(native)
    return error_response(request, 400, parameters["error_description"])


@require_safe
def native(request: HttpRequest) -> HttpResponse:
    """Show the code, for the person to copy into the app."""
    response = render(request, "pages/oauth/native.html", {"code": request.GET.get("code", "")})
    response["Cache-Control"] = "no-store"
    return response
