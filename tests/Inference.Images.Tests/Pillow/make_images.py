"""Writes small images of each format. Beside each image, a file ending with .rgb has its upright pixels as Pillow 9.4 reads them: width,
height, then red, green and blue of each pixel.

Needs Debian's python3-pil and python3-numpy.
"""
import os
import struct
import zlib

import numpy
from PIL import Image, ImageOps

WIDTH, HEIGHT = 20, 12
HERE = os.path.dirname(os.path.abspath(__file__))


def picture():
    """Returns an image with smooth colors, in which two decoders differ only by rounding."""
    y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    return Image.fromarray(numpy.stack([x * 12, y * 20, (x + y) * 7 % 256], axis=2).astype("uint8"))


def write(name, expected=None):
    path = os.path.join(HERE, name)
    pixels = expected or ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    with open(path + ".rgb", "wb") as file:
        file.write(struct.pack("<HH", pixels.width, pixels.height) + pixels.tobytes())


def save(name, image, **options):
    image.save(os.path.join(HERE, name), **options)
    write(name)


def orientation(value):
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, header, rows, expected):
    """Writes a PNG that Pillow cannot write: three channels of 16 bits, or interlaced rows."""
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    write(name, expected)


def deep(name, image, color):
    """Writes a PNG of 16 bits per channel. The high bytes are the image, and the low bytes are other values."""
    high = numpy.asarray(image).astype("uint16") * 256
    low = (numpy.indices(high.shape).sum(axis=0) * 37 % 256).astype("uint16")
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in high + low)
    png(name, struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, color, 0, 0, 0), rows, image.convert("RGB"))


def interlaced(name, image):
    pixels = numpy.asarray(image)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = b""
    for x, y, across, down in passes:
        part = pixels[y::down, x::across]
        rows += b"".join(b"\0" + row.tobytes() for row in part) if part.size else b""
    png(name, struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 1), rows, image)


def main():
    image = picture()
    save("baseline.jpg", image, quality=90)
    save("progressive.jpg", image, quality=90, progressive=True)
    noise = Image.fromarray(numpy.random.RandomState(0).randint(0, 256, (HEIGHT, WIDTH, 3)).astype("uint8"))
    save("noise.jpg", noise, quality=80)
    save("noiseprogressive.jpg", noise, quality=80, progressive=True)
    save("gray.jpg", image.convert("L"), quality=90)
    for value in range(1, 9):
        save(f"orientation{value}.jpg", image, quality=90, exif=orientation(value))
    save("orientation6.png", image, exif=orientation(6))
    save("orientation6.webp", image, lossless=True, exif=orientation(6))
    save("lossy.webp", image, quality=90)
    save("lossless.webp", image, lossless=True)
    save("transparent.webp", Image.merge("RGBA", [*image.split(), image.split()[0]]), lossless=True, exact=True)
    save("palette.png", image.convert("P"))
    deep("deep.png", image, color=2)
    deep("deepgray.png", image.convert("L"), color=0)
    interlaced("interlaced.png", image)


main()
