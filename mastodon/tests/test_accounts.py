"""Accounts and what is between them."""

from datetime import UTC
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from chirp.times import rfc3339
from people.profile import update_profile
from people.services import block, follow
from search.people import index_people
from tests.helpers.mastodon_client import Mastodon
from tests.helpers.pictures import picture
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db


def acct(client: Mastodon, path: str) -> list[str]:
    """The handles of the accounts in a list."""
    return [each["acct"] for each in client.get(path, "[Account]")]


def test_an_account_by_id_and_by_name(alice: User, bob: User) -> None:
    update_profile(
        user=bob, changes={"bio": "hi @alice", "link": "https://b.example/", "place": "X"}
    )
    client = Mastodon(alice)
    found = client.get(f"accounts/{bob.pk}", "Account")
    assert found["url"] == "http://testserver/@bob"
    assert 'href="http://testserver/@alice"' in found["note"]
    assert [field["name"] for field in found["fields"]] == ["Website", "Place"]
    for name in ("bob", "@BOB", "bob@testserver", " @bob@TESTSERVER "):
        assert client.get(f"accounts/lookup?acct={name}", "Account")["id"] == str(bob.pk)
    for name in ("nobody", "bob@elsewhere.example", "", "%00"):
        client.get(f"accounts/lookup?acct={name}", status=422 if name == "%00" else 404)
    for id_ in ("0", "x", "9" * 26, "-1", str(2**62)):
        client.get(f"accounts/{id_}", status=404)
    assert acct(client, f"accounts?id[]={bob.pk}&id[]=99999&id[]=x") == ["bob"]


def test_whom_they_block_sees_a_bare_account(alice: User, bob: User) -> None:
    update_profile(user=bob, changes={"bio": "secret"})
    post_tweet(author=bob, text="hello")
    follow(follower=alice, followee=bob)
    block(blocker=bob, blocked=alice)
    client = Mastodon(alice)
    assert client.get(f"accounts/{bob.pk}", "Account")["note"] == ""
    for path in ("statuses", "followers", "following", "statuses?pinned=true"):
        assert client.get(f"accounts/{bob.pk}/{path}") == []
    client.post(f"accounts/{bob.pk}/follow", status=403)
    between = client.get(f"accounts/relationships?id={bob.pk}", "[Relationship]")[0]
    assert (between["blocked_by"], between["following"]) == (True, False)


def test_ones_own_account_and_changes_of_it(alice: User) -> None:
    client = Mastodon(alice)
    body = {
        "display_name": "Alice",
        "note": "new\nlines",
        "locked": "true",
        "fields_attributes": {"0": {"name": "website", "value": "https://a.example/"}, "1": {}},
        "bot": True,
        "source": {"privacy": "private"},
    }
    changed = client.patch("accounts/update_credentials", "CredentialAccount", body)
    assert (changed["display_name"], changed["locked"]) == ("Alice", True)
    assert changed["source"]["note"] == "new\nlines"
    assert changed["source"]["fields"][0]["value"] == "https://a.example/"
    again = client.get("accounts/verify_credentials", "CredentialAccount")
    assert again == changed
    for wrong in (
        {"note": "x" * 501},
        {"display_name": "\x00"},
        {"fields_attributes": [{"name": "Pronouns", "value": "x"}]},
        {"fields_attributes": [{"name": "Website", "value": "javascript:x"}]},
    ):
        client.patch("accounts/update_credentials", "", wrong, status=422)


def test_who_may_quote_by_default(alice: User) -> None:
    client, path = Mastodon(alice), "accounts/update_credentials"
    data = "source%5Bquote_policy%5D=nobody"
    form = "application/x-www-form-urlencoded"
    changed = client.send("patch", path, entity="CredentialAccount", data=data, content_type=form)
    assert changed.json()["source"]["quote_policy"] == "nobody"
    assert client.get("preferences", "Preferences")["posting:default:quote_policy"] == "nobody"
    usual = client.post("statuses", "Status", {"status": "as always"})
    other = client.post("statuses", "Status", {"status": "x", "quote_approval_policy": "followers"})
    assert usual["quote_approval"]["automatic"] == []
    assert other["quote_approval"]["automatic"] == ["followers"]
    client.patch(path, "", {"source": {"quote_policy": "friends"}}, status=422)
    assert client.patch(path, "CredentialAccount", {"source": {"quote_policy": ""}})


def test_attribution_domains_are_refused_and_not_dropped(alice: User) -> None:
    client, path = Mastodon(alice), "accounts/update_credentials"
    nothing: list[list[str]] = [[], [""]]
    for domains in nothing:
        body = {"note": "hi", "attribution_domains": domains}
        answer = client.patch(path, "CredentialAccount", body)
        assert answer["source"]["attribution_domains"] == []
    some = {"note": "lost?", "attribution_domains": ["example.com"]}
    assert "domains" in client.patch(path, "", some, status=422)["error"]
    assert client.get("accounts/verify_credentials")["source"]["note"] == "hi"


def test_a_form_with_a_picture_works_with_patch(alice: User) -> None:
    from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

    upload = SimpleUploadedFile("a.png", picture(), content_type="image/png")
    data = encode_multipart(BOUNDARY, {"display_name": "A", "avatar": upload})
    client = Mastodon(alice)
    changed = client.send(
        "patch",
        "accounts/update_credentials",
        entity="CredentialAccount",
        data=data,
        content_type=MULTIPART_CONTENT,
    )
    assert changed.json()["display_name"] == "A"
    broken = SimpleUploadedFile("a.png", b"<svg/>", content_type="image/png")
    data = encode_multipart(BOUNDARY, {"avatar": broken})
    client.send(
        "patch",
        "accounts/update_credentials",
        status=422,
        data=data,
        content_type=MULTIPART_CONTENT,
    )


def test_a_scope_for_the_profile_alone_opens_that(alice: User) -> None:
    client = Mastodon(alice, scopes=["profile"])
    client.get("accounts/verify_credentials", "CredentialAccount")
    client.get("timelines/home", status=403)
    reads = Mastodon(alice, scopes=["read"])
    reads.post("statuses", "", {"status": "x"}, status=403)
    Mastodon(alice, scopes=["follow"]).post(f"accounts/{alice.pk}/unfollow", status=422)


def test_what_one_does_to_others(alice: User, bob: User) -> None:
    client = Mastodon(alice)

    def does(action: str, body: Any = None) -> set[str]:
        between = client.post(f"accounts/{bob.pk}/{action}", "Relationship", body)
        return {name for name, value in between.items() if value is True}

    assert does("follow") == {"following", "showing_reblogs"}
    assert does("follow", {"reblogs": False, "notify": True}) == {"following", "notifying"}
    assert does("follow", {}) == {"following", "notifying"}
    assert does("unfollow") == does("unfollow") == set()
    assert does("mute") == {"muting", "muting_notifications"}
    assert acct(client, "mutes") == ["bob"]
    assert does("unmute") == set()
    assert does("block") == {"blocking"}
    assert acct(client, "blocks") == ["bob"]
    assert does("unblock") == set()
    Mastodon(bob).post(f"accounts/{alice.pk}/follow", "Relationship")
    assert does("remove_from_followers") == set()
    client.post(f"accounts/{alice.pk}/follow", status=422)
    client.post("accounts/0/follow", status=404)


def test_a_mute_with_an_end_and_a_private_note(alice: User, bob: User) -> None:
    client, path = Mastodon(alice), f"accounts/{bob.pk}"
    ends = client.post(f"{path}/mute", "Relationship", {"duration": "3600"})["muting_expires_at"]
    (muted,) = client.get("mutes", "[Account]")
    assert muted["mute_expires_at"] == ends > rfc3339(timezone.now())
    forever = client.post(f"{path}/mute", "Relationship", {"duration": 0})
    assert (forever["muting"], forever["muting_expires_at"]) == (True, None)
    client.post(f"{path}/unmute", "Relationship")

    assert client.post(f"{path}/note", "Relationship", {"comment": "of Rome"})["note"] == "of Rome"
    (between,) = client.get(f"accounts/relationships?id[]={bob.pk}", "[Relationship]")
    assert between["note"] == "of Rome"
    client.post(f"{path}/note", "", {"comment": "x" * 2001}, status=422)
    assert client.post(f"{path}/note", "Relationship")["note"] == ""
    client.post(f"accounts/{alice.pk}/note", "", {"comment": "x"}, status=422)
    Mastodon(alice, scopes=["read"]).post(f"{path}/note", "", {"comment": "x"}, status=403)


def test_when_somebody_last_wrote(alice: User, bob: User) -> None:
    client = Mastodon(bob)

    def last(**more: Any) -> Any:
        post_tweet(author=alice, text="x", **more)
        return client.get(f"accounts/{alice.pk}", "Account")["last_status_at"]

    assert last(visibility="followers") is None
    assert last() == timezone.now().astimezone(UTC).date().isoformat()
    assert client.get("timelines/public", "[Status]")[0]["account"]["last_status_at"]
    update_profile(user=alice, changes={"private": True})
    assert client.get(f"accounts/{alice.pk}", "Account")["last_status_at"] is None


def test_requests_to_a_private_account(alice: User, bob: User, charlie: User) -> None:
    update_profile(user=alice, changes={"private": True})
    mine = Mastodon(alice)
    for other in (bob, charlie):
        between = Mastodon(other).post(f"accounts/{alice.pk}/follow", "Relationship")
        assert (between["requested"], between["following"]) == (True, False)
    assert acct(mine, "follow_requests") == ["charlie", "bob"]
    own = mine.get("accounts/verify_credentials", "CredentialAccount")
    assert own["source"]["follow_requests_count"] == 2
    assert mine.post(f"follow_requests/{bob.pk}/authorize", "Relationship")["followed_by"]
    mine.post(f"follow_requests/{charlie.pk}/reject", "Relationship")
    mine.post(f"follow_requests/{charlie.pk}/authorize", status=404)
    assert acct(mine, f"accounts/{alice.pk}/followers") == ["bob"]
    assert acct(Mastodon(charlie), f"accounts/{alice.pk}/followers") == []


def test_pages_of_followers_by_links(alice: User, person: Any) -> None:
    fans = [person(f"fan{number}") for number in range(5)]
    for fan in fans:
        follow(follower=fan, followee=alice)
    client = Mastodon()
    pages = client.walk(f"accounts/{alice.pk}/followers?limit=2", "Account")
    handles = [[each["acct"] for each in entries] for entries in pages]
    assert handles == [["fan4", "fan3"], ["fan2", "fan1"], ["fan0"]]
    _, links = client.page(f"accounts/{alice.pk}/followers?limit=2", "Account")
    _, links = client.page(links["next"], "Account")
    assert acct(client, links["prev"]) == ["fan4", "fan3"]


def test_search_for_people(alice: User, bob: User, person: Any) -> None:
    index_people([alice.pk, bob.pk])
    client = Mastodon(alice)
    for query in ("bo", "@bob", "bob@testserver", "@BOB@testserver"):
        assert acct(client, f"accounts/search?q={query}") == ["bob"], query
    person("brandnew")  # which the index of names does not know yet
    assert acct(client, "accounts/search?q=brandnew") == ["brandnew"]
    for query in ("", "@", "bob@elsewhere.example", "zzz"):
        assert acct(client, f"accounts/search?q={query}") == [], query
    assert acct(client, "accounts/search?q=bo&following=true") == []
