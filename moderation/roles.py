"""The roles of staff: groups with permissions, which an administrator gives to accounts.

An account of staff (`is_staff`) in the group MODERATORS decides on reports and appeals. One in
ADMINISTRATORS may do that too, edits the site and its blocks, and reads the logs. Superusers may do
everything, and only they grant rights. docs/moderation.md has the table.
"""

from collections.abc import Iterable

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

MODERATORS, ADMINISTRATORS = "Moderators", "Administrators"
# What administrators write: moderation/site/ and moderation/blocks/.
EDITED = ("site", "rule", "announcement", "emaildomain", "network", "word")
FOR_MODERATORS = (
    *("moderation.view_case", "moderation.change_case", "moderation.view_report"),
    *("moderation.view_strike", "moderation.change_strike"),
    *("moderation.view_appeal", "moderation.change_appeal"),
    *("moderation.view_note", "moderation.add_note"),
    *("accounts.view_waiting", "accounts.change_waiting"),
    *("accounts.view_invitation", "accounts.change_invitation"),
    *("accounts.view_user", "tweets.view_tweet", "tweets.change_tweet", "media.view_media"),
)
FOR_ADMINISTRATORS = (
    *FOR_MODERATORS,
    *(f"accounts.{verb}_terms" for verb in ("view", "add", "change")),
    *("accounts.change_user", "accounts.view_securityevent", "tweets.delete_tweet"),
    "moderation.view_auditentry",
    *(f"moderation.{verb}_{row}" for row in EDITED for verb in ("view", "add", "change", "delete")),
    *("search.view_tag", "search.change_tag", "operations.view_sample"),
    *("search.view_trendingtweet", "search.change_trendingtweet"),
)
ROLES = {MODERATORS: FOR_MODERATORS, ADMINISTRATORS: FOR_ADMINISTRATORS}


def create_groups() -> None:
    """Create the groups, and give them the permissions of their roles. Idempotent.

    What an administrator granted or took away besides is left alone, except that a permission of
    the role is given again.
    """
    for name, codes in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*_permissions(codes))


def _permissions(codes: Iterable[str]) -> list[Permission]:
    """Return the permissions with these names, which are created first if they are missing."""
    wanted = {tuple(code.split(".")) for code in codes}
    found = _found(wanted)
    if len(found) < len(wanted):
        for label in sorted({label for label, _ in wanted}):
            create_permissions(apps.get_app_config(label), verbosity=0)
        found = _found(wanted)
    return found


def _found(wanted: set[tuple[str, ...]]) -> list[Permission]:
    rows = Permission.objects.filter(
        content_type__app_label__in={label for label, _ in wanted},
        codename__in={codename for _, codename in wanted},
    ).select_related("content_type")
    return [row for row in rows if (row.content_type.app_label, row.codename) in wanted]
