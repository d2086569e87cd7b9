"""The choice of a language, in the footer of every page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from accounts.validation import clean_language
from people.profile import update_profile
from web.auth import viewer_of
from web.language import remember
from web.limits import limit_account
from web.responses import go_back


@require_POST
@csrf_exempt
def choose_language(request: HttpRequest) -> HttpResponse:
    """Show the site in another language from now on. Raises BadLanguage.

    The forms of anonymous visitors have no token, because it would take a cookie on every page;
    nothing but a cookie depends on them.
    """
    if viewer_of(request) is None:
        return _chosen(request)
    response: HttpResponse = _choose_for_account(request)
    return response


@csrf_protect
def _choose_for_account(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    assert viewer is not None
    limit_account(request)
    update_profile(user=viewer, changes={"language": request.POST.get("language", "")})
    return _chosen(request)


def _chosen(request: HttpRequest) -> HttpResponse:
    language = clean_language(request.POST.get("language", ""))
    response = go_back(request)
    remember(response, language)
    return response
