/** An evaluation with made-up numbers, for tests of what is made of evaluations. */
import type { Evaluation, ImageResult, Series } from '../eval/evaluate.ts';

/** Two images at two rates and with AVIF; no LPIPS. */
export function sampleEvaluation(): Evaluation {
  const ours = [0.04, 0.02].map((targetBpp) => ({ targetBpp, ...series('vqkit', targetBpp, true) }));
  return { rates: ours, against: { avif: series('AVIF', 0.069, false) }, skipped: [] };
}

function series(label: string, bpp: number, isOurs: boolean): Series {
  const images = ['a.png', 'b.png'].map((name, i): ImageResult => {
    const scores = { psnr: 20 + 100 * bpp + i, ssim: 0.6 + bpp, msSsim: 0.8 + bpp, lpipsSqueeze: null };
    const times = isOurs ? { codebookSize: 1024, encodeMilliseconds: 200, decodeMilliseconds: 400 } : {};
    return {
      file: `folder/${name}`,
      width: 768,
      height: 512,
      bytes: Math.round(bpp * 49_152),
      bpp,
      ...scores,
      ...times,
    };
  });
  const mean = { bpp, psnr: 20.5 + 100 * bpp, ssim: 0.6 + bpp, msSsim: 0.8 + bpp, lpipsSqueeze: null };
  return { label, images, mean };
}
