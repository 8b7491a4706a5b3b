/**
 * Structural similarity against the packages of npm, at equal definition where there is one: a Gaussian 11×11 window on
 * gray images, with and without the downsampling of `ssim.m`, and MS-SSIM. `image-ssim` defines its own (blocks of 8×8
 * that do not overlap) and is shown with its nearest relative, outside of the summary. At the end a pair of 12 megapixels
 * in RGB.
 *
 * Times are processor time of this process: the candidates are single-threaded and synchronous, so other programs on the
 * machine do not show. Ratios compare the fastest samples, since the peers' garbage is collected in everybody's time.
 *
 * Options: `--quick` leaves out the large images.
 */
import type { AnyImage } from '@vqkit/images';
import { msSsim, psnr, ssim } from '@vqkit/metrics';
import { describeMachine } from '../harness/machine.ts';
import { measureInterleaved } from '../harness/measure.ts';
import { importPeer } from '../harness/peers.ts';
import type { BenchItem, Benchmark } from '../harness/report.ts';
import { geometricMean } from '../harness/statistics.ts';

type Rgba = { readonly data: Uint8ClampedArray; readonly width: number; readonly height: number };

interface SsimJs {
  readonly ssim: (a: Rgba, b: Rgba, options: { ssim: string; downsample: false | string }) => { mssim: number };
}
type Blazediff = (a: Uint8ClampedArray, b: Uint8ClampedArray, map: undefined, width: number, height: number) => number;
interface ImageSsim {
  readonly compare: (a: Rgba & { channels: number }, b: Rgba & { channels: number }) => { ssim: number };
}

/** Peers are CommonJS or both; their functions are exports or the default's fields. */
async function load<T>(name: string): Promise<T> {
  const module = await importPeer<T & { default?: T }>(name);
  return module.default ?? (module as T);
}

/** A pair of smooth shapes with texture, and its darker, noisy copy. */
function makePair(width: number, height: number): { a: Rgba; b: Rgba } {
  const [a, b] = [new Uint8ClampedArray(width * height * 4), new Uint8ClampedArray(width * height * 4)];
  for (let i = 0; i < a.length; i++) {
    const [k, x, y] = [i % 4, (i >> 2) % width, Math.floor((i >> 2) / width)];
    const value = k === 3 ? 255 : 128 + 90 * Math.sin(x / 23 + k) * Math.cos(y / 17) + ((x * 7 + y * 13) % 31);
    a[i] = value;
    b[i] = k === 3 ? 255 : 0.9 * value + ((x * 31 + y * 17 + k * 7) % 23);
  }
  return { a: { data: a, width, height }, b: { data: b, width, height } };
}

interface Case {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly candidates: readonly { readonly name: string; readonly run: () => number }[];
  readonly isEqualDefinition: boolean;
}

/** Processor time of this process in milliseconds. */
const now = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const benchmark: Benchmark = async ({ args, log }) => {
  const isQuick = args.includes('--quick');
  const { ssim: ssimJs } = await importPeer<SsimJs>('ssim.js');
  const blazediff = await load<Blazediff>('@blazediff/ssim');
  const blazediffMs = await load<Blazediff>('@blazediff/ssim/msssim');
  const imageSsim = await load<ImageSsim>('image-ssim/dist/image-ssim.js');
  const gray = { colorSpace: 'gray' } as const;

  const casesOf = (width: number, height: number): Case[] => {
    const { a, b } = makePair(width, height);
    const size = { width, height };
    const withChannels = (image: Rgba): Rgba & { channels: number } => ({ ...image, channels: 4 });
    const ours = (name: string, run: () => number): Case['candidates'][number] => ({ name, run });
    return [
      {
        ...size,
        name: 'SSIM, Gaussian 11, gray, full size',
        isEqualDefinition: true,
        candidates: [
          ours('vqkit', () => ssim(a as AnyImage, b, gray)),
          ours('ssim.js fast', () => ssimJs(a, b, { ssim: 'fast', downsample: false }).mssim),
        ],
      },
      {
        ...size,
        name: 'SSIM, Gaussian 11, gray, downsampled as ssim.m',
        isEqualDefinition: true,
        candidates: [
          ours('vqkit', () => ssim(a, b, { ...gray, isDownsampled: true })),
          ours('@blazediff/ssim', () => blazediff(a.data, b.data, undefined, width, height)),
          ours('ssim.js fast', () => ssimJs(a, b, { ssim: 'fast', downsample: 'original' }).mssim),
        ],
      },
      {
        ...size,
        name: 'MS-SSIM, gray',
        isEqualDefinition: true,
        candidates: [
          ours('vqkit', () => msSsim(a, b, gray)),
          ours('@blazediff/ssim', () => blazediffMs(a.data, b.data, undefined, width, height)),
        ],
      },
      {
        ...size,
        name: 'uniform windows (vqkit: every 7×7; image-ssim: 8×8 blocks)',
        isEqualDefinition: false,
        candidates: [
          ours('vqkit uniform7', () => ssim(a, b, { ...gray, variant: 'uniform7' })),
          ours('image-ssim', () => imageSsim.compare(withChannels(a), withChannels(b)).ssim),
        ],
      },
    ];
  };

  const items: BenchItem[] = [];
  const ratios: number[] = [];
  const sizes = isQuick
    ? [[320, 240]]
    : [
        [320, 240],
        [768, 512],
        [2048, 1536],
      ];
  for (const [width, height] of sizes as [number, number][]) {
    for (const { name, candidates, isEqualDefinition } of casesOf(width, height)) {
      log(`${name}, ${width}×${height}`);
      const timings = await measureInterleaved(candidates, { rounds: width > 1000 ? 5 : 9, warmUp: 2, now });
      const own = timings[0]!;
      timings.forEach(({ name: who, medianMs, minMs }, i) => {
        const ratio = minMs / own.minMs;
        if (isEqualDefinition && i > 0) ratios.push(ratio);
        items.push({
          name,
          size: `${width}×${height}`,
          who,
          value: candidates[i]!.run(),
          cpuMs: medianMs,
          fastestMs: minMs,
          timesOurs: ratio,
        });
      });
    }
  }
  if (!isQuick) items.push(...(await measureLarge(log)));
  return {
    machine: describeMachine(),
    items,
    summary: {
      'times ours, geometric mean at equal definition': geometricMean(ratios),
      'times ours, smallest at equal definition': Math.min(...ratios),
    },
  };
};

/** A pair of 12 megapixels in RGB: seconds, and the memory of the process. */
async function measureLarge(log: (line: string) => void): Promise<BenchItem[]> {
  const { a, b } = makePair(4000, 3000);
  const metrics = { PSNR: () => psnr(a, b), SSIM: () => ssim(a, b), 'MS-SSIM': () => msSsim(a, b) };
  const items: BenchItem[] = [];
  for (const [name, run] of Object.entries(metrics)) {
    log(`${name}, 12 megapixels`);
    const start = now();
    const value = run();
    const cpuMs = now() - start;
    const rssMiB = Math.round(process.memoryUsage().rss / 2 ** 20);
    items.push({ name: `${name}, RGB`, size: '4000×3000', who: 'vqkit', value, cpuMs, rssMiB });
  }
  return items;
}

export default benchmark;
