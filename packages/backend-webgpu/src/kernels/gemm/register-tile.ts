/** The block of sums that an invocation keeps in registers, and how it is written at the end. */
import { unroll } from '../../wgsl/shader.ts';

/** Rows and columns of one invocation; columns are a multiple of 4. */
export interface RegisterTile {
  readonly rows: number;
  readonly columns: number;
}

/** Register tiles by name. */
export const registerVariants = {
  r4x8: { rows: 4, columns: 8 },
  r4x4: { rows: 4, columns: 4 },
  r8x4: { rows: 8, columns: 4 },
  r8x8: { rows: 8, columns: 8 },
} as const satisfies Record<string, RegisterTile>;

/** The usual tile; a small one where columns are few, or where values must be read one by one. */
export function registerTileFor(depth: number, columns: number): RegisterTile {
  return columns <= 4 || columns % 4 !== 0 || depth % 4 !== 0 ? registerVariants.r4x4 : registerVariants.r4x8;
}

/** The variable of row `r` and quad of columns `c`. */
export function sumName(r: number, c: number): string {
  return `s${r}_${c}`;
}

/** Quads of sums that an invocation holds. */
export function sumCount({ rows, columns }: RegisterTile): number {
  return (rows * columns) / 4;
}

/** Declares all sums. */
export function declareSums({ rows, columns }: RegisterTile): string {
  return unroll(rows, (r) => unroll(columns / 4, (c) => `var ${sumName(r, c)} = vec4f();`, ' '));
}

/**
 * Finishes all sums through `finish(row, column, sum)`. One call in a loop, not one per sum: what follows a sum is long
 * text, and compilers that inline it many times take minutes. The bound is a parameter, `sums: sumCount(tile)`, so that
 * they do not unroll the loop either.
 *
 * @param isRow  A condition for row `r` of the tile to exist.
 * @param row  Its row in the output.
 */
export function finishSums(tile: RegisterTile, isRow: (r: string) => string, row: (r: string) => string): string {
  const quads = tile.columns / 4;
  const sums = unroll(tile.rows, (r) => unroll(quads, (c) => sumName(r, c), ', '), ', ');
  return `var sums = array<vec4f, ${tile.rows * quads}>(${sums});
  for (var i = 0u; i < params.sums; i++) {
    let r = i / ${quads}u;
    if (${isRow('r')}) { finish(${row('r')}, column + i % ${quads}u * 4u, sums[i]); }
  }`;
}
