"""What stands around pages: navigation, the head of home, suggestions of people to follow."""

from django.utils.safestring import SafeString
from jinja2 import pass_context
from jinja2.runtime import Context

from people.selectors import NOTHING_BETWEEN
from web.presenters.joining import registration
from web.presenters.people import Row, person_of
from web.settings_pages import PAGES
from web.templating.addresses import url
from web.templating.cached_fragment import fixed, fragment
from web.templating.visit import Visit

OWN_LINKS = {"lists"}  # of the settings, those that the navigation has too


@pass_context
def navigation(context: Context) -> SafeString:
    """The site's navigation for the viewer, with the present page marked."""
    visit: Visit = context["visit"]
    viewer, place = visit.viewer, visit.page_name
    has_entry = place in PAGES and place not in OWN_LINKS
    section = "settings" if has_entry or visit.path.startswith(f"{url('settings')}/") else place
    return fragment(
        "nav",
        visit,
        viewer=viewer and person_of(viewer),
        place=section,
        unread=visit.unread,
        unread_conversations=visit.unread_conversations,
        may_register=viewer is None and bool(registration().button),
        own_profile=place == "profile" and context.get("person") == viewer,
    )


def home_head(visit: Visit, list_id: int | None, may_hide: bool) -> SafeString:
    """The head of the home timeline, or of that of a list, with its menu."""
    return fragment("home_head", visit, list_id=list_id, may_hide=may_hide)


def invitation(visit: Visit) -> SafeString:
    """What anonymous visitors see beside a page: how to join, as far as they can."""
    return fragment("invitation", visit, joining=registration())


@pass_context
def footer(context: Context) -> SafeString:
    """The links below everything else, with the choice of a language where there is a request."""
    visit: Visit | None = context.get("visit")
    return fragment("footer", visit) if visit else fixed(context, "footer")


def who_to_follow(visit: Visit) -> SafeString:
    """Suggestions of people to follow, for the signed-in user."""
    # There is nothing between the viewer and them: but for the names all rows are alike.
    rows = tuple(Row(person, NOTHING_BETWEEN) for person in visit.suggestions)
    return fragment("who_to_follow", visit, rows=rows)
