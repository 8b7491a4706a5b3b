/**
 * Wide integers, which GPU runtimes need, on a runtime that Node has: wasm, told that its integers have 24 bits.
 * The conformance kit's integer cases then run on float32 halves.
 */
import { runConformance } from '@vqkit/core/testing';
import { describe, expect, it } from 'vitest';
import { hasTfjs, importTfjs, needsTfjs, storedValues } from '../../conformance/lib/with-tfjs.ts';
import { TfjsBackend } from '../backend.ts';
import { openRuntime, Runtime } from '../runtime/runtime.ts';
import { traitsOf } from '../runtime/traits.ts';
import { joinHalves } from './wide.ts';

/** A backend on wasm that may not trust its int32. */
async function openNarrow(): Promise<TfjsBackend> {
  const tf = await importTfjs();
  const { backend } = await openRuntime(tf, 'wasm');
  const traits = { ...traitsOf('wasm'), integerBits: 24, dividesIntegers: false } as const;
  return new TfjsBackend(new Runtime(tf, 'wasm', backend, traits), 'tfjs-wasm-24');
}

describe.skipIf(!hasTfjs)(`wide integers ${needsTfjs}`, () => {
  it.each(['i32', 'u32', 'u8', 'argReduce', 'nearestCode', 'scatterAdd', 'randomBits', 'storage', 'compile'])(
    'pass the cases of the conformance kit about %s',
    async (filter) => {
      const { failures, passed } = await runConformance(openNarrow, { filter });
      expect(failures.map(({ name, error }) => `${name}: ${error?.message}`)).toEqual([]);
      expect(passed).toBeGreaterThan(3);
    },
  );

  it('count two tensors of tfjs for each integer tensor, and give both back', async () => {
    const tf = await importTfjs();
    const backend = await openNarrow();
    const before = storedValues(tf, 'wasm');
    const handle = backend.upload(Int32Array.of(-1, 2 ** 30), { shape: [2], dtype: 'i32' });
    expect(storedValues(tf, 'wasm')).toBe(before + 2);
    expect(backend.memory()).toEqual({ tensors: 1, bytes: 16 });
    expect(backend.readSync!({ handle, shape: [2], dtype: 'i32' })).toEqual(Int32Array.of(-1, 2 ** 30));
    backend.free(handle);
    expect(storedValues(tf, 'wasm')).toBe(before);
    backend.dispose();
  });
});

describe('joinHalves', () => {
  it('puts values together whose low 32 bits count', () => {
    expect([...Int32Array.from(joinHalves([65535, 0, 32768], [65535, 7, 0]))]).toEqual([-1, 7, -(2 ** 31)]);
  });
});
