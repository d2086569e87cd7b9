"""Limits of forms."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from chirp.limits.quotas import TooManyRequests
from web.limits import limit_address


@pytest.mark.usefixtures("redis")
def test_forms_are_limited_by_address(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": (2, 60)}
    request = RequestFactory(REMOTE_ADDR="192.0.2.1").post("/login")
    limit_address(request, "sign_in")
    limit_address(request, "sign_in")
    with pytest.raises(TooManyRequests) as refused:
        limit_address(request, "sign_in")
    assert refused.value.retry_after
