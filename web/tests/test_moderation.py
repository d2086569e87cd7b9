"""The pages by which people report, and read what moderators decided."""

from django.test import Client
from django.utils import timezone

from accounts.models import User
from conftest import PASSWORD
from moderation import deciding
from moderation.models import Action, Appeal, Report
from moderation.site.models import Rule
from tests.helpers.pages import page
from tests.helpers.tweets import post


def suspended(user: User, by: User) -> int:
    """Suspend an account, and return the id of the strike."""
    case = deciding.begin_case(account=user)
    strike = deciding.decide(
        case_id=case.pk, by=by, action=Action.SUSPEND, reason="Enough.", now=timezone.now()
    )
    assert strike is not None
    return strike.pk


def test_reporting_a_tweet_and_an_account(client: Client, alice: User, bob: User) -> None:
    tweet = post(alice, "buy this")
    where = f"/@alice/{tweet.pk}/report"
    assert client.get(where).headers["Location"].startswith("/login")
    client.force_login(bob)
    assert f'href="{where}?next=' in page(client.get(f"/@alice/{tweet.pk}"))
    assert 'href="/@alice/report?next=' in page(client.get("/@alice"))
    assert "buy this" in page(client.get(where))
    refused = client.post(where, {"comment": "Look at this"})
    assert refused.status_code == 400
    assert "Look at this" in page(refused)
    rule = Rule.objects.create(text="Be kind.")
    assert "Be kind." in page(client.get(where))
    assert client.post(where, {"category": "rules", "rule_ids": "999"}).status_code == 400
    done = client.post(
        f"{where}?next=/explore", {"category": "abuse", "comment": "Look", "rule_ids": rule.pk}
    )
    assert done.headers["Location"] == "/explore"
    assert client.post("/@ALICE/report", {"category": "spam"}).status_code == 302
    categories = Report.objects.order_by("pk").values_list("category", flat=True)
    assert list(categories) == ["abuse", "spam"]
    assert Report.objects.get(category="abuse").rule_ids == [rule.pk]
    listed = page(client.get("/settings/reports"))
    assert ("@alice</bdi> · 1 tweet" in listed, "Waiting" in listed) == (True, True)
    assert client.get("/@nobody/report").status_code == 404
    assert client.post("/@bob/report", {"category": "spam"}).status_code == 400


def test_a_suspended_person_reads_why_and_appeals(
    client: Client, alice: User, bob: User, warden: User
) -> None:
    strike = suspended(alice, warden)
    login = {"login": "alice", "password": PASSWORD}
    assert client.post("/login", login).headers["Location"] == "/settings/strikes"
    shown = page(client.get("/settings/strikes"))
    assert ("Enough." in shown, "Appeal" in shown) == (True, True)
    for path in ("/settings", "/notifications", "/settings/reports"):
        assert client.get(path).headers["Location"].startswith("/login"), path
    where = f"/settings/strikes/{strike}/appeal"
    assert client.post(where, {"text": " "}).status_code == 400
    assert client.post(where, {"text": "No."}).headers["Location"] == "/settings/strikes"
    assert Appeal.objects.get().text == "No."
    again = client.post(where, {"text": "No!"})
    assert (again.status_code, "No!" in page(again)) == (409, True)
    deciding.lift(strike_id=strike, by=warden, now=timezone.now())
    assert client.get("/settings/strikes").headers["Location"].startswith("/login")
    client.force_login(bob)
    assert client.get(where).status_code == 404
    assert "No decisions" in page(client.get("/settings/strikes"))


def test_another_password_ends_the_way_in(client: Client, alice: User, warden: User) -> None:
    suspended(alice, warden)
    client.post("/login", {"login": "alice", "password": PASSWORD})
    User.objects.filter(pk=alice.pk).update(token_version=99)
    assert client.get("/settings/strikes").headers["Location"].startswith("/login")
    wrong = client.post("/login", {"login": "alice", "password": "not it at all"})
    assert wrong.status_code == 401
    assert client.get("/settings/strikes").status_code == 302
