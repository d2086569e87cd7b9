"""The stylesheets of the site: one file for each component, served as one.

Browsers load one file, css/site.css, which `collectstatic` joins. With DEBUG, and in tests, pages
link to the files themselves: nothing has to be built.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import HashedFilesMixin, staticfiles_storage
from django.core.files.base import ContentFile
from django.templatetags.static import static
from whitenoise.storage import CompressedManifestStaticFilesStorage

JOINED = "css/site.css"
# What later ones build on comes first. Within a directory the order does not matter.
FIRST = ("css/tokens.css", "css/base.css", "css/layout.css")
DIRECTORIES = ("css/components", "css/pages")
_COMMENT = re.compile(r"/\*.*?\*/\n*", re.DOTALL)


def sheets() -> list[str]:
    """The stylesheets of the site, in their order, as names of static files."""
    root = settings.BASE_DIR / "static"
    found = (path for folder in DIRECTORIES for path in sorted((root / folder).glob("*.css")))
    return [*FIRST, *(str(path.relative_to(root)) for path in found)]


def joined() -> str:
    """All of them as one, without their comments."""
    root = settings.BASE_DIR / "static"
    return "".join(_COMMENT.sub("", (root / name).read_text()) for name in sheets())


def addresses() -> list[str]:
    """The addresses of the stylesheets that a page links to."""
    joins = isinstance(staticfiles_storage, JoiningStorage) and not settings.DEBUG
    return [static(name) for name in ([JOINED] if joins else sheets())]


class JoiningStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """The storage of static files: it hashes and compresses them, and joins the stylesheets."""

    # The site's scripts import each other by hashed names, too. Those of packages are left alone:
    # some of them import what is not there.
    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        HashedFilesMixin._js_module_import_aggregation_patterns[1],  # type: ignore[attr-defined]
    )

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """Add the joined stylesheet to the files that `collectstatic` has copied."""
        if not dry_run:
            self.delete(JOINED)
            self.save(JOINED, ContentFile(joined().encode()))
            paths = {**paths, JOINED: (self, JOINED)}
        yield from super().post_process(paths, dry_run=dry_run, **options)
