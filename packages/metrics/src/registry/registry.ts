/** What tools and user interfaces want to know of each metric: its name, direction, range, colours and weights. */
import type { KnownFileId } from '../weights/known-files.ts';

/** A metric's description. */
export interface MetricInfo {
  /** Stable identifier, also the key in JSON results. */
  readonly id: string;
  /** As people write it. */
  readonly name: string;
  /** What it is a number of. */
  readonly subject: 'image pair' | 'image' | 'image sets' | 'codes' | 'rate' | 'rate curves';
  /** Which way is better. */
  readonly direction: 'higher' | 'lower';
  /** Smallest and largest possible value. */
  readonly range: readonly [low: number, high: number];
  /** dB, percent or bits; empty for plain numbers. */
  readonly unit: string;
  /** What of the colours it sees; undefined where there are no images. */
  readonly colorSpace?: string;
  /** Smallest height and width. */
  readonly minimumSize?: number;
  /** Whether a version on tensors passes gradients. */
  readonly isDifferentiable: boolean;
  /** Published weights that it needs, see `knownFiles`. */
  readonly weights: readonly KnownFileId[];
  /** The function or class that computes it. */
  readonly entryPoint: string;
}

const { POSITIVE_INFINITY: infinity, NEGATIVE_INFINITY: minusInfinity } = Number;

const pair = { subject: 'image pair', weights: [] } as const;
const rgb = 'RGB, channels as they are';

/** Every metric of the package. */
export const metrics: readonly MetricInfo[] = [
  {
    ...pair,
    id: 'psnr',
    name: 'PSNR',
    direction: 'higher',
    range: [minusInfinity, infinity],
    unit: 'dB',
    colorSpace: rgb,
    minimumSize: 1,
    isDifferentiable: true,
    entryPoint: 'psnr',
  },
  {
    ...pair,
    id: 'psnr-y',
    name: 'PSNR (Y)',
    direction: 'higher',
    range: [minusInfinity, infinity],
    unit: 'dB',
    colorSpace: 'BT.601 studio-range luma',
    minimumSize: 1,
    isDifferentiable: false,
    entryPoint: 'psnr',
  },
  {
    ...pair,
    id: 'ssim',
    name: 'SSIM',
    direction: 'higher',
    range: [-1, 1],
    unit: '',
    colorSpace: rgb,
    minimumSize: 11,
    isDifferentiable: true,
    entryPoint: 'ssim',
  },
  {
    ...pair,
    id: 'ssim-uniform7',
    name: 'SSIM (uniform 7×7)',
    direction: 'higher',
    range: [-1, 1],
    unit: '',
    colorSpace: rgb,
    minimumSize: 7,
    isDifferentiable: true,
    entryPoint: 'ssim',
  },
  {
    ...pair,
    id: 'ssim-uniform11',
    name: 'SSIM (uniform 11×11)',
    direction: 'higher',
    range: [-1, 1],
    unit: '',
    colorSpace: rgb,
    minimumSize: 11,
    isDifferentiable: true,
    entryPoint: 'ssim',
  },
  {
    ...pair,
    id: 'ssim-torchmetrics',
    name: 'SSIM (mirrored border)',
    direction: 'higher',
    range: [-1, 1],
    unit: '',
    colorSpace: rgb,
    minimumSize: 6,
    isDifferentiable: true,
    entryPoint: 'ssim',
  },
  {
    ...pair,
    id: 'ms-ssim',
    name: 'MS-SSIM',
    direction: 'higher',
    range: [0, 1],
    unit: '',
    colorSpace: rgb,
    minimumSize: 161,
    isDifferentiable: true,
    entryPoint: 'msSsim',
  },
  {
    ...pair,
    id: 'lpips-alex',
    name: 'LPIPS (AlexNet, v0.1)',
    direction: 'lower',
    range: [0, infinity],
    unit: '',
    colorSpace: 'RGB',
    minimumSize: 31,
    isDifferentiable: true,
    weights: ['backbone-alex', 'lpips-alex'],
    entryPoint: 'lpips',
  },
  {
    ...pair,
    id: 'lpips-vgg',
    name: 'LPIPS (VGG16, v0.1)',
    direction: 'lower',
    range: [0, infinity],
    unit: '',
    colorSpace: 'RGB',
    minimumSize: 16,
    isDifferentiable: true,
    weights: ['backbone-vgg', 'lpips-vgg'],
    entryPoint: 'lpips',
  },
  {
    ...pair,
    id: 'lpips-squeeze',
    name: 'LPIPS (SqueezeNet, v0.1)',
    direction: 'lower',
    range: [0, infinity],
    unit: '',
    colorSpace: 'RGB',
    minimumSize: 17,
    isDifferentiable: true,
    weights: ['backbone-squeeze', 'lpips-squeeze'],
    entryPoint: 'lpips',
  },
  {
    ...pair,
    id: 'dists',
    name: 'DISTS',
    direction: 'lower',
    range: [0, 2],
    unit: '',
    colorSpace: 'RGB',
    minimumSize: 16,
    isDifferentiable: true,
    weights: ['backbone-vgg', 'dists'],
    entryPoint: 'dists',
  },
  {
    id: 'niqe',
    name: 'NIQE',
    subject: 'image',
    direction: 'lower',
    range: [0, infinity],
    unit: '',
    colorSpace: 'BT.601 studio-range luma',
    minimumSize: 96,
    isDifferentiable: false,
    weights: ['niqe'],
    entryPoint: 'niqe',
  },
  {
    id: 'fid',
    name: 'FID',
    subject: 'image sets',
    direction: 'lower',
    range: [0, infinity],
    unit: '',
    colorSpace: 'RGB',
    minimumSize: 1,
    isDifferentiable: false,
    weights: ['inception'],
    entryPoint: 'frechetDistance',
  },
  {
    id: 'kid',
    name: 'KID',
    subject: 'image sets',
    direction: 'lower',
    range: [minusInfinity, infinity],
    unit: '',
    colorSpace: 'RGB',
    minimumSize: 1,
    isDifferentiable: false,
    weights: ['inception'],
    entryPoint: 'kernelDistance',
  },
  {
    id: 'fd-squeeze',
    name: 'FD-squeeze',
    subject: 'image sets',
    direction: 'lower',
    range: [0, infinity],
    unit: '',
    colorSpace: 'RGB',
    minimumSize: 1,
    isDifferentiable: false,
    weights: ['backbone-squeeze'],
    entryPoint: 'frechetDistance',
  },
  {
    id: 'kd-squeeze',
    name: 'KD-squeeze',
    subject: 'image sets',
    direction: 'lower',
    range: [minusInfinity, infinity],
    unit: '',
    colorSpace: 'RGB',
    minimumSize: 1,
    isDifferentiable: false,
    weights: ['backbone-squeeze'],
    entryPoint: 'kernelDistance',
  },
  {
    id: 'codebook-usage',
    name: 'Codebook usage',
    subject: 'codes',
    direction: 'higher',
    range: [0, 1],
    unit: '',
    isDifferentiable: false,
    weights: [],
    entryPoint: 'codeUsage',
  },
  {
    id: 'perplexity',
    name: 'Perplexity',
    subject: 'codes',
    direction: 'higher',
    range: [1, infinity],
    unit: '',
    isDifferentiable: false,
    weights: [],
    entryPoint: 'codeUsage',
  },
  {
    id: 'entropy',
    name: 'Entropy',
    subject: 'codes',
    direction: 'higher',
    range: [0, infinity],
    unit: 'bits',
    isDifferentiable: false,
    weights: [],
    entryPoint: 'codeUsage',
  },
  {
    id: 'bpp',
    name: 'Bits per pixel',
    subject: 'rate',
    direction: 'lower',
    range: [0, infinity],
    unit: 'bits',
    isDifferentiable: false,
    weights: [],
    entryPoint: 'bitsPerPixel',
  },
  {
    id: 'bd-rate',
    name: 'BD-rate',
    subject: 'rate curves',
    direction: 'lower',
    range: [-100, infinity],
    unit: '%',
    isDifferentiable: false,
    weights: [],
    entryPoint: 'bdRate',
  },
  {
    id: 'bd-psnr',
    name: 'BD-PSNR',
    subject: 'rate curves',
    direction: 'higher',
    range: [minusInfinity, infinity],
    unit: 'dB',
    isDifferentiable: false,
    weights: [],
    entryPoint: 'bdMetric',
  },
];

/** A metric's description by its id; undefined for an unknown one. */
export function metricInfo(id: string): MetricInfo | undefined {
  return metrics.find((metric) => metric.id === id);
}
