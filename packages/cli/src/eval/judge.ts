/** How close a restored picture is to its original: the four numbers of every report. */

import type { Backend } from '@vqkit/core';
import { type AnyImage, type IntegerSamples, type Raster, to8Bit } from '@vqkit/images';
import { compareImages, createLpipsMeter } from '@vqkit/metrics';
import type { Scores } from './scores.ts';

/** Compares pictures. Alpha is not looked at. */
export interface Judge {
  /** @throws InputError `SIZE_MISMATCH`; the signal's reason. */
  compare(reference: Raster<IntegerSamples>, distorted: Raster<IntegerSamples>, signal?: AbortSignal): Promise<Scores>;
  dispose(): void;
}

/** What LPIPS needs. */
export interface LpipsSetup {
  /**
   * Path of SqueezeNet's weights with the linear layers; or the paths of both files as their authors publish them, with
   * a comma between.
   */
  readonly weights: string;
  /** Opened by the caller, who disposes it too. */
  readonly backend: Backend;
}

/** Makes a judge; without `lpips` it leaves LPIPS out. @throws WeightsError `WEIGHTS_MISSING`, `WEIGHTS_MISMATCH`, `WEIGHTS_DAMAGED` */
export async function createJudge(lpips?: LpipsSetup, signal?: AbortSignal): Promise<Judge> {
  const [backbone, linear] = lpips?.weights.split(',') ?? [];
  const meter = lpips && (await createLpipsMeter(lpips.backend, backbone, { backbone: 'squeeze', linear, signal }));
  return {
    compare: async (reference, distorted, stop) => {
      // 16-bit pictures are compared in 16 bits, if both are.
      const is16Bit = reference.data instanceof Uint16Array && distorted.data instanceof Uint16Array;
      const image = (picture: Raster<IntegerSamples>): AnyImage =>
        is16Bit ? picture : { ...picture, data: to8Bit(picture) };
      const options = { lpipsSqueeze: meter, signal: stop };
      const scores = await compareImages(image(reference), image(distorted), options);
      const { psnr, ssim = null, msSsim = null, lpipsSqueeze = null } = scores;
      return { psnr, ssim, msSsim, lpipsSqueeze };
    },
    dispose: () => meter?.dispose(),
  };
}
