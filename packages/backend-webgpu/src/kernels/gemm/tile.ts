/**
 * The core of all tiled matrix products: a workgroup computes a tile of rows × columns, streaming slices of both
 * operands through workgroup memory. Each invocation keeps a block of up to 8×8 sums in registers. The next slice is
 * fetched into registers while the current one is multiplied.
 *
 * Slices lie in workgroup memory as [depth][row / 4] vec4s, so that the inner loop reads vec4s only. Operands whose
 * neighbours run along the depth are turned by 4×4 blocks on the way in.
 */
import { range, unroll } from '../../wgsl/shader.ts';

/** Sizes of a tile. */
export interface TileSizes {
  /** Rows and columns of a workgroup's tile. */
  readonly rows: number;
  readonly columns: number;
  /** Depth of a slice. */
  readonly depth: number;
  /** Rows and columns of one invocation: multiples of 4. */
  readonly threadRows: number;
  readonly threadColumns: number;
}

/** How an operand is fetched. Slots number what one invocation fetches per slice. */
export interface TileOperand {
  /** Whether four neighbours in memory differ in depth (true) or in row/column (false). */
  readonly isDeep: boolean;
  /** Statements, once per slot before the loop; `at` is the slot's row or column within the whole operand. */
  readonly prepare: (slot: string, at: string) => string;
  /**
   * A vec4f expression: for deep operands depths k … k + 3 of the slot's row, else rows at … at + 3 at depth k. Must be
   * zero beyond the depth. `slot` is the same as in `prepare`.
   */
  readonly load: (slot: string, k: string) => string;
}

/** The tiles that tuning chooses from, by name. */
export const tileVariants = {
  tile32x64: { rows: 32, columns: 64, depth: 16, threadRows: 4, threadColumns: 8 },
  tile64x64: { rows: 64, columns: 64, depth: 16, threadRows: 8, threadColumns: 8 },
  tile128x64: { rows: 128, columns: 64, depth: 8, threadRows: 8, threadColumns: 8 },
  tile128x128: { rows: 128, columns: 128, depth: 8, threadRows: 8, threadColumns: 8 },
} as const satisfies Record<string, TileSizes>;

/** Invocations of a workgroup. */
export function tileThreads({ rows, columns, threadRows, threadColumns }: TileSizes): number {
  return (rows / threadRows) * (columns / threadColumns);
}

/** Workgroup memory that a tile takes, in bytes. */
export function tileBytes({ rows, columns, depth }: TileSizes): number {
  return (rows + columns) * depth * 4;
}

/** The parts of a tiled product's text. */
export interface TileText {
  /** Workgroup variables. */
  readonly declarations: string;
  /** Statements that fetch the slots' coordinates; `rowOrigin` and `columnOrigin` must be in scope. */
  readonly prepare: string;
  /** Statements that declare all sums, zero. */
  readonly declareSums: string;
  /** Statements that add the whole product to the sums; uses `depthSteps`, the number of slices. */
  readonly multiply: string;
  /** Names of an invocation's row groups and column groups: `sum(r, h)` is a vec4 of columns. */
  readonly sum: (row: number, group: number) => string;
  /** Row `r` and first column of group `h`, of this invocation, within the whole product. */
  readonly row: (row: number) => string;
  readonly column: (group: number) => string;
}

interface Fetch {
  readonly declare: string;
  readonly prepare: string;
  readonly fetch: string;
  readonly store: string;
}

/** How one operand gets from global to workgroup memory. */
function fetchText(
  name: 'a' | 'b',
  operand: TileOperand,
  extent: number,
  depth: number,
  threads: number,
  origin: string,
): Fetch {
  const units = operand.isDeep ? (extent / 4) * (depth / 4) : (extent / 4) * depth;
  const turns = Math.ceil(units / threads);
  const guard = (i: number, text: string): string =>
    units % threads === 0 ? text : `if (lane + ${i * threads}u < ${units}u) { ${text} }`;
  const perUnit = operand.isDeep ? 4 : 1;
  const slot = (i: number, r: number): string => `${name}${i}_${r}`;
  const unit = (i: number): string => `(lane + ${i * threads}u)`;
  const k = (i: number): string =>
    operand.isDeep ? `(slice + ${unit(i)} % ${depth / 4}u * 4u)` : `(slice + ${unit(i)} / ${extent / 4}u)`;
  const at = (i: number): string => (operand.isDeep ? `${unit(i)} / ${depth / 4}u` : `${unit(i)} % ${extent / 4}u`);
  const each = (text: (i: number, r: number) => string): string =>
    range(turns)
      .flatMap((i) => range(perUnit).map((r) => text(i, r)))
      .join('\n');
  const store = (i: number): string => {
    if (!operand.isDeep) return `${name}Tile[${unit(i)}] = v${slot(i, 0)};`;
    const to = (d: number): string =>
      `(${unit(i)} % ${depth / 4}u * 4u + ${d}u) * ${extent / 4}u + ${unit(i)} / ${depth / 4}u`;
    return unroll(
      4,
      (d) =>
        `${name}Tile[${to(d)}] = vec4f(${range(4)
          .map((r) => `v${slot(i, r)}[${d}]`)
          .join(', ')});`,
    );
  };
  return {
    declare: each((i, r) => `var v${slot(i, r)} = vec4f();`),
    prepare: each((i, r) => operand.prepare(slot(i, r), `(${origin} + (${at(i)}) * 4u + ${r}u)`)),
    fetch: unroll(turns, (i) =>
      guard(
        i,
        unroll(perUnit, (r) => `v${slot(i, r)} = ${operand.load(slot(i, r), k(i))};`),
      ),
    ),
    store: unroll(turns, (i) => guard(i, store(i))),
  };
}

/** Generates a tiled product of operands `a` (rows) and `b` (columns). */
export function tileText(sizes: TileSizes, a: TileOperand, b: TileOperand): TileText {
  const { rows, columns, depth, threadRows, threadColumns } = sizes;
  const threads = tileThreads(sizes);
  const fetchA = fetchText('a', a, rows, depth, threads, 'rowOrigin');
  const fetchB = fetchText('b', b, columns, depth, threads, 'columnOrigin');
  const across = columns / threadColumns;
  const rowGroups = threadRows / 4;
  const columnGroups = threadColumns / 4;
  const sum = (r: number, h: number): string => `s${r}_${h}`;
  const each = (text: (r: number, h: number) => string): string =>
    unroll(threadRows, (r) => unroll(columnGroups, (h) => text(r, h), ' '));
  const inner = `${unroll(rowGroups, (g) => `let a${g} = aTile[k * ${rows / 4}u + ${(g * rows) / rowGroups / 4}u + threadRow];`, ' ')}
      ${unroll(columnGroups, (h) => `let b${h} = bTile[k * ${columns / 4}u + ${(h * columns) / columnGroups / 4}u + threadColumn];`, ' ')}
      ${each((r, h) => `${sum(r, h)} = fma(vec4f(a${r >> 2}[${r & 3}]), b${h}, ${sum(r, h)});`)}`;
  return {
    declarations: `var<workgroup> aTile: array<vec4f, ${(rows * depth) / 4}>;
var<workgroup> bTile: array<vec4f, ${(columns * depth) / 4}>;`,
    prepare: `let threadRow = lane / ${across}u; let threadColumn = lane % ${across}u;
  ${fetchA.prepare}
  ${fetchB.prepare}
  ${fetchA.declare}
  ${fetchB.declare}`,
    declareSums: each((r, h) => `var ${sum(r, h)} = vec4f();`),
    multiply: `{ let slice = 0u; ${fetchA.fetch}\n${fetchB.fetch} }
  for (var step = 0u; step < depthSteps; step++) {
    ${fetchA.store}
    ${fetchB.store}
    workgroupBarrier();
    if (step + 1u < depthSteps) { let slice = (step + 1u) * ${depth}u; ${fetchA.fetch}\n${fetchB.fetch} }
    for (var k = 0u; k < ${depth}u; k++) {
      ${inner}
    }
    workgroupBarrier();
  }`,
    sum,
    row: (r) => `(rowOrigin + ${((r >> 2) * rows) / rowGroups}u + threadRow * 4u + ${r & 3}u)`,
    column: (h) => `(columnOrigin + ${(h * columns) / columnGroups}u + threadColumn * 4u)`,
  };
}
