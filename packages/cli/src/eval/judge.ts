/** How close a restored picture is to its original: the four numbers of every report. */
import { type Backend, compile, type Tensor, tensor } from '@vqkit/core';
import { InputError, type LpipsParams, loadLpips, lpips, msSsim, psnr, ssim } from '@vqkit/metrics';
import { type Picture, to8Bit } from '../io/images.ts';
import type { Scores } from './scores.ts';

/** Compares pictures. Alpha is not looked at. */
export interface Judge {
  /** @throws InputError `SIZE_MISMATCH` */
  compare(reference: Picture, distorted: Picture): Promise<Scores>;
  dispose(): void;
}

/** What LPIPS needs. */
export interface LpipsSetup {
  /** Path of the SqueezeNet weights with the linear layers, safetensors. */
  readonly weights: string;
  /** Opened by the caller, who disposes it too. */
  readonly backend: Backend;
}

/** Makes a judge; without `lpipsSetup` it leaves LPIPS out. @throws WeightsError `WEIGHTS_MISSING`, `WEIGHTS_MISMATCH`, `WEIGHTS_DAMAGED` */
export async function createJudge(lpipsSetup?: LpipsSetup, signal?: AbortSignal): Promise<Judge> {
  const perceptual = lpipsSetup && (await openLpips(lpipsSetup, signal));
  return {
    compare: async (reference, distorted) => {
      // 16-bit pictures are compared in 16 bits, if both are.
      const is16Bit = reference.data instanceof Uint16Array && distorted.data instanceof Uint16Array;
      const [a, b] = [colours(reference, is16Bit), colours(distorted, is16Bit)];
      return {
        psnr: psnr(a, b),
        ssim: await unlessTooSmall(() => ssim(a, b)),
        msSsim: await unlessTooSmall(() => msSsim(a, b)),
        lpipsSqueeze: perceptual ? await unlessTooSmall(() => perceptual.distance(a, b)) : null,
      };
    },
    dispose: () => perceptual?.dispose(),
  };
}

interface ColourImage {
  readonly data: Uint8Array | Uint16Array;
  readonly width: number;
  readonly height: number;
}

/** R, G and B alone. */
function colours(picture: Picture, is16Bit: boolean): ColourImage {
  const { width, height, channels } = picture;
  const data = is16Bit ? (picture.data as Uint16Array) : to8Bit(picture);
  if (channels === 3) return { data, width, height };
  const rgb = is16Bit ? new Uint16Array(width * height * 3) : new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = data[i * 4 + c]!;
  }
  return { data: rgb, width, height };
}

async function unlessTooSmall(score: () => number | Promise<number>): Promise<number | null> {
  try {
    return await score();
  } catch (error) {
    if (error instanceof InputError && error.code === 'IMAGE_TOO_SMALL') return null;
    throw error;
  }
}

interface Perceptual {
  distance(a: ColourImage, b: ColourImage): Promise<number>;
  dispose(): void;
}

async function openLpips({ weights, backend }: LpipsSetup, signal?: AbortSignal): Promise<Perceptual> {
  const params: LpipsParams = await loadLpips(backend, weights, { backbone: 'squeeze', signal });
  // Portrait and landscape are two shapes; more of them would keep memory for nothing.
  const distance = compile(lpips({ backbone: 'squeeze' }), { cacheSize: 2 });
  const upload = ({ data, width, height }: ColourImage): Tensor => {
    const half = data instanceof Uint16Array ? 32767.5 : 127.5;
    return tensor(
      backend,
      Float32Array.from(data, (value) => value / half - 1),
      [1, height, width, 3],
    );
  };
  return {
    distance: async (a, b) => {
      const [x, y] = [upload(a), upload(b)];
      const result = distance(params, x, y);
      try {
        return await result.item();
      } finally {
        for (const used of [x, y, result]) used.dispose();
      }
    },
    dispose: () => distance.dispose(),
  };
}
