/**
 * Attention with an online softmax: an invocation holds a few queries and their running maximum, sum and weighted
 * values, and walks over the keys in blocks. Scores are never written anywhere.
 *
 * @see Milakov & Gimelshein 2018, arXiv:1805.02867; Dao et al. 2022, arXiv:2205.14135
 */
import type { CompositeKernels } from '@vqkit/core';
import { type Call, input, output, type Step } from '../../plan.ts';
import { f32, range, reads, shaderStep, u32, unroll, writes } from '../../wgsl/shader.ts';

/** Depth up to which queries and sums fit in registers. */
const maxDepth = 128;

/** Keys that are scored before the running maximum moves. */
const block = 4;

/** Keys that a workgroup stages at a time. */
const staged = 16;

/** Workgroup size. */
const size = 64;

/** Whether queries and sums of these depths fit in registers. */
export function fitsOnline(depth: number, width: number): boolean {
  return [depth, width].every((n) => n % 4 === 0 && n > 0 && n <= maxDepth);
}

/** The dispatch of q `[B,Tq,D]`, k `[B,Tk,D]`, v `[B,Tk,E]`, perhaps a bias → `[B,Tq,E]`. */
export function onlineAttention({ inputs, attributes }: Call<CompositeKernels['attention']>): Step {
  const [batch, queries, depth] = inputs[0]!.shape as [number, number, number];
  const keys = inputs[1]!.shape[1]!;
  const width = inputs[2]!.shape[2]!;
  const perThread = depth + width <= 128 ? 2 : 1;
  const queryBlocks = Math.ceil(queries / (size * perThread));
  const { hasBias } = attributes;
  const biasBatch = hasBias ? inputs[3]!.shape[0]! : 1;
  return shaderStep({
    label: `attention d${depth}`,
    bindings: [
      ...['q', 'k', 'v'].map((name, i) => reads(name, input(i), 'vec4f')),
      ...(hasBias ? [reads('bias', input(3))] : []),
      writes('y', output(), 'vec4f'),
    ],
    params: {
      batch: u32(batch),
      queries: u32(queries),
      keys: u32(keys),
      queryBlocks: u32(queryBlocks),
      biasStride: u32(biasBatch === 1 ? 0 : queries * keys),
      scale: f32(attributes.scale),
      // Below every score but finite, so that blocks in which all is masked with −∞ do no harm.
      lowest: f32(-3e38),
    },
    size,
    groups: batch * queryBlocks,
    declarations: `var<workgroup> kTile: array<vec4f, ${(staged * depth) / 4}>;
var<workgroup> vTile: array<vec4f, ${(staged * width) / 4}>;`,
    body: attentionText(depth / 4, width / 4, perThread, hasBias),
  });
}

function attentionText(depth: number, width: number, perThread: number, hasBias: boolean): string {
  const own = range(perThread);
  const key = (j: string, d: number): string => `kTile[(${j} - start) * ${depth}u + ${d}u]`;
  const value = (j: string, e: number): string => `vTile[(${j} - start) * ${width}u + ${e}u]`;
  const dot = (p: number): string => unroll(depth, (d) => `dot(q${p}_${d}, k${d})`, ' + ');
  const bias = (p: number, j: string): string =>
    hasBias ? ` + bias[image * params.biasStride + min(query + ${p}u, params.queries - 1u) * params.keys + ${j}]` : '';
  const score = unroll(block, (b) => {
    const j = `min(j + ${b}u, params.keys - 1u)`;
    return `{ ${unroll(depth, (d) => `let k${d} = ${key(j, d)};`, ' ')}
      ${own.map((p) => `t${p}[${b}] = select(params.lowest, (${dot(p)}) * params.scale${bias(p, j)}, j + ${b}u < params.keys);`).join(' ')} }`;
  });
  const weigh = own
    .map(
      (p) => `let m${p} = max(max(best${p}, max(t${p}.x, t${p}.y)), max(t${p}.z, t${p}.w));
      let shrink${p} = exp(best${p} - m${p}); let w${p} = select(exp(t${p} - m${p}), vec4f(), t${p} <= vec4f(params.lowest));
      best${p} = m${p}; total${p} = total${p} * shrink${p} + w${p}.x + w${p}.y + w${p}.z + w${p}.w;`,
    )
    .join('\n      ');
  const gather = unroll(width, (e) => {
    const values = unroll(block, (b) => `let v${b} = ${value(`min(j + ${b}u, params.keys - 1u)`, e)};`, ' ');
    const sums = own.map(
      (p) => `o${p}_${e} = o${p}_${e} * shrink${p} + w${p}.x * v0 + w${p}.y * v1 + w${p}.z * v2 + w${p}.w * v3;`,
    );
    return `{ ${values} ${sums.join(' ')} }`;
  });
  const inner = `${own.map((p) => `var t${p} = vec4f();`).join(' ')}
      ${score}
      ${weigh}
      ${gather}`;
  const stage = (name: 'k' | 'v', quads: number): string =>
    `for (var i = lane; i < ${staged * quads}u; i += ${size}u) { ${name}Tile[i] = ${name}[min((fromK + start) * ${quads}u + i, (fromK + params.keys) * ${quads}u - 1u)]; }`;
  const walk = `for (var start = 0u; start < params.keys; start += ${staged}u) {
    ${stage('k', depth)}
    ${stage('v', width)}
    workgroupBarrier();
    for (var j = start; j < min(start + ${staged}u, params.keys); j += ${block}u) {
      ${inner}
    }
    workgroupBarrier();
  }`;
  return `let image = group / params.queryBlocks;
let query = (group % params.queryBlocks * ${size}u + lane) * ${perThread}u;
if (image < params.batch) {
  let fromK = image * params.keys;
  ${own.map((p) => `let at${p} = image * params.queries + min(query + ${p}u, params.queries - 1u);`).join(' ')}
  ${own.map((p) => unroll(depth, (d) => `let q${p}_${d} = q[at${p} * ${depth}u + ${d}u];`, ' ')).join('\n  ')}
  ${own.map((p) => unroll(width, (e) => `var o${p}_${e} = vec4f();`, ' ')).join('\n  ')}
  ${own.map((p) => `var best${p} = params.lowest; var total${p} = 0.0;`).join(' ')}
  ${walk}
  ${own.map((p) => `if (query + ${p}u < params.queries) { ${unroll(width, (e) => `y[at${p} * ${width}u + ${e}u] = o${p}_${e} / total${p};`, ' ')} }`).join('\n  ')}
}`;
}
