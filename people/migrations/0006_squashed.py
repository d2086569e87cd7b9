"""All migrations of version 1.0 in one, for new databases: they need a fraction of the time."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("people", "0001_initial"),
        ("people", "0002_lookups_of_edges"),
        ("people", "0003_pending_requests"),
        ("people", "0004_notify"),
        ("people", "0005_mutes_that_end_and_notes"),
    ]
    initial = True
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "blocked",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="blocks_in",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "blocker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="blocks_out",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["blocked", "blocker"], name="block_backwards")],
                "constraints": [
                    models.UniqueConstraint(fields=("blocker", "blocked"), name="block_once"),
                    models.CheckConstraint(
                        condition=models.Q(("blocker", models.F("blocked")), _negated=True),
                        name="block_not_self",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Follow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("since_id", models.BigIntegerField(null=True)),
                (
                    "reposts",
                    models.BooleanField(default=True, help_text="Show what the followee reposts."),
                ),
                (
                    "notify",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Notify the follower of new tweets.",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "followee",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follows_in",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "follower",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follows_out",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["followee", "follower"], name="follow_walk"),
                    models.Index(
                        condition=models.Q(("notify", True)),
                        fields=["followee", "follower"],
                        name="follow_notify",
                    ),
                    models.Index(
                        condition=models.Q(("id__gt", 0)),
                        fields=["followee", "-id"],
                        name="follow_followers_page",
                    ),
                    models.Index(
                        condition=models.Q(("id__gt", 0)),
                        fields=["follower", "-id"],
                        name="follow_following_page",
                    ),
                    models.Index(
                        condition=models.Q(("since_id", None)),
                        fields=["-id"],
                        name="follow_requests",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("follower", "followee"), name="follow_once"),
                    models.CheckConstraint(
                        condition=models.Q(("follower", models.F("followee")), _negated=True),
                        name="follow_not_self",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mute",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "until",
                    models.DateTimeField(
                        help_text="When the mute ends; empty for never.", null=True
                    ),
                ),
                (
                    "muted",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mutes_in",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "muter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mutes_out",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["muted", "muter"], name="mute_backwards"),
                    models.Index(
                        condition=models.Q(("until__isnull", False)),
                        fields=["until"],
                        name="mute_ends",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("muter", "muted"), name="mute_once"),
                    models.CheckConstraint(
                        condition=models.Q(("muter", models.F("muted")), _negated=True),
                        name="mute_not_self",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PrivateNote",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("text", models.TextField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "about",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "author",
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
                    models.UniqueConstraint(fields=("author", "about"), name="private_note_once"),
                    models.CheckConstraint(
                        condition=models.Q(("author", models.F("about")), _negated=True),
                        name="private_note_not_self",
                    ),
                ],
            },
        ),
    ]
