"""From a tweet to a device, through the relay and a worker in processes of their own."""

from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from notifications.push import subscriptions
from notifications.push.models import Push, PushSubscription
from notifications.push.subscriptions import Device
from tests.helpers.processes import RELAY, WORKER, kill, process, wait_until
from tests.helpers.push_service import push_service
from tests.helpers.tweets import post

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.usefixtures("redis")
def test_a_message_arrives_also_after_its_worker_was_killed(
    alice: User, bob: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "processes.log"
    with push_service() as service:
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.helpers.push_settings")
        monkeypatch.setenv("PUSH_TEST_SERVER", service.address)
        monkeypatch.setattr(settings, "OUTBOUND_TEST_SERVERS", (service.address,))
        phone = service.device()
        pair = tokens.issue(user=alice, now=timezone.now())
        subscriptions.subscribe(
            user=alice,
            here=tokens.signed_in(access=pair.access),
            device=Device(phone.endpoint, **phone.keys),
        )
        with process(log, *RELAY), process(log, *WORKER) as worker:
            post(bob, "@alice one")
            wait_until(lambda: len(phone.got) == 1, log)
            phone.refuse(503)
            post(bob, "@alice two")
            wait_until(lambda: phone.asked == 2, log)
            kill(worker)
            PushSubscription.objects.update(resume_at=None)  # as if half a minute had passed
            Push.objects.update(due_at=timezone.now())
            with process(log, *WORKER):
                post(bob, "@alice three")
                wait_until(lambda: len(phone.got) == 3 and not Push.objects.exists(), log)
        assert [each.body["body"] for each in phone.got] == [
            *("@alice one", "@alice two", "@alice three"),
        ]
