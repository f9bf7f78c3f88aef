"""Turns strokes into the 8x8 pixels that the `digits` model takes, exactly as the page's ink.js does.

Usage: python3 drawing.py < strokes.json

Standard input is a JSON list of drawings. A drawing is a list of strokes, and a stroke is a list of [x, y].
Standard output is a JSON list of 64 pixels for each drawing.
"""

import json
import sys

import numpy as np

PIXELS, DOTS_IN_PIXEL = 8, 4
GRID = PIXELS * DOTS_IN_PIXEL
PEN, STEP = 5, 0.5
WIDEST = GRID - 6
SMALLEST = 12


def pixels_of(strokes, pen=PEN):
    """Returns the inked dots of each pixel, row by row; `pen` is its width in dots."""
    dots = ink(np.concatenate([steps(stroke) for stroke in placed(strokes, pen)]), pen)
    return dots.reshape(PIXELS, DOTS_IN_PIXEL, PIXELS, DOTS_IN_PIXEL).sum(axis=(1, 3)).ravel()


def placed(strokes, pen):
    """Centres the drawing in the grid and scales it to its height; a dot stays a dot."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    width, height = np.maximum(high - low, SMALLEST)
    scale = min((GRID - pen) / height, (WIDEST - pen) / width)
    return [GRID / 2 + (np.asarray(stroke) - (low + high) / 2) * scale for stroke in strokes]


def steps(stroke):
    """Returns the first point, and points along each line that are at most half a dot apart."""
    starts, ways = stroke[:-1], np.diff(stroke, axis=0)
    counts = np.ceil(np.sqrt((ways * ways).sum(axis=1)) / STEP).astype(int)
    numbers = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    part = numbers / np.repeat(counts, counts)
    return np.concatenate([stroke[:1], np.repeat(starts, counts, axis=0) + np.repeat(ways, counts, axis=0) * part[:, None]])


def ink(points, pen):
    """Marks the dots whose centres are within half a pen's width of a point."""
    reach = pen / 2
    near = np.arange(int(pen) + 2)
    columns, rows = np.floor(points - reach).astype(int).T[:, :, None] + near
    x, y = columns + 0.5 - points[:, :1], rows + 0.5 - points[:, 1:]
    inked = (x * x)[:, None, :] + (y * y)[:, :, None] <= reach * reach
    dots = np.zeros((GRID, GRID), bool)
    dots[np.broadcast_to(rows[:, :, None], inked.shape)[inked], np.broadcast_to(columns[:, None, :], inked.shape)[inked]] = True
    return dots


if __name__ == "__main__":
    drawings = json.load(sys.stdin)
    json.dump([pixels_of([np.array(stroke, float) for stroke in drawing]).tolist() for drawing in drawings], sys.stdout)
