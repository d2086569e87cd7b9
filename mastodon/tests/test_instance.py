"""What apps ask at their start."""

import pytest
from django.utils import timezone

from accounts.joining.models import Terms
from accounts.models import User
from chirp.version import VERSION
from moderation.site import services
from moderation.site.models import Announcement, Rule, Site
from tests.helpers.mastodon_client import Mastodon
from tweets import text as texts

pytestmark = pytest.mark.django_db


def test_the_instance_in_both_versions() -> None:
    client = Mastodon()
    new = client.get("/api/v2/instance", "Instance")
    old = client.get("/api/v1/instance/", "InstanceV1")
    assert new["domain"] == old["uri"] == "testserver"
    assert new["version"].split(" ")[0] == "4.5.0"
    assert {**new["configuration"], **old["configuration"]} == new["configuration"]
    assert new["configuration"]["urls"]["streaming"] == "ws://testserver"
    assert old["urls"] == {"streaming_api": "ws://testserver"}
    assert new["configuration"]["statuses"]["max_characters"] == texts.MAX_LENGTH


def test_the_limits_are_those_that_hold(alice: User) -> None:
    limits = Mastodon().get("/api/v2/instance")["configuration"]
    client, most = Mastodon(alice), limits["statuses"]["max_characters"]
    client.post("statuses", "Status", {"status": "x" * most, "spoiler_text": "w" * most})
    error = client.post("statuses", "", {"status": "x" * (most + 1)}, status=422)["error"]
    assert error.startswith("Validation failed: ")


def test_the_texts_are_those_of_the_site(alice: User) -> None:
    client, now = Mastodon(alice), timezone.now()
    site = Site(
        name="Nest", description="Ours <3", contact="a@example.org", privacy="None\n\nof it"
    )
    site.save()
    rule, news = Rule.objects.create(text="Be kind"), Announcement(text="News", starts_at=now)
    news.save()
    services.forget()
    new, old = client.get("/api/v2/instance", "Instance"), client.get("instance", "InstanceV1")
    for found in (new, old):
        assert (found["title"], found["description"]) == ("Nest", "Ours <3")
        assert [each["text"] for each in found["rules"]] == ["Be kind"]
    assert new["contact"]["email"] == old["email"] == "a@example.org"
    assert client.get("instance/rules", "[Rule]")[0]["id"] == str(rule.pk)
    assert client.get("instance/extended_description")["content"] == "<p>Ours &lt;3</p>"
    assert client.get("instance/privacy_policy")["content"] == "<p>None</p><p>of it</p>"
    client.get("instance/terms_of_service", status=404)
    for mode, expected in (
        ("open", (True, False)),
        ("approval", (True, True)),
        ("domains", (True, False)),
        ("invitation", (False, False)),
        ("closed", (False, False)),
    ):
        Terms.objects.update_or_create(pk=1, defaults={"mode": mode, "domains": "a.example"})
        new = client.get("/api/v2/instance", "Instance")["registrations"]
        old = client.get("instance", "InstanceV1")
        assert (new["enabled"], new["approval_required"]) == expected
        assert (old["registrations"], old["approval_required"]) == expected
        assert client.get("/nodeinfo/2.0")["openRegistrations"] == expected[0]
    (shown,) = client.get("announcements", "[Announcement]")
    assert (shown["content"], shown["read"]) == ("<p>News</p>", False)
    client.post(f"announcements/{news.pk}/dismiss")
    assert client.get("announcements") == []
    assert client.get("announcements?with_dismissed=1", "[Announcement]")[0]["read"] is True
    for nothing in ("x", "7"):
        client.post(f"announcements/{nothing}/dismiss", status=404)
    Mastodon().get("announcements", status=401)


def test_nodeinfo() -> None:
    (link,) = Mastodon().get("/.well-known/nodeinfo")["links"]
    assert link["href"] == "http://testserver/nodeinfo/2.0"
    assert Mastodon().get("/nodeinfo/2.0")["software"] == {
        "name": "chirp",
        "version": VERSION,
    }


def test_what_there_is_not_has_the_right_form(alice: User) -> None:
    client = Mastodon(alice)
    assert {"code": "de", "name": "German"} in client.get("instance/languages")
    for path in ("custom_emojis", "trends/links", "domain_blocks"):
        assert client.get(path) == []
    assert client.get("preferences", "Preferences")["posting:default:visibility"] == "public"
    client.get("annual_reports/2025", status=404)
