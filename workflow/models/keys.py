"""Keys: of integrators, and of requests that must not happen twice."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from hashlib import sha256
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from workflow.models.case import Case


class ApiKey(models.Model):
    """A scoped API key ``mp_live_<prefix>_<secret>``: the secret is shown once and kept as an HMAC only."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @staticmethod
    def hash(secret: str) -> str:
        return hmac.new(settings.SECRET_KEY.encode(), b"api-key:" + secret.encode(), sha256).hexdigest()

    @classmethod
    def issue(cls, name: str, scopes: list[str], *, expires_at: datetime | None = None) -> tuple[ApiKey, str]:
        """A new key and its text, which nothing can show again."""
        prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(24).replace("_", "-")
        row = cls.objects.create(
            name=name, prefix=prefix, digest=cls.hash(secret), scopes=sorted(scopes), expires_at=expires_at
        )
        return row, f"mp_live_{prefix}_{secret}"

    def fits(self, secret: str) -> bool:
        return hmac.compare_digest(self.digest, self.hash(secret))

    @property
    def is_alive(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class StartKey(models.Model):
    """An Idempotency-Key that started a case, written in the same transaction as the case."""

    owner = models.CharField(max_length=40)  # who sent it: key:<id>, form, wzdx
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)  # of the data, so that another body under the same key is noticed
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="start_keys")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "key"], name="start_once")]

    def __str__(self) -> str:
        return f"{self.owner}: {self.key}"
