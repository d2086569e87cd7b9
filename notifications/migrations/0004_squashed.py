"""All migrations of version 1.0 in one, for new databases: they need a fraction of the time."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import notifications.models


class Migration(migrations.Migration):
    replaces = [
        ("notifications", "0001_initial"),
        ("notifications", "0002_one_by_one"),
        ("notifications", "0003_push"),
    ]
    initial = True
    dependencies = [
        ("accounts", "0018_squashed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("tweets", "0019_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Group",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("mention", "Mentions"),
                            ("reply", "Replies"),
                            ("quote", "Quotes"),
                            ("repost", "Reposts"),
                            ("like", "Likes"),
                            ("follow", "New followers"),
                            ("follow_request", "Follow requests"),
                            ("tweet", "Tweets of accounts with the bell on"),
                            ("edit", "Edits of tweets that you reposted"),
                            ("poll_ended", "Polls that ended"),
                            ("moderation", "Notices from moderators"),
                        ],
                        max_length=14,
                    ),
                ),
                ("bucket", models.BigIntegerField(db_default=0)),
                ("note", models.CharField(blank=True, db_default="", max_length=500)),
                ("count", models.PositiveIntegerField(db_default=0)),
                (
                    "actors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), db_default=[], size=None
                    ),
                ),
                ("newest_id", models.BigIntegerField(db_default=0)),
                (
                    "newest_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("visible", models.BooleanField(db_default=True)),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notification_groups",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tweet",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tweets.tweet",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("count__gt", 0), ("visible", True)),
                        fields=["recipient", "-newest_id"],
                        name="group_page",
                    ),
                    models.Index(fields=["newest_at"], name="group_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("tweet__isnull", False)),
                        fields=("recipient", "kind", "tweet", "bucket"),
                        name="group_of_tweet_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("tweet", None)),
                        fields=("recipient", "kind", "bucket"),
                        name="group_without_tweet_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Marker",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "name",
                    models.CharField(
                        choices=[("home", "Home"), ("notifications", "Notifications")],
                        max_length=13,
                    ),
                ),
                ("last_read_id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "name"), name="marker_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("recipient_id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("mention", "Mentions"),
                            ("reply", "Replies"),
                            ("quote", "Quotes"),
                            ("repost", "Reposts"),
                            ("like", "Likes"),
                            ("follow", "New followers"),
                            ("follow_request", "Follow requests"),
                            ("tweet", "Tweets of accounts with the bell on"),
                            ("edit", "Edits of tweets that you reposted"),
                            ("poll_ended", "Polls that ended"),
                            ("moderation", "Notices from moderators"),
                        ],
                        max_length=14,
                    ),
                ),
                ("standing", models.BooleanField(default=True)),
                ("filtered", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="notifications.group",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("filtered", False), ("standing", True)),
                        fields=["group", "-id"],
                        name="notification_newest",
                    ),
                    models.Index(
                        condition=models.Q(("filtered", False), ("standing", True)),
                        fields=["recipient_id", "-id"],
                        name="notification_page",
                    ),
                    models.Index(
                        fields=["actor", "recipient_id", "id"], name="notification_between"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("actor__isnull", False)),
                        fields=("group", "actor"),
                        name="notification_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("actor", None)), fields=("group",), name="notice_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind__in", ["follow", "follow_request"])),
                        fields=("recipient_id", "kind", "actor"),
                        name="notification_about_people_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PushSubscription",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("endpoint", models.CharField(max_length=2000)),
                ("device_key", models.BinaryField(max_length=65)),
                ("auth", models.BinaryField(max_length=16)),
                ("standard", models.BooleanField(default=True)),
                ("token", models.TextField(blank=True, default="")),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("mention", "Mentions"),
                                ("reply", "Replies"),
                                ("quote", "Quotes"),
                                ("repost", "Reposts"),
                                ("like", "Likes"),
                                ("follow", "New followers"),
                                ("follow_request", "Follow requests"),
                                ("tweet", "Tweets of accounts with the bell on"),
                                ("edit", "Edits of tweets that you reposted"),
                                ("poll_ended", "Polls that ended"),
                                ("moderation", "Notices from moderators"),
                            ],
                            max_length=14,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "policy",
                    models.CharField(
                        choices=[
                            ("all", "Everybody"),
                            ("followed", "People whom you follow"),
                            ("follower", "People who follow you"),
                            ("none", "Nobody"),
                        ],
                        default="all",
                        max_length=8,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("succeeded_at", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("failing_since", models.DateTimeField(null=True)),
                ("resume_at", models.DateTimeField(null=True)),
                (
                    "app_token",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.apptoken",
                    ),
                ),
                (
                    "family",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.tokenfamily",
                    ),
                ),
                (
                    "session",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.sitesession",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="push_subscriptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("app_token", None), ("family", None), ("session__isnull", False)
                            ),
                            models.Q(
                                ("app_token", None), ("family__isnull", False), ("session", None)
                            ),
                            models.Q(
                                ("app_token__isnull", False), ("family", None), ("session", None)
                            ),
                            _connector="OR",
                        ),
                        name="push_subscription_of_one_sign_in",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Push",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("recipient_id", models.BigIntegerField()),
                ("group_id", models.BigIntegerField()),
                ("notification_id", models.BigIntegerField()),
                ("attempts", models.PositiveSmallIntegerField(db_default=0)),
                ("due_at", models.DateTimeField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pushes",
                        to="notifications.pushsubscription",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["due_at"], name="push_due"),
                    models.Index(fields=["recipient_id"], name="push_of_account"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("subscription", "group_id"), name="push_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField(db_default=0)),
                ("newest_id", models.BigIntegerField(db_default=0)),
                ("dismissed_up_to", models.BigIntegerField(db_default=0)),
                ("accepted", models.BooleanField(db_default=False)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("accepted", False), ("count__gt", 0)),
                        fields=["recipient", "-newest_id"],
                        name="notification_requests",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("recipient", "actor"), name="notification_request_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Settings",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notification_settings",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "off",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("mention", "Mentions"),
                                ("reply", "Replies"),
                                ("quote", "Quotes"),
                                ("repost", "Reposts"),
                                ("like", "Likes"),
                                ("follow", "New followers"),
                                ("follow_request", "Follow requests"),
                                ("tweet", "Tweets of accounts with the bell on"),
                                ("edit", "Edits of tweets that you reposted"),
                                ("poll_ended", "Polls that ended"),
                                ("moderation", "Notices from moderators"),
                            ],
                            max_length=14,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "mailed",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("mention", "Mentions"),
                                ("reply", "Replies"),
                                ("quote", "Quotes"),
                                ("repost", "Reposts"),
                                ("like", "Likes"),
                                ("follow", "New followers"),
                                ("follow_request", "Follow requests"),
                                ("tweet", "Tweets of accounts with the bell on"),
                                ("edit", "Edits of tweets that you reposted"),
                                ("poll_ended", "Polls that ended"),
                                ("moderation", "Notices from moderators"),
                            ],
                            max_length=14,
                        ),
                        default=notifications.models.mailed_kinds,
                        size=None,
                    ),
                ),
                (
                    "strangers",
                    models.CharField(
                        choices=[
                            ("accept", "Show them"),
                            ("filter", "Keep them among the requests"),
                            ("drop", "Drop them"),
                        ],
                        default="accept",
                        max_length=6,
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        choices=[("off", "Never"), ("daily", "Once a day")],
                        default="off",
                        max_length=5,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("digest", "daily")),
                        fields=["user"],
                        name="digest_readers",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField(db_index=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("position", models.BigIntegerField(db_default=0)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="digests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "day"), name="digest_once")
                ],
            },
        ),
    ]
