/**
 * Finds what a bit has to be worth for a file of a wanted size, by false position on the logarithm of the size: the larger the weight, the
 * smaller the file, though not at every step, as one choice leads to others.
 */

/** By so much the logarithm of the size falls with the weight, about: 1.5 to 4 were met. */
const response = 2;

/** A weight and the size that came of it. */
interface Point {
  readonly weight: number;
  readonly size: number;
}

/** A search: take `weight`, then `tell` what came of it. */
export class WeightSearch {
  /** The weight to try next, from 0. */
  weight: number;
  readonly #wanted: number;
  readonly #fixed: number;
  readonly #whole: Point;
  #low: Point;
  #high: Point | undefined;
  #wasTooLarge: boolean | undefined;

  /**
   * @param whole  The size at weight 0, which is too large.
   * @param wanted  The size to aim at.
   * @param fixed  What of a size no weight makes smaller.
   */
  constructor(whole: number, wanted: number, fixed: number) {
    this.#fixed = fixed;
    this.#wanted = this.#variable(wanted);
    this.#whole = { weight: 0, size: this.#variable(whole) };
    this.#low = this.#whole;
    this.weight = Math.log(this.#whole.size / this.#wanted) / response;
  }

  /** Takes the size that came of `weight`, and whether it is too large. */
  tell(size: number, isTooLarge: boolean): void {
    const here = { weight: this.weight, size: this.#variable(size) };
    // On the same side twice: the curve is no line between low and high, so go to its middle.
    const isStuck = this.#wasTooLarge === isTooLarge;
    this.#wasTooLarge = isTooLarge;
    if (isTooLarge) this.#low = here;
    else this.#high = here;
    const [low, high] = [this.#low, this.#high];
    if (high) {
      const share = isStuck ? 0.5 : Math.log(low.size / this.#wanted) / Math.log(low.size / high.size);
      this.weight = low.weight + Math.min(Math.max(share, 0.1), 0.9) * (high.weight - low.weight);
    } else {
      // On the line from the size at weight 0.
      const further = Math.log(this.#whole.size / this.#wanted) / Math.log(this.#whole.size / low.size);
      this.weight *= further >= 1.1 ? Math.min(further, 4) : further > 0 ? 1.1 : 4;
    }
  }

  /** Forgets what was told, because sizes were wrong; the weight stays. */
  restart(): void {
    this.#low = this.#whole;
    this.#high = undefined;
    this.#wasTooLarge = undefined;
  }

  #variable(size: number): number {
    return Math.max(size - this.#fixed, 1);
  }
}
