"""Each rule of the home timeline, by the read path and by the oracle: warm, cold and pulled."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from chirp.pagination import PageRequest
from filters import services as filters
from filters.matching import Phrase
from filters.models import Filter
from lists import hashtags
from lists import services as lists
from media.formats import Kind
from media.models import Media
from people import services as people
from timelines import oracle, selectors, services, store
from tweets import marks, moderation
from tweets.deleting import delete_tweet
from tweets.editing import edit_tweet
from tweets.models import Tweet
from tweets.polls.rules import NewPoll
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]


@pytest.fixture(params=["warm", "cold", "pulled"])
def home(
    request: pytest.FixtureRequest, drain: Drain, settings: Settings
) -> Callable[[User], list[int]]:
    """A function that reads a whole home timeline: pushed, rebuilt, or with all authors pulled."""
    if request.param == "pulled":
        settings.CELEBRITY_FOLLOWERS = 1

    def read(viewer: User) -> list[int]:
        drain(times=2)
        if request.param == "cold":
            store.drop_all_homes()
        ids = [e.id for e in selectors.home(viewer=viewer, page=PageRequest(limit=50)).results]
        assert [ids] == oracle.pages(oracle.entries(viewer), 50)
        return ids

    return read


@pytest.fixture(autouse=True)
def _warm_bob(bob: User, alice: User) -> None:
    people.follow(follower=bob, followee=alice)
    services.populate(viewer_id=bob.pk)


def post(author: User, text: str = "hello", **more: object) -> Tweet:
    return post_tweet(author=author, text=text, **more)  # type: ignore[arg-type]


def test_it_has_the_viewers_own_tweets_and_those_of_followees(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    first, _, own = post(alice), post(charlie), post(bob)
    assert home(bob) == [own.pk, first.pk]


def test_an_own_tweet_is_there_before_anything_is_delivered(bob: User) -> None:
    own = post(bob)
    page = selectors.home(viewer=bob, page=PageRequest())
    assert [entry.id for entry in page.results] == [own.pk]


def test_a_follow_request_adds_no_tweets_until_it_is_accepted(
    home: Callable[[User], list[int]], bob: User, charlie: User
) -> None:
    User.objects.filter(pk=charlie.pk).update(private=True)
    charlie.refresh_from_db()
    theirs = post(charlie)
    people.follow(follower=bob, followee=charlie)
    assert home(bob) == []
    people.accept_request(followee=charlie, follower=bob)
    assert home(bob) == [theirs.pk]


def test_a_deleted_tweet_is_gone_at_once_and_so_are_its_reposts(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    theirs = post(charlie)
    marks.repost(user=alice, tweet_id=theirs.pk)
    drain()
    delete_tweet(author=charlie, tweet_id=theirs.pk)
    assert selectors.home(viewer=bob, page=PageRequest()).results == []
    assert home(bob) == []


@pytest.mark.parametrize("state", ["deactivated_at", "suspended_at"])
def test_a_deactivated_or_suspended_author_disappears_and_reappears(
    state: str, home: Callable[[User], list[int]], alice: User, bob: User
) -> None:
    theirs = post(alice)
    User.objects.filter(pk=alice.pk).update(**{state: timezone.now()})
    assert home(bob) == []
    User.objects.filter(pk=alice.pk).update(**{state: None})
    assert home(bob) == [theirs.pk]


def test_a_tweet_hidden_by_a_moderator_disappears_and_reappears(
    home: Callable[[User], list[int]], alice: User, bob: User
) -> None:
    theirs = post(alice)
    moderation.hide_tweet(tweet_id=theirs.pk, by=bob)
    assert home(bob) == []
    moderation.unhide_tweet(tweet_id=theirs.pk, by=bob)
    assert home(bob) == [theirs.pk]


def test_a_direct_tweet_is_for_the_accounts_it_mentions(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    people.follow(follower=charlie, followee=alice)
    theirs = post(alice, "psst @bob", visibility="direct")
    assert home(bob) == [theirs.pk]
    assert home(charlie) == []


def test_a_tweet_for_followers_reaches_them(
    home: Callable[[User], list[int]], alice: User, bob: User
) -> None:
    theirs = post(alice, visibility="followers")
    assert home(bob) == [theirs.pk]


def test_a_repost_of_an_account_gone_private_is_for_its_followers(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    theirs = post(charlie)
    repost = marks.repost(user=alice, tweet_id=theirs.pk)
    assert home(bob) == [repost.pk]
    User.objects.filter(pk=charlie.pk).update(private=True)
    assert home(bob) == []


def test_a_repost_of_an_account_gone_private_stays_for_those_whom_it_addresses(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    answer = post(charlie, reply_to_id=post(bob).pk)
    mention = post(charlie, "ask @bob")
    reposts = [marks.repost(user=alice, tweet_id=tweet.pk).pk for tweet in (answer, mention)]
    unrelated = post(charlie)
    marks.repost(user=alice, tweet_id=unrelated.pk)
    User.objects.filter(pk=charlie.pk).update(private=True)
    assert [id_ for id_ in home(bob) if id_ > unrelated.pk or id_ in reposts] == reposts[::-1]


@pytest.mark.parametrize("kind", ["mute", "block", "blocked"])
def test_mutes_and_blocks_hide_an_author_reposts_included(
    kind: str,
    home: Callable[[User], list[int]],
    alice: User,
    bob: User,
    charlie: User,
    drain: Drain,
) -> None:
    theirs = post(charlie)
    repost = marks.repost(user=alice, tweet_id=theirs.pk)
    assert home(bob) == [repost.pk]
    if kind == "mute":
        people.mute(muter=bob, muted=charlie)
    elif kind == "block":
        people.block(blocker=bob, blocked=charlie)
    else:
        people.block(blocker=charlie, blocked=bob)
    assert selectors.home(viewer=bob, page=PageRequest()).results == []
    assert home(bob) == []


def test_unmuting_restores_earlier_tweets(
    home: Callable[[User], list[int]], alice: User, bob: User
) -> None:
    theirs = post(alice)
    people.mute(muter=bob, muted=alice)
    assert home(bob) == []
    people.unmute(muter=bob, muted=alice)
    assert home(bob) == [theirs.pk]


def test_an_own_repost_of_a_muted_author_is_hidden_too(
    home: Callable[[User], list[int]], bob: User, charlie: User
) -> None:
    theirs = post(charlie)
    marks.repost(user=bob, tweet_id=theirs.pk)
    people.mute(muter=bob, muted=charlie)
    assert home(bob) == []


def test_reposts_of_a_followee_can_be_hidden(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    own, theirs = post(alice), post(charlie)
    repost = marks.repost(user=alice, tweet_id=theirs.pk)
    people.follow(follower=bob, followee=alice, reposts=False)
    assert home(bob) == [own.pk]
    people.follow(follower=bob, followee=alice, reposts=True)
    assert home(bob) == [repost.pk, own.pk]


def test_a_reply_to_a_stranger_is_left_out_until_the_stranger_is_followed(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    theirs = post(charlie)
    reply = post(alice, reply_to_id=theirs.pk)
    assert home(bob) == []
    people.follow(follower=bob, followee=charlie)
    assert home(bob) == [reply.pk, theirs.pk]


def test_replies_to_the_viewer_by_the_viewer_and_within_a_thread_are_included(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    mine, stranger = post(bob), post(charlie)
    to_me = post(alice, reply_to_id=mine.pk)
    to_self = post(alice, reply_to_id=to_me.pk)
    own = post(bob, reply_to_id=stranger.pk)
    assert home(bob) == [own.pk, to_self.pk, to_me.pk, mine.pk]


def test_a_reply_to_a_deleted_tweet_of_a_stranger_stays_out(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    theirs = post(charlie)
    post(alice, reply_to_id=theirs.pk)
    delete_tweet(author=charlie, tweet_id=theirs.pk)
    assert home(bob) == []


def test_a_repost_of_a_reply_is_not_a_reply(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    theirs = post(charlie)
    reply = post(charlie, reply_to_id=post(charlie).pk)
    other = post(charlie, reply_to_id=theirs.pk)
    repost = marks.repost(user=alice, tweet_id=other.pk)
    assert home(bob) == [repost.pk]
    assert reply.pk not in home(bob)


def test_without_backfill_only_tweets_after_the_follow_are_included(
    home: Callable[[User], list[int]], settings: Settings, bob: User, charlie: User
) -> None:
    settings.TIMELINE_BACKFILL_ON_FOLLOW = False
    post(charlie, "before")
    people.follow(follower=bob, followee=charlie)
    after = post(charlie, "after")
    assert home(bob) == [after.pk]
    people.unfollow(follower=bob, followee=charlie)
    assert home(bob) == []
    people.follow(follower=bob, followee=charlie)
    assert home(bob) == []


def test_of_several_reposts_only_the_newest_is_shown(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    people.follow(follower=bob, followee=charlie)
    theirs = post(charlie)
    first = marks.repost(user=alice, tweet_id=theirs.pk)
    quote = post(alice, "so true", quote_of_id=theirs.pk)
    assert home(bob) == [quote.pk, first.pk]
    again = marks.repost(user=charlie, tweet_id=theirs.pk)
    assert home(bob) == [again.pk, quote.pk]
    marks.undo_repost(user=charlie, tweet_id=theirs.pk)
    assert home(bob) == [quote.pk, first.pk]
    marks.undo_repost(user=alice, tweet_id=theirs.pk)
    assert home(bob) == [quote.pk, theirs.pk]


def test_unfollowing_keeps_a_tweet_that_another_followee_reposted(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    people.follow(follower=bob, followee=charlie)
    theirs = post(charlie)
    repost = marks.repost(user=alice, tweet_id=theirs.pk)
    people.unfollow(follower=bob, followee=charlie)
    assert home(bob) == [repost.pk]


def test_following_adds_earlier_tweets_and_unfollowing_removes_them(
    home: Callable[[User], list[int]], bob: User, charlie: User
) -> None:
    theirs = post(charlie)
    for _ in range(2):
        people.follow(follower=bob, followee=charlie)
        assert home(bob) == [theirs.pk]
        people.unfollow(follower=bob, followee=charlie)
        assert home(bob) == []


def test_the_reposts_of_everybody_can_be_hidden_until_a_time(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    own, theirs = post(alice), post(charlie)
    repost = marks.repost(user=alice, tweet_id=theirs.pk)
    mine = marks.repost(user=bob, tweet_id=own.pk)
    now = timezone.now()
    for until, shown in (
        (now + timedelta(days=1), [mine.pk, own.pk]),
        (now - timedelta(seconds=1), [mine.pk, repost.pk, own.pk]),
        (None, [mine.pk, repost.pk, own.pk]),
    ):
        bob.reposts_hidden_until = until
        bob.save()
        # The viewer's own repost folds the original.
        assert home(bob) == [id_ for id_ in shown if id_ != own.pk]


def test_an_exclusive_list_takes_its_members_out_of_home(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    people.follow(follower=bob, followee=charlie)
    theirs = post(alice)
    other, reply = post(charlie), post(charlie, reply_to_id=theirs.pk)
    lists.create_list(owner=bob, name="Empty", exclusive=True)
    kept = lists.create_list(owner=bob, name="Quiet")
    lists.add_member(owner=bob, list_id=kept.pk, user=alice)
    assert home(bob) == [reply.pk, other.pk, theirs.pk]
    lists.change_list(owner=bob, list_id=kept.pk, exclusive=True)
    assert home(bob) == [reply.pk, other.pk]
    repost = marks.repost(user=charlie, tweet_id=theirs.pk)
    assert home(bob) == [repost.pk, reply.pk, other.pk]
    marks.undo_repost(user=charlie, tweet_id=theirs.pk)
    lists.remove_member(owner=bob, list_id=kept.pk, handle=alice.handle)
    assert home(bob) == [reply.pk, other.pk, theirs.pk]
    lists.add_member(owner=bob, list_id=kept.pk, user=alice)
    lists.delete_list(owner=bob, list_id=kept.pk)
    assert home(bob) == [reply.pk, other.pk, theirs.pk]


def test_somebody_elses_exclusive_list_changes_nothing(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    theirs = post(alice)
    lists.create_list(owner=bob, name="Empty", exclusive=True)
    kept = lists.create_list(owner=charlie, name="Mine", exclusive=True, private=False)
    lists.add_member(owner=charlie, list_id=kept.pk, user=alice)
    assert home(bob) == [theirs.pk]


def test_a_followed_hashtag_adds_public_tweets_that_carry_it(
    home: Callable[[User], list[int]],
    settings: Settings,
    alice: User,
    bob: User,
    charlie: User,
    person: Callable[[str], User],
) -> None:
    settings.TIMELINE_BACKFILL_ON_FOLLOW = False  # which does not concern hashtags
    tagged, null = post(charlie, "A wren #Birds"), post(charlie, "Nothing #null #birds")
    reply = post(charlie, "A reply #birds", reply_to_id=post(alice).pk)
    to_stranger = post(charlie, "#birds", reply_to_id=post(person("stranger")).pk)
    for audience in ("unlisted", "followers", "direct"):
        post(charlie, "@bob #birds", visibility=audience)
    assert to_stranger.pk not in home(bob)
    before = home(bob)
    hashtags.follow_hashtag(user=bob, tag="#BIRDS")
    hashtags.follow_hashtag(user=bob, tag="null")
    assert home(bob) == sorted([*before, tagged.pk, null.pk, reply.pk], reverse=True)
    edit_tweet(author=charlie, tweet_id=tagged.pk, text="A wren")
    assert home(bob) == sorted([*before, null.pk, reply.pk], reverse=True)
    hashtags.unfollow_hashtag(user=bob, tag="birds")
    assert null.pk in home(bob)
    hashtags.unfollow_hashtag(user=bob, tag="null")
    assert home(bob) == before


def test_a_followed_hashtag_shows_nothing_that_other_rules_forbid(
    home: Callable[[User], list[int]], alice: User, bob: User, charlie: User
) -> None:
    hashtags.follow_hashtag(user=bob, tag="birds")
    tagged = post(charlie, "A wren #birds")
    mine = post(bob, "A robin #birds")
    assert home(bob) == [mine.pk, tagged.pk]
    people.mute(muter=bob, muted=charlie)
    assert home(bob) == [mine.pk]
    people.unmute(muter=bob, muted=charlie)
    people.block(blocker=charlie, blocked=bob)
    assert home(bob) == [mine.pk]
    people.unblock(blocker=charlie, blocked=bob)
    people.block(blocker=bob, blocked=charlie)
    assert home(bob) == [mine.pk]
    people.unblock(blocker=bob, blocked=charlie)
    for change in ({"private": True}, {"suspended_at": timezone.now()}):
        User.objects.filter(pk=charlie.pk).update(**change)
        assert home(bob) == [mine.pk]
        User.objects.filter(pk=charlie.pk).update(private=False, suspended_at=None)
    moderation.hide_tweet(tweet_id=tagged.pk, by=bob)
    assert home(bob) == [mine.pk]
    moderation.unhide_tweet(tweet_id=tagged.pk, by=bob)
    assert home(bob) == [mine.pk, tagged.pk]
    delete_tweet(author=charlie, tweet_id=tagged.pk)
    assert home(bob) == [mine.pk]


def test_a_followed_hashtag_brings_in_what_an_exclusive_list_takes_out(
    home: Callable[[User], list[int]], alice: User, bob: User
) -> None:
    plain, tagged = post(alice), post(alice, "A wren #birds")
    post(alice, "A wren for few #birds", visibility="unlisted")
    kept = lists.create_list(owner=bob, name="Quiet", exclusive=True)
    lists.add_member(owner=bob, list_id=kept.pk, user=alice)
    assert home(bob) == []
    hashtags.follow_hashtag(user=bob, tag="birds")
    assert home(bob) == [tagged.pk]
    lists.change_list(owner=bob, list_id=kept.pk, exclusive=False)
    hashtags.unfollow_hashtag(user=bob, tag="birds")
    assert plain.pk in home(bob)


def test_a_hiding_filter_removes_tweets_at_every_read(
    home: Callable[[User], list[int]], alice: User, bob: User
) -> None:
    kept, hidden = post(alice, "Good morning."), post(alice, "About the finale ...")
    own = post(bob, "The finale was good.")
    assert home(bob) == [own.pk, hidden.pk, kept.pk]
    filter_ = filters.create_filter(
        owner=bob,
        title="Spoilers",
        phrases=[Phrase("finale", whole_word=True)],
        contexts=["home"],
        action="hide",
    )
    assert home(bob) == [own.pk, kept.pk]
    for change in ({"action": "warn"}, {"action": "hide", "contexts": ["public"]}):
        filters.change_filter(owner=bob, filter_id=filter_.pk, **change)
        assert home(bob) == [own.pk, hidden.pk, kept.pk]
    filters.change_filter(owner=bob, filter_id=filter_.pk, contexts=["home"])
    Filter.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert home(bob) == [own.pk, hidden.pk, kept.pk]


def test_a_filter_looks_at_all_words_that_an_entry_shows(
    home: Callable[[User], list[int]],
    alice: User,
    bob: User,
    charlie: User,
) -> None:
    poll = NewPoll(["Will you watch?", "the finale"], seconds=3600)
    asked = post(alice, "Tonight?", poll=poll)
    picture = post(alice, "Look")
    Media.objects.create(owner=alice, kind=Kind.IMAGE, key="k", alt="A finale", tweet_id=picture.pk)
    Tweet.objects.filter(pk=picture.pk).update(media_count=1)
    warned = post(alice, "I cried", spoiler="finale")
    about = post(charlie, "The finale!")
    quote = post(alice, "No!", quote_of_id=about.pk)
    reposts = [
        marks.repost(user=alice, tweet_id=tweet.pk) for tweet in (about, post(bob, "finale"))
    ]
    shown = [asked, picture, warned, quote, *reposts]
    everything = home(bob)
    assert {tweet.pk for tweet in shown} <= set(everything)
    filters.create_filter(
        owner=bob,
        title="Spoilers",
        phrases=[Phrase("finale", whole_word=True)],
        contexts=["home"],
        action="hide",
    )
    of_own = reposts[1].pk
    assert home(bob) == [of_own]
    # Of a quoted tweet that the viewer may not see, they do not even learn whether it has a word.
    User.objects.filter(pk=charlie.pk).update(private=True)
    assert home(bob) == [of_own, quote.pk]
