import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AdamState,
  adam,
  add,
  cpu,
  mean,
  mul,
  pow,
  random,
  saveTree,
  square,
  sub,
  type Tensor,
  valueAndGrad,
} from '@vqkit/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TrainingEvent } from './log.ts';
import type { Recipe } from './recipe.ts';
import { train } from './train.ts';

interface State {
  readonly w: Tensor;
  readonly optimizer: AdamState<Tensor>;
}

/** Fits one weight per channel to noise; `breakAt` makes the loss infinite from that step on. */
function tinyRecipe(steps = 10, breakAt = Number.POSITIVE_INFINITY): Recipe<State> {
  const optimizer = adam<Tensor>();
  return {
    name: 'tiny',
    steps,
    schedule: (step) => 0.1 / (step + 1),
    phase: (step) => (step < breakAt ? 'fine' : 'broken'),
    init: async (backend, seed) => {
      const w = random(seed).normal(backend, [3]);
      return { w, optimizer: optimizer.init(w) };
    },
    constants: async () => ({}),
    step: (phase, { w, optimizer: state }, { batch, rate }) => {
      const { value, gradients } = valueAndGrad((p: Tensor) => mean(square(sub(mul(batch, p), 1))))(w);
      const updated = optimizer.update(w, gradients, state, rate);
      const loss = phase === 'fine' ? value : add(value, pow(add(value, 2), 300));
      return { state: { w: updated.params, optimizer: updated.state }, metrics: { loss } };
    },
    open: async (seed) => ({
      batch: async (index) => ({
        data: random(seed).split(index).uniformArray(12, -1, 1),
        shape: [1, 2, 2, 3],
        dtype: 'f32',
      }),
      dispose: async () => undefined,
    }),
    publish: async ({ w }) => ({ 'w.safetensors': await saveTree({ w }) }),
  };
}

describe('train', () => {
  let out = '';
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'vqkit-train-'));
  });
  afterEach(() => rm(out, { recursive: true, force: true }));

  const weights = async ({ w, optimizer }: State) =>
    [w, optimizer.m, optimizer.v, optimizer.step].map((x) => [...x.dataSync()]);

  it('goes on bit for bit after an interruption', async () => {
    const whole = await train(tinyRecipe(12), { backend: cpu(), out: join(out, 'whole'), seed: 3 });
    const part = { backend: cpu(), out: join(out, 'part'), seed: 3 };
    await train(tinyRecipe(5), part);
    const resumed = await train(tinyRecipe(12), { ...part, resume: true });
    expect(resumed.step).toBe(12);
    expect(await weights(resumed.state)).toEqual(await weights(whole.state));
  });

  it('stops at a signal, leaving a checkpoint and the weights so far', async () => {
    const controller = new AbortController();
    const onProgress = (event: TrainingEvent): void => {
      if (event.step === 4) controller.abort();
    };
    const options = { backend: cpu(), out, logSteps: 1 };
    const result = await train(tinyRecipe(100), { ...options, signal: controller.signal, onProgress });
    expect(result).toMatchObject({ step: 4, reason: 'aborted' });
    expect((await readFile(join(out, 'w.safetensors'))).length).toBeGreaterThan(0);
    const resumed = await train(tinyRecipe(6), { ...options, resume: true });
    expect(resumed).toMatchObject({ step: 6, reason: 'finished' });
  });

  it('stops when the time is up', async () => {
    expect(await train(tinyRecipe(1e6), { backend: cpu(), out, minutes: 0 })).toMatchObject({
      step: 0,
      reason: 'time',
    });
  });

  it('refuses to go on when the loss is not finite, and keeps the last good state', async () => {
    const options = { backend: cpu(), out };
    await expect(train(tinyRecipe(10, 6), options)).rejects.toMatchObject({ code: 'DIVERGED' });
    const resumed = await train(tinyRecipe(), { ...options, resume: true });
    const clean = await train(tinyRecipe(), { ...options, out: join(out, 'clean') });
    expect(await weights(resumed.state)).toEqual(await weights(clean.state));
  });

  it('logs JSON lines', async () => {
    await train(tinyRecipe(4), { backend: cpu(), out, logSteps: 2 });
    const lines = (await readFile(join(out, 'log.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as TrainingEvent);
    expect(lines.map(({ step, steps }) => [step, steps])).toEqual([
      [2, 4],
      [4, 4],
    ]);
    expect(lines[1]!.metrics.loss).toBeGreaterThan(0);
  });

  it('refuses a checkpoint of another model', async () => {
    await train(tinyRecipe(1), { backend: cpu(), out });
    const other: Recipe<State> = {
      ...tinyRecipe(),
      init: async (backend) => ({
        w: random(1).normal(backend, [4]),
        optimizer: adam<Tensor>().init(random(1).normal(backend, [4])),
      }),
    };
    await expect(train(other, { backend: cpu(), out, resume: true })).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
    });
  });

  it('leaks nothing but the state that it returns', async () => {
    const backend = cpu();
    const { state } = await train(tinyRecipe(3), { backend, out });
    for (const x of [state.w, state.optimizer.m, state.optimizer.v, state.optimizer.step]) x.dispose();
    expect(backend.memory().tensors).toBe(0);
  });
});
