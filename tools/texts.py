"""`script/texts`: extracts, merges, compiles and checks the catalogues of texts.

Texts of templates and of Python code become the message ids of locale/LANGUAGE/LC_MESSAGES. What
was translated is kept: see docs/texts.md.
"""

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import tools

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
NAMES = {"de": "German", "fr": "French", "es": "Spanish", "ja": "Japanese", "ar": "Arabic"}
LANGUAGES = tuple(NAMES)
HEADER = """\
The texts of Chirp in the language %s.
This translation awaits a native reader: nobody has proofread it yet who grew up with the language.
docs/texts.md says how to translate, and `script/texts` writes this file."""
METHODS = [
    ("**/tests/**", "ignore"),
    ("**/migrations/**", "ignore"),
    ("var/**", "ignore"),
    ("tests/**", "ignore"),
    ("tools/**", "ignore"),
    ("bench/**", "ignore"),
    ("**.py", "python"),
    ("templates/**", "jinja2"),
    ("*/templates/**.html", "jinja2"),
]
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **dict.fromkeys(("gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ntext", "both", "counted_lazy", "plural_forms", "ngettext_lazy"), (1, 2)),
    "pgettext_lazy": ((1, "c"), 2),
    # Of web.presenters.status_wording.
    "_counted": (1, 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")
Fault = str


def extracted() -> Catalog:
    """All texts of the code and the templates."""
    found = Catalog(project="Chirp", charset="utf-8")
    options = {"templates/**": {"newstyle_gettext": "true", "silent": "false"}}
    for name, _, message, comments, context in extract_from_dir(
        ROOT, METHODS, options, KEYWORDS, ("TRANSLATORS:",), strip_comment_tags=True
    ):
        found.add(message, None, [(name, 1)], auto_comments=comments, context=context)
    return found


def path_of(language: str) -> Path:
    """The catalogue of a language, for translators."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The catalogue of a language as it is kept; empty if there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, project="Chirp", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def merged(language: str, texts: Catalog) -> Catalog:
    """The catalogue with all present texts: their translations are kept, others are dropped."""
    kept = read(language)
    kept.update(texts, no_fuzzy_matching=True, update_header_comment=False)
    kept.obsolete.clear()
    kept.header_comment = "\n".join(f"# {line}" for line in (HEADER % NAMES[language]).split("\n"))
    kept.fuzzy = False
    # So that a file changes only when its texts do.
    kept.creation_date = kept.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    kept.last_translator, kept.language_team = "Chirp", language
    kept.copyright_holder, kept.msgid_bugs_address = "Chirp", ""
    return kept


def po(catalog: Catalog) -> bytes:
    """A catalogue as the text that translators edit."""
    written = BytesIO()
    write_po(written, catalog, width=100, include_lineno=False, sort_by_file=True)
    return written.getvalue()


def mo(catalog: Catalog) -> bytes:
    """A catalogue as gettext reads it."""
    written = BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def faults(language: str, catalog: Catalog) -> Iterator[Fault]:
    """What is wrong with the translations: missing ones, and others than their placeholders."""
    for message in catalog:
        if message.id:
            yield from (f"{language}: {fault}" for fault in _faults(message, catalog.num_plurals))


def _faults(message: Message, plurals: int) -> Iterator[Fault]:
    ids, told = _forms(message.id), _forms(message.string)
    if not all(told) or (len(ids) == 2 and len(told) != plurals):
        yield f"{ids[0]!r} is not translated"
        return
    wanted = set(PLACEHOLDER.findall("".join(ids)))
    for text in told:
        given = set(PLACEHOLDER.findall(text))
        # Numbers may be words: one, a, both.
        missing = wanted - given - ({"num", "count"} if len(ids) == 2 else set())
        if missing or given - wanted:
            yield f"{text!r} has other placeholders than {ids[0]!r}"
        if "%" in PLACEHOLDER.sub("", text):
            yield f"{text!r} has a single percent sign"
        if sorted(re.findall(r"</?\w+", text)) != sorted(re.findall(r"</?\w+", ids[-1])):
            yield f"{text!r} has other tags than {ids[0]!r}"


def _forms(text: Any) -> list[str]:
    """The plural forms of a text; one if it has no number."""
    return [each or "" for each in text] if isinstance(text, (tuple, list)) else [text or ""]


def write() -> list[Fault]:
    """Write all catalogues anew from the code, and return what is wrong with them."""
    texts = extracted()
    found: list[Fault] = []
    for language in LANGUAGES:
        catalog, path = merged(language, texts), path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po(catalog))
        path.with_suffix(".mo").write_bytes(mo(catalog))
        found += faults(language, catalog)
    return found


def out_of_step() -> Iterator[Fault]:
    """What `write` would change."""
    texts = extracted()
    for language in LANGUAGES:
        catalog, path = merged(language, texts), path_of(language)
        if not path.exists() or path.read_bytes() != po(catalog):
            yield f"{path.relative_to(ROOT)} is not that of the present texts: run script/texts"
        elif path.with_suffix(".mo").read_bytes() != mo(catalog):
            yield f"{path.relative_to(ROOT)} is not compiled: run script/texts"


def main() -> None:
    """Write the catalogues, or with --check only say what is wrong."""
    parser = tools.parser(__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is wrong")
    if parser.parse_args().check:
        found = [*out_of_step(), *(f for one in LANGUAGES for f in faults(one, read(one)))]
    else:
        found = write()
    for fault in found:
        print(fault)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
