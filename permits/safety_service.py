"""The stand-alone safety service: `python -m permits.safety_service --port 8010`. No Django, no database.

It applies permits.rules.safety to questions over HTTP. The contract is docs/safety-service.md.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from permits.rules.safety import RULES_VERSION, assess, check_request
from workflow.contrib.service_stub.program import run
from workflow.contrib.service_stub.server import Service

SERVICE = Service(
    name="Safety service",
    path="/v1/assessments",
    openapi=Path(__file__).with_name("safety_openapi.json"),
    check=check_request,
    answer=assess,
    key_member="key",
    health={"rules_version": RULES_VERSION},
    wrong={"verdict": True, "findings": {}},
    other={"case": "RP-00-000000", "key": "00000000-0000-4000-8000-000000000000", "verdict": "pass", "findings": []},
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Exit code 0, or 2 if the port cannot be had."""
    return run(SERVICE, arguments, module="permits.safety_service", about=str(__doc__), port=8010)


if __name__ == "__main__":
    sys.exit(main())
