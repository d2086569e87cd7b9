"""The people and hashtags that the signed-in user shows on their profile."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from chirp.pagination import PageRequest
from lists import featured_hashtags
from people import featured
from web.auth import signed_in
from web.forms.base import respond_form
from web.forms.featured import HashtagForm
from web.limits import limit_account
from web.responses import go_back

PAGE = "settings_featured"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settings(request: HttpRequest, me: User) -> HttpResponse:
    """What the profile shows, in the settings, with a form that adds a hashtag."""
    form = HashtagForm(request.POST if request.method == "POST" else None)

    def act(*, tag: str) -> None:
        limit_account(request)
        featured_hashtags.feature_hashtag(user=me, tag=tag)

    if form.is_bound and form.passes(act):
        return go_back(request, reverse(PAGE), say=gettext("Saved."))
    everyone = PageRequest(limit=featured.MAX_FEATURED)
    context = {
        "tags": featured_hashtags.featured_hashtags(viewer=me, user=me),
        "suggested": featured_hashtags.suggested_hashtags(user=me),
        "people": featured.featured_people(viewer=me, user=me, page=everyone).results,
        "most_tags": featured_hashtags.MAX_FEATURED,
        "most_people": featured.MAX_FEATURED,
    }
    return respond_form(request, "pages/people/featured.html", form, context)


@require_POST
@signed_in
def feature_hashtag(request: HttpRequest, me: User, tag: str) -> HttpResponse:
    """Show a hashtag on the profile. Idempotent."""
    limit_account(request)
    row = featured_hashtags.feature_hashtag(user=me, tag=tag)
    say = gettext("Your profile shows #%(tag)s.") % {"tag": row.tag}
    return go_back(request, reverse(PAGE), say=say)


@require_POST
@signed_in
def unfeature_hashtag(request: HttpRequest, me: User, tag: str) -> HttpResponse:
    """Show a hashtag on the profile no longer. Idempotent."""
    limit_account(request)
    shown = featured_hashtags.unfeature_hashtag(user=me, tag=tag)
    say = gettext("Your profile no longer shows #%(tag)s.") % {"tag": shown}
    return go_back(request, reverse(PAGE), say=say)
