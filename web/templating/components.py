"""Components of pages, for Python code.

A component is a file templates/components/NAME.html with a macro of the same name.
"""

from functools import lru_cache
from typing import Any, cast

from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.utils.safestring import SafeString


def engine() -> Jinja2:
    """The template engine of the site; the admin's is another one."""
    return cast(Jinja2, engines["jinja2"])


def component(name: str, /, *args: Any, **kwargs: Any) -> SafeString:
    """The HTML that the macro of templates/components/`name`.html makes of its arguments."""
    template = engine().env.get_template(f"components/{name}.html")
    # Jinja escapes everything that is not marked as safe, as Django does.
    return SafeString(getattr(template.module, name)(*args, **kwargs))


# Calling a macro takes long for something that every tweet has several of. These depend on nothing
# but their arguments.


@lru_cache(maxsize=1024)
def icon(name: str, *, small: bool = False, label: str = "") -> SafeString:
    """An icon of the sprite: see templates/components/icon.html."""
    return component("icon", name, small=small, label=label)


@lru_cache(maxsize=8192)  # the same people are on many pages
def avatar(user_id: int, name: str, handle: str, size: str = "", picture: str = "") -> SafeString:
    """The disc that stands for a person: see templates/components/avatar.html."""
    return component("avatar", user_id, name, handle, size, picture)


@lru_cache(maxsize=8)
def theme_meta(theme: str = "") -> SafeString:
    """What the head of a page says of its theme: see templates/components/theme_meta.html."""
    return component("theme_meta", theme)


@lru_cache(maxsize=1)
def brand_mark() -> SafeString:
    """The bird of Chirp: see templates/components/brand_mark.html."""
    return component("brand_mark")
