"""What a web process loads before it answers."""

from contextlib import suppress

from django.conf import settings
from django.urls import Resolver404, resolve, reverse
from django.utils import translation

from web.templating.components import engine


def preload() -> None:
    """Load views, addresses, texts and templates.

    The first page of a process, and of each language, would wait for them otherwise.
    """
    for language, _ in settings.LANGUAGES:
        with translation.override(language):  # Django keeps addresses for each
            reverse("home")
    with suppress(Resolver404):
        resolve("/nothing/here")  # compiles all patterns, since none matches
    for name in engine().env.list_templates(extensions=["html"]):
        engine().env.get_template(name)
