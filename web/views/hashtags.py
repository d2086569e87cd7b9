"""Followed hashtags."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from chirp.pagination import PageRequest
from lists import hashtags
from web.auth import signed_in
from web.limits import limit_account
from web.responses import go_back, respond


@require_safe
@signed_in
def followed_hashtags(request: HttpRequest, me: User) -> HttpResponse:
    """The hashtags that the signed-in user follows, in the settings."""
    page = hashtags.followed_hashtags(user=me, page=PageRequest(limit=hashtags.MAX_FOLLOWED))
    return respond(request, "pages/lists/hashtags.html", {"page": page})


@require_POST
@signed_in
def follow_hashtag(request: HttpRequest, me: User, tag: str) -> HttpResponse:
    """Follow a hashtag. Idempotent."""
    limit_account(request)
    found = hashtags.follow_hashtag(user=me, tag=tag)
    say = gettext("You follow #%(tag)s.") % {"tag": found.tag}
    return go_back(request, reverse("hashtag", args=[tag]), say=say)


@require_POST
@signed_in
def unfollow_hashtag(request: HttpRequest, me: User, tag: str) -> HttpResponse:
    """Unfollow a hashtag. Idempotent."""
    limit_account(request)
    found = hashtags.unfollow_hashtag(user=me, tag=tag)
    say = gettext("You no longer follow #%(tag)s.") % {"tag": found.tag}
    return go_back(request, reverse("hashtag", args=[tag]), say=say)
