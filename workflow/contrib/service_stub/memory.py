"""What a small service remembers, and how it says no."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

REMEMBERED_KEYS = 10_000


class Trouble(Exception):
    """A request that gets a problem document: HTTP status, stable code, sentence."""

    def __init__(self, status: HTTPStatus, code: str, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status, self.code, self.sentence, self.headers = status, code, sentence, headers


class Answers:
    """The last answers by key, so that a repeated request gets the very bytes of the first answer."""

    def __init__(self, make: Callable[[Any], Mapping[str, Any]], limit: int = REMEMBERED_KEYS) -> None:
        self._make, self._limit = make, limit
        self._lock = threading.Lock()
        self._stored: OrderedDict[str, tuple[str, bytes]] = OrderedDict()

    def answer(self, key: str, body: Any) -> bytes:
        """The answer to a checked request. Raises Trouble if its key was used for another request."""
        asked = json.dumps(body, sort_keys=True)
        with self._lock:
            known, answer = self._stored.get(key, ("", b""))
            if not known:
                known, answer = asked, json.dumps(self._make(body), ensure_ascii=False).encode()
                self._stored[key] = (known, answer)
            self._stored.move_to_end(key)
            if len(self._stored) > self._limit:
                self._stored.popitem(last=False)
        if known != asked:
            sentence = "This key was already used for another request. Make a new key for a changed request."
            raise Trouble(HTTPStatus.UNPROCESSABLE_ENTITY, "key_reused", sentence)
        return answer
