import { encodeIndices, splitFile, writeContainer } from '@vqkit/codec/bitstream';
import { expect, it } from 'vitest';
import { afterLoss, arrivals } from './parity.ts';

const planes = [Uint32Array.from({ length: 400 }, (_, i) => (i * 7) % 64)];
const indices = encodeIndices({ width: 20, height: 20, codebookSizes: [64], planes }, { packets: 18 });
const file = writeContainer({ width: 320, height: 320, modelId: new Uint8Array(4), indices, parity: 2 });

it('loses whole packets, in the share that was asked for, the same for the same seed', () => {
  expect(afterLoss(file, 0, 1)).toEqual(new Uint8Array(file));
  const { header, packets } = splitFile(afterLoss(file, 0.2, 3));
  expect(header).toEqual(splitFile(file).header);
  expect(packets).toHaveLength(arrivals(20, 0.2, 3).filter(Boolean).length);
  const all = Array.from({ length: 200 }, (_, seed) => arrivals(20, 0.2, seed)).flat();
  expect(all.filter((arrived) => !arrived).length / all.length).toBeCloseTo(0.2, 1);
});
