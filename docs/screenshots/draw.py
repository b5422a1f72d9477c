#!/usr/bin/env python3
"""draw.py - a terminal's screen as a PNG, from its cell grid.

Standard input, as tests/lib/screen.sh tells it, a row after the other:
    row TEXT            the row's characters
    look RUNS           its attributes: "0-9 bold fg=1 bg=#102030; 10-12 reverse"
    cursor ROW COLUMN   once, where it is visible
Usage: draw.py COLUMNS ROWS OUTPUT.png [light]      light: on a terminal with a light ground
"""
import sys
import unicodedata

from PIL import Image, ImageDraw, ImageFont

SIZE = 16
FONTS = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono%s.ttf"
FALLBACK = "/usr/share/fonts/opentype/unifont/unifont.otf"  # for what DejaVu lacks: Chinese, Japanese, pictures of controls
DARK, LIGHT = (0x16, 0x18, 0x1d), (0xd8, 0xda, 0xde)
GROUND, TEXT = ((0xfa, 0xfa, 0xf8), (0x22, 0x24, 0x28)) if "light" in sys.argv[4:] else (DARK, LIGHT)
SIXTEEN = ["#1d1f21", "#cc6666", "#a3be5c", "#e6b450", "#6a9fd8", "#b294bb", "#6dc0b8", "#c5c8c6",
           "#6b7077", "#ff7b72", "#b8d97a", "#ffcb6b", "#82b4f0", "#d0aeea", "#8fe0d8", "#ffffff"]


def rgb(name):
    """A colour as the screen names it: default, a number below 256, or #rrggbb."""
    if name.startswith("#"):
        return tuple(int(name[i:i + 2], 16) for i in (1, 3, 5))
    number = int(name)
    if number < 16:
        return rgb(SIXTEEN[number])
    if number >= 232:
        return (8 + 10 * (number - 232),) * 3
    number -= 16
    return tuple(0 if part == 0 else 55 + 40 * part for part in (number // 36, number // 6 % 6, number % 6))


def width_of(character):
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def has_glyph(font, character):
    return bytes(font.getmask(character)) != bytes(font.getmask("\uffff"))


def looks_of(runs, columns):
    looks = [set() for _ in range(columns)]
    for run in filter(None, (part.strip() for part in runs.split(";"))):
        where, *words = run.split()
        first, _, last = where.partition("-")
        for column in range(int(first), min(int(last or first), columns - 1) + 1):
            looks[column] = set(words)
    return looks


def colours(look):
    front, back = TEXT, GROUND
    for word in look:
        if word.startswith("fg="):
            front = rgb(word[3:])
        elif word.startswith("bg="):
            back = rgb(word[3:])
    if "reverse" in look:
        front, back = back, front
    if "dim" in look:
        front = tuple((a * 55 + b * 45) // 100 for a, b in zip(front, back))
    return front, back


def main():
    columns, rows, output = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    regular, bold = (ImageFont.truetype(FONTS % kind, SIZE) for kind in ("", "-Bold"))
    fallback = ImageFont.truetype(FALLBACK, SIZE)
    cell_width, cell_height = round(regular.getlength("M")), SIZE + 5
    picture = Image.new("RGB", (columns * cell_width + 16, rows * cell_height + 16), GROUND)
    pen = ImageDraw.Draw(picture)
    row, text, cursor = -1, "", None
    for line in sys.stdin.read().split("\n"):
        kind, _, rest = line.partition(" ")
        if kind == "row":
            row, text = row + 1, rest
        elif kind == "cursor":
            cursor = tuple(int(part) for part in rest.split())
        elif kind == "look":
            looks, column = looks_of(rest, columns), 0
            for at in range(columns):
                x, y = 8 + at * cell_width, 8 + row * cell_height
                pen.rectangle((x, y, x + cell_width - 1, y + cell_height - 1), fill=colours(looks[at])[1])
            for character in text:
                width = width_of(character)
                at = max(column - (width == 0), 0)
                if at >= columns:
                    break
                x, y = 8 + at * cell_width, 8 + row * cell_height
                font = bold if "bold" in looks[at] else regular
                font = font if has_glyph(font, character) else fallback
                pen.text((x, y + 1), character, font=font, fill=colours(looks[at])[0])
                if "underline" in looks[at]:
                    pen.line((x, y + cell_height - 2, x + cell_width, y + cell_height - 2), fill=colours(looks[at])[0])
                column += width
    if cursor:
        x, y = 8 + cursor[1] * cell_width, 8 + cursor[0] * cell_height
        pen.rectangle((x, y, x + cell_width - 1, y + cell_height - 1), outline=TEXT)
    # Few colours are in it: a palette makes the file a third as large.
    picture.quantize(256, dither=Image.Dither.NONE).save(output, optimize=True)


main()
