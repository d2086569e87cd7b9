"""An account that was deleted for good is found nowhere, and what is left is right."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import ForeignObjectRel
from django.test import Client, override_settings
from django.utils import timezone

from accounts import deletion, emails, purging, tasks
from accounts.joining import invitations
from accounts.joining.models import Arrival, Invitation
from accounts.models import KeptMail, PendingRecount, User
from accounts.oauth import services as oauth
from accounts.services import register
from archives import services as imports
from archives.exporting import services as exporting
from chirp.observability import logs
from conftest import PASSWORD
from media.models import Media
from media.previews.models import Preview, PreviewState
from moderation import appeals, deciding, notes
from moderation.models import Action, AuditEntry, Case
from moderation.site import services as announcements
from moderation.site.models import Announcement
from notifications.models import Digest, Request
from people import counters as people_counters
from search.people import index_new_people
from tests.helpers import passkey
from tests.helpers.admin import act, browser
from tests.helpers.api_client import Api
from tests.helpers.authenticator import App
from tests.helpers.mastodon_client import Mastodon, new_app
from tests.helpers.moderation import decided
from tests.helpers.pictures import named, ready
from tests.helpers.push_service import Device
from tests.helpers.remains import in_files, in_redis, in_tables
from tests.helpers.secret_logs import holds_no_secret, postgres_log
from timelines import services as timelines
from timelines.models import CelebrityOverride, PulledAuthor
from tools import twitter_archive as twitter
from tweets import counters as tweet_counters
from tweets.models import SOMEBODY_GONE, Mention, Tweet

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("own_storage"),
]
MARK = "zqmarkerzq"
FIRST_ID = 7_654_321_000  # so that the id of the account is found wherever it stands
# Numbers of conversations and read positions of others: they lead to nothing.
NUMBERS = {"conversation_id", "read_up_to", "last_read_id"}


@pytest.fixture(autouse=True)
def _log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, drain: Callable[..., int]
) -> Iterator[None]:
    """What is logged is in a file, in the formats of the site, and is searched like all files."""
    caplog.set_level(logging.INFO)
    handlers = [logging.FileHandler(tmp_path / f"log.{name}") for name in logs.FORMATS]
    for handler, wanted in zip(handlers, logs.FORMATS.values(), strict=True):
        handler.setFormatter(wanted())
        logging.getLogger().addHandler(handler)
    yield
    for handler in handlers:
        logging.getLogger().removeHandler(handler)
        handler.close()


@pytest.fixture
def leaver(db: None) -> User:
    """The account that is going to be deleted."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SEQUENCE accounts_user_id_seq RESTART WITH {FIRST_ID}")
    return register(handle=MARK, email=f"{MARK}@example.org", password=PASSWORD, name=f"{MARK} N")


def done(response: Any) -> Any:
    """The JSON of a response that is a success."""
    assert response.status_code < 300, (response.status_code, response.content)
    return response.json() if response.content else None


class Life:
    """A person who uses everything, with MARK in every text, and bob, who reacts to it all."""

    def __init__(self, leaver: User, bob: User, alice: User) -> None:
        self.leaver, self.bob, self.alice = leaver, bob, alice
        self.mine, self.theirs = Api(leaver), Api(bob)

    def tweet(self, by: Api | None = None, text: str = MARK, **more: Any) -> str:
        """Post a tweet, and return its id."""
        return str(done((by or self.mine).post("/api/tweets", {"text": text, **more}))["id"])

    def live(self) -> None:
        """Use everything."""
        self._profile()
        self._people()
        self._tweets()
        self._collections()
        self._reactions()

    def _profile(self) -> None:
        about = {"bio": MARK, "place": MARK, "link": f"https://{MARK}.example"}
        done(self.mine.patch("/api/me", about))
        for purpose in ("avatar", "header"):
            ready(self.leaver, purpose=purpose)
        ready(self.leaver, alt=MARK)  # in no tweet
        done(self.mine.patch("/api/me/notification-settings", {"strangers": "filter"}))

    def _people(self) -> None:
        for one, other in ((self.mine, "bob"), (self.theirs, MARK), (Api(self.alice), MARK)):
            done(one.put(f"/api/users/{other}/follow"))
        done(self.mine.put("/api/users/charlie/block"))
        done(self.mine.put("/api/users/warden/mute"))
        done(self.mine.put("/api/users/warden/note", {"text": f"a note of {MARK}"}))
        done(Api(self.alice).put(f"/api/users/{MARK}/follow", {"notify": True}))
        done(Api(self.alice).put(f"/api/users/{MARK}/mute"))
        done(Api(self.alice).put(f"/api/users/{MARK}/note", {"text": f"about {MARK}"}))

    def _tweets(self) -> None:
        media = ready(self.leaver, alt=MARK)
        self.first = self.tweet(text=f"{MARK} #tag{MARK} @bob", media_ids=[str(media.pk)])
        done(self.mine.patch(f"/api/tweets/{self.first}", {"text": f"{MARK} #tag{MARK} @bob 2"}))
        poll = {"choices": [MARK, "No"], "expires_in": 3600}
        self.poll = self.tweet(poll=poll, spoiler=MARK)
        self.tweet(visibility="unlisted", location={"lat": 1, "lon": 2, "name": MARK})
        self.tweet(visibility="followers", text=f"https://{MARK}.example/page")
        self.direct = self.tweet(visibility="direct", text=f"@bob {MARK}")
        self.deleted = self.tweet(text=f"{MARK} deleted")
        done(self.mine.delete(f"/api/tweets/{self.deleted}"))
        self.bobs = self.tweet(self.theirs, "Of bob")
        self.bobs_poll = self.tweet(
            self.theirs, "Well?", poll={"choices": ["A", "B"], "expires_in": 3600}
        )
        self.reply = self.tweet(reply_to_id=self.bobs)
        self.quote = self.tweet(quote_of_id=self.bobs)
        done(self.mine.put(f"/api/tweets/{self.first}/pin"))
        for mark in ("like", "repost", "bookmark", "mute"):
            done(self.mine.put(f"/api/tweets/{self.bobs}/{mark}"))
        done(self.mine.post(f"/api/polls/{self.bobs_poll}/votes", {"choices": [0]}))

    def _collections(self) -> None:
        draft = {"tweets": [{"text": f"{MARK} draft"}]}
        done(self.mine.post("/api/drafts", draft))
        later = (timezone.now() + timedelta(hours=1)).isoformat()
        done(self.mine.post("/api/scheduled", {"due_at": later, "tweets": [{"text": MARK}]}))
        own = done(self.mine.post("/api/lists", {"name": MARK}))["id"]
        done(self.mine.put(f"/api/lists/{own}/members/bob"))
        bobs = done(self.theirs.post("/api/lists", {"name": "Of bob"}))["id"]
        done(self.theirs.put(f"/api/lists/{bobs}/members/{MARK}"))
        phrases = [{"text": MARK, "whole_word": True}]
        wanted = {"title": MARK, "phrases": phrases, "contexts": ["home"]}
        done(self.mine.post("/api/filters", wanted))
        done(self.mine.put(f"/api/hashtags/{MARK}/follow"))
        done(self.mine.put(f"/api/hashtags/{MARK}/feature"))
        done(self.mine.put("/api/markers/home", {"last_read_id": self.first}))

    def _reactions(self) -> None:
        for mark in ("like", "repost", "bookmark"):
            done(self.theirs.put(f"/api/tweets/{self.first}/{mark}"))
        done(self.theirs.post(f"/api/polls/{self.poll}/votes", {"choices": [1]}))
        self.answer = self.tweet(self.theirs, "An answer", reply_to_id=self.first)
        self.bobs_quote = self.tweet(self.theirs, "A quote", quote_of_id=self.first)
        self.bobs_direct = self.tweet(
            self.theirs, "Psst", visibility="direct", reply_to_id=self.direct
        )
        report = {"tweet_ids": [self.first], "category": "spam", "comment": "Look"}
        done(self.theirs.post("/api/reports", report))
        done(self.mine.post("/api/reports", {"handle": "bob", "category": "spam", "comment": MARK}))

    def sign_in(self) -> None:
        """Sign in in all ways, and set up two factors."""
        self.leaver = User.objects.get(pk=self.leaver.pk)
        self.mine = Api(self.leaver)
        done(self.mine.post("/api/tweets", {"text": MARK}, **{"Idempotency-Key": MARK}))
        data = {"login": MARK, "password": PASSWORD}
        assert Client(headers={"User-Agent": MARK}).post("/login", data).status_code == 302
        done(Api().post("/api/auth/token", data, **{"User-Agent": MARK}))
        Api().post("/api/auth/token", {**data, "password": "wrong"})
        Mastodon(self.leaver).get("accounts/verify_credentials")
        now = timezone.now()
        new = f"{MARK}.new@example.org"
        emails.change(user=self.leaver, email=new, password=PASSWORD, now=now, address="")
        with_key = passkey.browser()
        assert with_key.post("/login", data).status_code == 302
        assert passkey.add(with_key, passkey.SecurityKey(), MARK).status_code < 400
        self.app = App(self.leaver)
        phone = Device(f"https://{MARK}.example/push")
        device = {"endpoint": phone.endpoint, "keys": phone.keys}
        done(Api(User.objects.get(pk=self.leaver.pk)).put("/api/me/push", device))
        KeptMail.objects.create(to=f"{MARK}@example.org", subject="Hello", text="A link")
        KeptMail.objects.create(to="bob@example.org", subject="News", text=f"@{MARK} likes it")

    def import_an_archive(self) -> None:
        """Import a list of accounts."""
        content = f"{MARK}@{MARK}.example\n".encode()
        imports.begin(owner=self.leaver, file=named(content, f"{MARK}-follows.csv"))

    def import_tweets_and_export(self) -> None:
        """Import an archive of Twitter, and have everything exported."""
        file = BytesIO()
        twitter.write(file, [twitter.tweet(timezone.now() - timedelta(days=900), 1, MARK)])
        imports.begin(owner=self.leaver, file=named(file.getvalue(), "twitter.zip"))
        exporting.begin(owner=self.leaver)

    def use_what_few_use(self) -> None:
        """Have a row in the tables that few people have one in."""
        now, me = timezone.now(), self.leaver
        theirs = invitations.create(by=None, now=now)
        Arrival.objects.create(user=me, invitation=theirs)
        Invitation.objects.create(inviter=me, code=MARK, note=MARK)
        SocialAccount.objects.create(user=me, provider="https://id.example", uid=MARK)
        app = new_app().app
        back = app.redirect_uris[0]
        oauth.authorize(user=me, app=app, redirect_uri=back, wanted=["read"], challenge="", now=now)
        PendingRecount.objects.get_or_create(user=me)
        PulledAuthor.objects.get_or_create(author=me)
        CelebrityOverride.objects.create(author=me, decision=CelebrityOverride.Decision.PULL)
        hello = Announcement.objects.create(text="Hello", starts_at=now)
        announcements.dismiss(user=me, announcement_id=hello.pk)
        # Texts of others that name the handle stay. What refers to the account does not.
        Mention.objects.create(tweet_id=self.answer, user=me, author=self.bob)
        Digest.objects.create(user=me, day=now.date())
        Request.objects.create(recipient=me, actor=self.bob)
        Request.objects.create(recipient=self.bob, actor=me)
        done(Api(User.objects.get(handle="charlie")).put(f"/api/users/{MARK}/block"))

    def be_staff(self) -> None:
        """Moderate alice, be in a group, and be an administrator no more."""
        me, now = User.objects.get(pk=self.leaver.pk), timezone.now()
        site = browser(me, superuser=True)
        me.groups.add(Group.objects.get_or_create(name="Moderators")[0])
        me.user_permissions.add(Permission.objects.all()[0])
        case = deciding.begin_case(account=self.alice)
        deciding.assign(case_id=case.pk, by=me, to=me)
        strike = decided(case, me, Action.WARN)
        appeals.appeal(user=self.alice, strike_id=strike, text="No")
        appeals.decide_appeal(strike_id=strike, by=me, accept=True, now=now)
        notes.add_note(account_id=self.alice.pk, by=me, text="A note")
        charlie = User.objects.get(handle="charlie")
        act(site, "suspend", [charlie])
        act(site, "unsuspend", [charlie])
        site.logout()  # a session that no sign-in has begun is in no list
        User.objects.filter(pk=me.pk).update(is_staff=False, is_superuser=False)

    def be_moderated(self, warden: User) -> None:
        """Get a strike, appeal against it, be noted, and acted upon in the admin."""
        case = Case.objects.get(account=self.leaver)
        strike = decided(case, warden, Action.WARN)
        appeals.appeal(user=self.leaver, strike_id=strike, text=MARK)
        notes.add_note(account_id=self.leaver.pk, by=warden, text=MARK)
        act(browser(warden, superuser=True), "suspend", [self.leaver])
        act(browser(warden, superuser=True), "unsuspend", [self.leaver])


@pytest.fixture
def life(
    leaver: User, person: Callable[..., User], warden: User, drain: Callable[..., int]
) -> Life:
    bob, alice, _ = person("bob"), person("alice"), person("charlie")
    life = Life(leaver, bob, alice)
    for each in (leaver, bob, alice):
        timelines.populate(viewer_id=each.pk)
    with override_settings(LINK_PREVIEWS=True):
        life.live()
        life.import_an_archive()
        drain()
        life.import_tweets_and_export()
    life.be_moderated(warden)
    life.be_staff()
    index_new_people()
    drain()
    life.sign_in()
    life.use_what_few_use()
    Preview.objects.update(state=PreviewState.READY, title=MARK)
    timelines.populate_authors([leaver.pk])
    return life


def texts_of(leaver: User) -> list[str]:
    """By what the account is searched: the mark, its id, and the ids of its tweets."""
    ids = Tweet.objects.filter(author=leaver).values_list("pk", flat=True)
    return [MARK, str(leaver.pk), *map(str, ids)]


def wait_30_days(user: User) -> None:
    """Let the time of an account come."""
    User.objects.filter(pk=user.pk).update(delete_at=timezone.now() - timedelta(seconds=1))


# Rows that an account cannot have together with the others.
NEVER = {
    "accounts_waiting.user_id": "It waits, so it has done nothing yet, and goes by the same steps.",
}


def without_rows(leaver: User) -> set[str]:
    """The references to accounts (`table.column`) by which no row refers to this one."""
    return {
        f"{field.model._meta.db_table}.{field.column}"
        for field in references()
        if not field.model._base_manager.filter(**{field.attname: leaver.pk}).exists()
    }


def references() -> list[Any]:
    """All foreign keys to accounts, of whatever app."""
    relations = User._meta.get_fields(include_hidden=True)
    return [
        each.field
        for each in relations
        if isinstance(each, ForeignObjectRel) and (each.one_to_many or each.one_to_one)
    ]


def test_the_account_used_everything(life: Life) -> None:
    """Whoever adds a table that refers to accounts lets `Life` use it, so that it is looked at."""
    assert without_rows(life.leaver) == set(NEVER)


def test_nothing_of_a_deleted_account_is_left(
    life: Life, warden: User, drain: Callable[..., int], tmp_path: Path
) -> None:
    leaver, wanted = User.objects.get(pk=life.leaver.pk), texts_of(life.leaver)
    before = in_tables(*wanted)
    assert len(before) > 60, before
    assert in_redis(*wanted)
    assert in_files([tmp_path], MARK) == set()
    logged = (tmp_path / "log.text").read_text()
    assert "POST /api/tweets 201" in logged
    files = Media.objects.filter(owner=leaver).count()
    assert files == 4
    theirs = ready(life.bob)

    deleted = Api(leaver).delete("/api/me", {"password": PASSWORD, "code": life.app.code()})
    assert deleted.status_code == 200, deleted.content
    wait_30_days(leaver)
    tasks.begin_purges()
    drain()

    left = {name for name in in_tables(*wanted) if name.partition(".")[2] not in NUMBERS}
    # The audit log names accounts and tweets by their numbers, and nothing else.
    assert {name for name in left if not name.startswith("moderation_auditentry.")} == set()
    assert in_tables(MARK) == set()
    assert in_redis(*wanted) == set()
    assert {path.parent.name for path in (tmp_path / "media").rglob("*.*")} == {theirs.key}
    assert in_files([tmp_path], MARK) == set()
    assert "DELETE /api/me 200" in (tmp_path / "log.json").read_text()
    holds_no_secret(postgres_log(), MARK)
    sessions = [each.get_decoded() for each in Session.objects.all()]
    assert str(leaver.pk) not in {each.get("_auth_user_id") for each in sessions}
    assert AuditEntry.objects.filter(account_id=leaver.pk).exists()


def test_what_is_left_is_right(life: Life, drain: Callable[..., int]) -> None:
    deletion.delete_now(user=life.leaver, now=timezone.now())
    drain(times=2)
    assert not User.objects.filter(handle=MARK).exists()
    assert tweet_counters.check() == people_counters.check() == []
    bob = User.objects.get(handle="bob")
    assert (bob.followers_count, bob.following_count, bob.likes_count) == (0, 0, 0)

    reply = Tweet.objects.get(pk=life.answer)
    assert (reply.reply_to_id, reply.reply_to_author_id) == (None, SOMEBODY_GONE)
    page = Client().get(f"/@bob/{life.answer}").content.decode()
    assert "This tweet was deleted." in page
    quote = Client().get(f"/@bob/{life.bobs_quote}").content.decode()
    assert "The quoted tweet is not available." in quote
    poll = done(life.theirs.get(f"/api/polls/{life.bobs_poll}"))
    assert [choice["votes"] for choice in poll["choices"]] == [0, 0]
    # It is still a reply: in nobody's home but its author's, and in no list of tweets.
    timelines_of = {who: done(Api(who).get("/api/timelines/home")) for who in (bob, life.alice)}
    ids = {who: [each["id"] for each in found["results"]] for who, found in timelines_of.items()}
    assert life.answer in ids[bob]
    assert life.answer not in ids[life.alice]
    assert life.answer not in [
        each["id"] for each in done(Api().get("/api/users/bob/tweets"))["results"]
    ]
    found = done(life.theirs.get("/api/conversations"))["results"]
    assert [each["tweet"]["id"] for each in found] == [life.bobs_direct]
    taken = {"handle": MARK.upper(), "email": "new@example.org", "password": PASSWORD}
    assert Api().post("/api/auth/register", taken).status_code == 409


def test_a_purge_that_was_interrupted_goes_on(life: Life, drain: Callable[..., int]) -> None:
    deletion.delete_now(user=life.leaver, now=timezone.now())
    ran = 0
    while not purging.purge_some(user_id=life.leaver.pk, batches=1) and ran < 10:
        ran += 1
    call_command("purge", f"@{MARK}", "--yes", stdout=StringIO())
    assert purging.purge_some(user_id=life.leaver.pk)
    drain()
    with pytest.raises(CommandError):
        call_command("purge", MARK, "--yes")
    assert in_tables(MARK) == set()
