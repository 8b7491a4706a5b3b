/** Descriptions of metrics agree with the package. */
import { describe, expect, it } from 'vitest';
import * as everything from '../index.ts';

import { metricInfo, metrics } from './registry.ts';

describe('metrics', () => {
  it('have distinct ids, sensible ranges, known weights and entry points that exist', () => {
    const exported = new Map<string, unknown>(Object.entries(everything));
    expect(new Set(metrics.map(({ id }) => id)).size).toBe(metrics.length);
    for (const { range, weights, entryPoint } of metrics) {
      expect(range[0]).toBeLessThan(range[1]);
      for (const id of weights) expect(everything.knownFiles[id].url).toMatch(/^https:/);
      expect(exported.get(entryPoint)).toBeTypeOf('function');
    }
  });

  it('are found by id', () => {
    expect(metricInfo('lpips-vgg')).toMatchObject({ direction: 'lower', weights: ['backbone-vgg', 'lpips-vgg'] });
    expect(metricInfo('nothing')).toBeUndefined();
  });
});
