/** tfjs-backend-webgpu, as its users would write it; the decoder runs through `@vqkit/backend-tfjs`. */
import { tfjs as tfjsBackend } from '@vqkit/backend-tfjs';
import { compile, type Tensor, tensor, uploadTree } from '@vqkit/core';
import { importPeer } from '../harness/peers.ts';
import type { Contestant, Prepared } from './contestant.ts';
import type { Decoder } from './decoder.ts';
import { type BenchWork, epsilon, inputsOf } from './items.ts';

interface TfTensor {
  data(): Promise<Float32Array | Int32Array>;
  dispose(): void;
}

/** As much of tfjs as we call. */
interface Tf {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor(data: Float32Array, shape: readonly number[]): TfTensor;
  conv2d(x: TfTensor, filter: TfTensor, strides: number, pad: string): TfTensor;
  matMul(a: TfTensor, b: TfTensor, transposeA?: boolean, transposeB?: boolean): TfTensor;
  moments(x: TfTensor, axes: readonly number[], keepDims: boolean): { mean: TfTensor; variance: TfTensor };
  reshape(x: TfTensor, shape: readonly number[]): TfTensor;
  add(a: TfTensor, b: TfTensor | number): TfTensor;
  sub(a: TfTensor, b: TfTensor): TfTensor;
  mul(a: TfTensor, b: TfTensor | number): TfTensor;
  rsqrt(x: TfTensor): TfTensor;
  sigmoid(x: TfTensor): TfTensor;
  softmax(x: TfTensor): TfTensor;
  sum(x: TfTensor, axis: number): TfTensor;
  square(x: TfTensor): TfTensor;
  argMin(x: TfTensor, axis: number): TfTensor;
  concat(xs: readonly TfTensor[]): TfTensor;
  tidy<T>(fn: () => T): T;
}

/** Rows of distances at a time: 16,384 × 1024 floats are 64 MB. */
const chunkRows = 16_384;

/** `chunks` are the vectors: all of them in one tensor are more than tfjs can bind. */
function nearest(tf: Tf, codebook: TfTensor, chunks: readonly TfTensor[]): TfTensor {
  const norms = tf.sum(tf.square(codebook), 1);
  const parts = chunks.map((rows) =>
    tf.tidy(() => tf.argMin(tf.sub(norms, tf.mul(tf.matMul(rows, codebook, false, true), 2)), 1)),
  );
  return parts.length === 1 ? parts[0]! : tf.concat(parts);
}

function groupNorm(
  tf: Tf,
  [x, scale, shift]: readonly TfTensor[],
  size: number,
  channels: number,
  groups: number,
): TfTensor {
  const grouped = tf.reshape(x!, [1, size * size, groups, channels / groups]);
  const { mean, variance } = tf.moments(grouped, [1, 3], true);
  const normal = tf.mul(tf.sub(grouped, mean), tf.rsqrt(tf.add(variance, epsilon)));
  const y = tf.add(tf.mul(tf.reshape(normal, [1, size, size, channels]), scale!), shift!);
  return tf.mul(y, tf.sigmoid(y));
}

/** The tensors of a row and what is done with them. */
function workOf(tf: Tf, work: Exclude<BenchWork, { kind: 'decode' }>): { tensors: TfTensor[]; run: () => TfTensor } {
  const inputs = inputsOf(work);
  const make = (...shapes: number[][]): TfTensor[] => shapes.map((shape, i) => tf.tensor(inputs[i]!, shape));
  switch (work.kind) {
    case 'conv': {
      const { size, channels } = work;
      const tensors = make([1, size, size, channels], [3, 3, channels, channels]);
      return { tensors, run: () => tf.conv2d(tensors[0]!, tensors[1]!, 1, 'same') };
    }
    case 'matmul': {
      const tensors = make([work.size, work.size], [work.size, work.size]);
      return { tensors, run: () => tf.matMul(tensors[0]!, tensors[1]!) };
    }
    case 'groupNorm': {
      const { size, channels, groups } = work;
      const tensors = make([1, size, size, channels], [channels], [channels]);
      return { tensors, run: () => groupNorm(tf, tensors, size, channels, groups) };
    }
    case 'attention': {
      const shape = [work.heads, work.tokens, work.depth];
      const tensors = make(shape, shape, shape);
      const [q, k, v] = tensors as [TfTensor, TfTensor, TfTensor];
      const scale = 1 / Math.sqrt(work.depth);
      return { tensors, run: () => tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), scale)), v) };
    }
    case 'nearestCode': {
      const { vectors, codes, depth } = work;
      const codebook = tf.tensor(inputs[1]!, [codes, depth]);
      const chunks = Array.from({ length: Math.ceil(vectors / chunkRows) }, (_, i) => {
        const data = inputs[0]!.slice(i * chunkRows * depth, (i + 1) * chunkRows * depth);
        return tf.tensor(data, [data.length / depth, depth]);
      });
      return { tensors: [codebook, ...chunks], run: () => nearest(tf, codebook, chunks) };
    }
  }
}

/** tfjs as a contestant; `navigator.gpu` must be there. */
export async function tfjs(decoder: Decoder): Promise<Contestant> {
  const tf = await importPeer<Tf>('@tensorflow/tfjs-core');
  await importPeer('@tensorflow/tfjs-backend-webgpu');
  await tf.setBackend('webgpu');
  await tf.ready();
  const prepareDecode = async (work: BenchWork & { kind: 'decode' }): Promise<Prepared> => {
    const backend = await tfjsBackend(tf as never, { runtime: 'webgpu' });
    const z = tensor(backend, inputsOf(work)[0]!, [1, work.height / 16, work.width / 16, 16]);
    const params = uploadTree(backend, decoder.params);
    const program = compile((p: unknown, x: Tensor): Tensor => decoder.decode(p as never, x));
    const run = async (): Promise<ArrayLike<number>> => {
      const y = program(params, z);
      const result = await y.data();
      y.dispose();
      return result;
    };
    return { run, dispose: () => backend.dispose() };
  };
  return {
    name: 'tfjs',
    prepare: async (work): Promise<Prepared> => {
      if (work.kind === 'decode') return prepareDecode(work);
      const { tensors, run } = workOf(tf, work);
      return {
        run: async () => {
          const y = tf.tidy(run);
          const result = await y.data();
          y.dispose();
          return result;
        },
        dispose: () => tensors.forEach((x) => x.dispose()),
      };
    },
  };
}
