"""What apps ask at their start."""

import pytest

from accounts.models import User
from mastodon.views import instance
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
    assert "streaming" not in new["configuration"]["urls"]
    assert "vapid" not in new["configuration"]
    assert new["configuration"]["statuses"]["max_characters"] == texts.MAX_LENGTH


def test_the_limits_are_those_that_hold(alice: User) -> None:
    limits = Mastodon().get("/api/v2/instance")["configuration"]
    client, most = Mastodon(alice), limits["statuses"]["max_characters"]
    client.post("statuses", "Status", {"status": "x" * most})
    error = client.post("statuses", "", {"status": "x" * (most + 1)}, status=422)["error"]
    assert error.startswith("Validation failed: ")


def test_nodeinfo() -> None:
    (link,) = Mastodon().get("/.well-known/nodeinfo")["links"]
    assert link["href"] == "http://testserver/nodeinfo/2.0"
    assert Mastodon().get("/nodeinfo/2.0")["software"] == {
        "name": "chirp",
        "version": instance.VERSION,
    }


def test_what_there_is_not_has_the_right_form(alice: User) -> None:
    client = Mastodon(alice)
    for path in ("custom_emojis", "announcements", "featured_tags", "trends/links", "endorsements"):
        assert client.get(path) == []
    assert client.get("preferences", "Preferences")["posting:default:visibility"] == "public"
    for path in ("instance/terms_of_service", "annual_reports/2025"):
        client.get(path, status=404)
