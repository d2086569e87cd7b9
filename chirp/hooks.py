"""Questions that lower apps ask of higher ones, by the names in settings.HOOKS.

An app that must ask whether something is allowed, and may not import the app that knows, runs a
hook. It is a function that the settings name; it raises a ChirpError to refuse. Where several apps
have to do something at once, the hook is all of their functions, in this order.
"""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def ask(name: str, **arguments: Any) -> Any:
    """Return what the function of a hook answers."""
    return import_string(str(settings.HOOKS[name]))(**arguments)


def run(name: str, **arguments: Any) -> None:
    """Call the function of a hook, or all of them. Raises what it refuses with."""
    named = settings.HOOKS[name]
    for function in (named,) if isinstance(named, str) else named:
        import_string(function)(**arguments)
