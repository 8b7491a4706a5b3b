/** Pictures for tests. */
import { random } from '@vqkit/core';
import type { InputImage } from '@vqkit/images';

/** A smooth picture with some noise. */
export function picture(width: number, height: number, channels = 3, seed = 1): InputImage {
  const noise = random(seed).uniformArray(width * height * channels, -20, 20);
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return (
      128 + 80 * Math.sin((pixel % width) / 15 + (i % channels)) * Math.cos(Math.floor(pixel / width) / 11) + noise[i]!
    );
  });
  return { data, width, height };
}
