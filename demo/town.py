"""Settles the town: its people register, follow and talk through the services that people use.

Given the same seed the same people do the same things. A run that was cut short can be run again:
who is there stays, and the talk goes on from there.
"""

import random
from collections.abc import Callable
from itertools import islice

from accounts import services
from accounts.models import User
from demo import names, texts
from demo.talk import Resident, Talk
from people import services as people
from people.profile import update_profile
from tweets.models import Tweet

EMAIL_DOMAIN = "demo.invalid"  # a domain that can never exist (RFC 2606)
CORE = 6  # the first to come, whom everybody who comes later may know
FOLLOWS_LEAST, FOLLOWS_MOST = 2, 8
BACK = 0.25  # how often a follow is returned
PRIVATE = 0.04  # how many accounts are private
SAYING_EACH, ACTIONS_EACH = 2.7, 3.0  # what is said and done per person; only reactions come last
GUEST_FOLLOWS = 30  # whom the visitor's account follows
GUEST_FOLLOWERS = 15
HELLO = (
    "Hello! This is the demo account. Sign in as me, look around, and say something. 👋 #welcome"
)
Tick = Callable[[int], object]


def steps(people: int) -> int:
    """How many ticks `settle` will give, roughly: for a progress bar."""
    return people + people * (FOLLOWS_LEAST + FOLLOWS_MOST) // 2 + _actions(people)


def _actions(people: int) -> int:
    return int(people * ACTIONS_EACH)


def is_settled(*, guest: User) -> bool:
    """Whether the town is finished: the visitor's own hello, the last step, was said."""
    return Tweet.objects.filter(author=guest).exists()


def settle(*, guest: User, people: int, seed: int, tick: Tick = lambda count: None) -> list[User]:
    """Build the town around the visitor's account. Returns its people, the most followed first."""
    chance = random.Random(seed)  # noqa: S311 - a game, not a secret
    residents = [_arrive(one) for one in islice(names.personas(chance, texts.INTERESTS), people)]
    tick(people)
    for newcomer in range(1, len(residents)):
        _make_friends(chance, residents, newcomer)
        tick((FOLLOWS_LEAST + FOLLOWS_MOST) // 2)
    residents.sort(key=_followers, reverse=True)
    visitor = Resident(guest, ("tea", "cats"))
    _introduce(chance, residents, visitor)
    _close_doors(chance, residents)
    talk = Talk(chance, residents)
    for number in range(_actions(people)):
        talk.happen() if number < people * SAYING_EACH else talk.react()
        tick(1)
    talk.about(guest, hello=HELLO)
    return [one.user for one in residents]


def _followers(resident: Resident) -> int:
    return resident.followers


def _arrive(persona: names.Persona) -> Resident:
    email = f"{persona.handle}@{EMAIL_DOMAIN}"
    user = User.objects.filter(email=email).first()
    if user is None:
        user = services.register_without_password(
            handle=persona.handle, email=email, name=persona.name
        )
        about = {"bio": persona.bio, "place": persona.place}
        user = update_profile(user=user, changes=about)
    return Resident(user, persona.interests, persona.sayings)


def _make_friends(chance: random.Random, residents: list[Resident], newcomer: int) -> None:
    """Follow some of those who came before, the followed rather than others.

    Preferential attachment (Barabási and Albert, 1999): it gives a few people very many followers.
    """
    person, earlier = residents[newcomer], residents[:newcomer]
    wanted = min(chance.randint(FOLLOWS_LEAST, FOLLOWS_MOST), len(earlier))
    weights = [one.followers + 1 for one in earlier]
    while len(person.follows) < wanted:
        (followee,) = chance.choices(earlier, weights)
        _follow(person, followee)
        if chance.random() < BACK and followee.followers < len(residents) // 10:
            _follow(followee, person)


def _follow(follower: Resident, followee: Resident) -> None:
    if followee.user.pk in follower.follows:
        return
    people.follow(follower=follower.user, followee=followee.user)
    follower.follows.add(followee.user.pk)
    followee.followers += 1


def _introduce(chance: random.Random, residents: list[Resident], visitor: Resident) -> None:
    """The visitor knows the town's best known and some others; some know the visitor."""
    known, others = residents[:CORE], residents[CORE:]
    some = chance.sample(others, min(GUEST_FOLLOWS - CORE, len(others)))
    for one in [*known, *some]:
        _follow(visitor, one)
    for one in chance.sample(residents, min(GUEST_FOLLOWERS, len(residents))):
        _follow(one, visitor)


def _close_doors(chance: random.Random, residents: list[Resident]) -> None:
    """A few of the less known go private, and get requests that they have not answered."""
    quiet = residents[len(residents) // 2 :]
    for one in chance.sample(quiet, int(len(residents) * PRIVATE)):
        one.user = update_profile(user=one.user, changes={"private": True})
        _follow(chance.choice([other for other in residents if other is not one]), one)
