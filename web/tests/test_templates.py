"""The templates of the site: one engine, one way to write an icon, and addresses by name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import DatabaseError
from django.template import engines
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.utils import translation
from jinja2 import StrictUndefined
from jinja2.nodes import FromImport, Macro, Name

from web.errors import error_page
from web.templating.components import avatar, component, engine, icon

ROOT = settings.BASE_DIR / "templates"
NAMES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file())
ICON, SPRITE = "components/icon.html", "components/icon_sprite.html"
# A path of the site in an attribute; "//" would lead to another one.
PATH = re.compile(r"""\b(?:href|src|action|formaction|hx-(?:get|post))=["'](/[^"']*)["']""")


def backend_of(name: str) -> object:
    """The engine that has a template."""
    return get_template(name).backend  # type: ignore[attr-defined]


def text(name: str) -> str:
    """What a template says."""
    return Path(ROOT / name).read_text()


@pytest.mark.parametrize("name", NAMES)
class TestEveryTemplate:
    """Of the site: the admin has its own."""

    def test_it_is_one_of_jinja(self, name: str) -> None:
        assert backend_of(name) is engine()
        assert "{% load" not in text(name)

    def test_it_names_no_path_of_the_site(self, name: str) -> None:
        assert PATH.findall(text(name)) == []

    def test_it_writes_no_icon_out(self, name: str) -> None:
        assert ('<svg class="icon' in text(name)) is (name in (ICON, SPRITE))
        assert ('class="avatar' in text(name)) is (name == "components/avatar.html")

    def test_it_uses_all_that_it_imports(self, name: str) -> None:
        tree = engine().env.parse(text(name))
        imported = {
            alias[1] if isinstance(alias, tuple) else alias
            for node in tree.find_all(FromImport)
            for alias in node.names
        }
        assert imported <= {node.name for node in tree.find_all(Name)}


def components() -> Iterator[str]:
    """The names of the files with macros."""
    for name in NAMES:
        if name.startswith("components/") and name != SPRITE:
            yield name


@pytest.mark.parametrize("name", list(components()))
def test_a_component_only_has_macros(name: str) -> None:
    tree = engine().env.parse(text(name))
    assert list(tree.find_all(Macro))
    assert engine().env.get_template(name).render().strip() == ""


def test_the_paths_that_are_looked_for_are_found() -> None:
    for bad in ('<a href="/explore">', "<form action='/@alice'>", '<b hx-post="/@{{ a }}/like">'):
        assert PATH.findall(bad)
    for good in ('href="#main"', 'href="{{ url("home") }}"', 'href="https://example.org/"'):
        assert not PATH.findall(good)


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'id="icon-(\w+)"', text(SPRITE)))
    used = {name for template in NAMES for name in re.findall(r'\bicon\("(\w+)"', text(template))}
    assert used
    assert used <= drawn


# --- The engine --------------------------------------------------------------------------------


def test_the_site_comes_first_and_the_admin_has_the_other() -> None:
    assert [one.name for one in engines.all()] == ["jinja2", "django"]
    assert backend_of("admin/index.html") is engines["django"]
    assert backend_of("admin/operations/live.html") is engines["django"]
    assert backend_of("error.html") is engines["jinja2"]


def test_it_escapes_and_knows_every_name() -> None:
    environment = engine().env
    assert environment.autoescape is True
    assert environment.undefined is StrictUndefined
    assert environment.from_string("{{ '<b>' }}").render() == "&lt;b&gt;"


def test_a_filter_sees_the_language_in_which_a_page_is_rendered() -> None:
    template = engine().env.from_string("{{ 5000|intcomma }}")
    for language, shown in (("en-gb", "5,000"), ("de", "5.000")):
        with translation.override(language):
            assert template.render() == shown


def test_widgets_come_from_the_same_engine() -> None:
    assert backend_of("django/forms/widgets/textarea.html") is engine()


def test_an_icon_is_skipped_by_screen_readers_unless_it_says_something() -> None:
    assert icon("home") == (
        '<svg class="icon" aria-hidden="true"><use href="#icon-home"></use></svg>'
    )
    assert icon("lock", small=True, label='"Private"') == (
        '<svg class="icon icon-small" role="img" aria-label="&#34;Private&#34;">'
        '<use href="#icon-lock"></use></svg>'
    )


def test_an_avatar_has_initials_and_a_colour() -> None:
    assert avatar(3, "<Ada> Lovelace", "ada", "small") == (
        '<span class="avatar hue-9 avatar-small" aria-hidden="true">L</span>'
    )
    assert component("avatar", 3, "", "<").endswith(">&lt;</span>")


# --- Errors --------------------------------------------------------------------------------------


@pytest.fixture
def _nothing_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that cannot be read, and no database: pytest-django allows none here."""

    def away(self: SessionBase) -> object:
        raise DatabaseError

    monkeypatch.setattr(SessionBase, "_get_session", away)


@pytest.mark.usefixtures("_nothing_is_there")
@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 418, 429, 500, 503])
def test_an_error_needs_neither_database_nor_session(status: int) -> None:
    response = error_page(RequestFactory().get("/"), status, "What <it> was")

    shown = response.content.decode()
    assert response.status_code == status
    assert f'<p class="error-status">{status}</p>' in shown
    assert "What &lt;it&gt; was" in shown
    assert ('href="/status"' in shown) is (status >= 500)


@pytest.mark.usefixtures("_nothing_is_there")
def test_an_unknown_address_needs_neither(client: Client) -> None:
    response = client.get("/nothing-here")
    assert response.status_code == 404
    assert b"error-status" in response.content


def test_a_translated_text_is_html_in_pages_and_plain_in_letters() -> None:
    source = "{{ _('100 %%') }}, {{ _('You: %(text)s', text='<b>') }}"
    env = engine().env
    assert env.from_string(source).render() == "100 %, You: &lt;b&gt;"
    plain = f"{{% autoescape false %}}{source}{{% endautoescape %}}"
    assert env.from_string(plain).render() == "100 %, You: <b>"


def test_a_text_is_translated_into_each_language() -> None:
    template = engine().env.from_string("{{ _('Home') }}")
    shown = []
    for language in ("en", "de", "en"):
        with translation.override(language):
            shown.append(template.render())
    assert shown == ["Home", "Startseite", "Home"]
