from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_pictures"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="reposts_hidden_until",
            field=models.DateTimeField(
                blank=True,
                help_text="Until then, home leaves out what others repost.",
                null=True,
            ),
        ),
    ]
