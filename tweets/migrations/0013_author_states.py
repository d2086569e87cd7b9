"""Let lists tell what reaches everybody from what private and vanished accounts did."""

from django.conf import settings
from django.db import migrations, models

import tweets.visibility


class Migration(migrations.Migration):
    dependencies = [
        ("tweets", "0012_bookmarks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="like",
            name="like_of_tweet",
        ),
        migrations.RemoveIndex(
            model_name="like",
            name="like_of_user",
        ),
        migrations.RemoveIndex(
            model_name="mention",
            name="mention_in_reply",
        ),
        migrations.RemoveIndex(
            model_name="mention",
            name="mention_in_quote",
        ),
        migrations.RemoveIndex(
            model_name="tweet",
            name="tweet_replies_by_audience",
        ),
        migrations.RemoveIndex(
            model_name="tweet",
            name="tweet_repliers",
        ),
        migrations.RemoveIndex(
            model_name="tweet",
            name="tweet_quotes_by_audience",
        ),
        migrations.RemoveIndex(
            model_name="tweet",
            name="tweet_quoters",
        ),
        migrations.RemoveIndex(
            model_name="tweet",
            name="tweet_quotes_answering",
        ),
        migrations.RemoveIndex(
            model_name="tweet",
            name="tweet_reposters",
        ),
        migrations.AddField(
            model_name="like",
            name="author_state",
            field=models.CharField(
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
        migrations.AddField(
            model_name="mention",
            name="author_gone",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="tweet",
            name="author_state",
            field=models.CharField(
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
        migrations.AddField(
            model_name="tweet",
            name="reach",
            field=models.GeneratedField(
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
        migrations.AddIndex(
            model_name="like",
            index=models.Index(
                fields=["tweet", "author_state", "-id"], include=("user",), name="like_of_tweet"
            ),
        ),
        migrations.AddIndex(
            model_name="like",
            index=models.Index(
                condition=models.Q(("author_state", "open"), _negated=True),
                fields=["tweet", "author_state", "user"],
                name="like_by_closed",
            ),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(
                condition=models.Q(("author_gone", False), ("reply_to_id__isnull", False)),
                fields=["user", "reply_to_id", "-tweet"],
                name="mention_in_reply",
            ),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(
                condition=models.Q(("author_gone", False), ("quote_of_id__isnull", False)),
                fields=["user", "quote_of_id", "-tweet"],
                name="mention_in_quote",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(("live", True), ("reply_to__isnull", False)),
                fields=["reply_to", "reach", "-id"],
                include=("author",),
                name="tweet_replies_by_audience",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(("live", True), ("reply_to__isnull", False)),
                fields=["reply_to", "reach", "author", "-id"],
                name="tweet_repliers",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(("live", True), ("quote_of__isnull", False)),
                fields=["quote_of", "reach", "-id"],
                include=("author",),
                name="tweet_quotes_by_audience",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(("live", True), ("quote_of__isnull", False)),
                fields=["quote_of", "reach", "author", "-id"],
                name="tweet_quoters",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(
                    ("live", True),
                    ("quote_of__isnull", False),
                    ("reply_to_author__isnull", False),
                    models.Q(("reach", "nobody"), _negated=True),
                ),
                fields=["quote_of", "reply_to_author", "-id"],
                name="tweet_quotes_answering",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(("live", True), ("repost_of__isnull", False)),
                fields=["repost_of", "author_state", "-id"],
                include=("author",),
                name="tweet_reposters",
            ),
        ),
        migrations.AddIndex(
            model_name="tweet",
            index=models.Index(
                condition=models.Q(
                    ("live", True),
                    ("repost_of__isnull", False),
                    models.Q(("author_state", "open"), _negated=True),
                ),
                fields=["repost_of", "author_state", "author"],
                name="tweet_closed_reposters",
            ),
        ),
    ]
