"""All migrations of version 1.0 in one, for new databases: they need a fraction of the time."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

# The database refuses to change and to delete entries of the audit log.
REFUSE = """
CREATE FUNCTION moderation_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit log cannot be changed.' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_refuse_change BEFORE UPDATE OR DELETE ON moderation_auditentry
FOR EACH ROW EXECUTE FUNCTION moderation_refuse();
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON moderation_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION moderation_refuse();
"""
ALLOW = """
DROP TRIGGER audit_refuse_truncate ON moderation_auditentry;
DROP TRIGGER audit_refuse_change ON moderation_auditentry;
DROP FUNCTION moderation_refuse();
"""


class Migration(migrations.Migration):
    replaces = [
        ("moderation", "0001_reports"),
        ("moderation", "0002_audit"),
        ("moderation", "0003_site_and_blocks"),
        ("moderation", "0004_delete_accounts"),
    ]
    initial = True
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "opened_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("dismiss", "Dismiss: nothing is wrong"),
                            ("warn", "Warn"),
                            ("sensitive", "Mark tweets as sensitive"),
                            ("hide_media", "Hide pictures and videos of tweets"),
                            ("remove", "Remove tweets"),
                            ("limit", "Limit: strangers no longer find the account"),
                            ("suspend", "Suspend: nobody sees the account"),
                            (
                                "delete",
                                "Delete: suspend now, and delete the account for good after 30 days",
                            ),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cases",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account", "-id"], name="case_of_account"),
                    models.Index(
                        condition=models.Q(("closed_at", None)), fields=["-id"], name="case_open"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("account",),
                        name="case_open_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Network",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "network",
                    models.CharField(
                        help_text="An address, or a network such as 192.0.2.0/24.",
                        max_length=50,
                        unique=True,
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("sign_up", "No new accounts"), ("all", "No requests at all")],
                        default="sign_up",
                        max_length=7,
                    ),
                ),
                ("comment", models.CharField(blank=True, default="", max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "verbose_name": "blocked network",
            },
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="The lowest comes first."
                    ),
                ),
                ("text", models.CharField(max_length=500)),
            ],
            options={
                "ordering": ("position", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Word",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("text", models.CharField(max_length=100, unique=True)),
                (
                    "whole_word",
                    models.BooleanField(default=True, help_text="Not inside of longer words."),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("refuse", "Refuse the tweet"),
                            ("report", "Let it be posted, and report it"),
                        ],
                        default="report",
                        help_text="For tweets. In handles and names it is refused in any case.",
                        max_length=6,
                    ),
                ),
                ("comment", models.CharField(blank=True, default="", max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "verbose_name": "blocked word",
            },
        ),
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("text", models.CharField(max_length=500)),
                ("starts_at", models.DateTimeField()),
                (
                    "ends_at",
                    models.DateTimeField(blank=True, help_text="Empty for no end.", null=True),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at", None),
                            ("ends_at__gt", models.F("starts_at")),
                            _connector="OR",
                        ),
                        name="announcement_ends_after_start",
                        violation_error_message="It must end after it starts.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("what", models.CharField(max_length=40)),
                ("actor_id", models.BigIntegerField(help_text="The account that acted.")),
                (
                    "account_id",
                    models.BigIntegerField(help_text="The account that it concerns.", null=True),
                ),
                ("subject", models.CharField(help_text="The kind of row.", max_length=100)),
                ("subject_id", models.CharField(max_length=100)),
                (
                    "address",
                    models.CharField(
                        help_text="Of the client; empty for commands.", max_length=100
                    ),
                ),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name_plural": "audit log",
                "indexes": [
                    models.Index(fields=["account_id", "-id"], name="audit_of_account"),
                    models.Index(fields=["actor_id", "-id"], name="audit_of_actor"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Strike",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("dismiss", "Dismiss: nothing is wrong"),
                            ("warn", "Warn"),
                            ("sensitive", "Mark tweets as sensitive"),
                            ("hide_media", "Hide pictures and videos of tweets"),
                            ("remove", "Remove tweets"),
                            ("limit", "Limit: strangers no longer find the account"),
                            ("suspend", "Suspend: nobody sees the account"),
                            (
                                "delete",
                                "Delete: suspend now, and delete the account for good after 30 days",
                            ),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(max_length=1000)),
                (
                    "tweet_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("mailed", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("lifted_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="strikes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "moderator",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="strikes",
                        to="moderation.case",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["account", "-id"], name="strike_of_account")],
            },
        ),
        migrations.CreateModel(
            name="Dismissal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "announcement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="moderation.announcement",
                    ),
                ),
                (
                    "user",
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
                    models.UniqueConstraint(fields=("user", "announcement"), name="dismissal_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="EmailDomain",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("domain", models.CharField(max_length=253)),
                ("comment", models.CharField(blank=True, default="", max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "verbose_name": "blocked e-mail domain",
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("domain"), name="email_domain_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("text", models.CharField(max_length=2000)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["account", "-id"], name="note_of_account")],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("spam", "Spam: unwanted advertising or fake activity"),
                            ("abuse", "Abuse: it harasses, threatens or insults somebody"),
                            ("rules", "It breaks a rule of this site"),
                            ("illegal", "It is against the law"),
                            ("other", "Something else"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "rule_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("comment", models.TextField(blank=True, default="")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="moderation.case",
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Empty for the site itself, which found a word.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["reporter", "-id"], name="report_of_reporter")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "reporter", "category"),
                        name="report_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportedTweet",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tweet_id", models.BigIntegerField()),
                ("text", models.TextField(blank=True)),
                ("spoiler", models.TextField(blank=True)),
                ("visibility", models.CharField(max_length=9)),
                ("media", models.JSONField(default=list)),
                ("written_at", models.DateTimeField()),
                (
                    "report",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tweets",
                        to="moderation.report",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("report", "tweet_id"), name="reported_tweet_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Site",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(default="Chirp", max_length=50)),
                (
                    "description",
                    models.TextField(
                        blank=True,
                        default="A microblog of our own.",
                        help_text="For everybody.",
                        max_length=500,
                    ),
                ),
                (
                    "contact",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="An e-mail address, or another way.",
                        max_length=200,
                    ),
                ),
                ("terms", models.TextField(blank=True, default="", max_length=50000)),
                ("privacy", models.TextField(blank=True, default="", max_length=50000)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "texts of the site",
                "verbose_name_plural": "texts of the site",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="site_only_one")
                ],
            },
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                (
                    "strike",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="appeal",
                        serialize=False,
                        to="moderation.strike",
                    ),
                ),
                ("text", models.CharField(max_length=2000)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("accepted", models.BooleanField(null=True)),
                ("answer", models.CharField(blank=True, default="", max_length=1000)),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
