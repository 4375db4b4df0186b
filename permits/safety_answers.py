"""What the stand-alone safety service remembers, and how it says no."""

import json
import threading
from collections import OrderedDict
from http import HTTPStatus
from typing import Any

from permits.rules.safety import assess

REMEMBERED_KEYS = 10_000


class Trouble(Exception):
    """A request that gets a problem document: HTTP status, stable code, sentence."""

    def __init__(self, status: HTTPStatus, code: str, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status, self.code, self.sentence, self.headers = status, code, sentence, headers


class Answers:
    """The last answers by key, so that a repeated question gets the very bytes of the first answer."""

    def __init__(self, limit: int = REMEMBERED_KEYS) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._stored: OrderedDict[str, tuple[str, bytes]] = OrderedDict()

    def answer(self, body: dict[str, Any]) -> bytes:
        """The answer to a checked question. Raises Trouble if its key was used for another question."""
        question = json.dumps(body, sort_keys=True)
        with self._lock:
            known, answer = self._stored.get(body["key"], ("", b""))
            if not known:
                known, answer = question, json.dumps(assess(body), ensure_ascii=False).encode()
                self._stored[body["key"]] = (known, answer)
            self._stored.move_to_end(body["key"])
            if len(self._stored) > self._limit:
                self._stored.popitem(last=False)
        if known != question:
            sentence = "This key was already used for another question. Make a new key for a changed question."
            raise Trouble(HTTPStatus.UNPROCESSABLE_ENTITY, "key_reused", sentence)
        return answer
