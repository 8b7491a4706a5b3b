/** Affine maps in compiled graphs. */
import {
  add,
  compile,
  cpu,
  type Graph,
  leakyRelu,
  linear,
  matmul,
  random,
  relu,
  reshape,
  type Tensor,
  tensor,
  tidy,
  trace,
} from '@vqkit/core';
import { expectClose } from '@vqkit/core/testing';
import { describe, expect, it } from 'vitest';
import { hasTfjs, importTfjs, needsTfjs } from '../../conformance/lib/with-tfjs.ts';
import { tfjs } from '../tfjs.ts';
import { fuseLinear, linearKernel } from './fuse-linear.ts';

const spec = (...shape: number[]) => ({ shape, dtype: 'f32' }) as const;
const kernelsOf = (graph: Graph): string[] => fuseLinear(graph).nodes.map(({ kernel }) => kernel);

describe('fuseLinear', () => {
  it('makes one call of a product, its bias and its activation', () => {
    const graph = trace(
      (x: Tensor, w: Tensor, b: Tensor) => relu(linear(x, w, b)),
      [spec(2, 3, 4), spec(4, 5), spec(5)],
    );
    expect(kernelsOf(graph)).toEqual([linearKernel]);
    expect(fuseLinear(graph).nodes[0]).toMatchObject({
      attributes: { activation: 'relu' },
      inputs: [{ shape: [1, 6, 4] }, { shape: [1, 4, 5] }, { shape: [5] }],
      outputs: [{ shape: [2, 3, 5] }],
    });
  });

  it('leaves alone what somebody else reads, what is no bias, and batches', () => {
    const shared = trace(
      (x: Tensor, w: Tensor, b: Tensor) => {
        const y = matmul(x, w);
        return [y, add(y, b)];
      },
      [spec(3, 4), spec(4, 5), spec(5)],
    );
    expect(kernelsOf(shared)).toEqual(['matmul', 'binary']);
    const column = trace(
      (x: Tensor, w: Tensor, b: Tensor) => add(matmul(x, w), b),
      [spec(3, 4), spec(4, 5), spec(3, 1)],
    );
    expect(kernelsOf(column)).toEqual(['matmul', 'binary']);
    const split = trace(
      (x: Tensor, w: Tensor, b: Tensor) => add(reshape(matmul(x, w), [3, 2, 2]), b),
      [spec(3, 4), spec(4, 4), spec(2)],
    );
    expect(kernelsOf(split)).toEqual(['matmul', 'binary']);
    const batch = trace(
      (x: Tensor, w: Tensor, b: Tensor) => add(matmul(x, w), b),
      [spec(2, 3, 4), spec(2, 4, 5), spec(5)],
    );
    expect(kernelsOf(batch)).toEqual(['matmul', 'binary']);
  });
});

describe.skipIf(!hasTfjs).each(['cpu', 'wasm'])(`compiled affine maps on tfjs-%s ${needsTfjs}`, (runtime) => {
  it('compute what the reference computes', async () => {
    const network = (x: Tensor, w: Tensor, b: Tensor): Tensor =>
      tidy(() => leakyRelu(linear(relu(linear(x, w, b)), w, reshape(b, [1, 8]))));
    const values = [
      random(1).uniformArray(6 * 8, -1, 1),
      random(2).uniformArray(64, -1, 1),
      random(3).uniformArray(8, -1, 1),
    ] as const;
    const inputs = (backend: ReturnType<typeof cpu>): [Tensor, Tensor, Tensor] => [
      tensor(backend, values[0], [2, 3, 8]),
      tensor(backend, values[1], [8, 8]),
      tensor(backend, values[2]),
    ];
    const backend = await tfjs(await importTfjs(), { runtime });
    const reference = cpu();
    const actual = await compile(network)(...inputs(backend)).data();
    const expected = await network(...inputs(reference)).data();
    expectClose(actual, expected, { relative: 1e-5, absolute: 1e-5 });
    backend.dispose();
    reference.dispose();
  });
});
