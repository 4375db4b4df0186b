"""What each move takes, when nothing about it matters."""

from typing import Any

WORDS = "Long enough to help the person who reads it."
DATA: dict[str, dict[str, Any]] = {
    "request_information": {"items": [{"field": "road_name", "text": "Which side of the road?"}]},
    "provide_information": {"answers": {"0": "The east side."}},
    "approve": {"conditions": ["C01"], "override_reason": WORDS},
    "refuse": {"reasons": ["R20"], "explanation": WORDS},
    "revoke": {"reasons": ["R50"], "explanation": WORDS},
    "reopen": {"grounds": WORDS},
    **{name: {"reason": WORDS} for name in ("revert_start", "revert_stop", "suspend", "resume", "cancel")},
    "fail_inspection": {"defects": WORDS},
}
