/** Pictures that are no photographs, drawn from nothing: what people paste into a codec all the same. */
import { random } from '@vqkit/core';
import type { Raster } from '@vqkit/images';

type Colour = readonly [number, number, number];

/** Says the colour of a pixel; shapes that are drawn later lie on top. */
type Paint = (x: number, y: number) => Colour | undefined;

const [width, height] = [256, 192];
const [black, white, grey, blue]: readonly [Colour, Colour, Colour, Colour] = [
  [20, 20, 20],
  [255, 255, 255],
  [236, 238, 241],
  [36, 98, 210],
];

/** Draws layers, the last one on top, onto a background. */
function draw(background: Colour, ...layers: readonly Paint[]): Raster {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    data.set(
      layers.reduce<Colour>((below, paint) => paint(x, y) ?? below, background),
      i * 3,
    );
  }
  return { data, width, height, channels: 3 };
}

const rectangle =
  (colour: Colour, left: number, top: number, w: number, h: number): Paint =>
  (x, y) =>
    x >= left && x < left + w && y >= top && y < top + h ? colour : undefined;

const disc =
  (colour: Colour, cx: number, cy: number, radius: number): Paint =>
  (x, y) =>
    Math.hypot(x - cx, y - cy) < radius ? colour : undefined;

/** A line that is `thickness` pixels wide. */
const line =
  (
    colour: Colour,
    [ax, ay]: readonly [number, number],
    [bx, by]: readonly [number, number],
    thickness: number,
  ): Paint =>
  (x, y) => {
    const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2);
    const t = Math.min(Math.max(along, 0), 1);
    return Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)) <= thickness / 2 ? colour : undefined;
  };

/** Letters of 5×7 pixels, a row in each pair of hexadecimal digits: v, q, k, i, t, e, a, s. */
const letters = [
  '11110a0a040000',
  '0e11110f010101',
  '10121418141211',
  '040004040404060',
  '08081c08080906',
  '0e111f100e0000',
  '0e010f110f0000',
  '0f100e011e0000',
];

/** Lines of text, 6 pixels a letter and 11 a line, `size` times as large. */
function text(colour: Colour, left: number, top: number, w: number, h: number, size = 1): Paint {
  return (x, y) => {
    const [u, v] = [Math.floor((x - left) / size), Math.floor((y - top) / size)];
    if (x < left || y < top || x >= left + w || y >= top + h) return undefined;
    const [column, row] = [Math.floor(u / 6), Math.floor(v / 11)];
    const letter = letters[(column * 7 + row * 3 + column * row) % 11];
    const bits = letter ? Number.parseInt(letter.slice(2 * (v % 11), 2 * (v % 11) + 2) || '0', 16) : 0;
    return u % 6 < 5 && (bits >> (4 - (u % 6))) & 1 ? colour : undefined;
  };
}

/** A window with a bar, a list, text, a button and a chart. */
const screenshot = (): Raster =>
  draw(
    white,
    rectangle(blue, 0, 0, width, 22),
    text(white, 8, 7, 120, 8),
    rectangle(grey, 0, 22, 64, height),
    text(black, 8, 34, 48, 150),
    text([60, 64, 72], 76, 34, 170, 60),
    rectangle([24, 160, 88], 76, 104, 60, 20),
    text(white, 84, 111, 44, 8),
    ...[30, 52, 22, 61, 44].map((bar, i) => rectangle([240, 132 + 8 * i, 40], 150 + 18 * i, 176 - bar, 12, bar)),
  );

/** A house, a tree and a sun in plain colours. */
const drawing = (): Raster =>
  draw(
    [126, 200, 240],
    rectangle([98, 176, 72], 0, 140, width, 60),
    disc([255, 214, 40], 214, 38, 24),
    rectangle([214, 84, 60], 60, 84, 90, 70),
    (x, y) => (y > 44 && y < 86 && Math.abs(x - 105) < (y - 44) * 1.3 ? [120, 52, 40] : undefined),
    rectangle([250, 240, 200], 74, 100, 22, 22),
    rectangle([90, 56, 36], 116, 112, 20, 42),
    rectangle([110, 74, 44], 196, 110, 10, 46),
    disc([40, 120, 56], 201, 96, 26),
  );

const lineArt = (): Raster =>
  draw(
    white,
    ...Array.from({ length: 14 }, (_, i) => line(black, [12 + 17 * i, 12], [244 - 17 * i, 180], 1.5)),
    (x, y) => (Math.abs(Math.hypot(x - 128, y - 96) - 70) < 1.2 ? black : undefined),
    (x, y) => (Math.abs(Math.hypot((x - 128) / 1.5, y - 96) - 40) < 0.9 ? black : undefined),
  );

const noise = (of: (next: () => number) => Colour): Raster => {
  const stream = random(7);
  return draw(white, () => of(() => Math.floor(256 * stream.next())));
};

/** All of them, by name. */
export const drawings: Readonly<Record<string, () => Raster>> = {
  drawing,
  screenshot,
  'dark screenshot': () => {
    const { data, ...size } = screenshot();
    return { ...size, data: data.map((value) => 255 - 0.9 * value) };
  },
  'small text': () => draw(white, text(black, 10, 10, width - 20, height - 20)),
  'large text': () => draw([250, 246, 236], text([30, 30, 90], 10, 12, width - 20, height - 24, 4)),
  'line art': lineArt,
  'grey gradient': () => draw(white, (x) => [x, x, x]),
  'colour gradient': () => draw(white, (x, y) => [x, 255 - x, (y * 255) / (height - 1)]),
  'saturated gradient': () => draw(white, (x, y) => [255 - x / 2, 20, (x + y) / 2]),
  'blocks of pure colours': () =>
    draw(white, (x, y) => {
      const block = Math.floor(x / 64) + 4 * Math.floor(y / 96);
      return [block & 1, block & 2, block & 4].map((bit) => (bit ? 255 : 0)) as unknown as Colour;
    }),
  'magenta in a photo': () =>
    draw(
      white,
      (x, y) => [
        110 + 40 * Math.sin(x / 23) + 20 * Math.sin(y / 9),
        100 + 40 * Math.cos(y / 31),
        90 + 30 * Math.sin((x + y) / 37),
      ],
      rectangle([255, 0, 255], 80, 64, 96, 64),
    ),
  'coarse checkerboard': () => draw(white, (x, y) => (((x >> 4) + (y >> 4)) % 2 === 0 ? black : undefined)),
  'fine checkerboard': () => draw(white, (x, y) => ((x + y) % 2 === 0 ? black : undefined)),
  'grey noise': () =>
    noise((next) => {
      const value = next();
      return [value, value, value];
    }),
  'colour noise': () => noise((next) => [next(), next(), next()]),
};
