/**
 * What the adapter costs: the photo tokenizer's decoder through `@vqkit/backend-tfjs`, eagerly and compiled, and the same
 * network by hand in tfjs, on one runtime, in turns. Times are processor time of this process: both runtimes of Node are
 * single-threaded, so other programs on the machine do not show.
 *
 * `npm run bench -- tfjs [--runtime wasm|cpu] [--size 256] [--rounds 15]`
 */
import { type TfNamespace, tfjs } from '@vqkit/backend-tfjs';
import { type Backend, compile, mapTree, random, tensor } from '@vqkit/core';
import { photoTokenizer } from '@vqkit/models';
import { describeMachine } from '../harness/machine.ts';
import { measureInterleaved } from '../harness/measure.ts';
import { importPeer } from '../harness/peers.ts';
import type { BenchOptions, BenchReport } from '../harness/report.ts';
import { decoderByHand, type Tfjs } from './by-hand.ts';

function option(args: readonly string[], name: string, fallback: string): string {
  const at = args.indexOf(`--${name}`);
  return at >= 0 ? (args[at + 1] ?? fallback) : fallback;
}

/** Largest difference between two images. */
function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

/** The parameters with noise in the places of zeros, so that every filter shows in the result. */
function lively<T>(params: T, backend: Backend): T {
  const stream = random(3);
  return mapTree(params, ({ shape, size }) =>
    tensor(backend, stream.uniformArray(size, -0.05, 0.05), shape),
  ) as unknown as T;
}

/** Processor time of this process in milliseconds. */
const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

export default async function benchmark({ args, log }: BenchOptions): Promise<BenchReport> {
  const runtime = option(args, 'runtime', 'wasm');
  const size = Number(option(args, 'size', '256'));
  const rounds = Number(option(args, 'rounds', '15'));
  const tf = await importPeer<TfNamespace & Tfjs>('@tensorflow/tfjs-core');
  await importPeer(`@tensorflow/tfjs-backend-${runtime}`);
  await tf.setBackend(runtime);
  const backend = await tfjs(tf, { runtime });
  const { device, version } = backend.report();
  log(`tfjs ${version}, ${runtime}: ${device}; ${size}×${size} pixels`);

  const model = photoTokenizer();
  const decoder = lively(model.init(backend, 1).decoder, backend);
  const shape = [1, size / model.scale, size / model.scale, model.dimension];
  const values = random(2).uniformArray(
    shape.reduce((a, b) => a * b, 1),
    -1,
    1,
  );
  const z = tensor(backend, values, shape);
  const handZ = tf.tensor(values, shape, 'float32');
  const byHand = await decoderByHand(tf, decoder);
  const compiled = compile(model.decode);

  const read = async (x: { data(): Promise<ArrayLike<number>>; dispose(): void }): Promise<ArrayLike<number>> => {
    const data = await x.data();
    x.dispose();
    return data;
  };
  const candidates = [
    { name: 'by hand in tfjs', run: () => read(byHand(handZ)) },
    { name: 'adapter, compiled', run: () => read(compiled(decoder, z)) },
    { name: 'adapter, eager', run: () => read(model.decode(decoder, z)) },
  ];
  const difference = largestDifference(await candidates[0]!.run(), await candidates[1]!.run());
  const timings = await measureInterleaved(candidates, { rounds, warmUp: 2, now: processorTime });
  const [hand, fast, eager] = timings;
  return {
    machine: describeMachine(),
    items: timings.map(({ name, medianMs, minMs, spread }) => ({
      name,
      medianMs,
      minMs,
      spread,
      ratio: medianMs / hand!.medianMs,
      fastestRatio: minMs / hand!.minMs,
    })),
    summary: {
      runtime,
      device,
      tfjs: version,
      pixels: size * size,
      // time through the adapter ÷ time by hand: below 1 the adapter is faster
      compiledRatio: fast!.medianMs / hand!.medianMs,
      eagerRatio: eager!.medianMs / hand!.medianMs,
      largestDifference: difference,
    },
  };
}
