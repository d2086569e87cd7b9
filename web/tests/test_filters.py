"""Filters in the settings."""

from django.test import Client

from accounts.models import User
from filters.matching import Phrase
from filters.models import Filter, FilterPhrase
from filters.services import create_filter
from tests.helpers.pages import page
from tests.helpers.pictures import ready
from tests.helpers.tweets import post

FORM = {
    "title": "Football",
    "phrases": "goal\r\n\r\nkick off",
    "whole_word": "on",
    "action": "hide",
    "contexts": ["home", "thread"],
    "lasts": "1d",
}


def test_it_creates_changes_and_deletes(client: Client, alice: User) -> None:
    assert client.get("/settings/filters").headers["Location"].startswith("/login")
    client.force_login(alice)
    assert "No filters" in page(client.get("/settings/filters"))
    assert 'name="contexts"' in page(client.get("/settings/filters/new"))
    assert client.post("/settings/filters/new", FORM).headers["Location"] == "/settings/filters"
    found = Filter.objects.get()
    assert [phrase.text for phrase in found.phrases.order_by("pk")] == ["goal", "kick off"]
    listed = page(client.get("/settings/filters"))
    assert "goal, kick off" in listed
    where = f"/settings/filters/{found.pk}"
    assert "goal\nkick off" in page(client.get(where))
    client.post(where, {**FORM, "title": "Sport", "lasts": "keep"})
    changed = Filter.objects.get()
    assert (changed.title, changed.expires_at) == ("Sport", found.expires_at)
    client.post(where, {**FORM, "lasts": ""})
    assert Filter.objects.get().expires_at is None
    client.post(f"{where}/delete")
    assert not Filter.objects.exists()


def test_phrases_of_both_kinds_stay_as_they_are(client: Client, alice: User) -> None:
    phrases = [Phrase("goal", True), Phrase("kick", False)]
    made = create_filter(owner=alice, title="x", phrases=phrases, contexts=["home"])
    client.force_login(alice)
    form = {**FORM, "phrases": "goal\nkick\nball", "lasts": ""}

    def stored() -> dict[str, bool]:
        return dict(FilterPhrase.objects.values_list("text", "whole_word"))

    client.post(f"/settings/filters/{made.pk}", {**form, "whole_word": ""})
    assert stored() == {"goal": True, "kick": False, "ball": False}
    client.post(f"/settings/filters/{made.pk}", {**form, "whole_word": "on"})
    assert stored() == {"goal": True, "kick": True, "ball": True}


def test_what_is_wrong_is_shown_and_nothing_typed_is_lost(client: Client, alice: User) -> None:
    client.force_login(alice)
    answer = client.post("/settings/filters/new", {**FORM, "title": " ", "contexts": []})
    assert answer.status_code == 400
    assert "kick off" in page(answer)
    long = client.post("/settings/filters/new", {**FORM, "phrases": "x" * 101})
    assert long.status_code == 400
    assert "At most 100 characters." in page(long)


def test_one_that_blurs_covers_media_and_nothing_else(
    client: Client, alice: User, bob: User
) -> None:
    client.force_login(alice)
    client.post("/settings/filters/new", {**FORM, "action": "blur", "contexts": ["profile"]})
    assert "Cover its pictures" in page(client.get("/settings/filters"))
    quoted = post(alice, "The pitch", media_ids=[ready(alice).pk])
    post(bob, "No pictures of a goal")
    assert '<details class="warned' not in page(client.get("/@bob"))
    post(bob, "A goal!", media_ids=[ready(bob).pk], quote_of_id=quoted.pk, sensitive=True)
    html = page(client.get("/@bob"))
    assert html.count("Filtered: Football") == html.count('<details class="warned">') == 2
    assert html.index("A goal!") < html.index("Filtered: Football") < html.index("media-1")
    assert "Sensitive content" not in html
    assert "Filtered" not in page(client.get("/@alice"))  # where nothing is about goals
    post(bob, "A goal", spoiler="Careful", media_ids=[ready(bob).pk])
    html = page(client.get("/@bob"))
    assert html.index("Careful") < html.index("Filtered: Football")


def test_those_of_others_are_not_there(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    client.post("/settings/filters/new", FORM)
    where = f"/settings/filters/{Filter.objects.get().pk}"
    client.force_login(bob)
    assert client.get(where).status_code == client.post(where, FORM).status_code == 404
    client.post(f"{where}/delete")
    assert Filter.objects.exists()
