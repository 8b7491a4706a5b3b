/**
 * Rows reduced by one invocation or by a workgroup. The same loop text serves both: `for c = lane; c < C; c += lanes`.
 * CPUs that play the GPU get one invocation per row and no barriers.
 */
import type { DeviceTraits } from '../device/traits.ts';
import type { Step } from '../plan.ts';
import { type ShaderSource, shaderStep, u32 } from './shader.ts';

/** How rows are shared out. */
interface RowLayout {
  /** Invocations that work on one row: 1, or a whole workgroup. */
  readonly lanes: number;
  /** Workgroup size. */
  readonly size: number;
  /** Workgroups for all rows. */
  readonly groups: number;
  /** Statements that define `row` and `at` (the first column of this invocation). */
  readonly head: string;
  /** Declarations of `rowSum` and `rowMax`, which every invocation of a row calls with its share. */
  readonly declarations: string;
}

/** A step that works on rows of `columns` values. */
export interface RowSource extends Omit<ShaderSource, 'size' | 'groups' | 'declarations' | 'body'> {
  readonly rows: number;
  readonly columns: number;
  /**
   * Statements for one row. In scope: `row`, `first` (the index of its first value), `at` (0 in one invocation of each row),
   * `rowSum(at, x)` and `rowMax(at, x)`, which every invocation of the row calls with its share.
   *
   * @param each  The head of a loop over an invocation's columns `c`.
   */
  readonly body: (each: string) => string;
}

/** The dispatch of a step on rows; parameters `rows` and `columns` come by themselves. */
export function rowStep({ rows, columns, params, body, ...source }: RowSource, traits: DeviceTraits): Step {
  const { lanes, size, groups, head, declarations } = rowLayout(rows, columns, traits);
  return shaderStep({
    ...source,
    params: { rows: u32(rows), columns: u32(columns), ...params },
    size,
    groups,
    declarations,
    body: `${head}
if (row < params.rows) {
  let first = row * params.columns;
  ${body(`for (var c = at; c < params.columns; c += ${lanes}u)`)}
}`,
  });
}

/** Chooses a layout for rows of `columns` values. */
function rowLayout(rows: number, columns: number, traits: DeviceTraits): RowLayout {
  const isNarrow = columns < 64 || (traits.isSoftware && rows >= 32);
  const lanes = isNarrow ? 1 : columns < 1024 ? 64 : Math.min(256, traits.maxInvocations);
  if (lanes === 1) {
    return {
      lanes,
      size: traits.isSoftware ? 16 : 64,
      groups: Math.ceil(rows / (traits.isSoftware ? 16 : 64)),
      head: 'let row = thread; let at = 0u;',
      declarations: 'fn rowSum(at: u32, x: f32) -> f32 { return x; }\nfn rowMax(at: u32, x: f32) -> f32 { return x; }',
    };
  }
  return {
    lanes,
    size: lanes,
    groups: rows,
    head: 'let row = group; let at = lane;',
    declarations: `var<workgroup> shares: array<f32, ${lanes}>;\n${treeText('rowSum', 'a + b', lanes)}\n${treeText('rowMax', 'max(a, b)', lanes)}`,
  };
}

/** A function that combines one value per invocation over the workgroup and gives all of them the result. */
function treeText(name: string, combine: string, lanes: number): string {
  return `fn ${name}(at: u32, x: f32) -> f32 {
  shares[at] = x;
  workgroupBarrier();
  for (var half = ${lanes / 2}u; half > 0u; half /= 2u) {
    if (at < half) { let a = shares[at]; let b = shares[at + half]; shares[at] = ${combine}; }
    workgroupBarrier();
  }
  let result = shares[0];
  workgroupBarrier();
  return result;
}`;
}
