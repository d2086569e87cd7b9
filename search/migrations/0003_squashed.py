"""All migrations of version 1.0 in one, for new databases: they need a fraction of the time."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("search", "0001_tables"), ("search", "0002_trending_tweets")]

    initial = True
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("tweets", "0019_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Progress",
            fields=[
                ("part", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("position", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="TrendingTweet",
            fields=[
                (
                    "tweet",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="tweets.tweet",
                    ),
                ),
                ("score", models.FloatField()),
                ("blocked", models.BooleanField(default=False, help_text="Never a trend.")),
            ],
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "tweet",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="tweets.tweet",
                    ),
                ),
                ("author_id", models.BigIntegerField()),
                ("language", models.CharField(max_length=20)),
                ("public", models.BooleanField()),
                ("lexemes", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["lexemes"], gin_pending_list_limit=256, name="document_lexemes"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "tag",
                    models.CharField(
                        db_collation="C", max_length=100, primary_key=True, serialize=False
                    ),
                ),
                ("authors", models.PositiveIntegerField(default=0)),
                ("tier", models.PositiveSmallIntegerField(default=0)),
                ("trend", models.FloatField(default=0)),
                ("blocked", models.BooleanField(default=False, help_text="Never a trend.")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["tier", "tag"], name="tag_by_beginning"),
                    models.Index(
                        condition=models.Q(("blocked", False), ("trend__gt", 0)),
                        fields=["-trend"],
                        name="tag_trends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Name",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("word", models.CharField(db_collation="C", max_length=100)),
                ("is_handle", models.BooleanField()),
                ("tier", models.PositiveSmallIntegerField()),
                (
                    "near",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
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
            ],
            options={
                "indexes": [
                    models.Index(fields=["tier", "word"], name="name_by_beginning"),
                    django.contrib.postgres.indexes.GinIndex(fields=["near"], name="name_by_typo"),
                ],
                "constraints": [models.UniqueConstraint(fields=("user", "word"), name="name_once")],
            },
        ),
    ]
