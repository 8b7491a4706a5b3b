/** The scores of every report, by name. */

/** Scores of one picture. */
export interface Scores {
  /** dB over R, G and B; ∞ for equal pictures. */
  readonly psnr: number;
  /** Gaussian window of 11, mean over channels; null for pictures smaller than the window. */
  readonly ssim: number | null;
  /** Null for pictures with a side under 161 pixels. */
  readonly msSsim: number | null;
  /** LPIPS 0.1 on SqueezeNet; null without its weights and for pictures too small for it. */
  readonly lpipsSqueeze: number | null;
}

/** The names of the scores, in the order of reports. */
export const scoreNames = ['psnr', 'ssim', 'msSsim', 'lpipsSqueeze'] as const;
