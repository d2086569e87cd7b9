"""The device of a token: WebPushSubscription, one for each token."""

from typing import Any

from accounts.signed_in import SignedIn
from chirp.errors import ChirpError
from mastodon.calls import Call
from mastodon.endpoints import user
from mastodon.errors import Invalid
from mastodon.params import Params
from mastodon.presenters.notifications import TYPES
from notifications.push import subscriptions, vapid
from notifications.push.models import PushSubscription
from notifications.push.subscriptions import BadAuth, BadDeviceKey, BadEndpoint, Device

Json = dict[str, Any]
ALERTS = (
    *("mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update"),
    *("quote", "quoted_update", "admin.sign_up", "admin.report"),
)


@user("push")
def show(call: Call) -> Json:
    """GET push/subscription."""
    return _represent(subscriptions.current(user=call.user, here=_here(call)))


@user("push")
def subscribe(call: Call) -> Json:
    """POST push/subscription: takes the place of an earlier one. What is not named is off."""
    described = call.params.child("subscription")
    keys, data = described.child("keys"), call.params.child("data")
    device = Device(described.needed("endpoint"), keys.needed("p256dh"), keys.needed("auth"))
    _scheme, _, token = call.request.headers.get("Authorization", "").partition(" ")
    try:
        row = subscriptions.subscribe(
            user=call.user,
            here=_here(call),
            device=device,
            kinds=_kinds(data),
            policy=_policy(data),
            standard=described.flag("standard") or False,
            token=token.strip(),
        )
    except (BadEndpoint, BadDeviceKey, BadAuth) as error:
        raise Invalid(_named(error)) from None
    return _represent(row)


@user("push")
def change(call: Call) -> Json:
    """PUT push/subscription: another `data`. Endpoint and keys stay as they are."""
    data = call.params.child("data")
    row = subscriptions.change(
        user=call.user, here=_here(call), kinds=_kinds(data), policy=_policy(data)
    )
    return _represent(row)


@user("push")
def remove(call: Call) -> Json:
    """DELETE push/subscription."""
    subscriptions.unsubscribe_here(user=call.user, here=_here(call))
    return {}


def _here(call: Call) -> SignedIn:
    assert call.token is not None
    return SignedIn(call.user.pk, call.token.user_version, app_token_id=call.token.pk)


def _kinds(data: Params) -> list[str]:
    alerts = data.child("alerts")
    return [str(kind) for kind, name in TYPES.items() if alerts.flag(name)]


def _policy(data: Params) -> str:
    policy = data.text("policy") or PushSubscription.Policy.ALL
    if policy not in PushSubscription.Policy.values:
        raise Invalid("Policy is not included in the list")
    return policy


def _named(error: ChirpError) -> str:
    name = "Endpoint" if isinstance(error, BadEndpoint) else f"Key {error.at}"
    return f"{name} is not valid. {error.detail}"


def _represent(row: PushSubscription) -> Json:
    heard = {TYPES[kind] for kind in TYPES if kind in row.kinds}
    return {
        "id": str(row.pk),
        "endpoint": row.endpoint,
        "standard": row.standard,
        "alerts": {name: name in heard for name in ALERTS},
        "policy": row.policy,
        "server_key": vapid.public_key(),
    }
