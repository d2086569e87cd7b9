from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_squashed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="follow",
            name="featured",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Show the followee on the follower's profile.",
            ),
        ),
    ]
