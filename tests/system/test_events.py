"""The table of events and their consumers (OUTBOX_ROUTES) agrees with the code."""

import inspect
from dataclasses import fields

import pytest
from celery import current_app
from django.conf import settings

import accounts.events
import archives.events
import media.events
import notifications.events
import people.events
import timelines.events
import tweets.events
from outbox.events import TOPICS, DomainEvent, TopicTaken
from outbox.services import LIVE
from streaming.resolver import HANDLERS

MODULES = (
    *(accounts.events, people.events, media.events, tweets.events, timelines.events),
    *(notifications.events, archives.events),
)


def declared() -> dict[str, type[DomainEvent]]:
    """The event classes of the apps, by topic."""
    names = {module.__name__ for module in MODULES}
    return {topic: event for topic, event in TOPICS.items() if event.__module__ in names}


def test_the_table_names_each_declared_event_and_no_other() -> None:
    assert set(settings.OUTBOX_ROUTES) == set(declared())


@pytest.mark.parametrize("topic", sorted(settings.OUTBOX_ROUTES))
def test_a_consumer_is_a_task_that_takes_the_events_fields(topic: str) -> None:
    current_app.loader.import_default_modules()
    event = declared()[topic]
    for consumer in settings.OUTBOX_ROUTES[topic]:
        assert consumer in current_app.tasks or consumer == LIVE, consumer
    assert all(field.kw_only for field in fields(event))
    assert inspect.getdoc(event)


def test_streams_hear_of_the_events_that_they_handle_and_of_no_others() -> None:
    told = {topic for topic, consumers in settings.OUTBOX_ROUTES.items() if LIVE in consumers}
    assert told == set(HANDLERS)
    for topic, handle in HANDLERS.items():
        names = [field.name for field in fields(declared()[topic])]
        assert list(inspect.signature(handle).parameters)[1:] == names, topic


def test_a_group_is_made_of_fields_that_exist() -> None:
    for event in declared().values():
        assert set(event.together or ()) <= {field.name for field in fields(event)}


def test_two_events_cannot_share_a_topic() -> None:
    with pytest.raises(TopicTaken, match=r"tweet\.posted"):

        class Impostor(DomainEvent):
            topic = "tweet.posted"
