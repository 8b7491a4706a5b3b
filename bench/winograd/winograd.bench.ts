/**
 * Convolutions of decoders on WASM, exactly and by Winograd's algorithm (`toleratesRounding`), side by side in one process, with one thread of
 * onnxruntime-web: single layers, and the decoders of the codec and of super-resolution at their published sizes.
 *
 * `npm run bench -- winograd [--rounds 9]`. Times are those of the processor, which a busy machine changes less than the clock's.
 */
import { onnx } from '@vqkit/backend-onnx/web';
import { type Backend, compile, conv2d, cpu, random, readTree, saveTree, type Tensor, uploadTree } from '@vqkit/core';
import { photoTokenizer, textureTokenizer } from '@vqkit/models';
import { describeMachine } from '../harness/machine.ts';
import { measureInterleaved, pairedSpeed } from '../harness/measure.ts';
import type { BenchItem, BenchOptions, BenchReport } from '../harness/report.ts';

/** Something that makes a picture; parameters become constants of the graph. */
interface Work {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly params: unknown;
  readonly apply: (params: never, ...inputs: Tensor[]) => Tensor;
}

/** Shapes of layers in the codec's decoder: channels, height, width. */
const layers = [
  [256, 32, 48],
  [64, 128, 192],
] as const;

function works(host: Backend): Work[] {
  const [photo, sr] = [photoTokenizer(), textureTokenizer({ skip: 2 })];
  return [
    ...layers.map(([channels, height, width]) => ({
      name: `convolution ${channels} → ${channels} at ${width}×${height}`,
      shapes: [[1, height, width, channels]],
      params: random(1).normal(host, [3, 3, channels, channels]),
      apply: (filter: Tensor, x: Tensor) => conv2d(x, filter),
    })),
    {
      name: 'decoder of the codec, 768×512',
      shapes: [[1, 512 / photo.scale, 768 / photo.scale, photo.dimension]],
      params: photo.init(host, 1).decoder,
      apply: (params: Parameters<typeof photo.decode>[0], z: Tensor) => photo.decode(params, z),
    },
    {
      name: 'decoder of super-resolution, to 768×512',
      shapes: [
        [1, 64, 96, sr.options.dimension],
        [1, 128, 192, 3],
      ],
      params: sr.init(host, 1),
      apply: (params: Parameters<typeof sr.decode>[0], z: Tensor, small: Tensor) =>
        sr.decode(params, z, undefined, small),
    },
  ];
}

/** Milliseconds of the processor. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function compare(backend: Backend, { name, shapes, params, apply }: Work, rounds: number): Promise<BenchItem> {
  const { tree } = await readTree(await saveTree({ params }));
  const inputs = shapes.map((shape, i) => random(i + 2).normal(backend, shape));
  const runs = [false, true].map((toleratesRounding) => {
    const run = compile(
      (...own: Tensor[]) => {
        const { params: constants } = uploadTree(own[0]!.backend, tree) as unknown as { params: never };
        return apply(constants, ...own);
      },
      { toleratesRounding },
    );
    return async () => {
      const y = run(...inputs);
      await y.data();
      y.dispose();
    };
  });
  const candidates = runs.map((run, i) => ({ name: ['exact', 'Winograd'][i]!, run }));
  const options = { rounds, warmUp: 2, minSampleMs: 0, now: processorTime };
  const [exact, fast] = await measureInterleaved(candidates, options);
  const share = 1 / pairedSpeed(exact!, fast!);
  return { name, exactMs: exact!.medianMs, winogradMs: fast!.medianMs, share, spread: exact!.spread };
}

export default async function benchmark({ args, log }: BenchOptions): Promise<BenchReport> {
  const at = args.indexOf('--rounds');
  const rounds = at >= 0 ? Number(args[at + 1]) : 9;
  const backend = await onnx({ threads: 1 });
  const items: BenchItem[] = [];
  for (const work of works(cpu())) {
    log(work.name);
    items.push(await compare(backend, work, rounds));
  }
  backend.dispose();
  return { machine: describeMachine(), items, summary: { rounds, threads: 1 } };
}
