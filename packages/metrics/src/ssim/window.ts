/** The windows and conventions of structural similarity, each by the name of who uses it. */

/** How local statistics are taken. */
export interface SsimSetting {
  /** Odd number of taps. */
  readonly size: number;
  /** Standard deviation of a Gaussian window; undefined for equal weights. */
  readonly sigma: number | undefined;
  /** Sample covariance (times N/(N − 1), N = size²) instead of population covariance. */
  readonly isSampleCovariance: boolean;
  /** `'valid'`: only windows that fit; `'reflect'`: the image mirrored at its border pixels, a value for every pixel. */
  readonly border: 'valid' | 'reflect';
}

/**
 * Names of settings.
 * - `'wang'`: Gaussian 11×11, σ 1.5, valid. Wang et al. 2004; BasicSR, pytorch-msssim, piq, CompressAI.
 * - `'uniform7'`: 7×7, sample covariance. The default of scikit-image.
 * - `'uniform11'`: 11×11, sample covariance. The evaluations of CVQ-VAE and LooC.
 * - `'torchmetrics'`: as `'wang'`, with mirrored borders and the mean over all pixels.
 */
export type SsimVariant = 'wang' | 'uniform7' | 'uniform11' | 'torchmetrics';

/** @internal The settings by name. */
export const ssimSettings: Readonly<Record<SsimVariant, SsimSetting>> = {
  wang: { size: 11, sigma: 1.5, isSampleCovariance: false, border: 'valid' },
  uniform7: { size: 7, sigma: undefined, isSampleCovariance: true, border: 'valid' },
  uniform11: { size: 11, sigma: undefined, isSampleCovariance: true, border: 'valid' },
  torchmetrics: { size: 11, sigma: 1.5, isSampleCovariance: false, border: 'reflect' },
};

/** @internal Weights of a window along one axis; they sum to 1. */
export function windowWeights({ size, sigma }: SsimSetting): Float64Array {
  const radius = (size - 1) / 2;
  const weights = Float64Array.from({ length: size }, (_, i) =>
    sigma === undefined ? 1 : Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** @internal K1 and K2 of the paper: (0.01 L)² and (0.03 L)². */
export function stabilizers(dataRange: number): [number, number] {
  return [(0.01 * dataRange) ** 2, (0.03 * dataRange) ** 2];
}

/** @internal Index mirrored at the border pixels, which are not repeated. */
export function mirror(i: number, n: number): number {
  if (n === 1) return 0;
  const period = 2 * (n - 1);
  const at = ((i % period) + period) % period;
  return at < n ? at : period - at;
}
