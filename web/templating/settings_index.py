"""The index of the settings, for templates."""

from accounts.sso.config import provider
from web.settings_pages import PAGES, FoundGroup, SettingsPage, shown
from web.templating.visit import Visit


def settings_page(name: str) -> SettingsPage:
    """A page of the settings by the name of its URL pattern."""
    return PAGES[name]


def settings_groups(visit: Visit, query: str) -> list[FoundGroup]:
    """The settings that the viewer has, or those of them that a query finds."""
    without = set()
    if not visit.may_invite:
        without.add("settings_invitations")
    if provider() is None:
        without.add("settings_sso")
    return shown(without=without, query=query)
