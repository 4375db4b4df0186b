"""Which messages an act would send: it is done for real, its messages are read, and all of it is taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from workflow.actors import Actor
from workflow.admin.acts import Act
from workflow.rehearsal import rehearse

if TYPE_CHECKING:
    from workflow.admin.cases import CaseAdmin


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message as its reader gets it; ``…`` stands for the secret of a personal link. ``others`` get the same.

    ``address`` is for officers who may see persons; for others there are the words without names."""

    to: str
    address: str
    channel: str
    subject: str
    text: str
    text_without_names: str
    html_words: str = ""
    html_without_names: str = ""
    attached: Sequence[str] = field(default_factory=list)
    others: int = 0

    def and_one_more(self) -> Letter:
        return replace(self, others=self.others + 1)


def letters_of(kind: CaseAdmin, case: Any, actor: Actor, act: Act, values: Mapping[str, Any]) -> Sequence[Letter]:
    """What ``act`` would send. Raises what the act raises; writes nothing."""

    def press() -> Sequence[Letter]:
        done = act.press(case, actor, case.revision, values)
        return kind.letters(done, since=case.revision)

    return rehearse(press)
