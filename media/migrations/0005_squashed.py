"""All migrations of version 1.0 in one, for new databases: they need a fraction of the time."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("media", "0001_initial"),
        ("media", "0002_media_cleanup"),
        ("media", "0003_needed"),
        ("media", "0004_link_previews"),
    ]
    initial = True
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BlockedHost",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("host", models.CharField(max_length=253, unique=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Media",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("tweet", "Tweet"),
                            ("avatar", "Avatar"),
                            ("header", "Header"),
                            ("card", "Link preview"),
                        ],
                        default="tweet",
                        max_length=6,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("image", "IMAGE"),
                            ("gif", "ANIMATION"),
                            ("video", "VIDEO"),
                            ("audio", "AUDIO"),
                        ],
                        max_length=5,
                    ),
                ),
                ("format", models.CharField(max_length=8)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("processing", "Processing"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        default="processing",
                        max_length=10,
                    ),
                ),
                ("error", models.CharField(blank=True, default="", max_length=200)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("key", models.CharField(max_length=22, unique=True)),
                (
                    "needed",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="A draft or a scheduled tweet has it.",
                    ),
                ),
                ("original", models.CharField(blank=True, default="", max_length=100)),
                ("original_bytes", models.BigIntegerField(default=0)),
                ("files", models.JSONField(default=dict)),
                (
                    "bytes",
                    models.BigIntegerField(db_default=0, default=0, help_text="Of all files."),
                ),
                ("alt", models.CharField(blank=True, default="", max_length=1500)),
                ("focus_x", models.FloatField(default=0)),
                ("focus_y", models.FloatField(default=0)),
                ("blurhash", models.CharField(blank=True, default="", max_length=60)),
                ("width", models.PositiveIntegerField(null=True)),
                ("height", models.PositiveIntegerField(null=True)),
                ("duration", models.FloatField(null=True)),
                ("tweet_id", models.BigIntegerField(null=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "media",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "processing")),
                        fields=["id"],
                        name="media_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("tweet_id", None)),
                        fields=["owner", "created_at"],
                        name="media_without_tweet",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("tweet_id__isnull", False)),
                        fields=("tweet_id", "position"),
                        name="media_of_tweet",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("focus_x__range", (-1, 1)), ("focus_y__range", (-1, 1))
                        ),
                        name="media_focus",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("tweet_id", None), ("purpose", "tweet"), _connector="OR"
                        ),
                        name="media_only_for_tweets",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Preview",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("url", models.CharField(max_length=2000, unique=True)),
                ("host", models.CharField(max_length=253)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("ready", "Ready"), ("failed", "Failed")],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("title", models.CharField(blank=True, default="", max_length=200)),
                ("description", models.CharField(blank=True, default="", max_length=400)),
                ("image_alt", models.CharField(blank=True, default="", max_length=400)),
                ("error", models.CharField(blank=True, default="", max_length=200)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(null=True)),
                ("tried_at", models.DateTimeField(null=True)),
                ("fetched_at", models.DateTimeField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "image",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="media.media",
                    ),
                ),
            ],
            options={
                "verbose_name": "link preview",
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at", None), _negated=True),
                        fields=["due_at"],
                        name="preview_due",
                    ),
                    models.Index(fields=["host", "tried_at"], name="preview_of_host"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TweetLink",
            fields=[
                ("tweet_id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "preview",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="media.preview",
                    ),
                ),
            ],
        ),
    ]
