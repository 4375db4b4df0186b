"""docs/workflows/ is what the code says. Write it anew: python -m tests.workflow.test_workflow_pages"""

from pathlib import Path

import pytest

from workflow.describing import in_english, in_mermaid
from workflow.registry import registry

FOLDER = Path(__file__).parents[2] / "docs" / "workflows"
RULES = {"roadPermit": "rules.md", "incident": "incidents.md"}  # where the guards of a workflow are explained


def page(name: str) -> str:
    workflow = registry.get(name)
    return "\n".join(
        [
            f"# {workflow.title}",
            "",
            f"Read from the code by `manage.py describe_workflow {name}`; a test compares this page with it.",
            f"Guards are explained in [the rules](../{RULES[name]}#guards).",
            f"Drawn: `/api/v1/workflows/{name}/diagram.svg`; as BPMN 2.0: `/api/v1/workflows/{name}/diagram.bpmn`.",
            "",
            "```text",
            in_english(workflow),
            "```",
            "",
            "```mermaid",
            in_mermaid(workflow),
            "```",
            "",
        ]
    )


@pytest.mark.parametrize("name", RULES)
def test_the_page_says_what_the_code_says(name: str) -> None:
    assert (FOLDER / f"{name}.md").read_text() == page(name)


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    for one in RULES:
        (FOLDER / f"{one}.md").write_text(page(one))
