"""Signatures of Standard Webhooks (https://www.standardwebhooks.com), version 1: symmetric, HMAC-SHA256."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from django.conf import settings

PREFIX = "whsec_"


def secret_of(nonce: str) -> str:
    """The secret as its receiver gets it: made from a row's nonce and the server's key, so that a copy of the database
    alone signs nothing."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"milepost.webhook:{nonce}".encode(), sha256).digest()
    return PREFIX + base64.b64encode(made).decode()


def headers(message_id: str, at: datetime, body: bytes, secrets: Iterable[str]) -> Mapping[str, str]:
    """The three headers of a message; one signature for each secret that is alive, the newest first."""
    timestamp = str(int(at.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()
