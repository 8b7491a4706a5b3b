import { expect, it } from 'vitest';
import { encodeIndices } from './encode-indices.ts';
import { type CodedIndices, entropyModes } from './index-map.ts';
import { positionBits } from './position-bits.ts';
import { loadPrior } from './prior/load-prior.ts';
import { createTablePrior } from './prior/write-prior.ts';
import { codeOf } from './testing/code-of.ts';
import { syntheticMap } from './testing/synthetic-maps.ts';

const map = syntheticMap({ width: 24, height: 16, codebookSizes: [32, 8], seed: 3 });

it.each(entropyModes)('adds up to the bytes of mode %s, in one packet and in several', (mode) => {
  const frequencies = map.codebookSizes.map((size) => new Uint32Array(size).fill(1));
  const prior = mode === 'static' ? loadPrior(createTablePrior(frequencies)) : undefined;
  for (const packets of [1, 5]) {
    const coded = encodeIndices(map, { mode, prior, packets });
    const bits = positionBits(coded, { prior });
    const total = bits.reduce((sum, value) => sum + value, 0);
    const bytes = coded.packets.reduce((sum, packet) => sum + packet!.length, 0);
    // a packet ends with up to two bytes that are not full
    expect(Math.abs(8 * bytes - total)).toBeLessThan(16 * packets);
    expect(bits.every((value) => value > 0)).toBe(true);
  }
});

it('says 0 where positions are lost, and ends in the errors of the decoder', () => {
  const coded = encodeIndices(map, { packets: 4, mode: 'adaptive' });
  const damaged: CodedIndices = { ...coded, packets: coded.packets.with(2, undefined) };
  const bits = positionBits(damaged);
  expect(bits.filter((value) => value === 0).length).toBe((24 * 16) / 4);
  expect(codeOf(() => positionBits({ ...coded, packets: coded.packets.map(() => undefined) }))).toBe(
    'ALL_PACKETS_LOST',
  );
});
