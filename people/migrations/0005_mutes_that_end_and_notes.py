import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_notify"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PrivateNote",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("text", models.TextField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
        migrations.AddField(
            model_name="mute",
            name="until",
            field=models.DateTimeField(help_text="When the mute ends; empty for never.", null=True),
        ),
        migrations.AddIndex(
            model_name="mute",
            index=models.Index(
                condition=models.Q(("until__isnull", False)), fields=["until"], name="mute_ends"
            ),
        ),
        migrations.AddField(
            model_name="privatenote",
            name="about",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="privatenote",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="privatenote",
            constraint=models.UniqueConstraint(
                fields=("author", "about"), name="private_note_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="privatenote",
            constraint=models.CheckConstraint(
                condition=models.Q(("author", models.F("about")), _negated=True),
                name="private_note_not_self",
            ),
        ),
    ]
