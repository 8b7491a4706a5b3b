/**
 * Orders in which the indices of a map can be coded, so that what comes first shows a picture: rows, a coarse lattice first, and coarse
 * codes first. Each is a list of stages, and each stage has a model of its own that looks at what is known by then.
 *
 * Lattices: the groups of UIGC (Xue et al. 2024, arXiv:2403.03736). None of this is part of the format; it is here to be measured.
 */
import type { Context, Tap } from '@vqkit/codec/bitstream';

/** The two planes of a position: its code, and the code of a small codebook that is nearest to it. */
export const planes = { fine: 0, coarse: 1 } as const;

/** One part of an order. */
export interface Stage {
  /** Which plane is coded. */
  readonly plane: number;
  /** Which positions are, row by row from the left. */
  readonly covers: (x: number, y: number) => boolean;
  /** What the model looks at, the most telling first; unlike in the format also to the right and below, where earlier stages were. */
  readonly taps: readonly Tap[];
  readonly contexts: readonly Context[];
  /** Whether the code is one of those that belong to the coarse code of its position. */
  readonly isWithinCoarse?: boolean;
}

type Offset = readonly [dx: number, dy: number];

const tapsOf = (plane: number, offsets: readonly Offset[]): Tap[] => offsets.map(([dx, dy]) => ({ plane, dx, dy }));

/** The contexts of the format's default: each of two taps, and both. */
function contextsOf(first: number, second: number): Context[] {
  const part = (tap: number, bits: number) => ({ tap, bits });
  const parts = [[part(first, 6)], [part(second, 6)], [part(first, 3), part(second, 3)]];
  return parts.map((each) => ({ parts: each, nodeBits: 8 }));
}

const everywhere = (): boolean => true;
const isEven = (x: number, y: number): boolean => (x + y) % 2 === 0;
const scale = (factor: number, offsets: readonly Offset[]): Offset[] =>
  offsets.map(([dx, dy]) => [factor * dx, factor * dy]);

/** The format's own ten neighbours. */
const before: readonly Offset[] = [
  ...([
    [-1, 0],
    [0, -1],
    [-1, -1],
    [1, -1],
    [-2, 0],
  ] as const),
  ...([
    [0, -2],
    [1, -2],
    [2, -1],
    [-1, -2],
    [-2, -1],
  ] as const),
];
const cross: readonly Offset[] = [
  [-1, 0],
  [0, -1],
  [1, 0],
  [0, 1],
];
const diagonal: readonly Offset[] = [
  [-1, -1],
  [1, -1],
  [-1, 1],
  [1, 1],
];
/** Those of the same checkerboard that come before. */
const slanted: readonly Offset[] = [
  [-1, -1],
  [1, -1],
  [-2, 0],
  [0, -2],
  [-2, -2],
  [2, -2],
];

const rows: Stage = {
  plane: planes.fine,
  covers: everywhere,
  taps: tapsOf(planes.fine, before),
  contexts: contextsOf(0, 1),
};

/** The other half of a checkerboard. */
const restOfCheckerboard: Stage = {
  plane: planes.fine,
  covers: (x, y) => !isEven(x, y),
  taps: tapsOf(planes.fine, [...cross, ...slanted.slice(0, 4), [-2, 1], [2, 1], [-1, 2], [1, 2]]),
  contexts: [...contextsOf(0, 1), ...contextsOf(2, 3)],
};

/** The orders by name; the first is the format's. */
export const orders: Readonly<Record<'rows' | 'checkerboard' | 'quarter' | 'coarse codes', readonly Stage[]>> = {
  rows: [rows],
  checkerboard: [
    {
      plane: planes.fine,
      covers: isEven,
      taps: tapsOf(planes.fine, [...slanted, [-3, -1], [3, -1], [-1, -3], [1, -3]]),
      contexts: contextsOf(0, 1),
    },
    restOfCheckerboard,
  ],
  quarter: [
    {
      plane: planes.fine,
      covers: (x, y) => x % 2 === 0 && y % 2 === 0,
      taps: tapsOf(planes.fine, scale(2, before)),
      contexts: contextsOf(0, 1),
    },
    {
      plane: planes.fine,
      covers: (x, y) => x % 2 === 1 && y % 2 === 1,
      taps: tapsOf(planes.fine, [...diagonal, ...scale(2, before.slice(0, 4)), [-3, 1], [3, 1], [-1, 3], [1, 3]]),
      contexts: [...contextsOf(0, 1), ...contextsOf(2, 3)],
    },
    restOfCheckerboard,
  ],
  'coarse codes': [
    { ...rows, plane: planes.coarse, taps: tapsOf(planes.coarse, before) },
    {
      plane: planes.fine,
      covers: everywhere,
      taps: [
        ...tapsOf(planes.fine, before.slice(0, 6)),
        ...tapsOf(planes.coarse, [
          [0, 0],
          [1, 0],
          [0, 1],
          [1, 1],
          [-1, 1],
        ]),
      ],
      contexts: [...contextsOf(0, 1), { parts: [{ tap: 6, bits: 8 }], nodeBits: 12 }],
      isWithinCoarse: true,
    },
  ],
};

/** Calls `visit` for the positions of a stage, in the order of coding. */
export function visitStage(stage: Stage, width: number, height: number, visit: (x: number, y: number) => void): void {
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (stage.covers(x, y)) visit(x, y);
}
