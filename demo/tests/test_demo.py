"""The texts and people of the demo. They need no database, so the tests try thousands."""

import random
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from django.core.files.base import ContentFile

from accounts import validation
from demo import names, pictures, texts
from demo.clock import LAST, Clock, joined
from demo.drawing import moving
from demo.talk import PLACES
from media import services
from media.formats import Kind
from tweets import places, text
from tweets.places import NewPlace
from tweets.polls import rules
from tweets.polls.rules import NewPoll

MANY = 3000


def some_people(seed: int, count: int) -> list[names.Persona]:
    return list(islice(names.personas(random.Random(seed), texts.INTERESTS), count))


def test_thousands_of_people_have_different_handles() -> None:
    people = some_people(1, MANY)
    handles = [validation.clean_handle(person.handle) for person in people]
    assert len({handle.lower() for handle in handles}) == MANY


def test_profiles_are_valid() -> None:
    for person in some_people(2, MANY):
        assert validation.clean_name(person.name) == person.name
        assert validation.clean_bio(person.bio) == person.bio
        assert validation.clean_place(person.place) == person.place


def test_the_same_seed_gives_the_same_people() -> None:
    assert some_people(3, 50) == some_people(3, 50)
    assert some_people(3, 50) != some_people(4, 50)


@pytest.mark.parametrize("interest", texts.INTERESTS)
def test_every_text_of_an_interest_is_a_valid_tweet(interest: str) -> None:
    writer = texts.Writer(random.Random(5))
    for _ in range(300):
        for made in (writer.tweet(interest), writer.answer(interest), writer.mentioning("x" * 30)):
            assert text.check(made, may_be_blank=False) == made
            assert "{" not in made


def test_threads_questions_and_sayings_are_valid_tweets() -> None:
    texts_of_demo = [part for thread in texts.TALK["threads"] for part in thread]
    texts_of_demo += [question["ask"] for question in texts.TALK["questions"]]
    texts_of_demo += [
        answer for question in texts.TALK["questions"] for answer in question["answers"]
    ]
    texts_of_demo += [
        saying for culture in names.WORDS["cultures"] for saying in culture.get("sayings", [])
    ]
    for made in texts_of_demo:
        assert text.check(made, may_be_blank=False) == made


def test_polls_are_valid() -> None:
    for poll in texts.TALK["polls"]:
        assert text.check(poll["ask"], may_be_blank=False) == poll["ask"]
        new = NewPoll(poll["choices"], 300)
        assert rules.checked(new).choices == new.choices


def test_the_clock_goes_forward_and_most_happens_lately() -> None:
    end = datetime(2026, 11, 28, tzinfo=UTC)
    clock, moments = Clock(random.Random(8), end=end, actions=660), []
    for action in range(660):
        clock.begin(action)
        moments += [clock.tick() for _ in range(1 + action % 3)]
    clock.begin_welcome()
    moments += [clock.tick() for _ in range(20)]
    assert moments == sorted(set(moments))
    assert moments[0] > joined(659, of=660, end=end) > joined(0, of=660, end=end)
    assert moments[-1] < end < moments[-20] + LAST
    assert timedelta(days=5) < end - moments[0] < timedelta(days=7)
    assert sum(end - moment < timedelta(days=1) for moment in moments) > len(moments) / 3


def test_texts_around_pictures_are_valid_tweets() -> None:
    made = [text for topic in texts.TOPICS.values() for text in topic["pictures"]]
    made += [text for kind in ("several", "shapes", "animations") for text in texts.TALK[kind]]
    assert [text.check(one, may_be_blank=False) for one in made] == made


def test_every_topic_has_a_drawing_which_the_random_numbers_decide() -> None:
    assert set(pictures.SCENES) == set(texts.INTERESTS)
    for draw in {*pictures.SCENES.values(), *pictures.SHAPES}:
        image, alt = draw(random.Random(1), 160, 100)
        assert image.size == (160, 100)
        assert services.checked_alt(alt) == alt != ""
        assert draw(random.Random(1), 160, 100) == (image, alt)
        assert draw(random.Random(2), 160, 100)[0] != image


def test_profiles_and_animations_are_pictures_that_uploads_accept() -> None:
    found = pictures.of_profile("a") | pictures.of_profile("b")
    assert pictures.of_profile("a")["avatar"].read() != pictures.of_profile("b")["avatar"].read()
    for purpose, file in found.items():
        assert services.recognized(file, purpose=purpose).kind == Kind.IMAGE
    drawn, _ = moving.tide(random.Random(3))
    assert services.recognized(ContentFile(drawn)).kind == Kind.ANIMATION


def test_a_writer_rarely_repeats_itself() -> None:
    writer = texts.Writer(random.Random(6))
    tweets = [writer.tweet(interest).partition(" #")[0] for interest in texts.INTERESTS * 25]
    assert len(set(tweets)) > 0.95 * len(tweets)


def test_some_tweets_have_hashtags_and_some_links() -> None:
    writer = texts.Writer(random.Random(7))
    tweets = [writer.tweet("baking") for _ in range(60)]
    assert any(text.hashtags(tweet) for tweet in tweets)
    assert any("https://example.org/" in tweet for tweet in tweets)


def test_places_are_homes_with_valid_coordinates() -> None:
    homes = {home for culture in names.WORDS["cultures"] for home in culture["places"]}
    assert set(PLACES) <= homes
    for home, (lat, lon) in PLACES.items():
        assert places.checked(NewPlace(lat, lon, name=home)).name == home
