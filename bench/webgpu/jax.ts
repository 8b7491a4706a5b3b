/** jax-js with compiled functions (`jit`). It has no importer for our networks, so it sits out the decoder. */
import { importPeer } from '../harness/peers.ts';
import type { Contestant, Prepared } from './contestant.ts';
import { type BenchWork, epsilon, inputsOf } from './items.ts';
import { fromNchw, toNchw, turnFilter } from './layout.ts';

/** An array of jax-js: functions consume their arguments, `ref` keeps one alive. */
interface JaxArray {
  readonly ref: JaxArray;
  reshape(shape: readonly number[]): JaxArray;
  transpose(axes?: readonly number[]): JaxArray;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray | number): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  data(): Promise<ArrayLike<number>>;
  blockUntilReady(): Promise<JaxArray>;
  dispose(): void;
}

type JaxFunction = (...xs: JaxArray[]) => JaxArray;

/** As much of jax-js as we call. */
interface Jax {
  init(device: string): Promise<string[]>;
  defaultDevice(device: string): string;
  jit(fn: JaxFunction): JaxFunction;
  readonly numpy: {
    array(data: Float32Array): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    mean(x: JaxArray, axis: readonly number[], options: { keepdims: boolean }): JaxArray;
    sqrt(x: JaxArray): JaxArray;
    square(x: JaxArray): JaxArray;
    sum(x: JaxArray, axis: number): JaxArray;
    argmin(x: JaxArray, axis: number): JaxArray;
    reciprocal(x: JaxArray): JaxArray;
  };
  readonly lax: {
    convGeneralDilated(x: JaxArray, filter: JaxArray, strides: readonly number[], padding: string): JaxArray;
  };
  readonly nn: { softmax(x: JaxArray, axis: number): JaxArray; silu(x: JaxArray): JaxArray };
}

/** Rows of distances at a time. */
const chunkRows = 16_384;

function functionOf(jax: Jax, work: BenchWork): JaxFunction {
  const { numpy: np, lax, nn } = jax;
  switch (work.kind) {
    case 'conv':
      return (x, filter) => lax.convGeneralDilated(x!, filter!, [1, 1], 'SAME');
    case 'matmul':
      return (a, b) => np.matmul(a!, b!);
    case 'groupNorm':
      return (x, scale, shift) => {
        const { size, channels, groups } = work;
        const grouped = x!.reshape([groups, (channels / groups) * size * size]);
        const centered = grouped.ref.sub(np.mean(grouped, [1], { keepdims: true }));
        const variance = np.mean(np.square(centered.ref), [1], { keepdims: true });
        const normal = centered.mul(np.reciprocal(np.sqrt(variance.add(epsilon))));
        const affine = (v: JaxArray): JaxArray => v.reshape([1, channels, 1, 1]);
        return nn.silu(normal.reshape([1, channels, size, size]).mul(affine(scale!)).add(affine(shift!)));
      };
    case 'attention':
      return (q, k, v) => {
        const scores = np.matmul(q!, k!.transpose([0, 2, 1])).mul(1 / Math.sqrt(work.depth));
        return np.matmul(nn.softmax(scores, -1), v!);
      };
    default:
      return (x, codebook) => {
        const norms = np.sum(np.square(codebook!.ref), 1);
        return np.argmin(norms.sub(np.matmul(x!, codebook!.transpose()).mul(2)), 1);
      };
  }
}

function shapesOf(work: BenchWork): number[][] {
  if (work.kind === 'conv') {
    return [
      [1, work.channels, work.size, work.size],
      [work.channels, work.channels, 3, 3],
    ];
  }
  if (work.kind === 'matmul') return [0, 1].map(() => [work.size, work.size]);
  if (work.kind === 'groupNorm') return [[1, work.channels, work.size, work.size], [work.channels], [work.channels]];
  if (work.kind === 'attention') return [0, 1, 2].map(() => [work.heads, work.tokens, work.depth]);
  return [];
}

/** Values in the layout that jax-js works in: images channels first, filters output channels first. */
function valuesOf(work: BenchWork): readonly Float32Array[] {
  const inputs = inputsOf(work);
  if (work.kind === 'conv') {
    return [toNchw(inputs[0]!, work.channels), turnFilter(inputs[1]!, work.channels)];
  }
  return work.kind === 'groupNorm' ? [toNchw(inputs[0]!, work.channels), ...inputs.slice(1)] : inputs;
}

/** jax-js as a contestant; `navigator.gpu` must be there. */
export async function jaxJs(): Promise<Contestant> {
  const jax = await importPeer<Jax>('@jax-js/jax');
  await jax.init('webgpu');
  jax.defaultDevice('webgpu');
  const { numpy: np } = jax;
  const prepareNearest = (work: BenchWork & { kind: 'nearestCode' }): Prepared => {
    const [x, codebook] = inputsOf(work) as [Float32Array, Float32Array];
    const { vectors, depth, codes } = work;
    const program = jax.jit(functionOf(jax, work));
    const starts = Array.from({ length: Math.ceil(vectors / chunkRows) }, (_, i) => i * chunkRows);
    const chunks = starts.map((start) => {
      const rows = Math.min(chunkRows, vectors - start);
      return np.array(x.slice(start * depth, (start + rows) * depth)).reshape([rows, depth]);
    });
    const codesArray = np.array(codebook).reshape([codes, depth]);
    return {
      run: async () => {
        const parts = chunks.map((chunk) => program(chunk.ref, codesArray.ref));
        const result = new Int32Array(vectors);
        for (const [i, part] of parts.entries()) result.set(await part.data(), i * chunkRows);
        return result;
      },
      dispose: () => [...chunks, codesArray].forEach((array) => array.dispose()),
    };
  };
  return {
    name: 'jax-js',
    prepare: async (work): Promise<Prepared | undefined> => {
      if (work.kind === 'decode') return undefined;
      if (work.kind === 'nearestCode') return prepareNearest(work);
      const shapes = shapesOf(work);
      const arrays = valuesOf(work).map((data, i) => np.array(data).reshape(shapes[i]!));
      const program = jax.jit(functionOf(jax, work));
      return {
        run: async () => program(...arrays.map((array) => array.ref)).data(),
        arrange: (result) =>
          work.kind === 'conv' || work.kind === 'groupNorm' ? fromNchw(result, work.channels) : result,
        dispose: () => arrays.forEach((array) => array.dispose()),
      };
    },
  };
}
