/** DISTS of whole images, ready to use, by the published protocol. */
import { type Backend, compile, disposeTree, eventLoopTurn, tidy, workPerTurn } from '@vqkit/core';
import type { AnyImage } from '@vqkit/images';
import { openPair } from '../image/image.ts';
import { pairTensors } from '../image/pair-tensors.ts';
import { resizeForDists } from '../resize/pillow.ts';
import type { WeightsSource } from '../weights/source.ts';
import { dists, type LoadDistsOptions, loadDists } from './dists.ts';

/** An image pair's options. */
export interface DistsMeasureOptions {
  /** Distance between black (0) and white; needed for floats. */
  readonly dataRange?: number;
  readonly signal?: AbortSignal;
}

/** Measures DISTS. Made by `createDistsMeter`. */
export interface DistsMeter {
  readonly id: 'dists';
  /**
   * DISTS of two images; gray ones count as RGB with equal channels. Images whose shorter side is over 256 pixels are reduced
   * first, as the authors do (`resizeForDists`), for which they need 8 bits.
   *
   * @throws InputError as `psnr`, and `IMAGE_TOO_SMALL` under 16×16; the signal's reason when aborted.
   */
  measure(a: AnyImage, b: AnyImage, options?: DistsMeasureOptions): Promise<number>;
  /** Frees the weights and what was compiled; idempotent. */
  dispose(): void;
}

/** Sizes for which the network stays prepared: portrait and landscape. */
const cacheSize = 2;

/**
 * Loads weights and prepares measuring.
 *
 * @param source  As `loadDists`.
 * @throws WeightsError as `loadDists`
 *
 * @example
 * const meter = await createDistsMeter(backend, 'vgg16-397923af.pth', { weights: 'weights.pt' });
 * await meter.measure(original, restored);
 */
export async function createDistsMeter(
  backend: Backend,
  source: WeightsSource | undefined,
  options: LoadDistsOptions = {},
): Promise<DistsMeter> {
  const params = await loadDists(backend, source, options);
  const score = compile(dists, { cacheSize, workPerTurn });
  return {
    id: 'dists',
    measure: async (a, b, { dataRange, signal } = {}) => {
      await eventLoopTurn(signal);
      openPair('dists', a, b, { dataRange });
      const reducedA = resizeForDists(a);
      await eventLoopTurn(signal);
      const pair = openPair('dists', reducedA, resizeForDists(b), { dataRange });
      await eventLoopTurn(signal);
      const whole = { left: 0, top: 0, width: pair.width, height: pair.height };
      const result = tidy(() => score(params, ...pairTensors(backend, pair, whole, [0, 1])));
      try {
        return (await result.data({ signal }))[0]!;
      } finally {
        result.dispose();
      }
    },
    dispose: () => {
      disposeTree(params);
      score.dispose();
    },
  };
}
