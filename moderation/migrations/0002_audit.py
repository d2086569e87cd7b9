"""The audit log, whose entries the database refuses to change and to delete."""

import django.db.models.functions.datetime
from django.db import migrations, models

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
    dependencies = [
        ("moderation", "0001_reports"),
    ]

    operations = [
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
        migrations.RunSQL(REFUSE, ALLOW),
    ]
