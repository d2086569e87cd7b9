"""All migrations of version 1.0 in one, for new databases: they need a fraction of the time."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import chirp.ids
import tweets.visibility


class Migration(migrations.Migration):
    replaces = [
        ("tweets", "0001_initial"),
        ("tweets", "0002_language"),
        ("tweets", "0003_lists"),
        ("tweets", "0004_admin_searches"),
        ("tweets", "0005_polls"),
        ("tweets", "0006_reply_controls"),
        ("tweets", "0007_pins_and_mutes"),
        ("tweets", "0008_conversations"),
        ("tweets", "0009_drafts_and_scheduled_tweets"),
        ("tweets", "0010_media"),
        ("tweets", "0011_media_cleanup"),
        ("tweets", "0012_bookmarks"),
        ("tweets", "0013_author_states"),
        ("tweets", "0014_moderated_media"),
        ("tweets", "0015_unread_conversations"),
        ("tweets", "0016_likes_of_a_user"),
        ("tweets", "0017_purging"),
        ("tweets", "0018_longer_warnings"),
    ]
    initial = True
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("chirp", "0001_ids"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tweet",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        db_default=chirp.ids.NextId(), primary_key=True, serialize=False
                    ),
                ),
                ("text", models.TextField(blank=True, default="")),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("public", "Everybody"),
                            ("unlisted", "Everybody, but not in public timelines"),
                            ("followers", "Followers"),
                            ("direct", "The people mentioned"),
                        ],
                        default=tweets.visibility.Visibility["PUBLIC"],
                        max_length=9,
                    ),
                ),
                ("sensitive", models.BooleanField(default=False)),
                (
                    "marked_sensitive",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="By a moderator: the author cannot undo it.",
                    ),
                ),
                ("spoiler", models.CharField(blank=True, default="", max_length=500)),
                (
                    "language",
                    models.CharField(
                        blank=True, db_default="", default="", help_text="BCP 47.", max_length=20
                    ),
                ),
                ("conversation_id", models.BigIntegerField(null=True)),
                ("has_poll", models.BooleanField(db_default=False, default=False)),
                (
                    "quote_detached",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="The quoted author detached their tweet.",
                    ),
                ),
                (
                    "replies_from",
                    models.CharField(
                        choices=[
                            ("everyone", "Everyone can reply"),
                            ("followed", "People you follow can reply"),
                            ("mentioned", "People you mention can reply"),
                            ("nobody", "Nobody else can reply"),
                        ],
                        db_default="everyone",
                        default="everyone",
                        help_text="Set by the first tweet of a conversation. Replies have a copy.",
                        max_length=9,
                    ),
                ),
                (
                    "quotes_from",
                    models.CharField(
                        choices=[
                            ("everyone", "Everyone can quote"),
                            ("followers", "Followers can quote"),
                            ("nobody", "Nobody else can quote"),
                        ],
                        db_default="everyone",
                        default="everyone",
                        max_length=9,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("edited_at", models.DateTimeField(null=True)),
                ("deleted_at", models.DateTimeField(null=True)),
                ("hidden_at", models.DateTimeField(help_text="Hidden by a moderator.", null=True)),
                (
                    "live",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Q(("deleted_at", None), ("hidden_at", None)),
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "author_state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("private", "Private"),
                            ("gone", "Deactivated or suspended"),
                        ],
                        db_default="open",
                        default="open",
                        max_length=7,
                    ),
                ),
                (
                    "reach",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(author_state="gone", then=models.Value("nobody")),
                            models.When(
                                author_state="private",
                                then=models.Value("followers"),
                                visibility__in=(
                                    tweets.visibility.Visibility["PUBLIC"],
                                    tweets.visibility.Visibility["UNLISTED"],
                                ),
                            ),
                            default=models.F("visibility"),
                        ),
                        output_field=models.CharField(max_length=9),
                    ),
                ),
                ("likes_count", models.PositiveIntegerField(default=0)),
                ("reposts_count", models.PositiveIntegerField(default=0)),
                ("quotes_count", models.PositiveIntegerField(default=0)),
                ("replies_count", models.PositiveIntegerField(default=0)),
                ("lat", models.FloatField(null=True)),
                ("lon", models.FloatField(null=True)),
                ("cell", models.IntegerField(null=True)),
                ("place", models.CharField(blank=True, db_default="", default="", max_length=100)),
                ("media_count", models.PositiveSmallIntegerField(db_default=0, default=0)),
                (
                    "media_hidden",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="A moderator hid its pictures and videos.",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tweets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "quote_of",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="quotes",
                        to="tweets.tweet",
                    ),
                ),
                (
                    "reply_to",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="replies",
                        to="tweets.tweet",
                    ),
                ),
                (
                    "reply_to_author",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "repost_of",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reposts",
                        to="tweets.tweet",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at", None)),
                        fields=["author", "-id"],
                        name="tweet_by_author",
                    ),
                    models.Index(
                        condition=models.Q(("live", True), ("media_count__gt", 0)),
                        fields=["author", "visibility", "-id"],
                        name="tweet_media",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False), ("media_count__gt", 0)),
                        fields=["deleted_at"],
                        name="tweet_deleted_media",
                    ),
                    models.Index(
                        condition=models.Q(("reply_to__isnull", False)),
                        fields=["reply_to"],
                        name="tweet_replies",
                    ),
                    models.Index(
                        condition=models.Q(("quote_of__isnull", False)),
                        fields=["quote_of"],
                        name="tweet_quotes",
                    ),
                    models.Index(
                        condition=models.Q(("repost_of__isnull", False)),
                        fields=["repost_of"],
                        name="tweet_reposts",
                    ),
                    models.Index(fields=["conversation_id"], name="tweet_conversation"),
                    models.Index(
                        condition=models.Q(("hidden_at__isnull", False)),
                        fields=["-id"],
                        name="tweet_hidden",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)),
                        fields=["-id"],
                        name="tweet_deleted",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)),
                        fields=["author", "-id"],
                        name="tweet_deleted_by_author",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("deleted_at", None),
                            ("visibility", tweets.visibility.Visibility["DIRECT"]),
                        ),
                        fields=["conversation_id", "-id"],
                        name="tweet_direct",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("cell__isnull", False),
                            ("live", True),
                            ("visibility", tweets.visibility.Visibility["PUBLIC"]),
                        ),
                        fields=["cell", "-id"],
                        include=("lat", "lon", "author"),
                        name="tweet_nearby",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("live", True),
                            models.Q(
                                ("reply_to_author", None),
                                ("reply_to_author", models.F("author")),
                                _connector="OR",
                            ),
                        ),
                        fields=["author", "visibility", "-id"],
                        include=("repost_of",),
                        name="tweet_posts",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("live", True),
                            ("reply_to_author__isnull", False),
                            models.Q(("reply_to_author", models.F("author")), _negated=True),
                        ),
                        fields=["author", "visibility", "-id"],
                        name="tweet_answers",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("live", True),
                            ("reply_to_author__isnull", False),
                            models.Q(("reply_to_author", models.F("author")), _negated=True),
                        ),
                        fields=["author", "reply_to_author", "-id"],
                        name="tweet_answers_to",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("live", True),
                            ("reply_to_author", None),
                            ("repost_of", None),
                            ("visibility", tweets.visibility.Visibility["PUBLIC"]),
                        ),
                        fields=["-id"],
                        include=("author",),
                        name="tweet_public",
                    ),
                    models.Index(
                        condition=models.Q(("live", True), ("reply_to__isnull", False)),
                        fields=["reply_to", "reach", "-id"],
                        include=("author",),
                        name="tweet_replies_by_audience",
                    ),
                    models.Index(
                        condition=models.Q(("live", True), ("reply_to__isnull", False)),
                        fields=["reply_to", "reach", "author", "-id"],
                        name="tweet_repliers",
                    ),
                    models.Index(
                        condition=models.Q(("live", True), ("quote_of__isnull", False)),
                        fields=["quote_of", "reach", "-id"],
                        include=("author",),
                        name="tweet_quotes_by_audience",
                    ),
                    models.Index(
                        condition=models.Q(("live", True), ("quote_of__isnull", False)),
                        fields=["quote_of", "reach", "author", "-id"],
                        name="tweet_quoters",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("live", True),
                            ("quote_of__isnull", False),
                            ("reply_to_author__isnull", False),
                            models.Q(("reach", "nobody"), _negated=True),
                        ),
                        fields=["quote_of", "reply_to_author", "-id"],
                        name="tweet_quotes_answering",
                    ),
                    models.Index(
                        condition=models.Q(("live", True), ("repost_of__isnull", False)),
                        fields=["repost_of", "author_state", "-id"],
                        include=("author",),
                        name="tweet_reposters",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("live", True),
                            ("repost_of__isnull", False),
                            models.Q(("author_state", "open"), _negated=True),
                        ),
                        fields=["repost_of", "author_state", "author"],
                        name="tweet_closed_reposters",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("deleted_at", None), ("repost_of__isnull", False)),
                        fields=("repost_of", "author"),
                        name="repost_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("repost_of", None),
                            models.Q(("quote_of", None), ("reply_to", None), ("text", "")),
                            _connector="OR",
                        ),
                        name="repost_is_only_that",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cell", None), ("lat", None), ("lon", None), ("place", "")),
                            models.Q(
                                ("cell__isnull", False),
                                ("lat__isnull", False),
                                ("lat__range", (-90, 90)),
                                ("lon__isnull", False),
                                ("lon__range", (-180, 180)),
                                ("repost_of", None),
                            ),
                            _connector="OR",
                        ),
                        name="place_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("reply_to_id", models.BigIntegerField(null=True)),
                ("quote_of_id", models.BigIntegerField(null=True)),
                ("author_gone", models.BooleanField(db_default=False, default=False)),
                (
                    "author",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
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
                (
                    "tweet",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mention_rows",
                        to="tweets.tweet",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "author", "-tweet"], name="mention_by_author"),
                    models.Index(
                        condition=models.Q(("author_gone", False), ("reply_to_id__isnull", False)),
                        fields=["user", "reply_to_id", "-tweet"],
                        name="mention_in_reply",
                    ),
                    models.Index(
                        condition=models.Q(("author_gone", False), ("quote_of_id__isnull", False)),
                        fields=["user", "quote_of_id", "-tweet"],
                        name="mention_in_quote",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("tweet", "user"), name="mention_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Poll",
            fields=[
                (
                    "tweet",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="poll",
                        serialize=False,
                        to="tweets.tweet",
                    ),
                ),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50), size=4
                    ),
                ),
                (
                    "votes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(), size=4
                    ),
                ),
                ("voters", models.PositiveIntegerField(default=0)),
                ("multiple", models.BooleanField(default=False)),
                ("hide_results", models.BooleanField(default=False)),
                ("ends_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["ends_at"], name="poll_due"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="tweet",
            name="mentions",
            field=models.ManyToManyField(
                related_name="mentioned_in",
                through="tweets.Mention",
                through_fields=("tweet", "user"),
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="Pin",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tweet",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tweets.tweet",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Like",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "author_state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("private", "Private"),
                            ("gone", "Deactivated or suspended"),
                        ],
                        db_default="open",
                        default="open",
                        max_length=7,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="likes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tweet",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="like_rows",
                        to="tweets.tweet",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["tweet", "author_state", "-id"],
                        include=("user",),
                        name="like_of_tweet",
                    ),
                    models.Index(
                        condition=models.Q(("author_state", "open"), _negated=True),
                        fields=["tweet", "author_state", "user"],
                        name="like_by_closed",
                    ),
                    models.Index(fields=["user", "-id"], name="like_of_user"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "tweet"), name="like_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Hashtag",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tag", models.CharField(max_length=100)),
                ("listed", models.BooleanField()),
                (
                    "author",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tweet",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hashtag_rows",
                        to="tweets.tweet",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("listed", True)),
                        fields=["tag", "-tweet"],
                        include=("author",),
                        name="hashtag_timeline",
                    ),
                    models.Index(
                        condition=models.Q(("listed", True)),
                        fields=["tag", "author", "-tweet"],
                        name="hashtag_authors",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("tweet", "tag"), name="hashtag_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Bookmark",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bookmarks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tweet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tweets.tweet",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "-id"], name="bookmark_of_user")],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "tweet"), name="bookmark_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ScheduledTweet",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("content", models.JSONField()),
                ("due_at", models.DateTimeField()),
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
                "indexes": [
                    models.Index(fields=["user", "-id"], name="scheduled_of_user"),
                    models.Index(fields=["due_at"], name="scheduled_due"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TweetVersion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("text", models.TextField(blank=True)),
                ("sensitive", models.BooleanField()),
                ("spoiler", models.CharField(blank=True, max_length=500)),
                ("mentioned", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                (
                    "tweet",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="tweets.tweet",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["tweet", "-id"], name="version_of_tweet"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["mentioned"], name="version_mentions"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("conversation_id", models.BigIntegerField(help_text="The id of its first tweet.")),
                ("newest_id", models.BigIntegerField()),
                ("read_up_to", models.BigIntegerField(default=0)),
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
                "indexes": [
                    models.Index(fields=["user", "-newest_id"], name="conversation_of_user"),
                    models.Index(
                        condition=models.Q(("newest_id__gt", models.F("read_up_to"))),
                        fields=["user"],
                        name="conversation_unread",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "conversation_id"), name="conversation_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConversationMute",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("conversation_id", models.BigIntegerField()),
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
                    models.UniqueConstraint(
                        fields=("user", "conversation_id"), name="mute_conversation_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("content", models.JSONField()),
                ("reason", models.TextField(blank=True, default="")),
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
                "indexes": [models.Index(fields=["user", "-id"], name="draft_of_user")],
            },
        ),
        migrations.CreateModel(
            name="PollVote",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), size=4
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "poll",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vote_rows",
                        to="tweets.poll",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("poll", "user"), name="vote_once")],
            },
        ),
    ]
