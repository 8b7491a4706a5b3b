/**
 * Every public function that touches tensors frees what it makes on the way, and its result is the caller's alone. The
 * table is checked against the list of exports: a new function without an entry fails.
 */
import { describe, expect, it } from 'vitest';
import * as core from './index.ts';
import { checkLeaks } from './testing/check-leaks.ts';

type Tensor = core.Tensor;
type Unary = (x: Tensor) => Tensor;
type Binary = (a: Tensor, b: Tensor) => Tensor;

const backend = core.cpu();
const x = core.random(1).normal(backend, [2, 4, 4, 8]);
const mask = core.greater(x, 0);
const rows = core.reshape(x, [32, 8]);
const rows3 = core.reshape(x, [2, 16, 8]);
const channels = core.ones(backend, [8]);
const indices = core.tensor(
  backend,
  Uint32Array.from({ length: 32 }, (_, i) => i % 5),
);
const square8 = core.ones(backend, [8, 8]);
const filter = core.random(2).normal(backend, [3, 3, 8, 6]);
const enlarging = core.ones(backend, [4, 4, 6, 8]);
const six = core.ones(backend, [6]);
const single = core.ones(backend, [1, 2]);
const codebook = core.random(3).normal(backend, [5, 8]);
const key = core.tensor(backend, Uint32Array.of(1, 2));
const optimizer = core.adam<{ x: Tensor }>();
const muon = core.muon<{ w: Tensor }>();
const both = core.partition<{ x: Tensor; w: Tensor }, unknown, unknown>(
  (leaf) => leaf.rank > 1,
  core.muon(),
  core.adam(),
);
const state = optimizer.init({ x });
const matrix = core.ones(backend, [2, 3]);
const muonState = muon.init({ w: matrix });
const bothState = both.init({ x, w: matrix });
const file = await core.saveTree({ x });
const loss = (params: Tensor): Tensor => core.sum(core.square(params));
const halved = core.defineOp<object>({
  name: 'halved',
  infer: ([a]) => [a!],
  forward: ([a]) => [core.mul(core.add(a!, a!), 0.25)],
});

const unary =
  'abs ceil cos erf exp floor identity log neg reciprocal relu round rsqrt sigmoid sign sin sqrt square tanh';
const shapeless =
  'gelu leakyRelu logSoftmax silu softmax softplus argmax argmin max mean min norm prod sum isFinite isNaN stopGradient clone zerosLike onesLike';
const binary =
  'add div maximum minimum mod mul pow sub equal greater greaterEqual less lessEqual notEqual meanAbsoluteError meanSquaredError';
const bitwise = 'bitAnd bitOr bitXor shiftLeft shiftRight';
const named = core as unknown as Readonly<Record<string, Unary & Binary>>;
const entries = (names: string, call: (fn: Unary & Binary) => unknown): [string, () => unknown][] =>
  names.split(' ').map((name) => [name, () => call(named[name]!)]);

/** Calls by the name of the function; a second call of the same function has a remark behind a colon. */
const calls = new Map<string, () => unknown>([
  ...entries(`${unary} ${shapeless}`, (fn) => fn(x)),
  ...entries(binary, (fn) => fn(x, x)),
  ...entries(bitwise, (fn) => fn(indices, indices)),
  ['logicalNot', () => core.logicalNot(mask)],
  ['add: a number', () => core.add(x, 1)],
  ['greater: a number', () => core.greater(0, x)],
  ['where', () => core.where(mask, x, x)],
  ['where: a number', () => core.where(mask, x, 0)],
  ['activate', () => core.activate(x, 'silu')],
  ['clamp', () => core.clamp(x, -1, 1)],
  ['norm: axes', () => core.norm(x, { axes: -1, epsilon: 1e-6 })],
  ['sumTo', () => core.sumTo(x, [4, 1, 8])],
  ['cast', () => core.cast(x, 'u8')],
  ['groupNorm', () => core.groupNorm(x, channels, channels, { groups: 2, activation: 'silu' })],
  ['layerNorm', () => core.layerNorm(x, channels, channels)],
  ['batchNorm', () => core.batchNorm(x, channels, channels)],
  ['conv2d', () => core.conv2d(x, filter, { pads: 1 })],
  ['conv2dFused', () => core.conv2dFused(x, filter, { bias: six, activation: 'silu' })],
  ['convTranspose2d', () => core.convTranspose2d(x, enlarging, { strides: 2, pads: 1 })],
  ['avgPool', () => core.avgPool(x, { size: 2 })],
  ['maxPool', () => core.maxPool(x, { size: 2 })],
  ['resize', () => core.resize(x, { height: 7, width: 3 })],
  ['upsampleNearest', () => core.upsampleNearest(x, 2)],
  ['pixelShuffle', () => core.pixelShuffle(x, 2)],
  ['pixelUnshuffle', () => core.pixelUnshuffle(x, 2)],
  ['pad', () => core.pad(x, [0, 1, 0, 0], [0, 0, 2, 0], 3)],
  ['padReflect', () => core.padReflect(x, [1, 2, 3, 0])],
  ['padEdge', () => core.padEdge(x, [1, 2, 3, 0])],
  ['matmul', () => core.matmul(x, x, { transposeB: true })],
  ['linear', () => core.linear(x, square8, channels)],
  ['attention', () => core.attention(rows3, rows3, rows3)],
  ['splitHeads', () => core.splitHeads(rows3, 2)],
  ['mergeHeads', () => core.mergeHeads(rows3, 2)],
  ['gather', () => core.gather(rows, indices, 0)],
  ['scatterAdd', () => core.scatterAdd(indices, rows, { size: 5 })],
  ['oneHot', () => core.oneHot(indices, 5)],
  ['takePerRow', () => core.takePerRow(rows, indices)],
  ['nearestCode', () => core.nearestCode(x, codebook)],
  ['codeStatistics', () => core.codeStatistics(rows, indices, 5)],
  ['crossEntropy', () => core.crossEntropy(rows, indices)],
  ['broadcastTo', () => core.broadcastTo(channels, [3, 8])],
  ['concat', () => core.concat([x, x], 1)],
  ['stack', () => core.stack([x, x], 1)],
  ['split', () => core.split(x, [3, 5])],
  ['flip', () => core.flip(x, [1])],
  ['transpose', () => core.transpose(x)],
  ['slice', () => core.slice(x, [1], { size: [1] })],
  ['reshape', () => core.reshape(x, [-1])],
  ['expandDims', () => core.expandDims(x, 0)],
  ['squeeze', () => core.squeeze(single)],
  ['tensor', () => core.tensor(backend, [1, 2])],
  ['scalar', () => core.scalar(backend, 1)],
  ['fill', () => core.fill(backend, [3], 2)],
  ['zeros', () => core.zeros(backend, [3])],
  ['ones', () => core.ones(backend, [3])],
  ['range', () => core.range(backend, 5)],
  ['transfer', () => core.transfer(x, backend)],
  ['random', () => [core.random(1).normal(backend, [3]), core.random(1).uniform(backend, [3])]],
  ['randomBits', () => core.randomBits(key, [5])],
  ['valueAndGrad', () => core.valueAndGrad(loss)(x)],
  ['vjp', () => core.vjp((a: Tensor) => [core.square(a)], [x], [x])],
  ['customGrad', () => core.valueAndGrad((a: Tensor) => loss(core.customGrad(doubled)(a)))(x)],
  ['checkpoint', () => core.valueAndGrad((a: Tensor) => loss(core.checkpoint(core.silu)(a)))(x)],
  ['defineOp', () => halved([x], {})],
  ['globalNorm', () => core.globalNorm({ x })],
  ['clipByGlobalNorm', () => core.clipByGlobalNorm({ x }, 1)],
  ['emaUpdate', () => core.emaUpdate({ x }, { x }, 0.9)],
  ['adam', () => optimizer.update({ x }, { x }, state, 0.1)],
  ['adam: init', () => optimizer.init({ x })],
  ['muon', () => muon.update({ w: matrix }, { w: matrix }, muonState, 0.1)],
  ['muon: init', () => muon.init({ w: matrix })],
  ['partition', () => both.update({ x, w: matrix }, { x, w: matrix }, bothState, 0.1)],
  ['partition: init', () => both.init({ x, w: matrix })],
  ['openBackend', async () => void (await core.openBackend({ here: () => backend }))],
  ['compile', () => compiledOnce(core.compile(loss))],
  ['trace', () => void core.trace(loss, [x])],
  ['interpret', () => interpretedOnce()],
  ['tidy', () => core.tidy(() => core.add(core.mul(x, 2), core.mul(x, 3)))],
  ['disposeTree', () => core.disposeTree({ a: core.clone(x), b: [core.clone(x)] })],
  ['mapTree', () => core.mapTree({ a: x }, (a) => core.clone(a))],
  ['zipTrees', () => core.zipTrees([{ a: x }, { a: x }], (a, b) => core.add(a!, b!))],
  ['saveTree', async () => void (await core.saveTree({ x }))],
  ['loadTree', () => core.loadTree(backend, file)],
  ['readTree', async () => core.uploadTree(backend, (await core.readTree(file)).tree)],
  ['uploadTree', async () => core.uploadTree(backend, (await core.readTree(file)).tree)],
  ['restoreTree', async () => (await core.restoreTree(backend, file, { x })).tree],
]);

function doubled(a: Tensor): core.CustomGradient {
  return { value: core.mul(a, 2), gradient: (dy) => [core.mul(dy, 2)] };
}

async function compiledOnce(run: core.Compiled<[Tensor], Tensor>): Promise<unknown> {
  const y = run(x);
  run.dispose();
  return y;
}

function interpretedOnce(): void {
  const program = core.interpret(backend, core.trace(loss, [x]));
  for (const handle of program.run([x.view])) backend.free(handle);
  program.dispose();
}

/** Exports that neither take nor make tensors, or only look at them. */
const others = new Set(
  `cpu toHalfBits fromHalfBits runOnHost allocate arrayTypes byteSizeOf bytesPerElement dtypeOfArray isFloat sameShape sizeOf stridesOf
  Lru emptyReductions filled threefryParity threefryRotations broadcastStrides mergeAxes joinEpilogue joinNodes usesOf BackendError FileFormatError MemoryError ShapeError TraceError ValueError VqkitError broadcastShapes checkDTypes checkRank
  checkShape exactJson fetchBytes keyOfCall numberProblem readRegularFile normalizeAxis requiredKernels windowOutput resizeKernels resizeWeights constantSchedule cosineSchedule Random openSafetensors
   writeSafetensors Scope atOnce eventLoopTurn inTurns isTensor Tensor untilAborted workPerTurn entriesOf leavesOf mapLeaves tensorsOf unflatten`.split(
    /\s+/,
  ),
);

describe('the memory of functions on tensors', () => {
  it.each([...calls])('%s leaves nothing behind', async (_, call) => {
    await checkLeaks(backend, call);
    expect(x.isDisposed).toBe(false);
  });

  it('is checked for every export', () => {
    const checked = new Set([...calls.keys()].map((name) => name.split(':')[0]!));
    const missing = Object.keys(core).filter((name) => !checked.has(name) && !others.has(name));
    const unknown = [...checked, ...others].filter((name) => !(name in core));
    expect({ missing, unknown }).toEqual({ missing: [], unknown: [] });
  });

  const idle: Record<string, () => Tensor> = {
    reshape: () => core.reshape(x, x.shape),
    transpose: () => core.transpose(x, [0, 1, 2, 3]),
    slice: () => core.slice(x, []),
    pad: () => core.pad(x, [0, 0, 0, 0], [0, 0, 0, 0]),
    broadcastTo: () => core.broadcastTo(x, x.shape),
    cast: () => core.cast(x, 'f32'),
    concat: () => core.concat([x]),
  };
  it.each(Object.entries(idle))('%s with nothing to do returns a tensor of its own', (_, fn) => {
    core.disposeTree(fn());
    expect(x.isDisposed).toBe(false);
    expect(x.dataSync()).toHaveLength(256);
  });
});
