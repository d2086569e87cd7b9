"""The demo's words and people: pure parts, so cheap to try by the thousand."""

import random
from itertools import islice

import pytest

from accounts import validation
from demo import names, texts
from demo.talk import PLACES
from tweets import places, text
from tweets.places import NewPlace

MANY = 3000


def some_people(seed: int, count: int) -> list[names.Persona]:
    return list(islice(names.personas(random.Random(seed), texts.INTERESTS), count))


def test_there_are_thousands_of_people_with_handles_of_their_own() -> None:
    people = some_people(1, MANY)
    handles = [validation.clean_handle(person.handle) for person in people]
    assert len({handle.lower() for handle in handles}) == MANY


def test_profiles_are_ones_that_people_could_have_written() -> None:
    for person in some_people(2, MANY):
        assert validation.clean_name(person.name) == person.name
        assert validation.clean_bio(person.bio) == person.bio
        assert validation.clean_place(person.place) == person.place


def test_the_same_seed_gives_the_same_people() -> None:
    assert some_people(3, 50) == some_people(3, 50)
    assert some_people(3, 50) != some_people(4, 50)


@pytest.mark.parametrize("interest", texts.INTERESTS)
def test_everything_that_can_be_said_can_be_tweeted(interest: str) -> None:
    writer = texts.Writer(random.Random(5))
    for _ in range(300):
        for said in (writer.tweet(interest), writer.answer(interest), writer.mentioning("x" * 30)):
            assert text.check(said, may_be_blank=False) == said
            assert "{" not in said


def test_threads_questions_and_sayings_can_be_tweeted() -> None:
    told = [part for thread in texts.TALK["threads"] for part in thread]
    told += [question["ask"] for question in texts.TALK["questions"]]
    told += [answer for question in texts.TALK["questions"] for answer in question["answers"]]
    told += [saying for culture in names.WORDS["cultures"] for saying in culture.get("sayings", [])]
    for said in told:
        assert text.check(said, may_be_blank=False) == said


def test_a_writer_seldom_repeats_itself() -> None:
    writer = texts.Writer(random.Random(6))
    said = [writer.tweet(interest).partition(" #")[0] for interest in texts.INTERESTS * 25]
    assert len(set(said)) > 0.95 * len(said)


def test_some_tweets_have_hashtags_and_some_links() -> None:
    writer = texts.Writer(random.Random(7))
    said = [writer.tweet("baking") for _ in range(60)]
    assert any(text.hashtags(one) for one in said)
    assert any("https://example.org/" in one for one in said)


def test_places_are_homes_and_on_the_earth() -> None:
    homes = {home for culture in names.WORDS["cultures"] for home in culture["places"]}
    assert set(PLACES) <= homes
    for home, (lat, lon) in PLACES.items():
        assert places.checked(NewPlace(lat, lon, name=home)).name == home
