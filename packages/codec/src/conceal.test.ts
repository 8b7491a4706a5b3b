import { describe, expect, it } from 'vitest';
import { concealLost } from './conceal.ts';

describe('concealLost', () => {
  const row = (width: number, height = 1, codebookSizes = [16]) => ({
    width,
    height,
    codebookSizes,
    modelId: 'any',
  });

  it('takes the nearest index that arrived and leaves the others', async () => {
    const indices = Uint32Array.of(7, 0, 0, 0, 0, 9);
    const lost = Uint8Array.of(0, 1, 1, 1, 1, 0);
    expect([...(await concealLost(indices, lost, row(6)))]).toEqual([7, 7, 7, 9, 9, 9]);
    expect([...indices]).toEqual([7, 0, 0, 0, 0, 9]);
  });

  it('does not wrap around the edge of a row', async () => {
    const indices = Uint32Array.of(0, 5, 0, 0);
    expect([...(await concealLost(indices, Uint8Array.of(1, 0, 1, 1), row(2, 2)))]).toEqual([5, 5, 5, 5]);
  });

  it('keeps the slots of a position together', async () => {
    const indices = Uint32Array.of(1, 2, 0, 0, 3, 4);
    const lost = Uint8Array.of(0, 1, 0);
    expect([...(await concealLost(indices, lost, row(3, 1, [16, 16])))]).toEqual([1, 2, 1, 2, 3, 4]);
  });

  it('gives zeros when nothing arrived', async () => {
    expect([...(await concealLost(Uint32Array.of(0, 0), Uint8Array.of(1, 1), row(2)))]).toEqual([0, 0]);
  });
});
