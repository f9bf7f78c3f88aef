// This file does the same as models/recipes/drawing.py, in the same order of operations, because the shipped model was trained on that
// code's pixels.

/** The number of pixels in a row and in a column. */
export const pixels = 8;

const dotsInPixel = 4;
const grid = pixels * dotsInPixel;
const pen = 5;
const step = 0.5;
const widest = grid - 6;
const smallest = 12;

/**
 * Converts strokes, which are lists of [x, y], to 8 x 8 pixels with values from 0 to 16. The drawing is centred in a grid of 32 x 32 dots
 * and scaled to its height. The value of a pixel is the number of inked dots among its 4 x 4 dots.
 */
export function pixelsOf(strokes) {
  const dots = new Uint8Array(grid * grid);
  for (const stroke of placed(strokes)) for (const point of steps(stroke)) ink(dots, point);
  const values = Array(pixels * pixels).fill(0);
  dots.forEach((dot, i) => {
    const [x, y] = [i % grid, Math.floor(i / grid)];
    values[Math.floor(y / dotsInPixel) * pixels + Math.floor(x / dotsInPixel)] += dot;
  });
  return values;
}

/** Centres the drawing in the grid and scales it. A drawing of less than 12 units is scaled like one of 12 units, so a dot stays a dot. */
function placed(strokes) {
  const xs = strokes.flatMap(stroke => stroke.map(([x]) => x));
  const ys = strokes.flatMap(stroke => stroke.map(([, y]) => y));
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min((grid - pen) / Math.max(bottom - top, smallest), (widest - pen) / Math.max(right - left, smallest));
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
  return strokes.map(stroke => stroke.map(([x, y]) => [grid / 2 + (x - middleX) * scale, grid / 2 + (y - middleY) * scale]));
}

/** Yields the first point, and points along each line that are at most half a dot apart. */
function* steps(stroke) {
  yield stroke[0];
  for (let i = 1; i < stroke.length; i++) {
    const [[ax, ay], [bx, by]] = [stroke[i - 1], stroke[i]];
    const [dx, dy] = [bx - ax, by - ay];
    const count = Math.ceil(Math.sqrt(dx * dx + dy * dy) / step);
    for (let number = 1; number <= count; number++) yield [ax + dx * (number / count), ay + dy * (number / count)];
  }
}

/**
 * Inks the dots whose centres are within half a pen's width of the point. All these dots are inside the grid, because the drawing has a
 * margin.
 */
function ink(dots, [px, py]) {
  const reach = pen / 2;
  for (let row = Math.floor(py - reach); row <= py + reach; row++)
    for (let column = Math.floor(px - reach); column <= px + reach; column++) {
      const [x, y] = [column + 0.5 - px, row + 0.5 - py];
      if (x * x + y * y <= reach * reach) dots[row * grid + column] = 1;
    }
}
