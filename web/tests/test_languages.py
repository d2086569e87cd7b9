"""The language of a page: what the reader chose, else what the browser accepts."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import OutgoingMail, User
from conftest import PASSWORD
from tests.helpers.api_client import Api
from tests.helpers.tweets import post

pytestmark = pytest.mark.django_db
GERMAN = {"Accept-Language": "de-AT,en;q=0.5"}


def language_of(response: Any) -> str:
    """The language that a page says it is in, in all places where it says so."""
    language, direction = response.text.partition('<html lang="')[2].split('"', 3)[:3:2]
    assert response["Content-Language"] == language
    assert "Accept-Language" in response["Vary"]
    assert direction == ("rtl" if language == "ar" else "ltr")
    return str(language)


def test_an_anonymous_visitor_reads_the_language_of_the_browser(client: Client) -> None:
    for header, expected in {
        "de-AT,en;q=0.5": "de",
        "ar-EG": "ar",
        "xx,ja;q=0.3": "ja",
        "en-GB": "en",
        "": "en",
        "*": "en",
        "xx": "en",
        ";;;q=,,\x7fé": "en",
        "de;q=0": "en",
        "de," * 2000: "de",
    }.items():
        for page in ("/login", "/nothing"):
            response = client.get(page, headers={"Accept-Language": header})
            assert language_of(response) == expected, (header, page)


def test_an_anonymous_visitor_can_choose_another_language(client: Client) -> None:
    chosen = client.post("/language", {"language": "fr", "next": "/login?next=/compose"})
    assert (chosen.status_code, chosen["Location"]) == (302, "/login?next=/compose")
    assert language_of(client.get("/login", headers=GERMAN)) == "fr"
    for wrong in ("xx", "de-DE", "../de", "de\0", "d" * 999):
        refused = client.post("/language", {"language": wrong})
        assert refused.status_code == 400, wrong
        assert language_of(client.get("/login", headers=GERMAN)) == "fr"
    assert client.get("/language").status_code == 405
    client.post("/language", {"language": ""})
    assert language_of(client.get("/login", headers=GERMAN)) == "de"
    client.cookies["language"] = "nonsense"
    assert language_of(client.get("/login", headers=GERMAN)) == "de"


def test_the_choice_of_an_account_goes_before_that_of_the_browser(alice: User, bob: User) -> None:
    client = Client(headers=GERMAN)
    client.cookies["language"] = "es"
    client.force_login(alice)
    assert language_of(client.get("/about")) == "es"
    api = Api(alice)
    assert api.patch("/api/me", {"language": "ar"}).json()["language"] == "ar"
    assert language_of(client.get("/about")) == "ar"
    for wrong in ("xx", "de-DE", "DE", "x" * 11, None, 3, ["de"]):
        refused = api.patch("/api/me", {"language": wrong})
        assert (refused.status_code, "language" in refused.json()["fields"]) == (400, True), wrong
    followed = client.post("/hashtag/tea/follow", follow=True)
    assert "#tea" in followed.text
    assert "You follow" not in followed.text
    # What the site says after the change is in the language of the next page.
    changes = {"language": "fr", "time_zone": ""}
    assert "Enregistré" in client.post("/settings/language", changes, follow=True).text
    report = {"category": "spam"}
    thanks = client.post("/@bob/report", report, follow=True)
    assert "La modération" in thanks.text.partition('class="notices"')[2].partition("</ul>")[0]
    client.post("/language", {"language": "ja"})
    assert api.get("/api/me").json()["language"] == "ja"
    assert language_of(client.get("/settings")) == "ja"
    assert "language" not in Api(alice).get("/api/users/alice").json()


def test_nobody_else_chooses_the_language_of_an_account(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post("/language", {"language": "de"}).status_code == 403
    alice.refresh_from_db()
    assert alice.language == ""


def test_what_shared_caches_keep_is_in_the_language_of_the_browser(alice: User) -> None:
    tweet = post(alice, "Hello")
    alice.language = "ja"
    alice.save()
    client = Client(headers=GERMAN)
    client.cookies["language"] = "es"
    client.force_login(alice)
    assert language_of(client.get(f"/@alice/{tweet.pk}/embed")) == "de"
    for path in ("/@alice.rss", f"/oembed?url=http://testserver/@alice/{tweet.pk}"):
        response = client.get(path)
        assert response.status_code == 200
        assert "Accept-Language" in response["Vary"]


def test_stylesheets_know_no_left_and_no_right() -> None:
    physical = re.compile(
        r"[\s-](left|right)\s*:|:\s*(left|right)\b|-(left|right)-|translateX"
        # Four values, of which the second and the fourth differ.
        r"|(padding|margin|inset): [^\s;]+ ([^\s;]+) [^\s;]+ (?!\5;)[^\s;]+;"
    )
    for sheet in (settings.BASE_DIR / "static/css").rglob("*.css"):
        # The edges of a device stay where they are.
        found = physical.search(re.sub(r"env\(safe-area-inset-\w+\)", "0", sheet.read_text()))
        assert found is None, f"{sheet.name}: write {found[0].strip()} as start and end"


def test_accounts_are_written_to_in_their_language(client: Client) -> None:
    form = {"handle": "hanako", "email": "hanako@example.org", "password": PASSWORD}
    client.post("/register", form, headers={"Accept-Language": "ja"})
    hanako = User.objects.get(handle="hanako")
    assert hanako.language == "ja"
    assert OutgoingMail.objects.get().subject == "メールアドレスの確認"
    assert 'lang="ja"' in OutgoingMail.objects.get().html
    # Whoever asks for it, and in whatever language.
    Client(headers=GERMAN).post("/login/forgotten", {"login": "hanako"})
    mail = OutgoingMail.objects.order_by("pk").last()
    assert mail is not None
    assert mail.subject == "新しいパスワードを設定"
    assert "2時間以内" in mail.text


def test_errors_are_in_the_language_of_the_reader(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    japanese, long = {"Accept-Language": "ja"}, {"text": "x" * 501, "visibility": "public"}
    assert "文字あります" in client.post("/compose", long, headers=japanese).text
    assert "文字あります" not in client.post("/compose", long).text
    refused = client.post(
        "/api/tweets", {"text": " "}, headers=japanese, content_type="application/json"
    )
    assert refused.status_code == 400
    assert "書いてください" in refused.json()["message"]
    assert "ここには何もありません" in client.get("/@nobody", headers=japanese).text


def test_cached_pieces_are_not_shown_in_another_language(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    for language, text in (("ja", "ホーム"), ("en", "Home"), ("ja", "ホーム")):
        assert f">{text}</span>" in client.get("/", headers={"Accept-Language": language}).text
