"""Builds the town: its people register, follow and post through the same services as real users.

The same seed gives the same people and actions. An interrupted run can be run again with the same
seed and number of people: it goes through the same actions, and does those that were not done.
The guest's date of joining is in the database, and everything is dated from there.
"""

import random
from collections.abc import Callable
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import QuerySet

from accounts import services
from accounts.models import User
from demo import names, pictures, texts
from demo.clock import STAY, Clock, joined
from demo.guest import Welcome
from demo.talk import Resident, Talk
from media import profiles
from people import services as people
from people.profile import update_profile
from tweets.models import Tweet

EMAIL_DOMAIN = "demo.invalid"  # a domain that can never exist (RFC 2606)
CORE = 6  # the number of best known people: the guest follows all of them
MIN_FOLLOWS, MAX_FOLLOWS = 2, 8
FOLLOW_BACK = 0.25  # probability that a follow is returned
PRIVATE = 0.04  # share of private accounts
ACTIONS_EACH = 3.0  # actions per person
FREE_ACTIONS_EACH = 2.7  # of these, any actions; the remaining ones are reactions
GUEST_FOLLOWS = 30  # people that the guest follows
GUEST_FOLLOWERS = 15
Tick = Callable[[int], object]


def steps(people: int) -> int:
    """The approximate number of ticks that `build` reports, for a progress bar."""
    return people + people * (MIN_FOLLOWS + MAX_FOLLOWS) // 2 + _actions(people)


def _actions(people: int) -> int:
    return int(people * ACTIONS_EACH)


def is_complete(*, guest: User) -> bool:
    """Whether the town is complete: the guest has posted, which is the last step."""
    return Tweet.objects.filter(author=guest).exists()


def build(*, guest: User, people: int, seed: int, tick: Tick = lambda count: None) -> list[User]:
    """Build the town around the guest's account, and return its people, most followed first.

    Calls `tick` with the number of steps done since the last call.
    """
    rng = random.Random(seed)  # noqa: S311 - a game, not a secret
    end = guest.created_at + STAY
    made_up = enumerate(islice(names.personas(rng, texts.INTERESTS), people))
    residents = [_register(one, joined(place, of=people, end=end)) for place, one in made_up]
    tick(people)
    for newcomer in range(1, len(residents)):
        _follow_some(rng, residents, newcomer)
        tick((MIN_FOLLOWS + MAX_FOLLOWS) // 2)
    residents.sort(key=_followers, reverse=True)
    _connect_guest(rng, residents, Resident(guest, ("tea", "cats")))
    _make_some_private(rng, residents)
    actions = _actions(people)
    clock = Clock(random.Random(seed), end=end, actions=actions)  # noqa: S311
    talk = Talk(rng, residents, clock, posted=_posted())
    for number in range(actions):
        clock.begin(number)
        talk.act() if number < people * FREE_ACTIONS_EACH else talk.react()
        tick(1)
    clock.begin_welcome()
    with transaction.atomic():  # is_complete goes by a part of it
        talk.edit_some()
        Welcome(talk, guest).perform()
    return [one.user for one in residents]


def _posted() -> QuerySet[Tweet]:
    """The tweets of an interrupted run, oldest first, without reposts."""
    tweets = Tweet.objects.filter(author__email__endswith=f"@{EMAIL_DOMAIN}", repost_of=None)
    return tweets.filter(deleted_at=None).order_by("pk")


def _followers(resident: Resident) -> int:
    return resident.followers


def _register(persona: names.Persona, at: datetime) -> Resident:
    email = f"{persona.handle}@{EMAIL_DOMAIN}"
    user = User.objects.filter(email=email).first()
    if user is None:
        user = _join(persona, email, at)
    return Resident(user, persona.interests, persona.sayings)


@transaction.atomic
def _join(persona: names.Persona, email: str, at: datetime) -> User:
    user = services.register_without_password(handle=persona.handle, email=email, name=persona.name)
    services.date_back(user=user, at=at)
    profile = {"bio": persona.bio, "place": persona.place}
    return profiles.update_profile(
        user=user, changes=profile, pictures=pictures.of_profile(persona.handle)
    )


def _follow_some(rng: random.Random, residents: list[Resident], newcomer: int) -> None:
    """Let a newcomer follow some earlier people, preferably those with many followers.

    This is preferential attachment (Barabási and Albert, 1999), which gives a few people very many
    followers.
    """
    person, earlier = residents[newcomer], residents[:newcomer]
    wanted = min(rng.randint(MIN_FOLLOWS, MAX_FOLLOWS), len(earlier))
    weights = [one.followers + 1 for one in earlier]
    while len(person.follows) < wanted:
        (followee,) = rng.choices(earlier, weights)
        _follow(person, followee)
        if rng.random() < FOLLOW_BACK and followee.followers < len(residents) // 10:
            _follow(followee, person)


def _follow(follower: Resident, followee: Resident) -> None:
    if followee.user.pk in follower.follows:
        return
    # At once: the later of the two has just joined.
    at = max(follower.user.created_at, followee.user.created_at)
    people.follow(follower=follower.user, followee=followee.user, at=at)
    follower.follows.add(followee.user.pk)
    followee.followers += 1


def _connect_guest(rng: random.Random, residents: list[Resident], guest: Resident) -> None:
    """Let the guest follow the best known people and some others, and some people the guest."""
    best_known, others = residents[:CORE], residents[CORE:]
    some = rng.sample(others, min(GUEST_FOLLOWS - CORE, len(others)))
    for followee in [*best_known, *some]:
        _follow(guest, followee)
    for follower in rng.sample(residents, min(GUEST_FOLLOWERS, len(residents))):
        _follow(follower, guest)


def _make_some_private(rng: random.Random, residents: list[Resident]) -> None:
    """Make a few of the less known people private, with a pending follow request each."""
    quiet = residents[len(residents) // 2 :]
    for one in rng.sample(quiet, int(len(residents) * PRIVATE)):
        one.user = update_profile(user=one.user, changes={"private": True})
        _follow(rng.choice([other for other in residents if other is not one]), one)
