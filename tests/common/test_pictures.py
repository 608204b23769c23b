"""Pictures from strangers: taken when they are pictures, refused with a code when they are not."""

import io
import random
import struct
import threading
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageFile

from common import pictures
from common.pictures import NotAPicture

RED, BLUE = (220, 20, 20), (20, 20, 220)
GPS_IFD = 0x8825


def halves(width: int = 40, height: int = 20) -> Image.Image:
    """Red at the left, blue at the right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def written(image: Image.Image, format: str, **options: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, format, **options)
    return content.getvalue()


def close_to(colour: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(colour[:3], wanted, strict=True))


def png_header(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims a size."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(10))),
        (b"IEND", b""),
    ]
    chunks = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def webp_header(width: int, height: int) -> bytes:
    """A WebP of a few bytes that claims a size."""
    body = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + bytes(27)
    chunk = b"WEBPVP8L" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunk)) + chunk


def red_means_green() -> bytes:
    """A colour profile with two primaries exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = profile.replace(b"rXYZ", b"....").replace(b"gXYZ", b"rXYZ").replace(b"....", b"gXYZ")
    return exchanged.replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))


def refused(content: bytes) -> str:
    with pytest.raises(NotAPicture) as refusal:
        pictures.decode(content)
    return refusal.value.code


def damaged(content: bytes, dice: random.Random) -> bytes:
    """A few bytes are others, mostly in the header."""
    mutable = bytearray(content)
    for _ in range(dice.choice([1, 3, 10])):
        mutable[dice.randrange(min(len(mutable), dice.choice([60, 400, 9_999])))] = dice.randrange(256)
    return bytes(mutable)


def answer_to(content: bytes) -> str:
    try:
        pictures.decode(content)
    except NotAPicture as refusal:
        return refusal.code
    return "taken"


class TestDecode:
    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
    def test_the_four_formats_are_taken_and_named(self, format: str) -> None:
        image = pictures.decode(written(halves(), format))

        assert (image.mode, image.size, image.format) == ("RGB", (40, 20), format)
        assert close_to(image.getpixel((5, 10)), RED)

    def test_a_file_is_read_from_its_start(self) -> None:
        file = io.BytesIO(written(halves(), "PNG"))
        file.read(7)

        assert pictures.decode(file).size == (40, 20)

    def test_an_odd_shape_is_kept(self) -> None:
        assert pictures.decode(written(halves(300, 500), "JPEG")).size == (300, 500)

    def test_nothing_is_an_empty_source(self) -> None:
        assert refused(b"") == "source_empty"

    @pytest.mark.parametrize(
        "content",
        [
            b"hello",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"%PDF-1.7",
            b"RIFF\x24\x00\x00\x00WAVEfmt ",
            written(halves(), "BMP"),
            written(halves(), "TIFF"),
            written(halves(), "PPM"),
        ],
        ids=["text", "svg", "pdf", "wave", "bmp", "tiff", "ppm"],
    )
    def test_another_format_is_refused_by_its_first_bytes(self, content: bytes) -> None:
        assert refused(content) == "source_format"

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
    @pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
    def test_a_picture_that_was_cut_off_is_unreadable(self, format: str, part: float) -> None:
        noise = Image.effect_noise((90, 70), 80).convert("RGB")
        content = written(noise, format)

        assert refused(content[: int(len(content) * part)]) == "source_unreadable"

    @pytest.mark.parametrize("size", [(12_000, 12_000), (8_001, 8_000), (60_000, 60_000)])
    def test_a_bomb_is_refused_by_its_header(self, size: tuple[int, int]) -> None:
        assert refused(png_header(*size)) == "source_too_large"

    @pytest.mark.parametrize("format", ["JPEG", "GIF"])
    def test_a_bomb_of_another_format_is_refused(self, format: str) -> None:
        assert refused(written(Image.new("L", (12_000, 12_000)), format)) == "source_too_large"

    def test_a_webp_bomb_is_refused_by_its_header(self) -> None:
        assert refused(webp_header(12_000, 12_000)) == "source_too_large"

    def test_64_megapixels_are_taken(self) -> None:
        content = written(Image.new("L", (8_000, 8_000), 128), "PNG")

        assert pictures.decode(content).size == (8_000, 8_000)

    def test_an_animation_is_its_first_frame(self) -> None:
        frames = [Image.new("RGB", (30, 30), colour) for colour in (RED, BLUE)]
        content = written(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)

        assert close_to(pictures.decode(content).getpixel((15, 15)), RED)

    def test_a_photograph_for_print_is_seen_in_screen_colours(self) -> None:
        image = pictures.decode(written(halves().convert("CMYK"), "JPEG", quality=95))

        assert image.mode == "RGB"
        assert close_to(image.getpixel((5, 10)), RED)

    @pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
    def test_the_colours_are_those_that_the_profile_means(self, mode: str) -> None:
        lush = halves().convert("RGB").convert(mode)

        image = pictures.decode(written(lush, "PNG", icc_profile=red_means_green()))

        assert close_to(image.getpixel((5, 10)), (20, 220, 20))

    @pytest.mark.parametrize("mode", ["RGB", "CMYK", "L"])
    def test_a_damaged_or_foreign_profile_is_ignored(self, mode: str) -> None:
        for profile in (b"junk" * 99, red_means_green()[:300]):
            image = pictures.decode(written(halves().convert(mode), "JPEG", icc_profile=profile))
            assert (image.mode, image.size) == ("RGB", (40, 20))

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_the_orientation_is_obeyed(self, orientation: int) -> None:
        upright = Image.new("RGB", (48, 32), "white")
        upright.paste(RED, (0, 0, 24, 16))
        undo = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)
        lying = upright.transpose(pictures.UPRIGHT[undo]) if undo in pictures.UPRIGHT else upright
        exif = Image.Exif()
        exif[pictures.ORIENTATION] = orientation

        image = pictures.decode(written(lying, "JPEG", exif=exif, quality=95))

        assert image.size == (48, 32)
        assert close_to(image.getpixel((8, 6)), RED)
        assert close_to(image.getpixel((40, 26)), (255, 255, 255))

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
    def test_where_it_was_taken_is_forgotten(self, format: str) -> None:
        exif = Image.Exif()
        exif.get_ifd(GPS_IFD)[2] = (48.0, 51.0, 29.6)
        content = written(halves(), format, exif=exif, icc_profile=b"secret profile", xmp=b"<x>secret</x>")

        image = pictures.decode(content)

        assert image.info == {}
        assert not image.getexif()
        assert b"secret" not in pictures.encode(image, "png")

    @pytest.mark.filterwarnings("ignore:Corrupt EXIF")
    @pytest.mark.filterwarnings("ignore:Metadata Warning")
    def test_a_damaged_orientation_leaves_the_picture_as_it_lies(self) -> None:
        content = written(halves(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\xff\xff\xff\xff")

        assert pictures.decode(content).size == (40, 20)

    @pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
    def test_few_colours_become_rgb(self, mode: str) -> None:
        assert pictures.decode(written(halves().convert(mode), "PNG")).mode == "RGB"

    def test_sixteen_bits_of_grey_keep_their_shades(self) -> None:
        deep = Image.new("I;16", (2, 1))
        deep.putpixel((0, 0), 0x8000)
        deep.putpixel((1, 0), 0xFFFF)

        image = pictures.decode(written(deep, "PNG"))

        assert [image.getpixel((x, 0)) for x in (0, 1)] == [(128, 128, 128), (255, 255, 255)]

    def test_what_is_transparent_stays_so_until_it_is_laid_on_white(self) -> None:
        clear = Image.new("RGBA", (4, 4), (*RED, 0))

        image = pictures.decode(written(clear, "PNG"))

        assert image.mode == "RGBA"
        assert pictures.flatten(image).getpixel((1, 1)) == (255, 255, 255)

    def test_a_palette_with_a_hole_is_transparent(self) -> None:
        image = halves().convert("P")

        assert pictures.decode(written(image, "GIF", transparency=image.getpixel((0, 0)))).mode == "RGBA"

    def test_damaged_pictures_are_never_a_bug(self) -> None:
        dice = random.Random(7)
        exif = Image.Exif()
        exif[pictures.ORIENTATION] = 6
        noise = Image.effect_noise((60, 40), 80).convert("RGB")
        files = [written(noise, format, exif=exif) for format in ("JPEG", "PNG", "WEBP")]
        files.append(written(noise, "GIF", save_all=True, append_images=[noise.rotate(90)]))

        answers = {answer_to(damaged(dice.choice(files), dice)) for _ in range(2_000)}

        assert answers <= {"taken", "source_unreadable", "source_format", "source_too_large"}

    def test_nobody_asked_for_half_pictures(self) -> None:
        assert ImageFile.LOAD_TRUNCATED_IMAGES is False


class TestCover:
    def test_a_wide_source_is_cropped_to_its_centre(self) -> None:
        stripes = Image.new("RGB", (300, 100), BLUE)
        stripes.paste(RED, (100, 0, 200, 100))

        fitted = Image.open(io.BytesIO(pictures.cover(written(stripes, "PNG"), 64, 64)))

        assert (fitted.format, fitted.mode, fitted.size) == ("PNG", "RGB", (64, 64))
        assert close_to(fitted.getpixel((4, 32)), RED)
        assert close_to(fitted.getpixel((60, 32)), RED)

    def test_a_small_source_is_scaled_up(self) -> None:
        fitted = Image.open(io.BytesIO(pictures.cover(written(halves(10, 5), "PNG"), 128, 64)))

        assert fitted.size == (128, 64)

    def test_what_is_transparent_is_laid_on_white(self) -> None:
        clear = Image.new("RGBA", (64, 64), (*RED, 0))

        fitted = Image.open(io.BytesIO(pictures.cover(written(clear, "PNG"), 64, 64)))

        assert fitted.getpixel((32, 32)) == (255, 255, 255)


class TestThumbnail:
    @pytest.mark.parametrize(
        ("size", "small"),
        [((1024, 512), (320, 160)), ((300, 1000), (96, 320)), ((50, 40), (50, 40)), ((9000, 1), (320, 1))],
    )
    def test_its_longest_side_fits_and_nothing_is_scaled_up(
        self, size: tuple[int, int], small: tuple[int, int]
    ) -> None:
        made = Image.open(io.BytesIO(pictures.thumbnails(halves(*size), [320])[320]))

        assert (made.format, made.size) == ("WEBP", small)


class TestEncode:
    def test_a_png_keeps_every_pixel(self) -> None:
        noise = Image.effect_noise((50, 50), 90).convert("RGB")

        assert pictures.decode(pictures.encode(noise, "png")).tobytes() == noise.tobytes()

    @pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
    def test_the_xmp_packet_is_in_the_file(self, format: str) -> None:
        content = pictures.encode(halves(), format, xmp=b"<x:xmpmeta/>")

        assert b"<x:xmpmeta/>" in content

    @pytest.mark.parametrize(
        "words", ["a red mug", "café", "красная кружка", "كوب أحمر", "赤いマグ", "🫖 tea\nfor two"]
    )
    def test_a_png_says_its_parameters_in_any_script(self, words: str) -> None:
        image = Image.open(io.BytesIO(pictures.encode(halves(), "png", parameters=words)))

        assert image.info["parameters"] == words

    @pytest.mark.parametrize("format", ["jpeg", "webp"])
    @pytest.mark.parametrize("words", ["a red mug", "كوب أحمر 🫖"])
    def test_other_formats_say_them_in_the_exif_comment(self, format: str, words: str) -> None:
        image = Image.open(io.BytesIO(pictures.encode(halves(), format, parameters=words)))

        comment = image.getexif().get_ifd(pictures.EXIF_IFD)[pictures.USER_COMMENT]
        assert comment == b"UNICODE\0" + words.encode("utf-16-be")

    def test_a_jpeg_of_something_transparent_lies_on_white(self) -> None:
        clear = Image.new("RGBA", (16, 16), (*RED, 0))

        assert close_to(pictures.decode(pictures.encode(clear, "jpeg")).getpixel((8, 8)), (255, 255, 255))


def test_two_pictures_are_open_at_once_and_the_third_waits() -> None:
    entered = threading.Event()

    def enter() -> None:
        with pictures.room():
            entered.set()

    third = threading.Thread(target=enter)
    with pictures.room(), pictures.room():
        third.start()
        assert not entered.wait(0.2)

    assert entered.wait(30)
    third.join()
