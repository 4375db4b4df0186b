"""The stand-alone work-order service: `python -m incidents.work_order_service --port 8020`. No Django, no database.

It stands in for an agency's own: it keeps one order a job, in memory. The contract is docs/work-orders.md.
"""

import sys
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from incidents.work_order_contract import check_request, take
from workflow.contrib.service_stub.memory import Trouble
from workflow.contrib.service_stub.program import run
from workflow.contrib.service_stub.server import Service

PATH = "/v1/work-orders"
OPENAPI = Path(__file__).with_name("work_orders_openapi.json")
REMEMBERED_JOBS = 10_000


class Book:
    """The last orders by job; the newest words about a job count. Used under the lock of the service's answers."""

    def __init__(self, limit: int = REMEMBERED_JOBS) -> None:
        self._limit = limit
        self.orders: OrderedDict[str, Mapping[str, Any]] = OrderedDict()

    def take(self, request: Mapping[str, Any]) -> Mapping[str, str]:
        """The order of a checked request. Raises Trouble if its job belongs to another case."""
        job = request["job"]
        known = self.orders.get(job, request)
        if known["case"] != request["case"]:
            sentence = f"This job belongs to {known['case']}. Make a new job for another case."
            raise Trouble(HTTPStatus.UNPROCESSABLE_ENTITY, "job_of_other_case", sentence)
        if known.get("cancelled"):  # an order that was on its way meanwhile does not call the crew back
            request = {**request, "cancelled": True}
        self.orders[job] = request
        self.orders.move_to_end(job)
        if len(self.orders) > self._limit:
            self.orders.popitem(last=False)
        return take(request)


def service(book: Book | None = None) -> Service:
    """The service with a book of its own."""
    return Service(
        name="Work-order service",
        path=PATH,
        openapi=OPENAPI,
        check=check_request,
        answer=(book or Book()).take,
        wrong={"number": 17, "state": True},
        other={"job": "00000000-0000-4000-8000-000000000000", "case": "IR-00-000000"},
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Exit code 0, or 2 if the port cannot be had."""
    return run(service(), arguments, module="incidents.work_order_service", about=str(__doc__), port=8020)


if __name__ == "__main__":
    sys.exit(main())
