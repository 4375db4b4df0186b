"""Where messages go: an outbox of files for e-mail, and a small interface for text messages."""

from __future__ import annotations

import email.policy
import hashlib
import os
import re
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string

SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class OutboxEmailBackend(BaseEmailBackend):
    """Writes each mail as ``<message id>.eml`` into the mailer's option ``file_path``; any mail program opens it.

    A mail whose file is there is not written again: here a repeated delivery is exactly one mail. Raises OSError.
    """

    def __init__(self, *args: Any, file_path: str | Path | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folder = Path(file_path or settings.VAR_DIR / "outbox")

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            self._write(message)
        return len(email_messages)

    def _write(self, message: EmailMessage) -> None:
        mail = message.message(policy=email.policy.SMTP)
        target = self.folder / f"{file_name(str(mail['Message-ID']))}.eml"
        if target.exists():
            return
        half = self.folder / f".{target.name}.{uuid.uuid4().hex}.part"
        try:
            with half.open("wb") as file:
                file.write(mail.as_bytes())
                file.flush()
                os.fsync(file.fileno())
            half.replace(target)
        except BaseException:
            half.unlink(missing_ok=True)
            raise


def file_name(message_id: str) -> str:
    """The part of a Message-ID before the @, or a digest of one that is no file name."""
    local = message_id.strip().strip("<>").partition("@")[0]
    return local if SAFE_NAME.fullmatch(local) else hashlib.sha256(message_id.encode()).hexdigest()


class SmsBackend(Protocol):
    """A provider of text messages."""

    def send(self, number: str, text: str, key: str) -> None:
        """Send ``text`` to ``number`` (E.164) once for each ``key``, if the provider can.

        Raises TemporaryFailure, PermanentFailure or OSError.
        """


class ConsoleSms:
    """Prints a text message as one line: for development and the demo."""

    def send(self, number: str, text: str, key: str) -> None:
        print(f"SMS to {number} [{key}]: {' '.join(text.split())}", flush=True)


def get_sms_backend() -> SmsBackend:
    """The provider that SMS_BACKEND names."""
    backend: SmsBackend = import_string(settings.SMS_BACKEND)()
    return backend
