/**
 * Which variant of a kernel is fastest on this adapter: measured once per class of work, remembered under the adapter's
 * name. Until something is measured, the usual variant is used.
 */
import { byteSizeOf } from '@vqkit/core';
import type { PooledBuffer } from '../device/buffer-pool.ts';
import type { Engine } from '../device/engine.ts';
import type { AdapterName } from '../device/traits.ts';
import type { KernelTable } from '../kernels/table.ts';
import type { BufferRef, Call, Kernel, KernelContext, Plan } from '../plan.ts';

/** Where results are kept; a `Map`, or something that outlives the page such as a wrapper of `localStorage`. */
export interface TuningStore {
  get(key: string): string | undefined;
  set(key: string, variant: string): unknown;
}

/** A kernel that asked which variant to use. */
export interface Tunable {
  readonly kernel: Kernel;
  readonly call: Call;
  readonly workClass: string;
  readonly candidates: readonly string[];
}

/** Variants that are tried for a class of work. */
const maxTried = 4;

/** Timed runs of a variant; the fastest counts. */
const rounds = 3;

/** Measures variants and remembers the best. */
export class Tuner {
  /** Called when a variant was found: plans that were made before may be of another. */
  onFound: () => void = () => {};
  readonly #prefix: string;
  readonly #store: TuningStore;

  constructor({ vendor, architecture, device, description }: AdapterName, store: TuningStore) {
    this.#prefix = `vqkit webgpu 1|${[vendor, architecture, device, description].join('/')}|`;
    this.#store = store;
  }

  /** As `KernelContext.variantOf`. */
  readonly variantOf: KernelContext['variantOf'] = (workClass, candidates) => {
    const known = this.#store.get(this.#prefix + workClass);
    return known !== undefined && candidates.includes(known) ? known : candidates[0]!;
  };

  /** Measures the classes of work that are not known yet. */
  async tune(engine: Engine, tunables: readonly Tunable[]): Promise<void> {
    for (const tunable of tunables) {
      const key = this.#prefix + tunable.workClass;
      if (this.#store.get(key) !== undefined) continue;
      this.#store.set(key, await fastest(engine, tunable));
      this.onFound();
    }
  }
}

/** The kernels, reporting to `onTunable` when they ask for a variant. */
export function watchKernels(kernels: KernelTable, onTunable: (tunable: Tunable) => void): KernelTable {
  const watch =
    (kernel: Kernel): Kernel =>
    (call, context) =>
      kernel(call, {
        ...context,
        variantOf: (workClass, candidates) => {
          onTunable({ kernel, call, workClass, candidates });
          return context.variantOf(workClass, candidates);
        },
      });
  return Object.fromEntries(Object.entries(kernels).map(([name, kernel]) => [name, watch(kernel)]));
}

async function fastest(engine: Engine, { kernel, call, candidates }: Tunable): Promise<string> {
  const { pool } = engine;
  // Whatever idle buffers hold is as good as any values.
  const inputs = call.inputs.map((spec) => pool.acquire(byteSizeOf(spec)));
  const outputs = call.outputs.map((spec) => pool.acquire(byteSizeOf(spec)));
  let best = candidates[0]!;
  let bestMs = Number.POSITIVE_INFINITY;
  try {
    for (const candidate of candidates.slice(0, maxTried)) {
      const plan = kernel(call, { traits: engine.traits, variantOf: () => candidate });
      const ms = await timeOf(engine, plan, inputs, outputs);
      if (ms < bestMs) [best, bestMs] = [candidate, ms];
    }
  } finally {
    for (const buffer of [...inputs, ...outputs]) pool.release(buffer);
  }
  return best;
}

/** Milliseconds of the fastest of a few runs. */
async function timeOf(
  engine: Engine,
  plan: Plan,
  inputs: readonly PooledBuffer[],
  outputs: readonly PooledBuffer[],
): Promise<number> {
  const temporaries = plan.temporaries.map((bytes) => engine.pool.acquire(bytes));
  const resolve = ({ role, index }: BufferRef): PooledBuffer =>
    (role === 'input' ? inputs : role === 'output' ? outputs : temporaries)[index]!;
  try {
    await engine.pipelines.prepare(plan.steps.map(({ program }) => program));
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round <= rounds; round++) {
      await engine.finished();
      const start = performance.now();
      for (const step of plan.steps) engine.encode(step, resolve);
      await engine.finished();
      // The first round warms up.
      if (round > 0) best = Math.min(best, performance.now() - start);
    }
    return best;
  } finally {
    for (const buffer of temporaries) engine.pool.release(buffer);
  }
}
