"""describe_workflow: what a reader must see is there, because it is read from the code."""

import pytest
from django.core.management import CommandError, call_command

from tests.parcels.workflow import PARCEL
from workflow.definition import Workflow
from workflow.describing import in_english, in_mermaid
from workflow.registry import lifecycle_of, registry

EVERY = pytest.mark.parametrize("workflow", list(registry), ids=lambda workflow: workflow.name)


@EVERY
def test_every_move_says_who_from_where_to_where_and_only_if(workflow: Workflow) -> None:
    text = in_english(workflow)
    for edge in lifecycle_of(workflow.model):
        assert f"  {edge.name}: " in text
        assert f"Who: {edge.permission.who}." in text
        assert all(guard.sentence in text and guard.source in text for guard in edge.guards)
        assert all(state.replace("_", " ") in text for state in (*edge.sources, *edge.targets))


@EVERY
def test_every_step_and_timer_is_named(workflow: Workflow) -> None:
    text = in_english(workflow)
    assert all(f"  {name}: " in text for name in workflow.by_name)
    assert all(f"  {timer.name}: '{timer.fires}' fires by itself" in text for timer in workflow.timers)


def test_a_step_reads_aloud() -> None:
    text = in_english(PARCEL)
    assert "inspectParcel: 'Inspection', while the state is inspection." in text
    assert "Milepost calls parcelScan by a worker, up to 3 attempts of 10 s." in text
    assert "When its result is accepted, 'release' follows by itself." in text
    assert "Clerk may decide: release, reject or ask_sender." in text
    assert "Due within 5 working days." in text
    assert "The clock stands still." in text
    assert "Due within 1 working day.\n" in text


def test_the_drawing_shows_the_steps_in_order_and_what_leads_on() -> None:
    drawing = in_english(PARCEL).split("STEPS")[0]
    places = [drawing.index(step.name) for step in PARCEL.steps]
    assert places == sorted(places)
    assert "|  Release the parcel" in " ".join(drawing.split()).replace("| ", "|  ")


@EVERY
def test_mermaid_has_every_edge(workflow: Workflow) -> None:
    lines = in_mermaid(workflow).splitlines()
    for edge in lifecycle_of(workflow.model):
        for source in edge.sources:
            assert any(line.strip().startswith(f"{source} --> ") and line.endswith(edge.label) for line in lines)


def test_the_command_prints_it_and_names_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("describe_workflow", "parcel")
    assert "Parcel: workflow parcel, version 1" in capsys.readouterr().out
    call_command("describe_workflow", "parcel", "--version-number", "1", "--format", "mermaid")
    assert capsys.readouterr().out.startswith("stateDiagram-v2")
    with pytest.raises(CommandError, match=r"There are: .*parcel"):
        call_command("describe_workflow", "pigeon")
