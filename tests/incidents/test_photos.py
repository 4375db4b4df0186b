"""Photos made safe: what is refused and why, and what is left of what is taken."""

import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.incidents import picture_samples as make
from workflow.contrib import pictures
from workflow.contrib.pictures import RefusedPhoto, read_picture

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)
JPEG = make.phone_photo()
TYPE, TWO, PIXELS = "photo_type_not_allowed", "photo_is_something_else", "photo_too_many_pixels"
ATTACKS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "nothing": (lambda: b"", "photo.jpg", "photo_empty"),
    "an SVG named .jpg": (lambda: b'<?xml version="1.0"?><svg xmlns="x"><script/></svg>', "a.jpg", TYPE),
    "an HTML page": (lambda: b"<!doctype html><script>alert(1)</script>", "a.jpg", TYPE),
    "a PDF": (lambda: b"%PDF-1.7\n" + bytes(100), "a.jpg", TYPE),
    "a TIFF": (lambda: make.encoded(make.scene(20, 20), "TIFF"), "a.tif", TYPE),
    "a BMP": (lambda: make.encoded(make.scene(20, 20), "BMP"), "a.bmp", TYPE),
    "an AVIF": (lambda: make.encoded(make.scene(64, 64), "AVIF"), "a.avif", TYPE),
    "a HEIC of an iPhone": (lambda: HEIC, "IMG_0001.HEIC", "photo_heic"),
    "a JPEG named as a program": (lambda: JPEG, "photo.exe", "photo_differs_from_name"),
    "a JPEG named as a page": (lambda: JPEG, "photo.jpg.html", "photo_differs_from_name"),
    "a JPEG named as a drawing": (lambda: JPEG, "photo.svg", "photo_differs_from_name"),
    "a JPEG that is a zip, too": (lambda: JPEG + make.zipped(), "a.jpg", TWO),
    "a JPEG that is a page, too": (lambda: JPEG + b"<html><script>alert(1)</script>", "a.jpg", TWO),
    "a JPEG with PHP in its comment": (
        lambda: make.encoded(make.scene(), "JPEG", comment=b"<?php system($_GET[0]); ?>"), "a.jpg", TWO
    ),
    "a PNG that is a PDF, too": (
        lambda: make.encoded(make.scene(20, 20), "PNG")[:-12] + b"%PDF-1.7\n", "a.png", TWO
    ),
    "a GIF that is a script, too": (
        lambda: b"GIF89a/*" + bytes(20) + b"*/=1;<script>alert(1)</script>", "a.gif", TWO
    ),
    "49 million pixels in 47 kB": (make.png_bomb, "a.png", PIXELS),
    "a PNG header of 4 billion pixels": (lambda: make.png_claiming(65535, 65535), "a.png", PIXELS),
    "a WebP header of 268 million pixels": (lambda: make.webp_claiming(16383, 16383), "a.webp", PIXELS),
    "200 scans of one JPEG": (make.many_scans, "a.jpg", "photo_too_complex"),
    "16 MB": (lambda: JPEG + bytes(16 * 1024 * 1024), "a.jpg", "photo_too_large"),
    "half a JPEG": (lambda: JPEG[: len(JPEG) // 2], "a.jpg", "photo_unreadable"),
    "half a PNG": (lambda: make.encoded(make.scene(), "PNG")[:-400], "a.png", "photo_unreadable"),
    "the first bytes of a WebP": (lambda: make.encoded(make.scene(), "WEBP")[:40], "a.webp", "photo_unreadable"),
    "a JPEG of noise": (lambda: b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20, "a.jpg", "photo_unreadable"),
}  # fmt: skip


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def close(pixel: object, to: tuple[int, int, int]) -> bool:
    return isinstance(pixel, tuple) and all(abs(a - b) < 30 for a, b in zip(pixel, to, strict=True))


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_with_its_code_and_a_sentence(name: str) -> None:
    content, file_name, code = ATTACKS[name]
    with pytest.raises(RefusedPhoto) as refused:
        read_picture(content(), file_name)
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")
    assert refused.value.sentence == str(refused.value)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_comes_out_upright_and_knows_nothing_any_more(kind: str, orientation: int) -> None:
    upright = make.scene()
    held = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]  # how the camera lay: the turn undone
    stored = upright if held is None else upright.transpose(Image.Transpose(held))
    content = make.encoded(stored, kind, exif=make.exif(orientation=orientation), quality=95)
    picture = read_picture(content)
    image = opened(picture.content)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (800, 600))
    assert close(image.getpixel((100, 300)), (255, 0, 0))
    assert close(image.getpixel((700, 300)), (0, 0, 255))
    assert close(image.getpixel((400, 20)), (255, 255, 255))
    assert_nothing_left(picture)


def assert_nothing_left(picture: pictures.Picture) -> None:
    for content in (picture.content, picture.small):
        assert [secret for secret in make.SECRETS if secret in content] == []
        image = opened(content)
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}


@settings(max_examples=30, deadline=None)
@given(
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    kind=st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]),
    orientation=st.integers(0, 12),
    place=st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
)
def test_whatever_comes_in_no_metadata_comes_out(
    size: tuple[int, int], kind: str, orientation: int, place: tuple[float, float]
) -> None:
    metadata = {} if kind == "GIF" else {"exif": make.exif(orientation=orientation, place=place)}
    picture = read_picture(make.encoded(make.scene(*size), kind, **metadata))
    assert_nothing_left(picture)
    assert max(opened(picture.small).size) <= pictures.SMALL_SIDE
    if metadata and picture.place:
        assert picture.place == pytest.approx(place, abs=1e-4)


def test_the_place_of_a_photo_is_read_before_it_is_dropped() -> None:
    picture = read_picture(make.phone_photo())
    assert picture.place == pytest.approx(make.AMES, abs=1e-5)
    assert_nothing_left(picture)


@pytest.mark.parametrize("place", [None, (0.0, 0.0)])
def test_a_photo_without_a_fix_has_no_place(place: tuple[float, float] | None) -> None:
    assert read_picture(make.phone_photo(place=place)).place is None


def test_broken_metadata_is_no_reason_to_refuse_a_photo() -> None:
    content = make.phone_photo()
    at = content.index(b"Exif\0\0") + 6
    broken = content[:at] + b"\xff" * 40 + content[at + 40 :]
    assert read_picture(broken).place is None


@pytest.mark.parametrize(("width", "height"), [(5000, 4000), (4000, 5000), (9000, 300)])
def test_a_large_photo_is_made_smaller_and_keeps_its_shape(width: int, height: int) -> None:
    picture = read_picture(make.encoded(make.scene(width, height), "JPEG"))
    assert max(picture.width, picture.height) == pictures.LONGEST_SIDE
    assert picture.width / picture.height == pytest.approx(width / height, rel=0.02)
    assert (picture.width, picture.height) == opened(picture.content).size


def test_a_small_photo_is_not_made_larger() -> None:
    assert opened(read_picture(make.encoded(make.scene(90, 60), "PNG")).content).size == (90, 60)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0)).convert(mode)
    options = {"transparency": 0} if mode == "P" else {}
    assert close(
        opened(read_picture(make.encoded(clear, "PNG", **options)).content).getpixel((20, 20)), (255, 255, 255)
    )


def test_colours_of_print_and_16_bits_are_converted() -> None:
    printed = read_picture(make.encoded(make.scene(mode="CMYK"), "JPEG", quality=95))
    assert close(opened(printed.content).getpixel((100, 300)), (255, 0, 0))
    grey = Image.frombytes("I;16", (10, 10), (32768).to_bytes(2, "little") * 100)
    assert close(opened(read_picture(make.encoded(grey, "PNG")).content).getpixel((5, 5)), (128, 128, 128))


def test_of_an_animation_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "green", "blue")]
    for kind in ("GIF", "WEBP"):
        picture = read_picture(make.encoded(frames[0], kind, save_all=True, append_images=frames[1:]))
        assert close(opened(picture.content).getpixel((30, 20)), (255, 0, 0))


def test_of_a_photo_in_depth_the_first_picture_is_kept() -> None:
    pair = make.encoded(make.scene(), "MPO", save_all=True, append_images=[make.scene(400, 300)], exif=make.exif())
    picture = read_picture(pair, "portrait.jpg")
    assert (picture.width, picture.height) == (800, 600)
    assert picture.place == pytest.approx(make.AMES, abs=1e-5)
    assert_nothing_left(picture)


def test_a_motion_photo_loses_its_film() -> None:
    film = b"\x00\x00\x00\x18ftypmp42" + b"\xff\xda" * 500  # as many phones put it behind the picture
    picture = read_picture(make.phone_photo() + film, "PXL_2026.MP.jpg")
    assert b"ftyp" not in picture.content


@pytest.mark.parametrize("name", ["", "photo", "IMG.JPEG", "shot.png", "whatsapp.webp", "a.JPG ", "Bild 1.heic"])
def test_the_name_of_another_picture_type_is_no_reason_to_refuse(name: str) -> None:
    assert read_picture(JPEG, name).width == 800


def test_pillows_own_limit_is_left_as_it_is() -> None:
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(RefusedPhoto):
        read_picture(make.png_bomb())
    assert before == Image.MAX_IMAGE_PIXELS
