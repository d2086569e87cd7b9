"""The template engine of the site: Jinja2, with what templates may use by name."""

from collections.abc import Callable, MutableMapping
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from django import forms
from django.template import defaultfilters
from django.templatetags.static import static
from django.utils import translation
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    pass_context,
    pass_eval_context,
)
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from markupsafe import Markup

from chirp import localized, stylesheets
from web.presenters.joining import registration
from web.templating import avatars, formatting, languages, media
from web.templating.addresses import url
from web.templating.announcements import announcements
from web.templating.cached_fragment import fixed
from web.templating.compiled import CompiledTemplates
from web.templating.components import avatar, brand_mark, icon, theme_meta
from web.templating.composer import empty_composer
from web.templating.navigation import footer, home_head, invitation, navigation, who_to_follow
from web.templating.render import feed
from web.templating.settings_index import settings_groups, settings_page
from web.templating.site import site_contact, site_description, site_name
from web.templating.visit import look

# The templates of Django's widgets, which ours can override by their names.
WIDGETS = Path(forms.__file__).parent / "jinja2"

FUNCTIONS = {
    "url": url,
    "static": static,
    "stylesheets": stylesheets.addresses,
    "icon": icon,
    "avatar": avatar,
    "brand_mark": brand_mark,
    "theme_meta": theme_meta,
    "look": look,
    "hue": avatars.hue,
    "media_url": media.media_url,
    "focus": media.focus,
    "initials": avatars.initials,
    "fixed": fixed,
    "feed": feed,
    "empty_composer": empty_composer,
    "announcements": announcements,
    "footer": footer,
    "navigation": navigation,
    "home_head": home_head,
    "invitation": invitation,
    "registration": registration,
    "language": languages.language,
    "languages": languages.languages,
    "direction": languages.direction,
    "plural_forms": languages.plural_forms,
    "settings_groups": settings_groups,
    "settings_page": settings_page,
    "site_contact": site_contact,
    "site_name": site_name,
    "site_description": site_description,
    "who_to_follow": who_to_follow,
}


def at_rendering(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that depends on more than its arguments, such as the active language.

    Jinja applies other filters to constants already when it compiles a template.
    """

    @pass_context
    @wraps(function)
    def filtered(context: Context, *args: Any) -> Any:
        return function(*args)

    return filtered


FILTERS = {
    "compact": at_rendering(localized.compact),
    "exact": at_rendering(formatting.exact),
    "bare_link": formatting.bare_link,
    "capfirst": defaultfilters.capfirst,
    "pluralize": defaultfilters.pluralize,
    "ago": at_rendering(formatting.ago),
    "filled": formatting.filled,
    "date": at_rendering(formatting.date),
    "month": at_rendering(formatting.month),
    "intcomma": at_rendering(localized.number),
    "truncatechars": at_rendering(defaultfilters.truncatechars),
}


class OneDictionary(Environment):
    """An environment whose templates look up globals in a plain dictionary.

    Jinja gives each template a chain of two, and compares its keys with those of the environment
    at every `{% from ... import ... %}`: that took a tenth of a page's time.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template. Those of the environment do not change later."""
        return {**self.globals, **(d or {})}


@pass_eval_context
def gettext(around: EvalContext, text: str, /, **variables: Any) -> str:
    """The translation of a text: as with Jinja's own, which makes all of it anew at each call."""
    if around.autoescape and not variables:
        return _translated(text, translation.get_language())
    found = translation.gettext(text)
    return (Markup(found) if around.autoescape else found) % variables  # noqa: S704 - our own text


@lru_cache(maxsize=4096)
def _translated(text: str, language: str | None) -> Markup:
    return Markup(translation.gettext(text)) % {}  # noqa: S704 - our own text


def environment(**options: Any) -> Environment:
    """The environment that Django's Jinja2 backend asks for: see TEMPLATES in the settings."""
    made = OneDictionary(
        loader=ChoiceLoader([options["loader"], FileSystemLoader(WIDGETS)]),
        auto_reload=options["auto_reload"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,  # compiled templates stay in memory
        bytecode_cache=CompiledTemplates(),
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    made.globals.update({**FUNCTIONS, "_": gettext, "gettext": gettext})
    made.filters.update(FILTERS)
    return made
