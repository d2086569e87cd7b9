"""Polls on the site, without scripts: asking, voting, results."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from people import services as people
from tests.helpers.pages import page
from tests.helpers.pictures import named, picture
from tests.helpers.tweets import post
from tweets.models import Tweet
from tweets.polls.models import Poll
from tweets.polls.rules import NewPoll
from tweets.polls.voting import vote

pytestmark = pytest.mark.django_db
TYPED = {
    "text": "What?",
    "visibility": "public",
    "poll_choices": ["Tea & milk", "Coffee", "", ""],
    "poll_seconds": "3600",
    "poll_multiple": "on",
}


@pytest.fixture
def browser(client: Client, bob: User) -> Client:
    """A client that is signed in as bob."""
    client.force_login(bob)
    return client


@pytest.fixture
def tweet(alice: User) -> Tweet:
    """A tweet with a poll by alice."""
    return post(alice, "What?", poll=NewPoll(["Tea", "Coffee"], 3600))


def at(tweet: Tweet) -> str:
    """The path of a tweet."""
    return f"/@{tweet.author.handle}/{tweet.pk}"


def test_the_composer_takes_a_poll_or_a_file_and_keeps_both(browser: Client) -> None:
    answer = browser.post("/compose", {**TYPED, "file1": named(picture())})
    shown = page(answer)
    assert answer.status_code == 400
    assert "A tweet has a poll or media, not both." in shown
    assert "Tea &amp; milk" in shown
    assert 'name="media_ids"' in shown
    assert not Tweet.objects.exists()


def test_the_composer_asks(browser: Client) -> None:
    assert browser.post("/compose", TYPED).status_code == 302
    poll = Poll.objects.get()
    assert (poll.choices, poll.multiple, poll.hide_results) == (
        ["Tea & milk", "Coffee"],
        True,
        False,
    )
    assert timedelta(minutes=59) < poll.ends_at - timezone.now() <= timedelta(hours=1)
    shown = page(browser.get("/@bob"))
    assert "Tea &amp; milk" in shown
    assert "0 people voted" in shown
    assert 'name="choices"' not in shown  # not to its author


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"poll_choices": ["Tea"]}, "A poll has 2 to 4 choices."),
        ({"poll_choices": ["Tea", "Tea"]}, "Two choices are the same."),
        ({"poll_choices": ["Tea", "x" * 51]}, "At most 50 characters."),
        ({"poll_choices": ["a", "b", "c", "d", "e"]}, "At most 4 of these."),
        ({"poll_seconds": "7"}, "A poll lasts 5 minutes to 7 days."),
        ({"poll_seconds": "soon"}, "not one of the available choices"),
    ],
)
def test_a_refused_poll_is_shown_again(
    browser: Client, changed: dict[str, object], said: str
) -> None:
    response = browser.post("/compose", {**TYPED, **changed})
    assert response.status_code == 400
    shown = page(response)
    assert said in shown
    assert 'class="composer-option composer-poll" open' in shown
    assert 'value="Coffee"' in shown or "poll_choices" in changed
    assert not Tweet.objects.exists()


def test_one_votes_and_sees_the_results(browser: Client, tweet: Tweet) -> None:
    assert 'type="radio" name="choices" value="1" required' in page(browser.get(at(tweet)))
    response = browser.post(f"{at(tweet)}/vote", {"choices": "1"})
    assert response.headers["Location"] == at(tweet)
    shown = page(browser.get(at(tweet)))
    assert "You have voted." in shown
    assert 'value="100"' in shown
    assert "1 person voted" in shown
    assert 'name="choices"' not in shown
    browser.post(f"{at(tweet)}/unvote")
    assert 'name="choices"' in page(browser.get(at(tweet)))


@pytest.mark.parametrize("sent", [{}, {"choices": "7"}, {"choices": "x"}, {"choices": ["0", "1"]}])
def test_a_bad_vote_is_explained(browser: Client, tweet: Tweet, sent: dict[str, object]) -> None:
    response = browser.post(f"{at(tweet)}/vote", sent, follow=True)
    assert "notice-error" in page(response)
    assert Poll.objects.get().voters == 0


def test_a_late_or_second_vote_is_explained(browser: Client, bob: User, tweet: Tweet) -> None:
    vote(user=bob, poll_id=tweet.pk, choices=[0])
    response = browser.post(f"{at(tweet)}/vote", {"choices": "1"}, follow=True)
    assert "You have already voted." in page(response)
    Poll.objects.update(ends_at=timezone.now())
    response = browser.post(f"{at(tweet)}/vote", {"choices": "1"}, follow=True)
    assert "This poll is over." in page(response)
    assert "Final results" in page(response)


def test_who_may_not_vote(browser: Client, alice: User, bob: User, tweet: Tweet) -> None:
    assert 'name="choices"' not in page(Client().get(at(tweet)))
    assert "/login" in Client().post(f"{at(tweet)}/vote", {"choices": "1"}).headers["Location"]
    people.block(blocker=alice, blocked=bob)
    assert browser.post(f"{at(tweet)}/vote", {"choices": "1"}).status_code == 404


def test_hidden_results_stay_hidden(browser: Client, alice: User) -> None:
    tweet = post(alice, poll=NewPoll(["Tea", "Coffee"], 3600, hide_results=True))
    browser.post(f"{at(tweet)}/vote", {"choices": "1"})
    shown = page(browser.get(at(tweet)))
    assert "Results are shown at the end." in shown
    assert "<progress" not in shown


def test_a_quote_names_the_choices(browser: Client, bob: User, tweet: Tweet) -> None:
    post(bob, "Look", quote_of_id=tweet.pk)
    assert "<bdi>Tea</bdi> · <bdi>Coffee</bdi>" in page(browser.get("/@bob"))
