"""The static files: each reference meets a file, none leaves this host, and the manifest can be built."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings

STATIC = settings.BASE_DIR / "static"
OURS = sorted(path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg"})
SHEETS = [path for path in OURS if path.suffix == ".css"]
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def name(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


@pytest.mark.parametrize("sheet", SHEETS, ids=name)
def test_every_url_in_a_style_sheet_meets_a_file(sheet: Path) -> None:
    urls = {url for url in re.findall(r"url\(\s*[\"']?([^)\"']*)", sheet.read_text()) if url}
    assert [url for url in urls if not (sheet.parent / url).is_file()] == []


@pytest.mark.parametrize("file", OURS, ids=name)
def test_no_static_file_names_another_host_or_a_source_map(file: Path) -> None:
    text = re.sub(r"<!--.*?-->|<!DOCTYPE[^>]*>", "", file.read_text(), flags=re.S)  # browsers load no DTD
    assert "sourceMappingURL" not in text
    assert set(re.findall(r"https?://[^\s\"'<>)]+", text)) <= NAMESPACES
    assert "@import" not in text


def test_the_vendored_design_system_is_small_and_holds_no_file_nobody_names() -> None:
    files = [path for path in (STATIC / "uswds").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3_000_000
    css = (STATIC / "uswds/css/uswds.min.css").read_text()
    media = [p for p in files if p.suffix in {".woff2", ".svg", ".jpg", ".png"} and p.name != "sprite.svg"]
    assert [p for p in media if str(p.relative_to(STATIC / "uswds")) not in css] == []


def test_the_manifest_of_hashed_files_can_be_built(tmp_path: Path) -> None:
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").is_file()
    assert list(tmp_path.glob("uswds/css/uswds.min.*.css.gz"))


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_every_static_file_a_template_names_exists(template: Path) -> None:
    text = template.read_text()
    names = re.findall(r"{% static \"([^\"]+)\" %}", text) + re.findall(r"[\"']/static/([^\"']+)[\"']", text)
    assert [each for each in names if finders.find(each) is None] == []


def test_every_icon_a_template_asks_for_is_in_the_sprite() -> None:
    sprite = (STATIC / "uswds/img/sprite.svg").read_text()
    icons = {icon for t in TEMPLATES for icon in re.findall(r"with icon=\"(\w+)\"", t.read_text())}
    assert icons
    assert {icon for icon in icons if f'id="{icon}"' not in sprite} == set()
