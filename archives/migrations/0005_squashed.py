"""All migrations of version 1.0 in one, for new databases: they need a fraction of the time."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("archives", "0001_initial"),
        ("archives", "0002_exports"),
        ("archives", "0003_media_bytes"),
        ("archives", "0004_export_failures"),
    ]
    initial = True
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(max_length=30)),
                ("part", models.CharField(blank=True, default="", max_length=20)),
                ("after", models.BigIntegerField(default=0)),
                ("turn", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("bytes", models.BigIntegerField(default=0)),
                (
                    "failures",
                    models.PositiveSmallIntegerField(default=0, help_text="Of its present step."),
                ),
                ("error", models.CharField(blank=True, default="", max_length=300)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["owner", "-id"], name="export_of_owner")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")),
                        fields=("owner",),
                        name="one_running_export",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportedLines",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("part", models.CharField(max_length=20)),
                ("text", models.TextField()),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="archives.export",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("file", models.CharField(blank=True, default="", max_length=100)),
                (
                    "name",
                    models.CharField(
                        blank=True, default="", help_text="Of the upload.", max_length=100
                    ),
                ),
                ("bytes", models.BigIntegerField(default=0)),
                (
                    "media_bytes",
                    models.BigIntegerField(default=0, help_text="Of the files taken out of it."),
                ),
                ("turn", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(null=True)),
                ("done", models.PositiveIntegerField(default=0)),
                (
                    "results",
                    models.JSONField(
                        default=dict, help_text="How many of what: see archives/wording.py."
                    ),
                ),
                (
                    "problems",
                    models.JSONField(default=list, help_text="The first ones, as sentences."),
                ),
                ("problems_count", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, default="", max_length=300)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["owner", "-id"], name="import_of_owner")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")),
                        fields=("owner",),
                        name="one_running_import",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedItem",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("source", models.CharField(max_length=200)),
                ("foreign_id", models.CharField(max_length=200)),
                ("tweet_id", models.BigIntegerField()),
                (
                    "owner",
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
                        fields=("owner", "source", "foreign_id"), name="imported_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("what", models.CharField(max_length=20)),
                ("stage", models.PositiveSmallIntegerField()),
                ("position", models.BigIntegerField()),
                ("data", models.JSONField()),
                (
                    "of",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="records",
                        to="archives.import",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["of", "stage", "position", "id"], name="record_order")
                ],
            },
        ),
    ]
