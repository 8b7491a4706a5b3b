/**
 * What our compiler makes of onnxruntime's CPU: one convolution and a residual stack written NHWC, against graphs built
 * by hand for the engine; then a whole training step, against the rate of a single convolution and against PyTorch.
 *
 * `npm run bench -- onnx [--threads N] [--processes 5] [--rounds 11] [--steps 7]`
 *
 * Engine and clock are the same on both sides: a run counts until its values are in host memory. Our inputs and outputs
 * are NHWC, so that every change of layout is part of the time. Candidates take turns in samples of many runs, each after
 * a rest and one untimed run, and ratios are medians over the rounds. All that is done in several processes, one after the
 * other, and the medians of their numbers are reported.
 */
import { onnx } from '@vqkit/backend-onnx';
import { type Backend, random } from '@vqkit/core';
import { describeMachine } from '../harness/machine.ts';
import { measureInterleaved, pairedSpeed, type Timing } from '../harness/measure.ts';
import { medianReport } from '../harness/median-report.ts';
import type { BenchItem, BenchOptions, BenchReport } from '../harness/report.ts';
import { hasSteadyMemory, inSteadyMemory } from '../harness/steady-memory.ts';
import { checkGradients, checkSame } from './checks.ts';
import { ourConv, ourStack, rawSession } from './forward.ts';
import { randomAutoencoder, randomStack } from './network.ts';
import { rawConv, rawStack } from './raw-graphs.ts';
import { startTorch } from './torch.ts';
import { makeTrainStep, usefulFlops } from './train-step.ts';

const channels = 64;
const blocks = 3;
const image = { batch: 1, size: 128 };
const training = { batch: 8, size: 64 };

// Every candidate has threads of its own, which look for work for a while after a run, on the cores of the next one.
const sampling = { minSampleMs: 100, settleMs: 30 };

function option(args: readonly string[], name: string, fallback: number): number {
  const at = args.indexOf(`--${name}`);
  return at >= 0 ? Number(args[at + 1]) : fallback;
}

const convFlops = 2 * image.batch * image.size ** 2 * 9 * channels ** 2;
const stackFlops = convFlops * 2 * blocks;

function item({ name, medianMs, minMs, spread }: Timing, flops: number): BenchItem {
  return { name, medianMs, minMs, spread, gigaflopsPerSecond: flops / medianMs / 1e6 };
}

/** Raw and ours, interleaved; the values are compared first. */
async function measureForward(backend: Backend, threads: number, rounds: number) {
  const dims = [image.batch, channels, image.size, image.size];
  const stream = random(1);
  const stack = randomStack(stream, channels, blocks);
  const values = stack[0]![0]!.conv;
  const rawOne = await rawSession(rawConv(dims, values), dims, threads);
  const rawAll = await rawSession(rawStack(dims, stack), dims, threads);
  const constant = ourConv(backend, values, rawOne.x, 'constant');
  const argument = ourConv(backend, values, rawOne.x, 'argument');
  const constantStack = ourStack(backend, stack, rawAll.x, 'constant');
  const argumentStack = ourStack(backend, stack, rawAll.x, 'argument');
  for (const ours of [constant, argument]) checkSame(await rawOne.values(), await ours.values(), dims);
  for (const ours of [constantStack, argumentStack]) checkSame(await rawAll.values(), await ours.values(), dims);
  const conv = await measureInterleaved(
    [
      { name: 'conv 3×3: raw onnxruntime, NCHW', run: rawOne.run },
      { name: 'conv 3×3: ours, NHWC, filter built in', run: constant.run },
      { name: 'conv 3×3: ours, NHWC, filter as argument', run: argument.run },
    ],
    { rounds, ...sampling },
  );
  const deep = await measureInterleaved(
    [
      { name: 'residual stack: raw onnxruntime, NCHW', run: rawAll.run },
      { name: 'residual stack: ours, NHWC, values built in', run: constantStack.run },
      { name: 'residual stack: ours, NHWC, values as arguments', run: argumentStack.run },
    ],
    { rounds: Math.ceil(rounds / 2), ...sampling },
  );
  await rawOne.session.release();
  await rawAll.session.release();
  for (const runner of [constant, argument, constantStack, argumentStack]) runner.dispose();
  return { conv, deep };
}

/** The training step in turns with PyTorch's, in both of its layouts; none of these where it is not installed. */
async function measureTraining(backend: Backend, threads: number, rounds: number) {
  const step = await makeTrainStep(backend, randomAutoencoder(random(2), channels, blocks), training);
  const started = await Promise.all(
    ['nchw', 'nhwc'].map((layout) => startTorch(layout, { ...training, threads, channels, blocks })),
  );
  const peers = started.filter((peer) => peer !== undefined);
  const [ours, ...torch] = await measureInterleaved(
    [
      { name: 'training step: ours', run: step.run },
      ...peers.map(({ version, layout, run }) => ({ name: `training step: PyTorch ${version}, ${layout}`, run })),
    ],
    { rounds, minSampleMs: 0, settleMs: sampling.settleMs },
  );
  for (const resource of [step, ...peers]) resource.dispose();
  return { ours: ours!, torch };
}

/** The benchmark, in processes that keep their memory. */
export default async function benchmark(options: BenchOptions): Promise<BenchReport> {
  if (hasSteadyMemory()) return measure(options);
  const reports: BenchReport[] = [];
  for (let left = option(options.args, 'processes', 5); left > 0; left -= 1) {
    options.log(`processes to go: ${left}`);
    reports.push(await inSteadyMemory('onnx', options.args));
  }
  return medianReport(reports);
}

async function measure({ args, log }: BenchOptions): Promise<BenchReport> {
  const machine = describeMachine();
  const threads = option(args, 'threads', machine.cores);
  const rounds = option(args, 'rounds', 11);
  const steps = option(args, 'steps', 7);
  const backend = await onnx({ threads });
  log('checking gradients of a small training step against the reference');
  await checkGradients(backend);
  log('measuring a convolution and a residual stack');
  const { conv, deep } = await measureForward(backend, threads, rounds);

  log('measuring the training step, in turns with PyTorch');
  const { ours, torch } = await measureTraining(backend, threads, steps);
  backend.dispose();

  const flops = usefulFlops(training, channels, blocks);
  const rate = (ms: number, work: number): number => work / ms / 1e6;
  const rawRate = rate(conv[0]!.medianMs, convFlops);
  return {
    machine,
    items: [
      ...conv.map((timing) => item(timing, convFlops)),
      ...deep.map((timing) => item(timing, stackFlops)),
      ...[ours, ...torch].map((timing) => item(timing, flops)),
    ],
    summary: {
      threads,
      convRatio: pairedSpeed(conv[0]!, conv[1]!),
      convRatioFilterAsArgument: pairedSpeed(conv[0]!, conv[2]!),
      stackRatio: pairedSpeed(deep[0]!, deep[1]!),
      stackRatioValuesAsArguments: pairedSpeed(deep[0]!, deep[2]!),
      trainingRateOverRawConv: rate(ours.medianMs, flops) / rawRate,
      // The faster of PyTorch's two layouts counts.
      trainingSpeedOverTorch: torch.length > 0 ? Math.min(...torch.map((peer) => pairedSpeed(peer, ours))) : null,
    },
  };
}
