/**
 * Colours under alpha 0 are seen by nobody, but a network sees them and mixes them into their neighbours. They are
 * replaced by what is visible around them, from a pyramid of means: the nearest level on which anything is visible.
 */

/** 2×2 means of colours, weighted by alpha, and of alpha, which stays above 0 where it was. */
interface Level {
  readonly rgb: Uint8Array;
  readonly alpha: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Replaces hidden colours in place.
 *
 * @param rgb  3 bytes a pixel. @param alpha  One byte a pixel; not changed.
 */
export function fillHidden(rgb: Uint8Array, alpha: Uint8Array, width: number, height: number): void {
  if (!alpha.includes(0)) return;
  const levels: Level[] = [{ rgb, alpha, width, height }];
  while (levels.at(-1)!.alpha.includes(0) && levels.at(-1)!.alpha.length > 1) levels.push(halve(levels.at(-1)!));
  // Nothing visible at all: the colour does not matter, as long as it does not depend on what is hidden.
  const top = levels.at(-1)!;
  if (top.alpha.every((value) => value === 0)) top.rgb.fill(0);
  for (let i = levels.length - 2; i >= 0; i--) fillFrom(levels[i + 1]!, levels[i]!);
}

function halve({ rgb, alpha, width, height }: Level): Level {
  const size = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const count = size.width * size.height;
  const half: Level = { ...size, rgb: new Uint8Array(count * 3), alpha: new Uint8Array(count) };
  for (let i = 0; i < count; i++) {
    const [x, y] = [2 * (i % size.width), 2 * Math.floor(i / size.width)];
    let [r, g, b, sum] = [0, 0, 0, 0];
    for (let k = 0; k < 4; k++) {
      const [u, v] = [x + (k & 1), y + (k >> 1)];
      if (u === width || v === height) continue;
      const at = v * width + u;
      const weight = alpha[at]!;
      sum += weight;
      r += weight * rgb[3 * at]!;
      g += weight * rgb[3 * at + 1]!;
      b += weight * rgb[3 * at + 2]!;
    }
    if (sum === 0) continue;
    half.alpha[i] = Math.ceil(sum / 4);
    half.rgb[3 * i] = Math.round(r / sum);
    half.rgb[3 * i + 1] = Math.round(g / sum);
    half.rgb[3 * i + 2] = Math.round(b / sum);
  }
  return half;
}

function fillFrom(half: Level, { rgb, alpha, width }: Level): void {
  for (let i = 0; i < alpha.length; i++) {
    if (alpha[i] !== 0) continue;
    const from = (Math.floor(i / width) >> 1) * half.width + ((i % width) >> 1);
    rgb.set(half.rgb.subarray(3 * from, 3 * from + 3), 3 * i);
  }
}
