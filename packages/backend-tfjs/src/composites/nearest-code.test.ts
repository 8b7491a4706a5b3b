/** The memory that `nearestCode` takes, seen by the kernels of tfjs itself. */
import { nearestCode, random, tensor } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { hasTfjs, importTfjs, needsTfjs, storedValues } from '../../conformance/lib/with-tfjs.ts';
import type { TensorInfo, TfKernelConfig, TfNamespace } from '../runtime/tf-types.ts';
import { tfjs } from '../tfjs.ts';
import { chunkElements } from './nearest-code.ts';

interface Observed {
  largest: number;
  stored: number;
}

/** A namespace whose kernels report how large their results are, and how many values are stored meanwhile. */
function observing(tf: TfNamespace, observed: Observed): TfNamespace {
  const watch = (config: TfKernelConfig): TfKernelConfig => ({
    ...config,
    kernelFunc: (call) => {
      const result = config.kernelFunc(call);
      for (const { shape } of [result].flat() as TensorInfo[]) {
        observed.largest = Math.max(
          observed.largest,
          shape.reduce((a, b) => a * b, 1),
        );
      }
      observed.stored = Math.max(observed.stored, storedValues(tf, config.backendName));
      return result;
    },
  });
  const kernels = (name: string): TfKernelConfig[] => (tf.getKernelsForBackend(name) as TfKernelConfig[]).map(watch);
  return Object.assign(Object.create(tf) as TfNamespace, { ...tf, getKernelsForBackend: kernels });
}

describe.skipIf(!hasTfjs)(`nearestCode ${needsTfjs}`, () => {
  it('never holds more distances than one chunk, however many vectors there are', async () => {
    const tf = await importTfjs();
    const observed: Observed = { largest: 0, stored: 0 };
    const backend = await tfjs(observing(tf, observed), { runtime: 'wasm' });
    const [n, k, d] = [20_000, 1024, 4];
    const x = tensor(backend, random(1).uniformArray(n * d, -1, 1), [n, d]);
    const codebook = tensor(backend, random(2).uniformArray(k * d, -1, 1), [k, d]);
    const before = storedValues(tf, 'wasm');
    const { indices, distances } = nearestCode(x, codebook);
    expect(n * k).toBeGreaterThan(4 * chunkElements);
    expect(observed.largest).toBeLessThanOrEqual(chunkElements);
    // A chunk's own values, the constants, and one list of indices for each of the five chunks.
    expect(observed.stored - before).toBeLessThan(20);
    expect(indices.shape).toEqual([n]);
    expect(Math.max(...((await distances.data()) as Float32Array))).toBeLessThan(1);
    backend.dispose();
  });
});
