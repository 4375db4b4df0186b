"""The house rules that a machine can check: sizes, imports, directions."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE_LIMIT, TEST_LIMIT, FUNCTION_LIMIT = 300, 400, 40
PRODUCT = ("config", "incidents", "permits", "workflow", "tools")
# AppConfig.ready may import models late: that is what it is for. config/demo.py sets its environment before Django's.
LATE_IMPORTS_ALLOWED = ("apps.py", "demo.py")


def python_files() -> Iterator[Path]:
    for folder in (*PRODUCT, "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts and "__pycache__" not in path.parts:
                yield path


FILES = list(python_files())
NAMES = [str(path.relative_to(ROOT)) for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_and_its_functions_stay_within_their_limits(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    limit = TEST_LIMIT if path.is_relative_to(ROOT / "tests") else SOURCE_LIMIT
    assert source.count("\n") <= limit, f"{path.name} has {source.count(chr(10))} lines, {limit} are allowed"
    long = [
        f"{node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LIMIT
    ]
    assert long == []


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if not path.is_relative_to(ROOT / "tests") and path.name not in LATE_IMPORTS_ALLOWED],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = [
        inner.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert late == []


def test_the_management_layer_knows_no_permit() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "workflow").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in {"permits", "incidents"})
        or (isinstance(node, ast.Import) and any(a.name.split(".")[0] in {"permits", "incidents"} for a in node.names))
    ]
    assert found == []


def test_imports_go_one_way() -> None:
    """The contracts of pyproject.toml, as `lint-imports` reads them."""
    linter = ROOT / ".venv" / "bin" / "lint-imports"
    command = [str(linter)] if linter.exists() else ["lint-imports"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_dependency_says_what_it_is_for() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    start = lines.index("dependencies = [") + 1
    silent = [line for line in lines[start : lines.index("]", start)] if "#" not in line]
    assert silent == []


def test_the_lock_names_no_host_and_pins_every_file_by_digest() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    pinned = [line for line in lock.splitlines() if "==" in line and not line.startswith(" ")]
    assert pinned
    assert all(line.rstrip().endswith("\\") for line in pinned), "a package without hashes"
    assert not any(line.startswith("django-fsm==") for line in pinned), "django-fsm and django-fsm-2 must never meet"
