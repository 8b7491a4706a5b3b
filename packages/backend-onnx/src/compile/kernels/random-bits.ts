/**
 * `randomBits`: Threefry-2×32, run by run of counters. Its twenty rounds are 150 operators, each a pass over all that it is given: over
 * memory, unless the runs stay in the processor's cache.
 *
 * @see Salmon et al. 2011, doi:10.1145/2063384.2063405
 */
import { sizeOf, threefryParity, threefryRotations } from '@vqkit/core';
import { GraphBuilder } from '../../model/builder.ts';
import type { ModelPort } from '../../model/types.ts';
import { castTo } from '../element-types.ts';
import type { Lower } from '../lowering.ts';

/** Counters of a run: five lists of 64 KB. */
const runLength = 2 ** 14;

/** Lowers `randomBits`. */
export const lowerRandomBits: Lower = (l, [key], _, [view]) => {
  const { g } = l;
  const size = sizeOf(view.shape);
  const blocks = Math.ceil(size / 2);
  const [key0, key1] = [0, 1].map((i) => g.op('Slice', [key.name(), g.ints([i]), g.ints([i + 1]), g.ints([0])])) as [
    string,
    string,
  ];
  const key2 = g.op('BitwiseXor', [g.op('BitwiseXor', [key0, key1]), g.scalar(threefryParity, 'int32')]);
  const keys = [key0, key1, key2];
  const isShort = blocks <= runLength || !l.dialect.chunks;
  const words = isShort ? threefry(g, keys, counters(g, blocks)) : inRuns(g, keys, Math.ceil(blocks / runLength));
  const whole = g.op('Reshape', [words, g.ints([-1])]);
  const exact = g.op('Slice', [whole, g.ints([0]), g.ints([size]), g.ints([0])]);
  return l.result(view, g.op('Reshape', [exact, g.ints(view.shape)]));
};

/** Counters from 0, int32 `[count]`. */
function counters(g: GraphBuilder, count: number): string {
  return g.op('Range', [g.scalar(0, 'int32'), g.scalar(count, 'int32'), g.scalar(1, 'int32')]);
}

/** Words of so many runs, `[runs, 2 · runLength]`. A graph within a graph sees what it is given: the keys, which stay, and where the run starts. */
function inRuns(g: GraphBuilder, keys: readonly string[], runs: number): string {
  const name = g.freshName();
  const body = new GraphBuilder(`${name}.`);
  const port = (own: string, dims: readonly number[] = [1]): ModelPort => ({ name: own, type: 'int32', dims });
  const given = ['key0', 'key1', 'key2', 'start'].map((own) => port(`${name}.${own}`));
  const [own, start] = [given.slice(0, 3).map((one) => one.name), given[3]!.name];
  const words = threefry(body, own, body.op('Add', [counters(body, runLength), start]));
  const kept = own.map((one) => port(body.op('Identity', [one])));
  const { nodes, initializers } = body;
  const outputs = [...kept, port(words, [2 * runLength])];
  const starts = g.constant(
    Int32Array.from({ length: runs }, (_, i) => i * runLength),
    [runs, 1],
    'int32',
  );
  const attributes = {
    body: { graph: { name, nodes, initializers, inputs: given, outputs } },
    num_scan_inputs: { int: 1 },
  };
  return g.opMany('Scan', [...keys, starts], 4, attributes)[3]!;
}

/**
 * Both words of every counter, int32 `[2 · count]`.
 *
 * @param keys  Three, int32 `[1]`.
 */
function threefry(g: GraphBuilder, keys: readonly string[], counter: string): string {
  // Of the engine's operators those on bits are the slow ones: what products and sums can do, they do.
  const rotated = (x: string, places: number): string => {
    const high = g.op('Mul', [x, g.scalar(1 << places, 'int32')]);
    const right = { direction: { string: 'RIGHT' } };
    const low = g.op('BitShift', [castTo(g, x, 'uint32'), g.scalar(32 - places, 'uint32')], right);
    return g.op('Add', [high, castTo(g, low, 'int32')]);
  };
  let x0 = g.op('Add', [counter, keys[0]!]);
  let x1 = g.op('Expand', [keys[1]!, g.op('Shape', [counter])]);
  for (let group = 0; group < 5; group++) {
    for (const places of threefryRotations[group % 2]!) {
      x0 = g.op('Add', [x0, x1]);
      x1 = g.op('BitwiseXor', [rotated(x1, places), x0]);
    }
    x0 = g.op('Add', [x0, keys[(group + 1) % 3]!]);
    x1 = g.op('Add', [x1, g.op('Add', [keys[(group + 2) % 3]!, g.scalar(group + 1, 'int32')])]);
  }
  const columns = [x0, x1].map((x) => g.op('Unsqueeze', [x, g.ints([1])]));
  return g.op('Reshape', [g.op('Concat', columns, { axis: { int: 1 } }), g.ints([-1])]);
}
