"""The queue, strikes and appeals in the admin."""

import json
from functools import partial
from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import deletion, purging, security_log, services
from accounts.models import SecurityEvent, User
from chirp.admin_log import Logged
from moderation import appeals, deciding, reporting, roles
from moderation.models import Action, Appeal, AuditEntry, Case, Category, Note, Strike
from tests.helpers.admin import act, address, answer_to, asks, asserts_flat, browser, logged, shown
from tests.helpers.api_client import Api
from tests.helpers.notifications import notices
from tests.helpers.pages import code_in
from tests.helpers.pictures import ready
from tests.helpers.tweets import at_once, post
from tweets.models import Tweet


@pytest.fixture
def queue(warden: User) -> Client:
    """A client that a moderator is signed in with."""
    Group.objects.get(name=roles.MODERATORS).user_set.add(warden.pk)
    return browser(warden)


def reported(reporter: User, *tweets: Tweet, **more: Any) -> Case:
    """A case about tweets."""
    ids = [tweet.pk for tweet in tweets]
    return reporting.report(reporter=reporter, category=Category.ABUSE, tweet_ids=ids, **more).case


def decide(client: Client, case: Case, action: str, *tweets: Tweet, **more: Any) -> Any:
    """The response to a decision, after the second question."""
    where = f"{address(Case)}{case.pk}/decide/"
    ids = [str(tweet.pk) for tweet in tweets]
    data = {"action": action, "tweet_ids": ids, "reason": "Be kind.", **more}
    answer = client.post(where, data)
    return client.post(where, answer_to(answer)) if asks(answer) else answer


def test_a_moderator_decides(
    queue: Client, warden: User, alice: User, bob: User, drain: Any
) -> None:
    direct = post(alice, "@bob you fool", visibility="direct")
    case = reported(bob, direct, comment="Help")
    assert shown(queue, Case) == [case.pk]
    where = f"{address(Case)}{case.pk}/"
    page = queue.get(f"{where}change/").content.decode()
    for text in ("@bob you fool", "Help", "Abuse"):
        assert text in page
    assert "you fool" not in queue.get(f"{address(Tweet)}{direct.pk}/change/").content.decode()
    queue.post(f"{where}assign/", {"take": ""})
    assert Case.objects.get().assignee == warden
    queue.post(f"{where}note/", {"text": "Third time"})
    assert Note.objects.get().author == warden
    assert queue.post(f"{where}note/", {"text": " "}).status_code == 400
    # What is wrong is shown, and nothing typed is lost.
    wrong: list[dict[str, Any]] = [
        {"action": "remove", "reason": "Be kind."},
        {"action": "warn", "reason": ""},
        {"action": "eat", "reason": "Be kind."},
        {"action": "remove", "reason": "Be kind.", "more_tweets": "x"},
        {"action": "warn", "reason": "Be kind." * 200},
    ]
    for data in wrong:
        refused = queue.post(f"{where}decide/", data)
        assert refused.status_code == 400, data
        assert data["reason"] in refused.content.decode()
    foreign = post(bob, "mine")
    assert decide(queue, case, "remove", more_tweets=str(foreign.pk)).status_code == 400
    assert asks(queue.post(f"{where}decide/", {"action": "warn", "reason": "Be kind."}))
    assert queue.get(f"{where}decide/").status_code == 302
    assert not Strike.objects.exists()
    assert decide(queue, case, "remove", direct, mail="on").status_code == 302
    strike = Strike.objects.get()
    assert (strike.moderator, strike.tweet_ids) == (warden, [direct.pk])
    assert Api(alice).get(f"/api/tweets/{direct.pk}").status_code == 404
    assert shown(queue, Case) == []
    assert shown(queue, Case, "?state=closed") == [case.pk]
    assert notices(alice) == ["The moderators removed tweets of yours. The reason: Be kind."]
    assert logged()[-1] == (warden.pk, str(case.pk), "Decided: remove.")
    drain(times=2)
    (sent,) = mail.outbox
    assert (sent.to, "Be kind." in sent.body) == (["alice@example.org"], True)
    late = decide(queue, case, "suspend")
    assert (late.status_code, "@warden has decided this" in late.content.decode()) == (409, True)
    assert "you fool" in queue.get(f"{where}change/").content.decode()


def test_each_action_is_taken_back_with_its_last_strike(
    queue: Client, warden: User, alice: User, bob: User
) -> None:
    tweet = post(alice, "rude")
    for action in (Action.SENSITIVE, Action.REMOVE, Action.LIMIT, Action.SUSPEND, Action.WARN):
        strikes = []
        before = Api(bob).get("/api/users/alice"), Api(bob).get(f"/api/tweets/{tweet.pk}")
        for _ in range(2):
            case = deciding.begin_case(account=alice)
            assert decide(queue, case, action, more_tweets=str(tweet.pk)).status_code == 302
            strikes.append(Strike.objects.latest("pk"))
        alice.refresh_from_db()
        effects = (
            Tweet.objects.filter(marked_sensitive=True).exists(),
            Tweet.objects.exclude(hidden_at=None).exists(),
            alice.limited_at is not None,
            alice.suspended_at is not None,
        )
        order = (Action.SENSITIVE, Action.REMOVE, Action.LIMIT, Action.SUSPEND)
        assert effects == tuple(action == each for each in order)
        assert act(queue, "lift", strikes[:1])[-1] == "Lifted: 1."
        alice.refresh_from_db()
        assert effects == (
            Tweet.objects.filter(marked_sensitive=True).exists(),
            Tweet.objects.exclude(hidden_at=None).exists(),
            alice.limited_at is not None,
            alice.suspended_at is not None,
        )
        act(queue, "lift", strikes)
        after = Api(bob).get("/api/users/alice"), Api(bob).get(f"/api/tweets/{tweet.pk}")
        assert [answer.json() for answer in before] == [answer.json() for answer in after]
    assert len(notices(alice)) == 20


def test_staff_and_oneself_are_out_of_reach(queue: Client, warden: User, alice: User) -> None:
    alice.is_staff = True
    alice.save()
    for account in (alice, warden):
        case = deciding.begin_case(account=account)
        assert decide(queue, case, "suspend").status_code == 403
    assert not Strike.objects.exists()


def test_an_appeal_is_accepted_or_rejected(
    queue: Client, warden: User, alice: User, drain: Any
) -> None:
    strikes = []
    for _ in range(2):
        case = deciding.begin_case(account=alice)
        decide(queue, case, "suspend", mail="on")
        strikes.append(Strike.objects.latest("pk"))
        appeals.appeal(user=alice, strike_id=strikes[-1].pk, text="It was not me.")
    first, second = (f"{address(Appeal)}{strike.pk}/change/" for strike in strikes)
    assert shown(queue, Appeal) == [strikes[1].pk, strikes[0].pk]
    assert "It was not me." in queue.get(first).content.decode()
    assert queue.post(first, {"reject": "", "answer": "It was."}).status_code == 302
    assert queue.post(second, {"accept": "", "answer": "x" * 1001}).status_code == 400
    assert queue.post(second, {"accept": "", "answer": "Sorry."}).status_code == 302
    again = queue.post(second, {"reject": ""})
    assert "Somebody else has decided" in again.content.decode()
    assert [Appeal.objects.get(pk=strike.pk).accepted for strike in strikes] == [False, True]
    assert not User.objects.active().filter(pk=alice.pk)  # the first strike still says so
    deciding.lift(strike_id=strikes[0].pk, by=warden, now=timezone.now())
    assert User.objects.active().filter(pk=alice.pk)
    assert ["Sorry." in note for note in notices(alice)] == [False, True, False, False, False]
    mail.outbox.clear()
    drain()
    assert [m.subject for m in mail.outbox].count("Your appeal") == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_moderators_one_decides(alice: User, warden: User, person: Any) -> None:
    case, other = deciding.begin_case(account=alice), person("guard")

    def decides(by: User) -> object:
        try:
            deciding.decide(
                case_id=case.pk, by=by, action=Action.WARN, reason="Be kind.", now=timezone.now()
            )
        except deciding.AlreadyDecided as error:
            return error.detail
        return None

    results = at_once([partial(decides, by) for by in (warden, other)])
    assert results.count(None) == 1
    assert Strike.objects.count() == 1


def test_the_lists_and_the_page_of_a_case_stay_cheap(
    queue: Client, alice: User, bob: User, person: Any, django_assert_num_queries: Any
) -> None:
    case = reported(bob, post(alice, "one"))
    where = f"{address(Case)}{case.pk}/change/"

    def grow() -> None:
        for number in range(3):
            who = person(f"p{number}")
            reported(who, post(alice, "more"))
            reported(bob, post(who, "theirs"))

    queue.get(where)
    asserts_flat(queue, Case, grow)
    with django_assert_num_queries(13):
        assert queue.get(where).status_code == 200


def test_without_the_role_nothing_is_shown(alice: User, bob: User) -> None:
    case = reported(bob, post(alice, "rude"))
    client = browser(bob)
    where = f"{address(Case)}{case.pk}/"
    for path in (address(Case), f"{where}change/", address(Case, "add"), address(Appeal)):
        assert client.get(path).status_code == 403, path
    for verb in ("decide", "assign", "note"):
        assert client.post(f"{where}{verb}/", {"action": "dismiss"}).status_code == 403
    assert Case.objects.get().closed_at is None


def test_the_audit_log_cannot_be_changed(
    queue: Client, warden: User, alice: User, capsys: Any
) -> None:
    case = deciding.begin_case(account=alice)
    queue.post(f"{address(Case)}{case.pk}/assign/", {"take": ""}, REMOTE_ADDR="192.0.2.7")
    decide(queue, case, "suspend")
    wanted = ["case.assigned", "admin.changed", "case.decided", "admin.changed"]
    entries = AuditEntry.objects.order_by("pk")
    assert [entry.what for entry in entries] == wanted
    assigned, _, decided, logged_ = entries
    assert (assigned.address, assigned.actor_id) == ("192.0.2.7", warden.pk)
    assert (decided.before["suspended"], decided.after["suspended"]) == (False, True)
    assert (decided.account_id, logged_.subject_id) == (alice.pk, str(case.pk))
    assert "alice" not in str([vars(entry) for entry in entries])
    statements = (
        "UPDATE moderation_auditentry SET what = 'x'",
        "DELETE FROM moderation_auditentry",
        "ALTER TABLE moderation_auditentry ENABLE TRIGGER audit_refuse_truncate;"
        "TRUNCATE moderation_auditentry",
    )
    for statement in statements:
        with (
            pytest.raises(ProgrammingError, match="cannot be changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    call_command("audit", on="alice", by="@warden")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["what"] for line in lines] == ["case.assigned", "case.decided"]
    with pytest.raises(CommandError, match="no account @nobody"):
        call_command("audit", by="nobody")
    assert queue.get(address(AuditEntry)).status_code == 403
    chief = browser(warden, superuser=True)
    assert len(shown(chief, AuditEntry, "?q=@alice")) == 2
    row = address(AuditEntry, "change", decided.pk)
    assert chief.get(row).status_code == 200
    assert chief.post(row, {"what": "x"}).status_code == 403
    assert chief.get(address(AuditEntry, "delete", decided.pk)).status_code == 403


def test_every_admin_keeps_the_audit_log() -> None:
    assert {type(each) for each in site._registry.values() if not isinstance(each, Logged)} == set()


def test_hidden_pictures_are_gone_for_everybody_until_the_strike_is_lifted(
    queue: Client, alice: User, bob: User
) -> None:
    tweet = post(alice, "look", media_ids=[ready(alice).pk])
    path = f"/api/tweets/{tweet.pk}"
    (shown_first,) = Api(bob).get(path).json()["media"]
    file = shown_first["url"].removeprefix("http://testserver")
    assert Client().get(file).status_code == 200
    case = reported(bob, tweet)
    assert decide(queue, case, "hide_media", tweet).status_code == 302
    for viewer in (bob, alice, None):
        seen = Api(viewer).get(path).json()
        assert (seen["text"], seen["media"]) == ("look", []), viewer
        assert Client().get(file).status_code == 404
    assert "<img" not in Client().get(f"/@alice/{tweet.pk}").content.decode().partition("<main")[2]
    assert Api().get("/api/users/alice/media").json()["results"] == []
    assert act(queue, "lift", [Strike.objects.get()])
    assert len(Api().get(path).json()["media"]) == 1
    assert Client().get(file).status_code == 200


def test_a_deletion_suspends_at_once_and_can_be_lifted_until_it_is_due(
    queue: Client, alice: User, bob: User
) -> None:
    tweet = post(alice)
    assert decide(queue, reported(bob, tweet), "delete").status_code == 302
    row = User.objects.get(pk=alice.pk)
    assert row.suspended_at is not None
    assert row.delete_at is not None
    assert Api(bob).get(f"/api/tweets/{tweet.pk}").status_code == 404
    entry = AuditEntry.objects.filter(what="case.decided").get()
    assert (entry.before["delete_at"], bool(entry.after["delete_at"])) == (None, True)
    # A suspension besides stays.
    decide(queue, deciding.begin_case(account=alice), "suspend")
    assert act(queue, "lift", Strike.objects.filter(action="delete"))
    row = User.objects.get(pk=alice.pk)
    assert row.suspended_at is not None
    assert row.delete_at is None
    assert act(queue, "lift", Strike.objects.filter(action="suspend"))
    assert User.objects.get(pk=alice.pk).suspended_at is None
    assert Api(bob).get(f"/api/tweets/{tweet.pk}").status_code == 200


def test_a_deletion_that_was_lifted_is_not_done(queue: Client, alice: User, bob: User) -> None:
    """Also of an account that its owner had deactivated; what its owner has ordered stays."""
    for user, ordered in ((alice, False), (bob, True)):
        services.hide(user=user, now=timezone.now())
        decide(queue, deciding.begin_case(account=user), "delete")
        if ordered:
            security_log.record(SecurityEvent.Kind.DELETION_ASKED, user_id=user.pk)
        act(queue, "lift", Strike.objects.filter(account=user))
        assert (User.objects.get(pk=user.pk).delete_at is not None) == ordered


def test_a_purge_that_has_begun_goes_on_unseen(queue: Client, alice: User, bob: User) -> None:
    """A strike that is lifted too late neither stops it halfway nor shows what is left."""
    decide(queue, reported(bob, post(alice)), "delete")
    User.objects.filter(pk=alice.pk).update(delete_at=timezone.now())
    assert alice.pk in deletion.begin_due(now=timezone.now())
    act(queue, "lift", Strike.objects.filter(account=alice))
    row = User.objects.get(pk=alice.pk)
    assert (row.is_active, row.delete_at is not None) == (False, True)
    LogEntry.objects.all().delete()
    texts = ["@alice: Warning", f"to {alice.email}", "@alice2", f"m{alice.email}", "malice"]
    what = {"content_type_id": None, "action_flag": CHANGE, "user": bob}
    for text in texts:
        LogEntry.objects.create(object_repr=text, **what)
    assert purging.purge_some(user_id=alice.pk)
    assert not User.objects.filter(pk=alice.pk).exists()
    left = LogEntry.objects.order_by("pk").values_list("object_repr", flat=True)
    assert list(left) == [purging.GONE, purging.GONE, *texts[2:]]


def test_the_first_page_begins_with_what_waits(
    queue: Client, warden: User, alice: User, bob: User
) -> None:
    empty = queue.get("/admin/").content.decode()
    reported(bob, post(alice, "You fool"))
    html = queue.get("/admin/").content.decode()
    assert "<strong>0</strong> Reports" in empty
    assert "<strong>1</strong> Reports" in html
    assert f'href="{address(Case)}"' in html
    assert html.index("Waiting for a decision") < html.index("Herd".lower()) < html.index("module")
    assert 'href="/">Back to the site' in html
    assert not code_in(html)
    others = browser(bob, "tweets.view_tweet").get("/admin/").content.decode()
    assert "Waiting for a decision" not in others, "not for them"
