"""All migrations of version 1.0 in one, for new databases: they need a fraction of the time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("operations", "0001_initial"), ("operations", "0002_registry")]

    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("part", models.CharField(max_length=32)),
                ("instance", models.CharField(blank=True, max_length=128)),
                ("version", models.CharField(blank=True, max_length=32)),
                ("since", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("part", "instance"), name="heartbeat_of_a_part")
                ],
            },
        ),
        migrations.CreateModel(
            name="Sample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("instance", models.CharField(max_length=128)),
                ("figures", models.JSONField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("at", "instance"), name="sample_of_a_time")
                ],
            },
        ),
    ]
