"""Django's settings. What can be changed comes from the environment: see docs/settings.md."""

from pathlib import Path
from typing import Any

import dj_database_url

from chirp import embedded_urls, env, secrets
from chirp.observability import logs, metrics_dir


def _database(url: str) -> Any:
    """Django's settings of a database. The URL holds a password, so no error shows it."""
    try:
        database = dj_database_url.parse(url, conn_max_age=None, conn_health_checks=True)
    except ValueError:
        expected = "a URL such as postgresql://user:password@host/name"
        raise env.BadSetting("DATABASE_URL", "...", expected) from None
    if database["ENGINE"] == "django.db.backends.postgresql":
        # Only chirp.db.prepared prepares queries: Django's put their parameters into the text.
        options = {"prepare_threshold": 0, **database.get("OPTIONS", {})}
        return {**database, "ENGINE": "chirp.db.backend", "OPTIONS": options}
    return database


BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(
    env.text(
        "VAR_DIR",
        str(BASE_DIR / "var"),
        "Where data, secrets and logs of this machine live.",
        shown="`var/` in the checkout",
    )
)
METRICS_DIR = metrics_dir.choose(VAR_DIR)

# --- Who we are -------------------------------------------------------------------------------

DEBUG = env.boolean("DEBUG", False, "Django's debug pages. Never in production.")
SECRET_KEY = env.text(
    "SECRET_KEY",
    "",
    "Signs sessions and tokens of forms. At least 50 characters.",
    shown="made on the first run, in `var/secrets/`",
) or secrets.lazy_secret_key(VAR_DIR)
JWT_KEY_FILE = Path(
    env.text(
        "JWT_KEY_FILE",
        str(secrets.jwt_key_file(VAR_DIR)),
        "The RSA private key (PEM) that signs access tokens.",
        shown="made on the first run, in `var/secrets/`",
    )
)
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]"],
    "Host names that this site answers to, separated by commas.",
)
CSRF_TRUSTED_ORIGINS = env.words(
    "CSRF_TRUSTED_ORIGINS",
    [],
    "Origins (`https://chirp.example`) whose forms are accepted, when a proxy hides the scheme.",
)
HTTPS = env.boolean(
    "HTTPS",
    False,
    "The site is served over HTTPS: secure cookies, HSTS, redirect from HTTP, and trust in the "
    "`X-Forwarded-Proto` header of the proxy in front.",
)
TRUSTED_PROXIES = env.integer(
    "TRUSTED_PROXIES",
    0,
    "How many proxies in front append to `X-Forwarded-For`; rate limits count from there.",
)

# --- Parts --------------------------------------------------------------------------------------

DATABASE_URL = env.text(
    "DATABASE_URL",
    embedded_urls.database_url(VAR_DIR),
    "PostgreSQL, as a URL.",
    shown="the embedded server",
)
REDIS_URL = env.text(
    "REDIS_URL",
    embedded_urls.redis_url(VAR_DIR),
    "Redis or Valkey for timelines and rate limits, as a URL: one server, one behind Sentinels, or "
    "a cluster.",
    shown="the embedded server",
)
CELERY_BROKER_URL = env.text(
    "CELERY_BROKER_URL",
    embedded_urls.broker_url(VAR_DIR),
    "The broker of the workers, as a URL that Celery understands.",
    shown="the embedded server",
)
HERD = env.boolean(
    "HERD",
    False,
    "There is a herd of location servers: `script/run` starts it, and the status page shows it.",
)

INSTALLED_APPS = [
    "chirp",
    "outbox",
    "accounts",
    "people",
    "tweets",
    "timelines",
    "operations",
    "api",
    "web",
    "demo",
    "chirp.admin_app.ChirpAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "csp",
]
MIDDLEWARE = [
    "chirp.observability.request_middleware.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.errors.ReadableErrors",
]
ROOT_URLCONF = "chirp.urls"
WSGI_APPLICATION = "chirp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
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
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Handles are unique, by a constraint without regard to case, which that check does not know.
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
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCESS_TOKEN_MINUTES = 10
REFRESH_TOKEN_DAYS = 30
DEACTIVATED_GRACE_DAYS = 30

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
    "A new follow brings the author's earlier tweets. Off: only what is written after it.",
)
REDIS_TIMEOUT_MS = env.integer(
    "REDIS_TIMEOUT_MS",
    150,
    "How long a request waits for Redis before it does without.",
    least=1,
    most=60_000,
)

# --- Outbox and Celery --------------------------------------------------------------------------

# What happens after a change, in one table: each event's topic, and the tasks that consume it with
# its fields as arguments. The events are declared in each app's events.py.
OUTBOX_ROUTES: dict[str, list[str]] = {
    "account.deactivated": [],
    "account.returned": [],
    "account.suspended": [],
    "follow.accepted": ["timelines.merge"],
    "follow.ended": ["timelines.unmerge"],
    "follow.requested": [],
    "graph.imported": ["timelines.adopt_graph"],
    "person.blocked": [],
    "person.muted": [],
    "person.unblocked": [],
    "person.unmuted": [],
    "profile.changed": [],
    "tweet.deleted": ["timelines.retract"],
    "tweet.edited": [],
    "tweet.liked": [],
    "tweet.posted": ["timelines.fan_out"],
    "tweet.reposted": [],
    "tweet.unliked": [],
    # Work that a task hands on to its next step.
    "demotion.continued": ["timelines.demote_range"],
    "fanout.continued": ["timelines.fan_out_range"],
}
OUTBOX_LEASE_SECONDS = 30  # an event not done by then is sent again, each time twice as late

QUEUES = ("fanout", "backfill", "notifications", "media", "default")
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "timelines.fan_out*": {"queue": "fanout"},
    "timelines.retract": {"queue": "fanout"},
    "timelines.*": {"queue": "backfill"},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 1.0
if CELERY_BROKER_URL.startswith(("amqp", "pyamqp")):
    # RabbitMQ: replicated queues, and no message counts as sent before the broker has it.
    CELERY_TASK_DEFAULT_QUEUE_TYPE = CELERY_TASK_CREATE_MISSING_QUEUE_TYPE = "quorum"
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"confirm_publish": True}
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # Unacknowledged work comes back after this long. Tasks are cut far shorter.
        "visibility_timeout": 120,
        "socket_connect_timeout": 1.0,
        # A broker that hangs must not hold the relay, and the rows it has locked, for ever.
        "socket_timeout": 5.0,
        "socket_keepalive": False,
    }
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "review-celebrities": {"task": "timelines.review_all", "schedule": 300.0},
    "forget-what-expired": {"task": "accounts.forget_expired", "schedule": 3600.0},
}

# --- HTTP ---------------------------------------------------------------------------------------

APPEND_SLASH = False
USE_X_FORWARDED_HOST = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
# A health check by a load balancer speaks plain HTTP, and so does Prometheus within a network.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_ENGINE = "chirp.db.sessions"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
# Which face answers errors outside of views, by the beginning of the path: first match.
ERROR_RESPONDERS = {
    "/api/": "api.errors.error_response",
    "/": "web.errors.error_page",
}
CSRF_FAILURE_VIEW = "chirp.error_handlers.csrf_failed"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
RATE_LIMITS = {
    "write": env.rate("RATE_LIMIT_WRITES", "300/5m", "Posts, follows, likes ... of one account."),
    "register": env.rate("RATE_LIMIT_REGISTER", "20/h", "New accounts from one address."),
    "sign_in": env.rate("RATE_LIMIT_SIGN_IN", "30/5m", "Tries to sign in from one address."),
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.AccessTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.OrjsonParser"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttles.WriteThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.OrjsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.negotiation.OneRendererNegotiation",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
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
        {"name": "me", "description": "One's own account."},
        {"name": "users", "description": "People, and what is between them and oneself."},
        {"name": "tweets", "description": "Tweets and the marks on them."},
        {"name": "timelines", "description": "Tweets in their order."},
        {"name": "status", "description": "How the site is."},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# --- The rest -----------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
LOG_LEVEL = env.choice(
    "LOG_LEVEL",
    "INFO",
    "The least severe log lines shown.",
    among=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
)
LOG_FORMAT = env.choice(
    "LOG_FORMAT",
    "text",
    "How log lines look: for people, or one JSON object a line.",
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
        "gunicorn.error": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
METRICS_TOKEN = env.text(
    "METRICS_TOKEN",
    "",
    "Who shows this secret (`Authorization: Bearer ...`) may read `/metrics`. Without it, only "
    "programs on the same machine may.",
)
METRICS_PORT = env.integer(
    "METRICS_PORT",
    0,
    "Workers, relay and scheduler answer `/metrics` on this port; 0: they do not. For processes "
    "that have a machine or container each.",
    most=65_535,
)
