from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_factors_and_sessions"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="time_zone",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Such as Europe/Berlin. Empty: the one that the browser names.",
                max_length=64,
            ),
        ),
    ]
