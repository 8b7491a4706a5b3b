import { cpu, mapTree, random, tensor, tensorsOf, zerosLike } from '@vqkit/core';
import { checkGradients, noise } from '@vqkit/core/testing';
import { describe, expect, it } from 'vitest';
import { downsample, upsample } from './blocks.ts';

const backend = cpu();
const silent = <P>(params: P): P => mapTree(params, zerosLike);

describe('shortcuts around changes of resolution', () => {
  it('average groups of the pixels of a patch: 1 → 2 channels', () => {
    const layer = downsample(1, 2, 'spaceToChannel');
    const x = tensor(backend, [1, 3, 5, 7], [1, 2, 2, 1]);
    // Patches as channels are [1, 3, 5, 7]; two groups of two.
    expect([...layer.apply(silent(layer.init(backend, random(1))), x).dataSync()]).toEqual([2, 6]);
  });

  it('take shares where groups do not fit: 2 → 3 channels', () => {
    const layer = downsample(2, 3, 'spaceToChannel');
    // Channels of the patch, in order: channel 0 of the 4 pixels, then channel 1.
    const x = tensor(backend, [8, 2, 8, 2, 8, 2, 8, 2], [1, 2, 2, 2]);
    const result = layer.apply(silent(layer.init(backend, random(1))), x).dataSync();
    // 8 channels to 3: stretches of 8/3, the middle one half of each.
    [8, 5, 2].forEach((value, i) => expect(result[i]).toBeCloseTo(value, 5));
  });

  it('turn channels into pixels and repeat them: 4 → 2 channels', () => {
    const layer = upsample(4, 2, { shortcut: 'spaceToChannel' });
    const x = tensor(backend, [1, 2, 3, 4], [1, 1, 1, 4]);
    expect([...layer.apply(silent(layer.init(backend, random(1))), x).dataSync()]).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  });

  it.each([
    ['downsample', downsample(2, 3, 'spaceToChannel'), [1, 2, 4, 2]],
    ['upsample', upsample(4, 2, { shortcut: 'spaceToChannel' }), [1, 2, 1, 4]],
  ] as const)('have gradients: %s', async (_, layer, shape) => {
    const params = layer.init(backend, random(1)) as never;
    expect(tensorsOf(params)).toHaveLength(2);
    await checkGradients(backend, (x) => layer.apply(params, x!), [noise([...shape])]);
  });
});
