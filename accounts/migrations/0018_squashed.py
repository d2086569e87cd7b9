"""All migrations of version 1.0 in one, for new databases: they need a fraction of the time."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import accounts.joining.domains
import accounts.joining.models


class Migration(migrations.Migration):
    replaces = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_pending_recount"),
        ("accounts", "0003_security_event"),
        ("accounts", "0004_admin_searches"),
        ("accounts", "0005_pictures"),
        ("accounts", "0006_reposts_hidden_until"),
        ("accounts", "0007_oauth"),
        ("accounts", "0008_mail"),
        ("accounts", "0009_limited_at"),
        ("accounts", "0010_factors_and_sessions"),
        ("accounts", "0011_time_zone"),
        ("accounts", "0012_joining"),
        ("accounts", "0013_passkeys"),
        ("accounts", "0014_deletion"),
        ("accounts", "0015_sso"),
        ("accounts", "0016_language"),
        ("accounts", "0017_appearance"),
    ]
    initial = True
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("handle", models.CharField(max_length=30)),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(blank=True, default="", max_length=50)),
                ("bio", models.CharField(blank=True, default="", max_length=500)),
                ("place", models.CharField(blank=True, default="", max_length=100)),
                ("link", models.URLField(blank=True, default="")),
                (
                    "avatar",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="The key of its media.",
                        max_length=22,
                    ),
                ),
                (
                    "header",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="The key of its media.",
                        max_length=22,
                    ),
                ),
                (
                    "private",
                    models.BooleanField(
                        default=False, help_text="Follow requests must be accepted."
                    ),
                ),
                (
                    "reposts_hidden_until",
                    models.DateTimeField(
                        blank=True,
                        help_text="Until then, home leaves out what others repost.",
                        null=True,
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Such as Europe/Berlin. Empty: the one that the browser names.",
                        max_length=64,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Of pages and e-mails, such as de. Empty: the one that the browser names.",
                        max_length=10,
                    ),
                ),
                (
                    "theme",
                    models.CharField(
                        blank=True,
                        choices=[("light", "light"), ("dark", "dark")],
                        db_default="",
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "contrast",
                    models.CharField(
                        blank=True,
                        choices=[("standard", "standard"), ("more", "more")],
                        db_default="",
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "text_size",
                    models.CharField(
                        blank=True,
                        choices=[("small", "small"), ("large", "large"), ("larger", "larger")],
                        db_default="",
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "motion",
                    models.CharField(
                        blank=True,
                        choices=[("less", "less")],
                        db_default="",
                        default="",
                        max_length=8,
                    ),
                ),
                ("is_staff", models.BooleanField(default=False, help_text="May use the admin.")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("deactivated_at", models.DateTimeField(blank=True, null=True)),
                (
                    "delete_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the account, hidden since, is deleted for good.",
                        null=True,
                    ),
                ),
                ("suspended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "limited_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Since then, strangers find its tweets nowhere.",
                        null=True,
                    ),
                ),
                (
                    "token_version",
                    models.PositiveIntegerField(
                        default=0, help_text="Incremented to invalidate all access tokens."
                    ),
                ),
                ("followers_count", models.PositiveIntegerField(default=0)),
                ("following_count", models.PositiveIntegerField(default=0)),
                ("tweets_count", models.PositiveIntegerField(default=0)),
                ("likes_count", models.PositiveIntegerField(default=0)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        django.db.models.functions.comparison.Collate(
                            django.db.models.functions.text.Lower("handle"), "C"
                        ),
                        name="user_handle_prefix",
                    ),
                    models.Index(
                        condition=models.Q(("is_staff", True)), fields=["-id"], name="user_staff"
                    ),
                    models.Index(
                        condition=models.Q(("deactivated_at__isnull", False)),
                        fields=["-id"],
                        name="user_deactivated",
                    ),
                    models.Index(
                        condition=models.Q(("delete_at__isnull", False)),
                        fields=["delete_at"],
                        name="user_deleting",
                    ),
                    models.Index(
                        condition=models.Q(("suspended_at__isnull", False)),
                        fields=["-id"],
                        name="user_suspended",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("handle"), name="user_handle_unique"
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="user_email_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("handle__regex", "^[A-Za-z0-9_]{1,30}$")),
                        name="user_handle_form",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KeptMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("to", models.CharField(max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("text", models.TextField()),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), db_index=True
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "kept mail",
            },
        ),
        migrations.CreateModel(
            name="RetiredHandle",
            fields=[
                ("hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name="PendingRecount",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="Waiting",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="waiting",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("approval", "Approval"),
                            ("address", "Confirmation of the address"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.TextField(blank=True, default="", max_length=1000)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), db_index=True
                    ),
                ),
            ],
            options={
                "verbose_name": "account that waits",
                "verbose_name_plural": "accounts that wait",
            },
        ),
        migrations.CreateModel(
            name="App",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("website", models.CharField(blank=True, default="", max_length=2000)),
                ("redirect_uris", models.TextField(help_text="Separated by line feeds.")),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None
                    ),
                ),
                ("client_id", models.CharField(max_length=43, unique=True)),
                ("secret_hash", models.CharField(max_length=64)),
                ("used", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("used", False)),
                        fields=["created_at"],
                        name="app_unused",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code_hash", models.CharField(max_length=64, unique=True)),
                ("redirect_uri", models.TextField()),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None
                    ),
                ),
                (
                    "challenge",
                    models.CharField(
                        blank=True, default="", help_text="PKCE, S256.", max_length=43
                    ),
                ),
                (
                    "user_version",
                    models.PositiveIntegerField(help_text="The account's token_version."),
                ),
                ("used_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="accounts.app",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AppToken",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None
                    ),
                ),
                ("user_version", models.PositiveIntegerField(default=0)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to="accounts.app",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="app_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "grant",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="token",
                        to="accounts.grant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IdempotentRequest",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=255)),
                (
                    "fingerprint",
                    models.CharField(help_text="Hash of method, path and body.", max_length=64),
                ),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("response", models.TextField(default="")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), db_index=True
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "key"), name="idempotency_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=22, unique=True)),
                ("note", models.CharField(blank=True, default="", max_length=100)),
                (
                    "uses_left",
                    models.PositiveIntegerField(help_text="Empty for any number.", null=True),
                ),
                ("expires_at", models.DateTimeField(help_text="Empty for never.", null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "follow",
                    models.BooleanField(
                        default=False,
                        help_text="Who comes by it follows who made it, from the start.",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "inviter",
                    models.ForeignKey(
                        help_text="Nobody, if an operator made it.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("to", models.CharField(max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("html", models.TextField()),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), db_index=True
                    ),
                ),
                ("claimed_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        help_text="None if it outlives its account.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SecurityEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("registered", "Account created"),
                            ("let_in", "Account let in"),
                            ("signed_in", "Logged in"),
                            ("sign_in_failed", "Failed login: wrong password"),
                            ("signed_out", "Logged out"),
                            ("wrong_password", "Wrong password, entered while logged in"),
                            ("password_changed", "Password changed; all other sessions ended"),
                            ("password_reset", "Password set by e-mail; all sessions ended"),
                            ("password_set", "Password set by an operator; all sessions ended"),
                            ("email_verified", "E-mail address confirmed"),
                            ("email_changed", "E-mail address changed"),
                            ("app_added", "Authenticator app added"),
                            ("passkey_added", "Passkey added"),
                            ("factor_removed", "Second factor removed"),
                            ("factors_reset", "All second factors removed by an operator"),
                            ("codes_replaced", "Recovery codes replaced"),
                            ("wrong_code", "Wrong code in the second step"),
                            ("wrong_passkey", "Passkey refused"),
                            ("passkey_copied", "Passkey refused: there may be a copy of it"),
                            ("session_revoked", "Logged out elsewhere"),
                            ("others_revoked", "Logged out everywhere else"),
                            (
                                "session_ended",
                                "Session ended, because an old refresh token was used",
                            ),
                            ("sso_connected", "Single sign-on connected"),
                            ("sso_disconnected", "Single sign-on disconnected"),
                            ("deactivated", "Account deactivated; all sessions ended"),
                            ("reactivated", "Account reactivated"),
                            (
                                "deletion_asked",
                                "Deletion of the account ordered; all sessions ended",
                            ),
                            ("deletion_kept", "Deletion of the account cancelled"),
                            ("suspended", "Account suspended by an operator; all sessions ended"),
                            ("unsuspended", "Suspension lifted by an operator"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "address",
                    models.CharField(
                        help_text="Of the client; empty for operators.", max_length=100
                    ),
                ),
                (
                    "network",
                    models.CharField(help_text="The address, or the /64 of IPv6.", max_length=100),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), db_index=True
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="security_events",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-id"], name="security_of_user"),
                    models.Index(fields=["address", "-id"], name="security_of_address"),
                    models.Index(fields=["network", "-id"], name="security_of_network"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SiteSession",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("session_key", models.CharField(max_length=40, unique=True)),
                (
                    "agent",
                    models.CharField(help_text="What the browser says of itself.", max_length=200),
                ),
                ("address", models.CharField(max_length=100)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("last_seen_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="site_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Terms",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("open", "Everybody"),
                            ("invitation", "Who has an invitation"),
                            ("approval", "Everybody, after staff has approved"),
                            ("domains", "Who has an e-mail address of a domain below"),
                            ("closed", "Nobody"),
                        ],
                        default=accounts.joining.models.default_mode,
                        max_length=10,
                    ),
                ),
                (
                    "domains",
                    models.TextField(
                        blank=True,
                        default="",
                        help_text="One in each line. Subdomains are other domains.",
                        max_length=5000,
                        validators=[accounts.joining.domains.validate],
                    ),
                ),
                (
                    "members_invite",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise only staff does. Who is invited needs neither an approval nor an address of these domains.",
                        verbose_name="members may invite",
                    ),
                ),
                (
                    "message",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="On the sign-up page, such as whom to ask for an invitation.",
                        max_length=500,
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "registration",
                "verbose_name_plural": "registration",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="terms_only_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mode", "domains"), _negated=True),
                            models.Q(("domains", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="terms_have_domains",
                        violation_error_message="Name at least one domain.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TokenFamily",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("current", models.UUIDField(default=uuid.uuid4)),
                ("agent", models.CharField(db_default="", default="", max_length=200)),
                ("address", models.CharField(db_default="", default="", max_length=100)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "last_seen_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="token_families",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="arrival",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invitation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="arrivals",
                        to="accounts.invitation",
                    ),
                ),
            ],
        ),
    ]
