/**
 * Pictures of one colour, or nearly one. Photographs teach a model few saturated colours, and what it cannot say it says
 * as texture; the file then holds the darkest and the brightest sample of each channel in a section of its own, and what
 * is shown is kept within them. A picture of one colour comes back exactly, at any size and with any model.
 */

/** Largest difference between the darkest and the brightest sample of a channel. */
const narrow = 32;

/** Bytes of the section, its type and length, and the end of the list of sections. */
export const colourRangeBytes = 9;

/**
 * The range of a picture's colours: darkest and brightest sample of all channels together for grey, else of R, G and B;
 * `undefined` where one of them spans more than a model is likely to miss.
 *
 * @param rgb  3 bytes a pixel.
 */
export function colourRangeOf(rgb: Uint8Array, isGrey: boolean): number[] | undefined {
  const channels = isGrey ? 1 : 3;
  const range = Array.from({ length: channels }, (_, c) => [rgb[c]!, rgb[c]!]);
  for (let i = 0; i < rgb.length; i++) {
    const own = range[i % channels]!;
    const value = rgb[i]!;
    if (value < own[0]!) own[0] = value;
    else if (value > own[1]!) own[1] = value;
    else continue;
    if (own[1]! - own[0]! > narrow) return undefined;
  }
  return range.flat();
}

/** Keeps colours within a range, in place. @param rgb  3 bytes a pixel. */
export function keepInRange(rgb: Uint8Array | Uint8ClampedArray, range: readonly number[]): void {
  for (let i = 0; i < rgb.length; i++) {
    const at = range.length === 2 ? 0 : 2 * (i % 3);
    rgb[i] = Math.min(Math.max(rgb[i]!, range[at]!), range[at + 1]!);
  }
}
