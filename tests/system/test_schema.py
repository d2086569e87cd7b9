"""Schemathesis with the API's OpenAPI document: no 5xx, and no undocumented responses.

Signed out it calls only what everybody may call. That the rest answers 401 is for the audiences
(tools/attack/audiences), which ask every operation.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from accounts import tokens
from accounts.models import User
from people import services as people
from tests.helpers.site import running_site
from tweets.posting import post_tweet

EXAMPLES = "25"  # for each operation
MIN_CASES = 300  # with fewer test cases, the test would prove little


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "signed out"])
def test_each_response_is_documented(
    signed_in: bool, alice: User, bob: User, tmp_path: Path
) -> None:
    for text in ("hello @bob #world", "news"):
        post_tweet(author=bob, text=text)
    people.follow(follower=alice, followee=bob)
    access = tokens.issue(user=alice, now=timezone.now()).access
    as_whom = ["--header", f"Authorization: Bearer {access}"] if signed_in else open_to_all()
    with running_site(tmp_path / "log") as site:
        result = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", f"{site.url}/api/schema"),
                *("--max-examples", EXAMPLES, "--seed", "1", "--no-color", *as_whom),
                # It has no end. streaming/tests ask for it with all kinds of parameters.
                "--exclude-path=/api/stream",
            ],
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 0, result.stdout + result.stderr
    passed = re.search(r"generated, (\d+) passed", result.stdout)
    assert passed is not None
    assert int(passed[1]) > MIN_CASES, result.stdout


def open_to_all() -> list[str]:
    """Options that choose the operations which need no token."""
    generator: Any = SchemaGenerator  # the package has no types for it
    schema = generator().get_schema(request=None, public=True)
    operations = [each for path in schema["paths"].values() for each in path.values()]
    open_ones = [each["operationId"] for each in operations if {} in each["security"]]
    assert len(operations) > len(open_ones) > 30
    return [f"--include-operation-id={name}" for name in open_ones]
