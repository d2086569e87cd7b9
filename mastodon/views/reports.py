"""Reports to the moderators of the site."""

from typing import Any

from mastodon import limits
from mastodon.calls import Call
from mastodon.endpoints import user
from mastodon.errors import Invalid
from mastodon.presenters import reports as presenters
from moderation import reporting
from moderation.models import Category
from moderation.site.services import rules
from people.selectors import access_account

Json = dict[str, Any]


@user("write:reports")
def report(call: Call) -> Json:
    """POST reports. There is no other server to forward it to."""
    params = call.params
    params.needed("account_id")
    limits.spend_own(call, "report")
    about = access_account(user_id=params.id("account_id") or 0)
    tweet_ids, rule_ids = params.ids("status_ids"), params.ids("rule_ids")
    if not {rule.pk for rule in rules()}.issuperset(rule_ids):
        raise Invalid("Rules are invalid")
    made = reporting.report(
        reporter=call.user,
        account=about,
        category=_category(call, is_violation=bool(rule_ids)),
        tweet_ids=tweet_ids,
        rule_ids=rule_ids,
        comment=params.text("comment") or "",
    )
    return presenters.report(
        made, reporter=call.user, about=about, tweet_ids=tweet_ids, base=call.base
    )


def _category(call: Call, *, is_violation: bool) -> Category:
    """The category, which follows from the rules if it is left out."""
    name = call.params.text("category") or ("violation" if is_violation else "other")
    if name not in presenters.CATEGORIES:
        raise Invalid("Category is not included in the list")
    return presenters.CATEGORIES[name]
