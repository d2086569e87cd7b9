"""Who is pushed and who is pulled. Pure decisions: celebrities.review acts on them."""

HYSTERESIS_PERCENT = 80
# The states of an author who is not simply pushed, and what an operator may decide.
PULLED, DEMOTING = "pulled", "demoting"
PULL, PUSH = "pull", "push"


def demotion_followers(threshold: int) -> int:
    """Below this many followers a pulled author is pushed again: 80 % of the threshold.

    The gap keeps an author who hovers around the threshold from crossing it all day long.
    """
    return -(-threshold * HYSTERESIS_PERCENT // 100)


def is_pulled(*, followers: int, threshold: int, state: str | None, override: str | None) -> bool:
    """Whether an author should be pulled, given how it is now (`state` None: pushed)."""
    if override is not None:
        return override == PULL
    if followers >= threshold:
        return True
    return state == PULLED and followers >= demotion_followers(threshold)
