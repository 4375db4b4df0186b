"""Every setting in one file. Works right after checkout; the environment changes it (see docs/operations.md)."""

from pathlib import Path

from config.env import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

# -- Where we are -----------------------------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG")
DEMO = env.flag("MILEPOST_DEMO")  # a banner says that nothing here reaches a real agency
SITE_URL = env.url("SITE_URL", "http://localhost:8000")  # links in messages are built from it, never from a Host header
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver")
# The prefix makes `check --deploy` complain as long as nobody has set a key of their own.
SECRET_KEY = env.text("SECRET_KEY", "django-insecure-development-key-change-me-in-production-0123456789")
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))  # what we write: uploads, permits, mail, the SQLite file
VAR_DIR.mkdir(parents=True, exist_ok=True)

# -- The state we serve -----------------------------------------------------------------------------------------------
STATE_FIPS = env.text("STATE_FIPS", "19")
STATE_NAME = env.text("STATE_NAME", "Iowa")
STATE_CODE = env.text("STATE_CODE", "IA")
AGENCY_NAME = env.text("AGENCY_NAME", f"{STATE_NAME} Department of Transportation")
AGENCY_EMAIL = env.text("AGENCY_EMAIL", "permits@dot.example.gov")
AGENCY_PHONE = env.text("AGENCY_PHONE", "+1 515 555 0100")
SOURCE_URL = env.text("SOURCE_URL", "https://example.org/milepost")  # AGPL: where the running version's source lies
# Background pictures of maps, like https://tile.example.org/{z}/{x}/{y}.png. Empty: county outlines from our own host.
MAP_TILE_URL = env.url("MAP_TILE_URL")
MAP_ATTRIBUTION = env.text("MAP_ATTRIBUTION")  # what the tiles' owner asks to be shown; may hold a link
TIME_ZONE = env.text("TIME_ZONE", "America/Chicago")
LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True

# -- Applications -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "permits",
    "incidents",
    "workflow.contrib.places",
    "workflow.contrib.notifications",
    "workflow.contrib.rulebook",
    "workflow.contrib.webhooks",
    "workflow",
    "viewflow.workflow",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "config.apps.MilepostAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
        },
    },
]

# -- Data -------------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'milepost.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = VAR_DIR / "files"
MEDIA_URL = ""  # uploads are served by authorised views only
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# -- The engine -------------------------------------------------------------------------------------------------------
EMBEDDED_WORKER = env.flag("EMBEDDED_WORKER")  # a worker beside the web server, in its process
WORKER_THREADS = env.number("WORKER_THREADS", 4)
REMIND_OFFICERS_DAYS = env.number("REMIND_OFFICERS_DAYS", 1)  # working days before a deadline that its officer is told
SWEEP_INTERVAL = env.seconds("SWEEP_INTERVAL", 1)  # how often a worker looks for work nobody rang the bell for

# -- Services ---------------------------------------------------------------------------------------------------------
SAFETY_SERVICE_URL = env.url("SAFETY_SERVICE_URL")  # empty: the same rules run in this process
SAFETY_SERVICE_ATTEMPTS = env.number("SAFETY_SERVICE_ATTEMPTS", 6)
SAFETY_SERVICE_DEADLINE = env.seconds("SAFETY_SERVICE_DEADLINE", 10)
WORK_ORDER_URL = env.url("WORK_ORDER_URL")  # empty: orders are taken in this process
WORK_ORDER_ATTEMPTS = env.number("WORK_ORDER_ATTEMPTS", 6)
WORK_ORDER_DEADLINE = env.seconds("WORK_ORDER_DEADLINE", 10)
if SMTP_HOST := env.text("SMTP_HOST"):  # without a mail server, messages are files in VAR_DIR/outbox
    MAILER = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": SMTP_HOST,
            "port": env.number("SMTP_PORT", 25),
            "username": env.text("SMTP_USER"),
            "password": env.text("SMTP_PASSWORD"),
            "use_tls": env.flag("SMTP_TLS"),
            "timeout": 10,
        },
    }
else:
    MAILER = {
        "BACKEND": "workflow.contrib.notifications.backends.OutboxEmailBackend",
        "OPTIONS": {"file_path": VAR_DIR / "outbox"},
    }
MAILERS = {"default": MAILER}
DEFAULT_FROM_EMAIL = f"{AGENCY_NAME} <{AGENCY_EMAIL}>"
# Types of permit that count as granted when the deadline passes without a decision; none by default.
DEEMED_PERMIT_TYPES = env.words("DEEMED_PERMIT_TYPES")
# From this impact index on, specialists look at an application before it is decided (docs/rules.md, Technical review).
TECHNICAL_REVIEW_FROM_INDEX = env.decimal("TECHNICAL_REVIEW_FROM_INDEX", "2.0")
VIEWFLOW = {"AUTOREGISTER": False}  # it registers pages of its own otherwise
# For a trial on one's own machine: webhooks may then use http and addresses inside the network.
WEBHOOKS_MAY_CALL_INSIDE = env.flag("WEBHOOKS_MAY_CALL_INSIDE")
SMS_APPLICANTS = env.flag("SMS_APPLICANTS")  # urgent news also by text message
KEEP_CONTACTS_DAYS = env.number("KEEP_CONTACTS_DAYS", 90)  # after the end of a report (docs/operations.md, Forgetting)
SMS_BACKEND = env.text("SMS_BACKEND", "workflow.contrib.notifications.backends.ConsoleSms")

# -- Safety -----------------------------------------------------------------------------------------------------------
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SECURE_HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_HTTPS
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT")
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY") else None
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"  # a tracking address is a secret: it must not leave in a Referer
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:", *env.hosts_of(MAP_TILE_URL)],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
UPLOAD_MAX_BYTES = 25 * 1024 * 1024
UPLOAD_MAX_TOTAL_BYTES = 100 * 1024 * 1024

# -- API --------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["workflow.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "EXCEPTION_HANDLER": "workflow.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Milepost",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Road permits and incident reports of a state Department of Transportation.",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# -- Open311 ----------------------------------------------------------------------------------------------------------
OPEN311_JURISDICTION = env.text("OPEN311_JURISDICTION", "milepost.example")  # a jurisdiction_id is checked against it
OPEN311_KEY_SERVICE = env.text("OPEN311_KEY_SERVICE", f"Write to {AGENCY_EMAIL} and say what you will use the key for.")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}

env.check()
