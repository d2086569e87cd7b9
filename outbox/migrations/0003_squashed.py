"""All migrations of version 1.0 in one, for new databases: they need a fraction of the time."""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("outbox", "0001_initial"), ("outbox", "0002_traceparent")]

    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("topic", models.CharField(max_length=64)),
                (
                    "consumers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=128), size=None
                    ),
                ),
                ("together", models.CharField(max_length=128, null=True)),
                ("payload", models.JSONField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "due_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("attempts", models.PositiveIntegerField(db_default=0)),
                ("last_error", models.TextField(blank=True, db_default="")),
                ("request_id", models.CharField(blank=True, db_default="", max_length=64)),
                ("traceparent", models.CharField(blank=True, max_length=55, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["due_at", "id"], name="outbox_due"),
                    models.Index(
                        condition=models.Q(("attempts", 0)),
                        fields=["due_at", "id"],
                        name="outbox_unsent",
                    ),
                    models.Index(
                        condition=models.Q(("last_error", ""), ("together__isnull", False)),
                        fields=["topic", "together", "id"],
                        name="outbox_together",
                    ),
                ],
            },
        ),
    ]
