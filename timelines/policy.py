"""Decide whether an author is pushed or pulled: celebrities.review acts on it. No Django."""

HYSTERESIS_PERCENT = 80
# The states of authors who are not simply pushed, and the possible overrides by an operator.
PULLED, DEMOTING = "pulled", "demoting"
PULL, PUSH = "pull", "push"


def demotion_followers(threshold: int) -> int:
    """Return the number of followers below which an author is demoted: 80 % of the threshold.

    The gap keeps an author near the threshold from being promoted and demoted again and again.
    """
    return -(-threshold * HYSTERESIS_PERCENT // 100)


def is_pulled(*, followers: int, threshold: int, state: str | None, override: str | None) -> bool:
    """Return whether an author should be pulled. The current `state` is None if pushed."""
    if override is not None:
        return override == PULL
    if followers >= threshold:
        return True
    return state == PULLED and followers >= demotion_followers(threshold)
