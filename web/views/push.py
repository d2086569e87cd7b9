"""Notifications on the device at hand and on others: a section of the notification settings.

Turning them on takes a script, since only the browser knows where it is reached. Everything else
is forms.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.signed_in import SignedIn
from chirp import ids
from chirp.errors import NotFound
from notifications.push import subscriptions, vapid
from notifications.push.subscriptions import Device
from web.auth import signed_in
from web.forms.push import form_of
from web.limits import limit_account
from web.responses import is_htmx

PAGE = "settings_notifications"


def section(request: HttpRequest, me: User) -> dict[str, Any]:
    """What the section shows: this device with its form, the other ones, and the site's key."""
    found = subscriptions.subscribed(user=me, here=_here(request, me))
    here = next((each for each in found if each.current), None)
    return {
        "push_here": here,
        "push_form": form_of(here.row) if here else None,
        "push_elsewhere": [each for each in found if not each.current],
        "push_key": vapid.public_key(),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def device(request: HttpRequest, me: User) -> HttpResponse:
    """Let this device get notifications. GET tells its scripts whether it does, and how."""
    here = _here(request, me)
    if request.method != "POST":
        found = subscriptions.subscribed(user=me, here=here)
        is_on = any(each.current for each in found)
        answer = {"on": is_on, "key": vapid.public_key(), "token": get_token(request)}
        return JsonResponse(answer)
    limit_account(request)
    sent = (request.POST.get(name, "") for name in Device._fields)
    subscriptions.subscribe(user=me, here=here, device=Device(*sent))
    if is_htmx(request):
        return HttpResponse(status=204)
    messages.success(request, gettext("This device shows your notifications now."))
    return _to_section()


@require_POST
@signed_in
def choices(request: HttpRequest, me: User) -> HttpResponse:
    """Change what this device hears of."""
    limit_account(request)
    here = _here(request, me)
    form = form_of(subscriptions.current(user=me, here=here), request.POST)
    if form.is_valid():
        subscriptions.change(user=me, here=here, **form.cleaned_data)
        messages.success(request, gettext("Saved."))
    else:
        messages.error(request, gettext("That is none of the choices."))
    return _to_section()


@require_POST
@signed_in
def off(request: HttpRequest, me: User) -> HttpResponse:
    """Stop notifications to a device. The page after it tells the scripts of this one by `off`."""
    limit_account(request)
    subscription_id = ids.parse(request.POST.get("id"))
    if subscription_id is None:
        raise NotFound
    found = subscriptions.subscribed(user=me, here=_here(request, me))
    is_this = any(each.current and each.row.pk == subscription_id for each in found)
    subscriptions.unsubscribe(user=me, subscription_id=subscription_id)
    messages.success(request, gettext("That device gets no notifications any more."))
    return _to_section("?off" if is_this else "")


def _here(request: HttpRequest, me: User) -> SignedIn:
    key = request.session.session_key or ""
    return SignedIn(me.pk, me.token_version, session_key=key)


def _to_section(query: str = "") -> HttpResponse:
    return redirect(f"{reverse(PAGE)}{query}#devices")
