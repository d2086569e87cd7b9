from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tweets", "0017_purging"),
    ]

    operations = [
        migrations.AlterField(
            model_name="tweet",
            name="spoiler",
            field=models.CharField(blank=True, default="", max_length=500),
        ),
        migrations.AlterField(
            model_name="tweetversion",
            name="spoiler",
            field=models.CharField(blank=True, max_length=500),
        ),
    ]
