/** PSNR of a whole data set at once: squared errors are pooled before the logarithm, as torchmetrics does. */
import type { AnyImage } from '@vqkit/images';
import type { Accumulator } from '../accumulate/accumulator.ts';
import { InputError } from '../errors.ts';
import { dataRangeOf, type PairOptions } from '../image/image.ts';
import { imageMse, psnrOfMse } from './psnr.ts';

/**
 * Accumulates squared errors over image pairs. The result is lower than the mean of per-image values (Jensen); papers
 * report the latter, see `MeanScore`.
 */
export class PooledPsnr implements Accumulator<readonly [a: AnyImage, b: AnyImage], number> {
  readonly #options: PairOptions;
  #squares = 0;
  #pixels = 0;
  #dataRange: number | undefined;

  constructor(options: PairOptions = {}) {
    this.#options = options;
  }

  /** @throws InputError as `psnr`; `VALUE_OUT_OF_RANGE` when the data range changes. */
  update(a: AnyImage, b: AnyImage): void {
    const { cropBorder = 0, dataRange } = this.#options;
    const mse = imageMse(a, b, this.#options);
    this.#setRange(dataRangeOf('PooledPsnr', a, dataRange));
    const pixels = (a.width - 2 * cropBorder) * (a.height - 2 * cropBorder);
    this.#squares += mse * pixels;
    this.#pixels += pixels;
  }

  /** @throws InputError `VALUE_OUT_OF_RANGE` when the data ranges differ. */
  merge(other: PooledPsnr): void {
    if (other.#dataRange !== undefined) this.#setRange(other.#dataRange);
    this.#squares += other.#squares;
    this.#pixels += other.#pixels;
  }

  /** PSNR in dB; NaN when nothing was seen. */
  compute(): number {
    return psnrOfMse(this.#squares / this.#pixels, this.#dataRange ?? Number.NaN);
  }

  #setRange(dataRange: number): void {
    if (this.#dataRange !== undefined && this.#dataRange !== dataRange) {
      throw new InputError({
        code: 'VALUE_OUT_OF_RANGE',
        message: `PooledPsnr: expected one data range, got ${this.#dataRange} and ${dataRange}`,
        fix: 'Pool images of one kind, or pass { dataRange }',
      });
    }
    this.#dataRange = dataRange;
  }
}
