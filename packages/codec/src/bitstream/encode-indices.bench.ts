/**
 * Time of every mode for the indices of a 768 × 512 picture at 1/16 scale (1536 indices) and of a 12-megapixel one
 * (46,875), K = 1024, synthetic maps: `npx vitest bench --run packages/codec/src/bitstream/encode-indices.bench.ts`.
 */
import { bench, describe } from 'vitest';
import { decodeIndices } from './decode-indices.ts';
import { encodeIndices } from './encode-indices.ts';
import { loadPrior } from './prior/load-prior.ts';
import { syntheticMap } from './testing/synthetic-maps.ts';
import { trainPrior } from './training/train-prior.ts';

const codebookSizes = [1024];
// The time does not depend on how well the prior was trained.
const priorFile = await trainPrior([syntheticMap({ width: 16, height: 16, codebookSizes, seed: 1 })], {
  network: { epochs: 1 },
});
const prior = loadPrior(priorFile);

for (const [width, height] of [
  [48, 32],
  [250, 188],
] as const) {
  const map = syntheticMap({ width, height, codebookSizes, seed: 2 });
  describe(`${width} × ${height} indices`, () => {
    for (const mode of ['uniform', 'static', 'adaptive', 'mixing', 'smallest'] as const) {
      bench(`encode, ${mode}`, () => {
        encodeIndices(map, { mode, prior });
      });
    }
    const coded = encodeIndices(map, { mode: 'mixing', prior });
    bench('decode, mixing with a prior', () => {
      decodeIndices(coded, { prior });
    });
    const plain = encodeIndices(map, { mode: 'mixing' });
    bench('decode, mixing without one', () => {
      decodeIndices(plain);
    });
  });
}

describe('loadPrior', () => {
  bench('1024 codes, network of default size', () => {
    loadPrior(priorFile);
  });
});
