/**
 * Index maps that look like those of a tokenizer, for tests and measurements: neighbouring positions mostly carry codes
 * that are close in the tree of codes, with texture and noise on top, and the codes are used unevenly.
 */
import type { IndexMap } from '../index-map.ts';
import { createRandom } from '../training/random.ts';

/** What a synthetic map is like. */
export interface SyntheticMapOptions {
  readonly width: number;
  readonly height: number;
  readonly codebookSizes: readonly number[];
  readonly seed: number;
  /** Share of positions with a random code; default 0.1. */
  readonly noise?: number;
}

/** Returns a map made of a few slanted waves, cut at random places, with noise. */
export function syntheticMap({ width, height, codebookSizes, seed, noise = 0.1 }: SyntheticMapOptions): IndexMap {
  const random = createRandom(seed);
  const planes = codebookSizes.map((size) => {
    const waves = Array.from({ length: 4 }, () => {
      const spread = 6 + random.below(30);
      return { x: random.uniform() - 0.5, y: random.uniform() - 0.5, phase: random.below(64), spread };
    });
    const cut = random.below(width + 1);
    return Uint32Array.from({ length: width * height }, (_, i) => {
      if (random.uniform() < noise) return random.below(size);
      const x = i % width;
      const y = Math.floor(i / width);
      const shown = x < cut ? waves.slice(0, 2) : waves.slice(2);
      const level = shown.reduce((sum, wave) => {
        const t = ((wave.x * x + wave.y * y + wave.phase) / wave.spread) % 1;
        return sum + Math.abs(((t + 1) % 1) - 0.5);
      }, 0);
      const jitter = (random.uniform() - 0.5) * 0.06;
      // Squaring makes low codes more frequent.
      const share = Math.max(0, Math.min(0.999999, (level + jitter) ** 2));
      return Math.floor(share * size);
    });
  });
  return { width, height, codebookSizes, planes };
}
