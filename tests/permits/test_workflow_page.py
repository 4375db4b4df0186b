"""docs/workflows/roadPermit.md is what the code says. Write it anew: python -m tests.permits.test_workflow_page"""

from pathlib import Path

from workflow.describing import in_english, in_mermaid
from workflow.registry import registry

PAGE = Path(__file__).parents[2] / "docs" / "workflows" / "roadPermit.md"


def page() -> str:
    workflow = registry.get("roadPermit")
    return "\n".join(
        [
            f"# {workflow.title}",
            "",
            "Read from the code by `manage.py describe_workflow roadPermit`; a test compares this page with it.",
            "Guards are explained in [the rules](../rules.md#guards).",
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


def test_the_page_says_what_the_code_says() -> None:
    assert PAGE.read_text() == page()


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page())
