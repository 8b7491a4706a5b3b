/** NIQE against BasicSR's published value and independent ones, and its parts against closed forms. */
import { random } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { dataPath, lacks } from '../testing/data.ts';
import { goldenImage, quarterAndBack, skimageReference } from '../testing/golden.ts';
import { asymmetricGaussianFitter } from './asymmetric-gaussian.ts';
import { logGamma } from './gamma.ts';
import { loadNiqe, type NiqeModel, niqe, pseudoInverseForm } from './niqe.ts';

const modelFile = 'weights/niqe_pristine.safetensors';

describe.skipIf(lacks(modelFile, 'metric-golden/golden.json'))('niqe', () => {
  it("meets BasicSR's published value of baboon, 5.7295763, to 10⁻⁵ in its float32", async () => {
    const [model, baboon] = [await loadNiqe(dataPath(modelFile)), await goldenImage('basicsr_baboon_gt')];
    expect(Math.abs(niqe(model, baboon) - 5.7295763)).toBeLessThan(1e-5);
    expect(Math.abs(niqe(model, baboon, { precision: 'float64' }) - 5.72996)).toBeLessThan(1e-5);
  });

  it.each([
    ['astronaut', 3.9256, 7.8359],
    ['chelsea', 2.6255, 7.9403],
    ['camera', 3.0962, 7.6544],
  ] as const)('gives the values of %s and of its enlargement', async (name, sharp, blurred) => {
    const model = await loadNiqe(dataPath(modelFile));
    const { reference, degraded } = quarterAndBack(await skimageReference(name));
    const precision = 'float64'; // as the golden values were computed
    expect(niqe(model, reference, { precision })).toBeCloseTo(sharp, 3); // flat places depend on the order of sums
    expect(niqe(model, degraded, { precision })).toBeCloseTo(blurred, 3);
  });

  it('does not depend on the scale of the values, and takes gray images', async () => {
    const model = await loadNiqe(dataPath(modelFile));
    const whole = await skimageReference('camera');
    const camera = { ...whole, height: 192, data: whole.data.subarray(0, 192 * whole.width) };
    const unit = { ...camera, data: Float64Array.from(camera.data, (value) => value / 255) };
    expect(niqe(model, unit, { dataRange: 1 })).toBeCloseTo(niqe(model, camera), 10);
    expect(niqe(model, camera, { colorSpace: 'gray' })).toBe(niqe(model, camera));
  });
});

describe('niqe on bad input', () => {
  const model: NiqeModel = {
    mean: new Float64Array(36),
    covariance: new Float64Array(36 * 36),
    window: new Float64Array(49).fill(1 / 49),
  };

  it('refuses small and flat images, and says where its model is', async () => {
    const image = (size: number, value: (i: number) => number) => ({
      data: Uint8Array.from({ length: size * size }, (_, i) => value(i)),
      width: size,
      height: size,
    });
    expect(() =>
      niqe(
        model,
        image(95, (i) => i % 256),
      ),
    ).toThrow(/at least 96×96/);
    expect(() =>
      niqe(
        model,
        image(200, () => 128),
      ),
    ).toThrow(/with texture/);
    await expect(loadNiqe(undefined)).rejects.toThrow(/niqe_pris_params\.npz/);
  });
});

describe('parts', () => {
  it('logGamma gives factorials and Γ(½)', () => {
    expect(Math.exp(logGamma(6))).toBeCloseTo(120, 10);
    expect(Math.exp(logGamma(0.5))).toBeCloseTo(Math.sqrt(Math.PI), 13);
    expect(Math.exp(logGamma(0.2))).toBeCloseTo(4.590843711998803, 12);
  });

  it('the fit finds the shape 2 and the scales of a Gaussian with uneven sides', () => {
    // Sides hold samples in proportion to their scales, 1 : 2.
    const normal = random(5).normalArray(200_001);
    const samples = Float64Array.from(normal, (x, i) => (i % 3 === 0 ? -Math.abs(x) : 2 * Math.abs(x)));
    const { alpha, left, right } = asymmetricGaussianFitter()(samples);
    expect(alpha).toBeCloseTo(2, 0); // moments of 200,000 samples
    expect(left / Math.SQRT2).toBeCloseTo(1, 1);
    expect(right / left).toBeCloseTo(2, 1);
  });

  it('the pseudo-inverse leaves null directions out', () => {
    const matrix = Float64Array.of(2, 1, 0, 1, 2, 0, 0, 0, 0);
    expect(pseudoInverseForm(matrix, Float64Array.of(1, 1, 5))).toBeCloseTo(2 / 3, 12);
  });
});
