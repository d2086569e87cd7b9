"""Django's settings. The configurable ones come from the environment: see docs/settings.md."""

from pathlib import Path
from typing import Any

import dj_database_url

from chirp import email_urls, embedded_urls, env, secrets, storage_urls
from chirp.observability import logs, metrics_dir


def _storage(url: str) -> Any:
    """The entry of STORAGES for MEDIA_STORAGE. The URL may have a secret: errors do not show it."""
    try:
        return storage_urls.storage(url)
    except storage_urls.BadStorageUrl as error:
        raise env.BadSetting("MEDIA_STORAGE", "...", str(error)) from None


def _database(url: str, setting: str = "DATABASE_URL") -> Any:
    """Django's settings for a database URL. The URL has a password, so errors do not show it."""
    try:
        database = dj_database_url.parse(url, conn_max_age=None, conn_health_checks=True)
    except ValueError:
        expected = "a URL such as postgresql://user:password@host/name"
        raise env.BadSetting(setting, "...", expected) from None
    if database["ENGINE"] == "django.db.backends.postgresql":
        pooled = DATABASE_POOLER == "transaction"
        # Only chirp.db.prepared prepares queries: Django's have their parameters in the text.
        options = {"prepare_threshold": None if pooled else 0, **database.get("OPTIONS", {})}
        return {
            **database,
            "ENGINE": "chirp.db.backend",
            "OPTIONS": options,
            "DISABLE_SERVER_SIDE_CURSORS": pooled,
        }
    return database


def _email(url: str) -> dict[str, Any]:
    """Django's settings for an EMAIL_URL, which may have a password."""
    try:
        return email_urls.django_settings(url)
    except email_urls.BadEmailUrl as error:
        raise env.BadSetting("EMAIL_URL", "...", str(error)) from None


BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(
    env.text(
        "VAR_DIR",
        str(BASE_DIR / "var"),
        "Directory for data, secrets and logs of this machine.",
        doc_default="`var/` in the checkout",
    )
)
METRICS_DIR = metrics_dir.choose(VAR_DIR)

# --- The site and its secrets -------------------------------------------------------------------

DEBUG = env.boolean("DEBUG", False, "Django's debug pages. Never in production.")
SECRET_KEY = env.text(
    "SECRET_KEY",
    "",
    "Signs sessions and form tokens, and encrypts second factors. At least 50 characters.",
    doc_default="generated on the first run, in `var/secrets/`",
) or secrets.lazy_secret_key(VAR_DIR)
SECRET_KEY_FALLBACKS = env.words(
    "SECRET_KEY_FALLBACKS",
    [],
    "Former values of `SECRET_KEY`, separated by commas: what they signed or encrypted is valid.",
)
JWT_KEY_FILE = Path(
    env.text(
        "JWT_KEY_FILE",
        str(secrets.jwt_key_file(VAR_DIR)),
        "The RSA private key (PEM) that signs access tokens.",
        doc_default="generated on the first run, in `var/secrets/`",
    )
)
VAPID_KEY_FILE = Path(
    env.text(
        "VAPID_KEY_FILE",
        str(secrets.vapid_key_file(VAR_DIR)),
        "The P-256 private key (PEM) by which push services know the site.",
        doc_default="generated on the first run, in `var/secrets/`",
    )
)
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]"],
    "Host names of this site, separated by commas. Requests for other names are refused.",
)
CSRF_TRUSTED_ORIGINS = env.words(
    "CSRF_TRUSTED_ORIGINS",
    [],
    "Origins (`https://chirp.example`) whose forms are accepted, when a proxy hides the scheme.",
)
HTTPS = env.boolean(
    "HTTPS",
    False,
    "The site is served over HTTPS: secure cookies, HSTS, redirect from HTTP (the API refuses), "
    "and trust in the `X-Forwarded-Proto` header of the proxy in front.",
)
TRUSTED_PROXIES = env.integer(
    "TRUSTED_PROXIES",
    0,
    "Number of proxies in front that append to `X-Forwarded-For`, from which limits and logs take "
    "the client's address.",
)

# --- Servers, apps and middleware ---------------------------------------------------------------

DATABASE_URL = env.text(
    "DATABASE_URL",
    embedded_urls.database_url(VAR_DIR),
    "PostgreSQL, as a URL.",
    doc_default="the embedded server",
)
DATABASE_POOLER = env.choice(
    "DATABASE_POOLER",
    "none",
    "Whether PgBouncer in transaction mode is between Chirp and PostgreSQL: `transaction`.",
    among=("none", "transaction"),
)
DATABASE_REPLICA_URLS = env.words(
    "DATABASE_REPLICA_URLS",
    [],
    "Streaming replicas of that database, as URLs separated by commas: requests that only read are "
    "answered from them.",
)
REDIS_URL = env.text(
    "REDIS_URL",
    embedded_urls.redis_url(VAR_DIR),
    "Redis or Valkey for timelines and rate limits, as a URL: one server, one behind Sentinels, or "
    "a cluster.",
    doc_default="the embedded server",
)
CELERY_BROKER_URL = env.text(
    "CELERY_BROKER_URL",
    embedded_urls.broker_url(VAR_DIR),
    "The broker between web and workers, as a URL that Celery supports.",
    doc_default="the embedded server",
)
HERD = env.boolean(
    "HERD",
    False,
    "The site has a herd of location servers: `script/run` starts it, and the status page shows "
    "it.",
)

INSTALLED_APPS = [
    "chirp",
    "outbox",
    "accounts",
    "people",
    "media",
    "filters",
    "tweets",
    "lists",
    "timelines",
    "notifications",
    "search",
    "moderation",
    "archives",
    "operations",
    "api",
    "mastodon",
    "web",
    "streaming",
    "demo",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "chirp.admin_app.ChirpAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "csp",
]
MIDDLEWARE = [
    "chirp.observability.request_middleware.RequestMiddleware",
    "web.health_checks.HealthChecks",
    "chirp.language_middleware.BrowserLanguage",
    "mastodon.cross_origin.CrossOrigin",
    "chirp.compression.Compression",
    "chirp.http_security.ResponseHeaders",
    "chirp.limits.request_limits.RequestLimits",
    "chirp.http_security.SecureTransport",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "chirp.http_security.ContentSecurityPolicy",
    "chirp.db.replica_middleware.ReadFromReplicas",  # before all that uses the database
    "chirp.limits.blocked.BlockedNetworks",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "web.authentication.SessionAuthentication",
    "web.sessions.LastSeen",
    "web.templating.site.SiteTexts",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.time_zone.ReaderTimeZone",
    "web.language.ReaderLanguage",
    "web.messages.Messages",  # which it says in that language
    "web.appearance.ReaderAppearance",
    "web.limits.ReadLimit",
    "web.confirmed.ConfirmedToWrite",
    "web.errors.ReadableErrors",
]
ROOT_URLCONF = "chirp.urls"
WSGI_APPLICATION = "chirp.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    # The site.
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "web.templating.environment.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "web.templating.visit.context_processor",
            ],
        },
    },
    # The admin: Django's own templates, and those of operations/templates/admin.
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES: dict[str, Any] = {
    "default": {
        **_database(DATABASE_URL),
        "TEST": {"NAME": "chirp_test"},
    }
}
# Not among DATABASES, whose migrations and test databases they do not have: chirp/db/replicas.py.
DATABASE_REPLICAS: list[Any] = [
    _database(url, "DATABASE_REPLICA_URLS") for url in DATABASE_REPLICA_URLS
]
# PostgreSQL ends statements that run longer, by the kind of process. A person gets a 503 then, and
# a task is tried again. Management commands have no limit: a migration may take long.
STATEMENT_TIMEOUT_SECONDS: dict[str, float] = {
    "web": 5,
    "worker": 60,
    "relay": 60,
    "scheduler": 60,
    "stream": 5,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Handles are unique by a constraint that ignores case, which this check does not recognize.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

# --- People -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.HandleOrEmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("handle", "email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "accounts.password_rules.GuessablePasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Of allauth only the credentials are used, and none of its pages: docs/decisions/0028.
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
MFA_ADAPTER = "accounts.sealing.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
REGISTRATION = env.choice(
    "REGISTRATION",
    "open",
    "Who may register, until that is chosen in the admin: `open` is everybody, `invitation` who "
    "has one, `approval` everybody whom staff approves, `closed` nobody.",
    among=("open", "invitation", "approval", "closed"),
)
REQUIRE_STAFF_MFA = env.boolean(
    "REQUIRE_STAFF_MFA", False, "The admin is only for staff that signs in with a second factor."
)
OIDC_ISSUER = env.text(
    "OIDC_ISSUER",
    "",
    "The OpenID provider of single sign-on: its issuer, such as `https://id.example/realms/staff`.",
)
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID", "", "The name of this site at the provider.")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET", "", "The secret that belongs to it.")
OIDC_LABEL = env.text(
    "OIDC_LABEL", "single sign-on", "What the provider is called on buttons: Log in with ..."
)
OIDC_TRUST = env.several(
    "OIDC_TRUST",
    "What is left to the provider: `email` (an address that it verified is confirmed), "
    "`registration` (its people need neither invitation nor approval), `second_factor` (its people "
    "are not asked for theirs).",
    among=("email", "registration", "second_factor"),
)
PASSWORD_SIGN_IN = env.boolean(
    "PASSWORD_SIGN_IN",
    True,
    "Whether passwords sign in. Off, with single sign-on, only staff has them.",
)
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCESS_TOKEN_MINUTES = 10
REFRESH_TOKEN_DAYS = 30
ACCOUNT_DELETION_DAYS = 30  # for which an account that is to be deleted can still be kept
DELETED_GRACE_DAYS = 30  # for which the files of deleted tweets are kept, and shown to nobody

# --- Timelines ----------------------------------------------------------------------------------

CELEBRITY_FOLLOWERS = env.integer(
    "CELEBRITY_FOLLOWERS",
    10_000,
    "From this many followers on, an author's tweets are pulled at read time, not pushed.",
    least=1,
)
HOME_MAX_LENGTH = env.integer(
    "HOME_MAX_LENGTH",
    800,
    "Entries that a timeline holds in Redis; older ones come from Postgres.",
    least=1,
)
HOME_TTL_DAYS = env.integer(
    "HOME_TTL_DAYS",
    30,
    "Days after its last read that a timeline stays in Redis.",
    least=1,
    most=36_500,
)
TIMELINE_BACKFILL_ON_FOLLOW = env.boolean(
    "TIMELINE_BACKFILL_ON_FOLLOW",
    True,
    "Whether a new follow brings the author's earlier tweets, or only later ones.",
)
REDIS_TIMEOUT_MS = env.integer(
    "REDIS_TIMEOUT_MS",
    150,
    "Milliseconds that a request waits for Redis before it continues without it.",
    least=1,
    most=60_000,
)

STREAMS_PER_ACCOUNT = env.integer(
    "STREAMS_PER_ACCOUNT", 20, "Streams of live updates that an account may have open.", least=1
)
STREAMS_PER_ADDRESS = env.integer(
    "STREAMS_PER_ADDRESS",
    500,
    "Streams of live updates that a client address may have open.",
    least=1,
)

# --- Media --------------------------------------------------------------------------------------

MEDIA_STORAGE = env.text(
    "MEDIA_STORAGE",
    (VAR_DIR / "media").as_uri(),
    "Where uploads are stored: a directory, as `file:///path`, or a bucket, as "
    "`s3://KEY:SECRET@HOST/BUCKET?region=NAME` (`s3+http://` without TLS).",
    doc_default="`media/` in `VAR_DIR`",
)
MEDIA_MAX_IMAGE_MB = env.integer(
    "MEDIA_MAX_IMAGE_MB",
    20,
    "Megabytes that a picture or an animation may have.",
    least=1,
    most=1_000,
)
MEDIA_MAX_VIDEO_MB = env.integer(
    "MEDIA_MAX_VIDEO_MB",
    100,
    "Megabytes that a video or a recording may have.",
    least=1,
    most=4_000,
)
MEDIA_MAX_MEGAPIXELS = env.integer(
    "MEDIA_MAX_MEGAPIXELS",
    50,
    "Millions of pixels that a picture may have.",
    least=1,
    most=100,
)
MEDIA_MAX_SECONDS = env.integer(
    "MEDIA_MAX_SECONDS",
    180,
    "Seconds that a video or a recording may take.",
    least=1,
    most=3_600,
)
MEDIA_ACCEL = env.text(
    "MEDIA_ACCEL",
    "",
    "The internal location of a proxy that sends files of a media directory for Chirp "
    "(`X-Accel-Redirect`), such as `/protected/`.",
)

IMPORT_MAX_MB = env.integer(
    "IMPORT_MAX_MB",
    2_000,
    "Megabytes that an archive may have that is uploaded to be imported.",
    least=1,
    most=100_000,
)
LINK_PREVIEWS = env.boolean(
    "LINK_PREVIEWS",
    True,
    "Whether pages that tweets link to are fetched, to show their title and picture. Workers need "
    "access to the web for it.",
)
# Servers (`address:port`) that tests request, although they are not public. Nothing sets it outside
# of them.
OUTBOUND_TEST_SERVERS: tuple[str, ...] = ()

# --- Outbox and Celery --------------------------------------------------------------------------

# What happens after a change, in one table: the topic of each event, and the tasks that consume it.
# They get the event's fields as arguments. Events are declared in each app's events.py. `live` is
# no task: the relay itself puts these events into the live log, for open streams.
OUTBOX_ROUTES: dict[str, list[str]] = {
    "account.audience_changed": ["tweets.recount_around", "notifications.actor_changed"],
    "account.deactivated": [],
    "account.purge_due": ["accounts.purge"],
    "account.returned": [],
    "account.sign_ins_ended": ["live"],
    "account.suspended": [],
    "follow.accepted": ["timelines.merge", "notifications.follow_changed"],
    "follow.ended": ["timelines.unmerge", "notifications.follow_changed"],
    "follow.request_ended": ["notifications.follow_changed"],
    "follow.requested": ["notifications.follow_changed"],
    "graph.imported": ["timelines.adopt_graph"],
    "mail.queued": ["accounts.send_mail"],
    "media.adopted": ["media.process_adopted"],
    "media.link_due": ["media.fetch_preview"],
    "media.uploaded": ["media.process"],
    "person.blocked": ["notifications.block_changed"],
    "person.muted": ["notifications.mute_changed"],
    "person.unblocked": ["notifications.block_changed"],
    "person.unmuted": ["notifications.mute_changed"],
    "poll.ended": ["notifications.poll_ended"],
    "profile.changed": ["search.index_person"],
    "tweet.deleted": [
        "live",
        "timelines.retract",
        "tweets.recount_reposters",
        "search.index_tweets",
        "notifications.tweet_changed",
    ],
    "tweet.edited": ["live", "search.index_tweets", "notifications.edited"],
    "tweet.hidden": [
        "live",
        "tweets.recount_reposters",
        "search.index_tweets",
        "notifications.tweet_changed",
    ],
    "tweet.link_changed": ["tweets.preview_link"],
    "tweet.history_ended": ["timelines.adopt_history"],
    "tweet.history_written": ["search.index_history"],
    "tweet.liked": ["live", "notifications.liked"],
    "tweet.media_changed": ["search.index_tweets"],
    "tweet.notification_due": ["notifications.posted"],
    "tweet.posted": ["live", "timelines.fan_out", "search.index_tweets"],
    "tweet.quote_detached": ["notifications.quote_detached"],
    "tweet.reposted": ["notifications.reposted"],
    "tweet.restored": [
        "tweets.recount_reposters",
        "search.index_tweets",
        "notifications.tweet_changed",
    ],
    "tweet.unliked": ["live", "notifications.liked"],
    # The next steps of work that a task does not finish itself.
    "archives.export_continued": ["archives.continue_export"],
    "archives.import_continued": ["archives.continue_import"],
    "archives.import_ended": ["archives.clean_up"],
    "demotion.continued": ["timelines.demote_range"],
    "fanout.continued": ["timelines.fan_out_range"],
    "notifications.actor_review_continued": ["notifications.continue_actor_review"],
    "notifications.audience_continued": ["notifications.continue_audience"],
    "notifications.changed": ["live"],
    "notifications.digest_due": ["notifications.send_digest"],
    "notifications.pushes_due": ["notifications.send_pushes"],
    "notifications.tweet_review_continued": ["notifications.continue_tweet_review"],
}
# Consumers that may wait a moment: the relay gathers their deliveries (outbox/gathering.py).
OUTBOX_GATHERED = {"search.index_tweets"}
OUTBOX_LEASE_SECONDS = 30  # then an unfinished event is sent again; the time doubles at each try

QUEUES = ("fanout", "backfill", "notifications", "media", "imports", "default")
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "timelines.fan_out*": {"queue": "fanout"},
    "timelines.retract": {"queue": "fanout"},
    "timelines.*": {"queue": "backfill"},
    "media.process_adopted": {"queue": "imports"},
    "media.*": {"queue": "media"},
    "notifications.*": {"queue": "notifications"},
    "moderation.*": {"queue": "notifications"},
    "archives.*": {"queue": "imports"},
}
CELERY_DB_REUSE_MAX = 1_000  # tasks on one connection to Postgres: see chirp/celery.py
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONSUMER = "chirp.celery_consumer:Consumer"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 1.0
if CELERY_BROKER_URL.startswith(("amqp", "pyamqp")):
    # RabbitMQ: replicated queues, and a message counts as sent only once the broker confirms it.
    CELERY_TASK_DEFAULT_QUEUE_TYPE = CELERY_TASK_CREATE_MISSING_QUEUE_TYPE = "quorum"
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "confirm_publish": True,
        # Of all tries to connect together: the first may go to a node that hangs.
        "connect_retries_timeout": 5.0,
    }
    CELERY_BROKER_HEARTBEAT = 5  # seconds: after some of them, a node that hangs is left
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # Unacknowledged tasks are delivered again after so many seconds. Tasks are far shorter.
        "visibility_timeout": 120,
        "socket_connect_timeout": 1.0,
        # A broker that hangs must not block the relay, and the rows it has locked, indefinitely.
        "socket_timeout": 5.0,
        "socket_keepalive": False,
    }
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "review-celebrities": {"task": "timelines.review_all", "schedule": 300.0},
    "index-new-people": {"task": "search.index_new_people", "schedule": 30.0},
    "refresh-trends": {"task": "search.refresh_trends", "schedule": 300.0},
    "refresh-trending-tweets": {"task": "search.refresh_trending_tweets", "schedule": 300.0},
    "refresh-tiers": {"task": "search.refresh_tiers", "schedule": 3600.0},
    "clean-media": {"task": "media.clean", "schedule": 3600.0},
    "fetch-due-previews": {
        "task": "media.fetch_due_previews",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "clean-media-of-deleted-tweets": {"task": "tweets.clean_media", "schedule": 3600.0},
    "retry-pushes": {
        "task": "notifications.retry_pushes",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "send-digests": {"task": "notifications.begin_digests", "schedule": 3600.0},
    "forget-old-notifications": {"task": "notifications.forget_old", "schedule": 3600.0},
    "forget-exports": {"task": "archives.forget_exports", "schedule": 3600.0},
    "begin-purges": {"task": "accounts.begin_purges", "schedule": 600.0},
    "forget-what-expired": {"task": "accounts.forget_expired", "schedule": 3600.0},
    "keep-partitions": {"task": "tweets.keep_partitions", "schedule": 3600.0},
    # While no worker runs, one message of each is enough.
    "end-polls": {"task": "tweets.end_polls", "schedule": 15.0, "options": {"expires": 15}},
    "end-mutes": {"task": "people.end_mutes", "schedule": 15.0, "options": {"expires": 15}},
    "post-scheduled": {
        "task": "tweets.post_scheduled",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
}

# --- E-mail -------------------------------------------------------------------------------------

SITE_URL = env.text(
    "SITE_URL",
    "http://127.0.0.1:8000",
    "The address of the site, for links in e-mails.",
).rstrip("/")
EMAIL_FROM = env.text(
    "EMAIL_FROM",
    "chirp@localhost",
    "The sender of e-mails. One without a name gets that of the site.",
)
DEFAULT_FROM_EMAIL = EMAIL_FROM
EMAIL_TIMEOUT = 10
locals().update(
    _email(
        env.text(
            "EMAIL_URL",
            "admin:",
            "How e-mails are sent: `admin:` keeps them for superusers in the admin, "
            "`smtp+tls://user:password@host:587`, `smtps://...` or `smtp://...` sends them.",
        )
    )
)

REQUIRE_VERIFIED_EMAIL = env.choice(
    "REQUIRE_VERIFIED_EMAIL",
    "auto",
    "Whether accounts can only read until their e-mail address is confirmed: `on`, `off`, or "
    "`auto`, which is on if `EMAIL_URL` sends e-mails.",
    among=("auto", "on", "off"),
)

# --- HTTP ---------------------------------------------------------------------------------------

APPEND_SLASH = False
USE_X_FORWARDED_HOST = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
# Programs that send secrets call these. They would follow a redirect, and not notice.
HTTPS_OR_REFUSED = ("/api/", "/oauth/token", "/oauth/revoke", "/oauth/userinfo")
# Health checks of load balancers use plain HTTP, and so does Prometheus within a network.
# The API refuses instead of redirecting: chirp/http_security.py.
SECURE_REDIRECT_EXEMPT = [
    *(r"^healthz$", r"^readyz$", r"^metrics$"),
    *(f"^{path[1:]}" for path in HTTPS_OR_REFUSED),
]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # browsers accept these names only from this host, over HTTPS
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
# The functions that render errors outside of views, by the prefix of the path. First match wins.
# What lower apps ask of higher ones: see chirp/hooks.py.
HOOKS: dict[str, str | tuple[str, ...]] = {
    "admin.logged": "moderation.audit.from_admin_log",
    "account.registering": "moderation.blocks.checks.registering",
    "account.addressing": "moderation.blocks.checks.addressing",
    "account.invited": "people.services.follow_inviter",
    "account.naming": "moderation.blocks.checks.naming",
    "push.for_app": "mastodon.push.message",
    "request.arriving": "moderation.blocks.checks.requesting",
    "site.name": "moderation.site.services.name",
    "tweet.writing": "moderation.blocks.checks.writing",
    "tweet.written": "moderation.blocks.checks.written",
    "follows.purging": "timelines.purging.follows",
    "tweets.purging": (
        "timelines.purging.tweets",
        "search.purging.tweets",
        "notifications.purging.tweets",
    ),
    "tweets.reported": "moderation.selectors.reported",
    "tweets.unlinked": "search.indexing.index_tweets",
}
# How an account is purged, step by step (accounts/purging.py).
PURGE_STEPS = (
    "archives.purging.imports",
    "archives.purging.exports",
    "notifications.purging.received",
    "notifications.purging.caused",
    "people.purging.followers",
    "people.purging.followees",
    "tweets.purging.votes",
    "tweets.purging.likes",
    "tweets.purging.mentions",
    "tweets.purging.versions",
    "tweets.purging.tweets",
    "media.purging.uploads",
    "timelines.purging.timelines",
    "accounts.services.end_sessions",
    "accounts.purging.rest",
)
ERROR_RESPONDERS = {
    "/api/v1": "mastodon.errors.error_response",
    "/api/v2": "mastodon.errors.error_response",
    "/oauth/authorize": "web.errors.error_page",
    "/oauth/": "mastodon.errors.error_response",
    "/nodeinfo": "mastodon.errors.error_response",
    "/api/": "api.errors.error_response",
    "/": "web.errors.error_page",
}
CSRF_FAILURE_VIEW = "web.expired_forms.csrf_failed"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
STAFF_SESSION_SECONDS = 60 * 60 * 8
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FORM_BYTES = 256 * 1024  # of a form besides its files
MEDIA_BODY_BYTES = max(4 * MEDIA_MAX_IMAGE_MB, MEDIA_MAX_VIDEO_MB) * 1024**2 + FORM_BYTES
IMPORT_BODY_BYTES = IMPORT_MAX_MB * 1024**2 + FORM_BYTES
PROFILE_BODY_BYTES = 2 * MEDIA_MAX_IMAGE_MB * 1024**2 + DATA_UPLOAD_MAX_MEMORY_SIZE
# The most bytes of a body, by the path: the first match. A path that ends with a slash stands for
# all below it, others for themselves.
BODY_LIMITS = [
    *((f"/api/{path}", MEDIA_BODY_BYTES) for path in ("v1/media", "v1/media/", "v2/media")),
    ("/api/v2/media/", MEDIA_BODY_BYTES),
    ("/api/v1/accounts/update_credentials", PROFILE_BODY_BYTES),
    ("/api/v1/accounts/update_credentials/", PROFILE_BODY_BYTES),
    ("/api/media", MEDIA_BODY_BYTES),
    ("/api/me/imports", IMPORT_BODY_BYTES),
    ("/settings/import", IMPORT_BODY_BYTES),
    ("/compose", MEDIA_BODY_BYTES),
    ("/api/me", PROFILE_BODY_BYTES),
    ("/settings/profile", PROFILE_BODY_BYTES),
    ("/api/", DATA_UPLOAD_MAX_MEMORY_SIZE),
    ("/", FORM_BYTES),
]
# Browsers are redirected to files in a bucket.
BUCKETS = [origin] if (origin := storage_urls.origin(MEDIA_STORAGE)) else []
# The button of single sign-on is a form, which is redirected there.
SIGN_ON = ["/".join(OIDC_ISSUER.split("/")[:3])] if OIDC_ISSUER else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", *BUCKETS],
        "media-src": ["'self'", *BUCKETS],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'", *SIGN_ON],
        "frame-ancestors": ["'none'"],
    }
}
RATE_LIMITS = {
    "write": env.rate("RATE_LIMIT_WRITES", "300/5m", "Posts, follows, likes ... per account."),
    "read": env.rate(
        "RATE_LIMIT_READS",
        "3000/5m",
        "Pages and GET requests per account; of anonymous visitors, per client address.",
    ),
    "report": env.rate("RATE_LIMIT_REPORTS", "30/h", "Reports per account."),
    "file": env.rate("RATE_LIMIT_FILES", "20000/5m", "Requests for media per client address."),
    "register": env.rate("RATE_LIMIT_REGISTER", "20/h", "New accounts per client address."),
    "apps": env.rate(
        "RATE_LIMIT_APPS", "300/5m", "Registrations of apps, and tokens, per client address."
    ),
    "mail": env.rate(
        "RATE_LIMIT_MAIL",
        "20/h",
        "E-mails that an account, or a client address, can have sent: links to confirm an address "
        "or to set a password.",
    ),
    "sign_in": env.rate("RATE_LIMIT_SIGN_IN", "30/5m", "Sign-in attempts per client address."),
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.AccessTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "api.permissions.ConfirmedToWrite",
    ],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.OrjsonParser"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttles.WriteThrottle", "api.throttles.ReadThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.OrjsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.negotiation.OneRendererNegotiation",
    "DEFAULT_SCHEMA_CLASS": "api.limited_schema.LimitedSchema",
    "EXCEPTION_HANDLER": "api.errors.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Chirp",
    "DESCRIPTION": "The native API of Chirp: accounts, tweets and timelines.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "TAGS": [
        {"name": "auth", "description": "Accounts, sign-ins and tokens."},
        {"name": "me", "description": "The account of the signed-in user."},
        {"name": "users", "description": "Profiles, and their relationship to the viewer."},
        {"name": "tweets", "description": "Tweets, likes and reposts."},
        {"name": "drafts", "description": "Tweets that are not posted yet."},
        {"name": "scheduled", "description": "Tweets that are posted at a given time."},
        {"name": "conversations", "description": "Direct tweets."},
        {"name": "media", "description": "Pictures, videos and recordings."},
        {"name": "timelines", "description": "Home, public, hashtag and nearby timelines."},
        {"name": "search", "description": "Tweets, users and hashtags by words; what is new."},
        {"name": "notifications", "description": "What concerns the signed-in user."},
        {"name": "markers", "description": "Read positions, across devices."},
        {"name": "lists", "description": "Lists of people."},
        {"name": "hashtags", "description": "Hashtags whose tweets the viewer has in home."},
        {"name": "stream", "description": "Live updates."},
        {"name": "site", "description": "The site, its rules and announcements."},
        {"name": "announcements", "description": "What administrators announce."},
        {"name": "invitations", "description": "Links by which people can register."},
        {"name": "staff", "description": "Decisions about new accounts, for moderators."},
        {"name": "reports", "description": "Accounts and tweets that moderators should look at."},
        {"name": "filters", "description": "What the viewer does not want to read."},
        {"name": "status", "description": "Service status."},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "FilterActionEnum": "filters.models.Action",
        "ShownFilterActionEnum": "filters.models.SHOWN_ACTIONS",
        "ArchiveStateEnum": "archives.models.State",
        "MediaStateEnum": "media.models.State",
        "NotificationKindEnum": "notifications.kinds.CHOICES",
        "StrikeActionEnum": "api.presenters.moderation.STRIKES",
    },
}

# --- The rest -----------------------------------------------------------------------------------

# Each by its own name, for those who read no other: docs/texts.md says how to add one.
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("ja", "日本語"),
    ("ar", "العربية"),
]
LANGUAGE_CODE = env.choice(
    "DEFAULT_LANGUAGE",
    "en",
    "The language of readers who chose none, and whose browsers name none that the site has.",
    among=("en", "de", "fr", "es", "ja", "ar"),
)
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": _storage(MEDIA_STORAGE),
    "staticfiles": {"BACKEND": "chirp.stylesheets.JoiningStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
LOG_LEVEL = env.choice(
    "LOG_LEVEL",
    "INFO",
    "The lowest severity of log lines that are written.",
    among=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
)
LOG_FORMAT = env.choice(
    "LOG_FORMAT",
    "text",
    "The format of log lines: text for people, or one JSON object per line.",
    among=tuple(logs.FORMATS),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": logs.FORMATS[LOG_FORMAT]}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"level": "WARNING"},
        # Scanners ask for any name. The line of the request has its 400.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "fido2": {"level": "WARNING"},  # it logs the id of each passkey that is used
        "opentelemetry": {"level": "ERROR"},  # it warns before each of its retries
        "gunicorn.error": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
METRICS_TOKEN = env.text(
    "METRICS_TOKEN",
    "",
    "The secret that grants access to `/metrics` (`Authorization: Bearer ...`). Without it, only "
    "programs on the same machine have access.",
)
METRICS_PORT = env.integer(
    "METRICS_PORT",
    0,
    "The port on which workers, relay and scheduler serve `/metrics`; 0 for none. Only for "
    "processes that have a machine or container each.",
    most=65_535,
)
OTLP_ENDPOINT = env.text(
    "OTLP_ENDPOINT",
    "",
    "Where traces are sent: the base URL of an OpenTelemetry collector that speaks OTLP over HTTP, "
    "such as `http://collector:4318`. Without it there are no traces.",
)
OTLP_SAMPLE_ONE_IN = env.integer(
    "OTLP_SAMPLE_ONE_IN",
    1,
    "One in so many requests is traced, with all work that follows.",
    least=1,
)
