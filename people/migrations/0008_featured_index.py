from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("people", "0007_featured"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="follow",
            index=models.Index(
                condition=models.Q(("featured", True)),
                fields=["follower", "-id"],
                name="follow_featured",
            ),
        ),
    ]
