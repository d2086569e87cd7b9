"""The catalogues of texts fit the code, and no text is forgotten."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.utils import translation

from chirp.texts import ntext, shown, stored
from chirp.texts import text as _
from tools import texts

TEMPLATES = texts.ROOT / "templates"
# Templates in one language: the documentation of the API, and the page of all components.
ENGLISH = {
    "components/icon_sprite.html",
    "pages/api/docs.html",
    "pages/design.html",
    "worker.js",
}
# What is the same in all languages: examples of what is typed, names, units.
SAME = re.compile(
    r'<kbd>.*?</kbd>|<code>.*?</code>|https?://\S+|interactive-widget=\S+|\bdata-[a-z-]+="[^"]*"'
)
COMMENT = re.compile(r"\{#.*?#\}|<style>.*?</style>", re.DOTALL)
TRANSLATED = re.compile(r"\{%\s*trans\b.*?\bendtrans\s*%\}", re.DOTALL)
ATTRIBUTE = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"')
TAG = re.compile(r"<(?:[^<>\"]|\"[^\"]*\")*>", re.DOTALL)
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
GIVEN = re.compile(r'\b\w+="[A-Z][a-z]+[^"]*"')  # to a macro, or as what it has by itself
WORD = re.compile(r"[A-Za-z]{2,}")


def unmarked(source: str) -> Iterator[str]:
    """Words of a template that are in no expression: nobody can translate them."""
    source = TRANSLATED.sub(" ", COMMENT.sub(" ", source))
    for expression in EXPRESSION.findall(source):
        yield from GIVEN.findall(expression)
    # Expressions have quotes within the quotes of attributes, so they go first.
    source = SAME.sub(" ", EXPRESSION.sub(" ", source))
    for attribute in ATTRIBUTE.findall(source):
        if WORD.search(attribute):
            yield attribute
    # What goes on from line to line, such as scripts and entities, is no text.
    for line in re.sub(r"&\w+;|<!doctype html>", " ", TAG.sub("\n", source)).split("\n"):
        if WORD.search(line):
            yield line.strip()


# What makes a text translatable, and what is for developers and machines.
MARKS = {*texts.KEYWORDS, "text", "shown_lazy"}
NO_TEXTS = {"getLogger", "debug", "info", "warning", "error", "exception"}
SENTENCE = re.compile(r"[A-Z][a-z’']*(?: [A-Za-z#@]| $|[.?!])")


def unmarked_in_python(source: str) -> Iterator[str]:
    """Strings of Python code that look like texts for people, and are not marked."""
    tree = ast.parse(source)
    known = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in MARKS | NO_TEXTS:
                known |= {id(each) for each in ast.walk(node)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in known else None
        if isinstance(text, str) and SENTENCE.match(text):
            yield text


def test_every_text_of_the_pages_in_python_is_marked() -> None:
    paths = (texts.ROOT / "web").rglob("*.py")
    shown_to_all = [path for path in paths if not {"tests", "design"} & {*path.parts}]
    found = {
        path.name: words
        for path in shown_to_all
        if (words := list(unmarked_in_python(path.read_text(encoding="utf-8"))))
        and path.name != "design.py"
    }
    assert not found
    for source in ('WORDS = "All is well"', 'say(f"Welcome to {site}")', 'form.add("Go on.")'):
        assert list(unmarked_in_python(source)), source


def test_every_text_of_a_template_is_marked() -> None:
    found = {
        name: words
        for path in sorted(TEMPLATES.rglob("*.*"))
        if (name := path.relative_to(TEMPLATES).as_posix()) not in ENGLISH
        and (words := list(unmarked(path.read_text(encoding="utf-8"))))
    }
    assert not found


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_text_is_translated_with_its_placeholders(language: str) -> None:
    assert list(texts.faults(language, texts.read(language))) == []


def test_the_catalogues_are_those_of_the_present_texts() -> None:
    assert list(texts.out_of_step()) == []


def test_the_check_finds_what_is_wrong() -> None:
    catalog = Catalog(locale="de")
    catalog.add("Nothing")
    catalog.add("@%(handle)s follows you", "%(name)s folgt dir")
    catalog.add("All of it", "100% davon")
    catalog.add('See <a href="%(url)s">it</a>', "Siehe %(url)s")
    catalog.add(("%(num)s day", "%(num)s days"), ("1 d", "%(num)s d"))
    catalog.add(("%(num)s hour", "%(num)s hours"), ("%(num)s Stunde",))
    wrong = "\n".join(texts.faults("de", catalog))
    for part in ("Nothing", "%(name)s folgt dir", "100% davon", "other tags", "%(num)s hour"):
        assert part in wrong
    assert "day" not in wrong


def test_a_text_is_english_until_it_is_shown() -> None:
    told = _("Tweet %(number)s: %(error)s", number=1234, error=_("There is no such tweet."))
    assert told == "Tweet 1,234: There is no such tweet."
    with translation.override("ja"):
        assert shown(told) == "ツイート1,234：そのようなツイートはありません。"
        assert shown(ntext("%(num)s day", "%(num)s days", 1)) == "1日"
        assert shown(stored("The picture has no pixels.")) == "画像に画素がありません。"
        assert shown(stored("100% of something old")) == "100% of something old"
        assert shown("a plain string") == "a plain string"
    assert ntext("%(num)s day", "%(num)s days", 1) == "1 day"


def test_arabic_has_six_plural_forms() -> None:
    with translation.override("ar"):
        forms = {shown(ntext("%(num)s day", "%(num)s days", n)) for n in (0, 1, 2, 3, 11, 100)}
    assert len(forms) >= 4
    assert Path(texts.path_of("ar")).read_text(encoding="utf-8").count("nplurals=6") == 1
