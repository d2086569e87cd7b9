"""Keep lookups of one follow, block or mute from reading all of an account."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="follow",
            name="follow_followers_page",
        ),
        migrations.RemoveIndex(
            model_name="follow",
            name="follow_following_page",
        ),
        migrations.AlterField(
            model_name="block",
            name="blocked",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="blocks_in",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="mute",
            name="muted",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mutes_in",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="block",
            index=models.Index(fields=["blocked", "blocker"], name="block_backwards"),
        ),
        migrations.AddIndex(
            model_name="follow",
            index=models.Index(
                condition=models.Q(("id__gt", 0)),
                fields=["followee", "-id"],
                name="follow_followers_page",
            ),
        ),
        migrations.AddIndex(
            model_name="follow",
            index=models.Index(
                condition=models.Q(("id__gt", 0)),
                fields=["follower", "-id"],
                name="follow_following_page",
            ),
        ),
        migrations.AddIndex(
            model_name="mute",
            index=models.Index(fields=["muted", "muter"], name="mute_backwards"),
        ),
    ]
