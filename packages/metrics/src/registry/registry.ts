/** What tools and user interfaces want to know of each metric: its name, direction, range, colours and weights. */
import { type LpipsBackbone, lpipsBackbones } from '../lpips/lpips.ts';
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

/** What most metrics of image pairs have in common. */
const pair = { subject: 'image pair', unit: '', colorSpace: 'RGB', isDifferentiable: true, weights: [] } as const;

function psnrLike(id: string, name: string, colorSpace: string): MetricInfo {
  const range = [minusInfinity, infinity] as const;
  return { ...pair, id, name, direction: 'higher', range, unit: 'dB', colorSpace, minimumSize: 1, entryPoint: 'psnr' };
}

function ssimLike(id: string, name: string, minimumSize: number): MetricInfo {
  return { ...pair, id, name, direction: 'higher', range: [-1, 1], minimumSize, entryPoint: 'ssim' };
}

function lpipsLike(backbone: LpipsBackbone, network: string): MetricInfo {
  return {
    ...pair,
    id: `lpips-${backbone}`,
    name: `LPIPS (${network}, v0.1)`,
    direction: 'lower',
    range: [0, infinity],
    minimumSize: lpipsBackbones[backbone].minimumSize,
    weights: [`backbone-${backbone}`, `lpips-${backbone}`],
    entryPoint: 'lpips',
  };
}

function setDistance(
  id: string,
  name: string,
  kind: 'frechet' | 'kernel',
  weights: readonly KnownFileId[],
): MetricInfo {
  return {
    ...pair,
    id,
    name,
    subject: 'image sets',
    direction: 'lower',
    range: [kind === 'frechet' ? 0 : minusInfinity, infinity],
    minimumSize: 1,
    isDifferentiable: false,
    weights,
    entryPoint: `${kind}Distance`,
  };
}

function plain(
  subject: MetricInfo['subject'],
  [id, name, unit]: readonly [id: string, name: string, unit: string],
  direction: MetricInfo['direction'],
  range: MetricInfo['range'],
  entryPoint: string,
): MetricInfo {
  return { id, name, unit, subject, direction, range, entryPoint, isDifferentiable: false, weights: [] };
}

const luma = 'BT.601 studio-range luma';

/** Every metric of the package. */
export const metrics: readonly MetricInfo[] = [
  psnrLike('psnr', 'PSNR', 'RGB'),
  { ...psnrLike('psnr-y', 'PSNR (Y)', luma), isDifferentiable: false },
  ssimLike('ssim', 'SSIM', 11),
  ssimLike('ssim-uniform7', 'SSIM (uniform 7×7)', 7),
  ssimLike('ssim-uniform11', 'SSIM (uniform 11×11)', 11),
  ssimLike('ssim-torchmetrics', 'SSIM (mirrored border)', 6),
  { ...ssimLike('ms-ssim', 'MS-SSIM', 161), range: [0, 1], entryPoint: 'msSsim' },
  lpipsLike('alex', 'AlexNet'),
  lpipsLike('vgg', 'VGG16'),
  lpipsLike('squeeze', 'SqueezeNet'),
  { ...lpipsLike('vgg', ''), id: 'dists', name: 'DISTS', weights: ['backbone-vgg', 'dists'], entryPoint: 'dists' },
  {
    ...plain('image', ['niqe', 'NIQE', ''], 'lower', [0, infinity], 'niqe'),
    colorSpace: luma,
    minimumSize: 96,
    weights: ['niqe'],
  },
  setDistance('fid', 'FID', 'frechet', ['inception']),
  setDistance('kid', 'KID', 'kernel', ['inception']),
  setDistance('fd-squeeze', 'FD-squeeze', 'frechet', ['backbone-squeeze']),
  setDistance('kd-squeeze', 'KD-squeeze', 'kernel', ['backbone-squeeze']),
  plain('codes', ['codebook-usage', 'Codebook usage', ''], 'higher', [0, 1], 'usageOfCounts'),
  plain('codes', ['perplexity', 'Perplexity', ''], 'higher', [1, infinity], 'usageOfCounts'),
  plain('codes', ['entropy', 'Entropy', 'bits'], 'higher', [0, infinity], 'usageOfCounts'),
  plain('rate', ['bpp', 'Bits per pixel', 'bits'], 'lower', [0, infinity], 'bitsPerPixel'),
  plain('rate curves', ['bd-rate', 'BD-rate', '%'], 'lower', [-100, infinity], 'bdRate'),
  plain('rate curves', ['bd-psnr', 'BD-PSNR', 'dB'], 'higher', [minusInfinity, infinity], 'bdMetric'),
];

/** A metric's description by its id; undefined for an unknown one. */
export function metricInfo(id: string): MetricInfo | undefined {
  return metrics.find((metric) => metric.id === id);
}
