import { mkdirSync, rmSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AdamState,
  adam,
  add,
  cast,
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
import { readLog, type TrainingEvent } from './log.ts';
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

  it('does not start over a run unless that is said, and then forgets it', async () => {
    const options = { backend: cpu(), out, logSteps: 1 };
    await train(tinyRecipe(4), options);
    const before = await readFile(join(out, 'checkpoint.safetensors'));
    await expect(train(tinyRecipe(4), options)).rejects.toMatchObject({ code: 'RUN_EXISTS' });
    expect(await readFile(join(out, 'checkpoint.safetensors'))).toEqual(before);
    await expect(train(tinyRecipe(), { ...options, resume: true, restart: true })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
    await train(tinyRecipe(2), { ...options, restart: true, seed: 9 });
    expect((await readLog(join(out, 'log.jsonl'))).map(({ step }) => step)).toEqual([1, 2]);
  });

  it('gives a folder to one run at a time, and takes it from one that was killed', async () => {
    const options = { backend: cpu(), out, resume: true };
    const runs = await Promise.allSettled([train(tinyRecipe(), options), train(tinyRecipe(), options)]);
    expect(runs.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(runs.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'RUN_LOCKED' } });
    await writeFile(join(out, '.lock'), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }));
    await writeFile(join(out, '.checkpoint.safetensors.x.part'), 'half of it');
    await train(tinyRecipe(12), options);
    const left = (await readdir(out)).sort();
    expect(left).toEqual(['checkpoint.safetensors', 'log.jsonl', 'w.safetensors']);
  });

  it('ends with an error when a checkpoint or the log cannot be written, with its threads ended and the folder free', async () => {
    for (const name of ['checkpoint.safetensors', 'log.jsonl']) {
      let disposed = 0;
      const recipe: Recipe<State> = {
        ...tinyRecipe(),
        open: async (seed) => ({
          ...(await tinyRecipe().open(seed)),
          dispose: async () => void disposed++,
        }),
      };
      const own = join(out, name);
      const block = ({ step }: TrainingEvent): void => {
        if (step !== 2) return;
        rmSync(join(own, name), { force: true });
        mkdirSync(join(own, name));
      };
      const options = { backend: cpu(), out: own, logSteps: 1 };
      const run = train(recipe, { ...options, checkpointMinutes: 0, onProgress: block });
      await expect(run).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
      expect(disposed).toBe(1);
      const hidden = (await readdir(own)).filter((file) => file.startsWith('.'));
      expect(hidden).toEqual([]);
    }
  });

  it('shortens the log to the checkpoint, half a line included', async () => {
    const options = { backend: cpu(), out, logSteps: 1, resume: true };
    await train(tinyRecipe(3), options);
    const path = join(out, 'log.jsonl');
    await appendFile(path, `${JSON.stringify({ step: 4, steps: 9, metrics: { loss: 1 } })}\n{"step":5,"met`);
    expect((await readLog(path)).map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    await train(tinyRecipe(5), options);
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(5);
    await expect(readLog(join(out, 'w.safetensors'))).rejects.toMatchObject({ code: 'LOG_UNREADABLE' });
  });

  it('takes batches that are trees', async () => {
    interface Pair {
      readonly x: Tensor;
      readonly labels: readonly Tensor[];
    }
    const { identity: _, before: __, ...tiny } = tinyRecipe(3);
    const recipe: Recipe<State, unknown, Pair> = {
      ...tiny,
      open: async () => ({
        batch: async () => ({
          x: { data: new Float32Array(12), shape: [1, 2, 2, 3], dtype: 'f32' },
          labels: [{ data: Uint32Array.from([1, 2]), shape: [2], dtype: 'u32' }],
        }),
        dispose: async () => undefined,
      }),
      step: (phase, state, { batch, ...inputs }, constants) => {
        const shift = mean(cast(batch.labels[0]!, 'f32'));
        return tiny.step(phase, state, { ...inputs, batch: add(batch.x, shift) }, constants);
      },
    };
    expect(await train(recipe, { backend: cpu(), out })).toMatchObject({ step: 3, reason: 'finished' });
  });

  it('writes the scores of validation, at its steps and the last', async () => {
    let disposed = 0;
    const validation = {
      every: 4,
      measure: async (_: State, step: number) => (step > 4 ? { psnr: step } : undefined),
      dispose: () => void disposed++,
    };
    await train({ ...tinyRecipe(10), validation }, { backend: cpu(), out });
    const events = await readLog(join(out, 'log.jsonl'));
    expect(events.map(({ step, validation: scores }) => [step, scores?.psnr])).toEqual([
      [4, undefined],
      [8, 8],
      [10, 10],
    ]);
    expect(disposed).toBe(1);
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
