"""What can go wrong, as a small tree. One place turns these into problem details, another into form and admin messages.

``WorkflowError``: somebody asked for something the workflow does not give; nothing was changed.
``ServiceFailure``: a service did not do its work; the orchestrator retries or parks, and never reads it as success.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One thing that stands in the way: ``code`` for machines, ``sentence`` for people, ``source`` in docs/rules.md."""

    code: str
    sentence: str
    source: str = ""
    field: str = ""


class WorkflowError(Exception):
    """Base of every refusal; ``code`` is stable, ``str(error)`` is a sentence for the person who asked."""

    code = "workflow_error"

    def __init__(self, sentence: str, *, reasons: Sequence[Reason] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.reasons = tuple(reasons)


class NotAllowed(WorkflowError):
    """This actor may not do this."""

    code = "not_allowed"


class WrongState(WorkflowError):
    """The transition does not start in the case's state; ``allowed`` names those that do."""

    code = "wrong_state"

    def __init__(self, sentence: str, *, allowed: Sequence[str]) -> None:
        super().__init__(sentence)
        self.allowed = tuple(allowed)


class Stale(WorkflowError):
    """The case moved since the caller looked; the sentence says who did what."""

    code = "stale_revision"

    def __init__(self, sentence: str, *, revision: int) -> None:
        super().__init__(sentence)
        self.revision = revision


class Refused(WorkflowError):
    """Guards said no; every failing one is in ``reasons``."""

    code = "refused"

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(" ".join(reason.sentence for reason in reasons), reasons=reasons)


class InvalidData(WorkflowError):
    """The data cannot start a workflow; one reason a field."""

    code = "invalid_data"

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__("Some answers need your attention.", reasons=reasons)


class KeyReused(WorkflowError):
    """An Idempotency-Key came back with another body."""

    code = "idempotency_key_reused"


class UnknownWorkflow(WorkflowError):
    """No workflow, version or service of that name is registered."""

    code = "unknown_workflow"


class ServiceFailure(Exception):
    """A service failed. ``reason`` is a sentence an officer can act on."""

    temporary = True
    code = "temporary"

    def __init__(self, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class TemporaryFailure(ServiceFailure):
    """Down, slow or busy: worth another try."""


class PermanentFailure(ServiceFailure):
    """The service understood and said no; another try would say the same."""

    temporary = False
    code = "permanent"


class UnusableAnswer(ServiceFailure):
    """The service answered, but not what its contract says. Retried, then parked; never read as success."""

    code = "garbage"
