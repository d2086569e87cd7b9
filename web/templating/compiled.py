"""Compiled templates, kept for the next start: compiling them all takes half a second of CPU."""

import hashlib
from contextlib import suppress
from pathlib import Path

import django
import jinja2
from django.conf import settings
from jinja2.bccache import Bucket


class CompiledTemplates(jinja2.FileSystemBytecodeCache):
    """Compiled templates in a folder of VAR_DIR. A process that cannot write there compiles them.

    A template is compiled again when its text has changed, or what else it is compiled with: the
    modules of web/templating, Jinja and Django.
    """

    def __init__(self) -> None:
        folder = settings.VAR_DIR / "templates"
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(str(folder))
        self._with = f"{jinja2.__version__} {django.__version__}" + "".join(
            path.read_text() for path in sorted(Path(__file__).parent.glob("*.py"))
        )

    def get_source_checksum(self, source: str) -> str:
        """Return what a compiled template belongs to."""
        return hashlib.sha256(f"{self._with}{source}".encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Look for a compiled template."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template."""
        with suppress(OSError):
            super().dump_bytecode(bucket)
