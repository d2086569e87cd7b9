"""Make lists of tweets readable from indexes alone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tweets.visibility


class Migration(migrations.Migration):
    dependencies = [
        ("tweets", "0002_language"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="hashtag",
            name="hashtag_timeline",
        ),
        migrations.RemoveIndex(
            model_name="tweet",
            name="tweet_replies",
        ),
        migrations.RemoveIndex(
            model_name="tweet",
            name="tweet_quotes",
        ),
        migrations.RemoveIndex(
            model_name="tweet",
            name="tweet_reposts",
        ),
        migrations.RemoveIndex(
            model_name="tweet",
            name="tweet_nearby",
        ),
        migrations.AddField(
            model_name="hashtag",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="hashtag",
            name="listed",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="mention",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="mention",
            name="quote_of_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="mention",
            name="reply_to_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="tweet",
            name="live",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Q(("deleted_at", None), ("hidden_at", None)),
                output_field=models.BooleanField(),
            ),
        ),
        # The constraint triggers must have run before the columns are altered.
        migrations.RunSQL(
            """
            UPDATE tweets_hashtag h SET author_id = t.author_id, listed = t.visibility = 'public'
                AND t.deleted_at IS NULL AND t.hidden_at IS NULL
            FROM tweets_tweet t WHERE t.id = h.tweet_id;
            UPDATE tweets_mention m SET author_id = t.author_id, reply_to_id = t.reply_to_id,
                quote_of_id = t.quote_of_id
            FROM tweets_tweet t WHERE t.id = m.tweet_id;
            SET CONSTRAINTS ALL IMMEDIATE;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="hashtag",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="mention",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="hashtag",
            name="listed",
            field=models.BooleanField(),
        ),
        migrations.AlterField(
            model_name="mention",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="tweet",
            name="mentions",
            field=models.ManyToManyField(
                related_name="mentioned_in",
                through="tweets.Mention",
                through_fields=("tweet", "user"),
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="hashtag",
            index=models.Index(
                condition=models.Q(("listed", True)),
                fields=["tag", "-tweet"],
                include=("author",),
                name="hashtag_timeline",
            ),
        ),
        migrations.AddIndex(
            model_name="hashtag",
            index=models.Index(
                condition=models.Q(("listed", True)),
                fields=["tag", "author", "-tweet"],
                name="hashtag_authors",
            ),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(fields=["user", "author", "-tweet"], name="mention_by_author"),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(
                condition=models.Q(("reply_to_id__isnull", False)),
                fields=["user", "reply_to_id", "-tweet"],
                name="mention_in_reply",
            ),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(
                condition=models.Q(("quote_of_id__isnull", False)),
                fields=["user", "quote_of_id", "-tweet"],
                name="mention_in_quote",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(("reply_to__isnull", False)),
                fields=["reply_to"],
                name="tweet_replies",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(("quote_of__isnull", False)),
                fields=["quote_of"],
                name="tweet_quotes",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(("repost_of__isnull", False)),
                fields=["repost_of"],
                name="tweet_reposts",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(
                    ("cell__isnull", False),
                    ("live", True),
                    ("visibility", tweets.visibility.Visibility["PUBLIC"]),
                ),
                fields=["cell", "-id"],
                include=("lat", "lon", "author"),
                name="tweet_nearby",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
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
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(
                    ("live", True),
                    ("reply_to_author__isnull", False),
                    models.Q(("reply_to_author", models.F("author")), _negated=True),
                ),
                fields=["author", "visibility", "-id"],
                name="tweet_answers",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(
                    ("live", True),
                    ("reply_to_author__isnull", False),
                    models.Q(("reply_to_author", models.F("author")), _negated=True),
                ),
                fields=["author", "reply_to_author", "-id"],
                name="tweet_answers_to",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
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
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(("live", True), ("reply_to__isnull", False)),
                fields=["reply_to", "visibility", "-id"],
                include=("author",),
                name="tweet_replies_by_audience",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(("live", True), ("reply_to__isnull", False)),
                fields=["reply_to", "visibility", "author", "-id"],
                name="tweet_repliers",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(("live", True), ("quote_of__isnull", False)),
                fields=["quote_of", "visibility", "-id"],
                include=("author",),
                name="tweet_quotes_by_audience",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(("live", True), ("quote_of__isnull", False)),
                fields=["quote_of", "visibility", "author", "-id"],
                name="tweet_quoters",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(
                    ("live", True), ("quote_of__isnull", False), ("reply_to_author__isnull", False)
                ),
                fields=["quote_of", "reply_to_author", "-id"],
                name="tweet_quotes_answering",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(("live", True), ("repost_of__isnull", False)),
                fields=["repost_of", "-id"],
                include=("author",),
                name="tweet_reposters",
            ),
        ),
    ]
