import { cpu, tensor } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { adaptiveWeight, generatorLoss, hingeLoss } from './adversarial.ts';

const backend = cpu();
const scores = (...values: number[]) => tensor(backend, values);

describe('hingeLoss', () => {
  it('is ½·(mean relu(1 − real) + mean relu(1 + fake))', () => {
    // real: (0.5 + 0)/2 = 0.25; fake: (0 + 1.5)/2 = 0.75
    expect(hingeLoss(scores(0.5, 3), scores(-2, 0.5)).dataSync()[0]).toBeCloseTo(0.5);
  });
});

describe('scores of several depths', () => {
  it('count the same however many positions each has', () => {
    // mean of −(1 + 3)/2 and −6
    expect(generatorLoss([scores(1, 3), scores(6)]).dataSync()[0]).toBeCloseTo(-4);
    // real: (0.5 + 0)/2; fake: (0 + 3)/2; ½ of their sum
    expect(hingeLoss([scores(0.5, 0.5), scores(2)], [scores(-2), scores(1, 3)]).dataSync()[0]).toBeCloseTo(0.875);
  });
});

describe('generatorLoss', () => {
  it('is minus the mean score', () => {
    expect(generatorLoss(scores(1, 2, 6)).dataSync()[0]).toBeCloseTo(-3);
  });
});

describe('adaptiveWeight', () => {
  it('is the ratio of gradient lengths times the factor', () => {
    // 5 / (0.5 + 1e-4) · 0.8
    expect(adaptiveWeight(scores(3, 4), scores(0.3, 0.4)).dataSync()[0]).toBeCloseTo((5 / 0.5001) * 0.8, 4);
  });

  it('is limited where the adversarial gradient vanishes', () => {
    expect(adaptiveWeight(scores(30, 40), scores(0, 0), { limit: 100, factor: 1 }).dataSync()[0]).toBeCloseTo(100);
  });
});
