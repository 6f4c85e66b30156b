"""Settings. Only this module reads environment variables; docs/settings.md describes every setting."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

MIN_KEY_LENGTH = 32
ROOT = Path(__file__).resolve().parent


class ConfigurationError(Exception):
    """A setting has a value that cannot be used; the message is one clear line."""


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise ConfigurationError(f"{name} must be a whole number, not {text!r}.") from None


def _key_in(file: Path) -> str:
    """Return the key in a file. Raises ConfigurationError if it is no key."""
    key = file.read_text(encoding="ascii", errors="replace").strip()
    if len(key) < MIN_KEY_LENGTH:
        # Another process may have made the file and not have written it yet.
        time.sleep(0.2)
        key = file.read_text(encoding="ascii", errors="replace").strip()
    if len(key) < MIN_KEY_LENGTH:
        raise ConfigurationError(
            f"{file} does not contain a usable key (at least {MIN_KEY_LENGTH} characters). Delete it, and a new one is"
            " generated; everybody will have to log in again."
        )
    return key


def _stored_secret(data: Path) -> str:
    """Return the signing key stored in the data folder, which is generated at first use."""
    file = data / "secret_key"
    try:
        return _key_in(file)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise ConfigurationError(f"SALVE_DATA: {file} cannot be read ({error.strerror}).") from None
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"SALVE_DATA: the folder {data} cannot be created ({error.strerror}).") from None
    try:
        # O_EXCL: if two processes start at once, one creates the key and the other reads it.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _key_in(file)
    except OSError as error:
        raise ConfigurationError(f"SALVE_DATA: nothing can be written in {data} ({error.strerror}).") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        key = secrets.token_hex(32)
        out.write(key)
    return key


def process_environment() -> dict[str, str]:
    """The environment of the processes that `flask serve` starts: ours, and what the C library reads at their start."""
    # Each thread would have several memory pools of its own otherwise, which hold what large requests have needed.
    return {"MALLOC_ARENA_MAX": "2", **os.environ}


class Default:
    """What all environments share. The environment variables are read when an instance is created, not at import."""

    NAME = "default"
    DEBUG = False
    TESTING = False

    # Requests: a story may have 20,000 characters of four bytes each, form-encoded threefold.
    MAX_CONTENT_LENGTH = 1024 * 1024
    MAX_FORM_MEMORY_SIZE = 1024 * 1024
    MAX_FORM_PARTS = 1000

    # For fonts and images; the addresses of style sheets and scripts change with their content.
    SEND_FILE_MAX_AGE_DEFAULT = 30 * 24 * 3600

    SESSION_COOKIE_NAME = "salve"
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_SECURE = False
    # A page must not set a cookie merely because somebody is logged in.
    SESSION_REFRESH_EACH_REQUEST = False
    PERMANENT_SESSION_LIFETIME = 30 * 24 * 3600

    # As long as the session, so that a form left open overnight can still be sent.
    WTF_CSRF_TIME_LIMIT = None
    WTF_CSRF_SSL_STRICT = True

    SQLALCHEMY_TRACK_MODIFICATIONS = False
    SQLALCHEMY_ECHO = False

    DEMONSTRATION_ACCOUNTS = False
    ARGON2_MEMORY_KIB = 19 * 1024
    ARGON2_TIME_COST = 2
    TRUSTED_HOSTS: Sequence[str] | None = None

    def __init__(self) -> None:
        self.SALVE_DATA = Path(os.environ.get("SALVE_DATA") or ROOT / "instance").resolve()
        self.SQLALCHEMY_DATABASE_URI = (
            os.environ.get("SALVE_DATABASE_URL") or f"sqlite:///{self.SALVE_DATA / 'salve.sqlite3'}"
        )
        self.SECRET_KEY = os.environ.get("SALVE_SECRET_KEY") or _stored_secret(self.SALVE_DATA)
        self.SITE_NAME = os.environ.get("SALVE_SITE_NAME") or "Salve"
        # Who runs the site, and an e-mail address or a web address at which they can be reached.
        self.OPERATOR = os.environ.get("SALVE_OPERATOR") or ""
        self.CONTACT = os.environ.get("SALVE_CONTACT") or ""
        self.BABEL_DEFAULT_LOCALE = os.environ.get("SALVE_LOCALE") or "en_GB"
        self.SEARCH_LANGUAGE = os.environ.get("SALVE_SEARCH_LANGUAGE", "").lower()
        self.BABEL_DEFAULT_TIMEZONE = os.environ.get("SALVE_TIMEZONE") or "UTC"
        self.HELP_LINES = Path(os.environ.get("SALVE_HELP_LINES") or ROOT / "app/screening/help_lines.toml")
        self.HOST = os.environ.get("HOST") or "127.0.0.1"
        self.PORT = _number("PORT", 5000)
        self.WEB_THREADS = _number("SALVE_WEB_THREADS", 8)
        self.WORKER_PAUSE_MS = _number("SALVE_WORKER_PAUSE_MS", 500)
        # The number of days in which an erasure can be cancelled.
        self.ERASE_AFTER_DAYS = _number("SALVE_ERASE_AFTER_DAYS", 7)
        # Whether browsers are told to use TLS for all hosts below this one too.
        self.HSTS_SUBDOMAINS = os.environ.get("SALVE_HSTS_SUBDOMAINS", "") == "1"
        # How many reverse proxies are trusted to say who the client is.
        self.PROXIES = _number("SALVE_PROXIES", 0)


class Development(Default):
    """For one person on one machine. Answers only to local host names, so it cannot be exposed by mistake."""

    NAME = "development"
    DEMONSTRATION_ACCOUNTS = True
    TRUSTED_HOSTS = ("127.0.0.1", "localhost", "[::1]")


class Testing(Default):
    """For the test suite: cheap password hashes, and accounts for the demonstration."""

    NAME = "testing"
    TESTING = True
    DEMONSTRATION_ACCOUNTS = True
    ARGON2_MEMORY_KIB = 8
    ARGON2_TIME_COST = 1


class Production(Default):
    """For a site behind TLS: secure cookies that no subdomain can set, and only the site's own host names."""

    NAME = "production"
    SESSION_COOKIE_NAME = "__Host-salve"
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_PATH = "/"

    def __init__(self) -> None:
        super().__init__()
        hosts = [host.strip() for host in os.environ.get("SALVE_HOSTS", "").split(",") if host.strip()]
        if not hosts:
            raise ConfigurationError("SALVE_HOSTS must name the host names of the site when SALVE_ENV=production.")
        self.TRUSTED_HOSTS = hosts


_BY_NAME: dict[str, type[Default]] = {config.NAME: config for config in (Development, Testing, Production)}


def from_environment() -> Default:
    """Return the configuration named by SALVE_ENV (development, testing, production); development if it is not set.

    Raises ConfigurationError for an unknown name or a value that cannot be used.
    """
    name = os.environ.get("SALVE_ENV") or "development"
    try:
        return _BY_NAME[name]()
    except KeyError:
        raise ConfigurationError(f"SALVE_ENV must be one of {', '.join(_BY_NAME)}, not {name!r}.") from None
