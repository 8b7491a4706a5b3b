import { type Interpolation, resample } from '@vqkit/images';
/** Resizers against Pillow 9.4 (bit for bit) and PyTorch 1.13; made by `scripts/make-resize-fixtures.py`. */
import { describe, expect, it } from 'vitest';
import { lacks, syntheticPair } from '../testing/data.ts';
import { basicsrPair } from '../testing/golden.ts';
import fixture from './fixtures/resized.json' with { type: 'json' };
import { resizeMatlabBicubic } from './matlab-bicubic.ts';
import { resizeForDists, resizePillow, resizePillowFloat } from './pillow.ts';

const image = syntheticPair(37, 45).a;
const every = (step: number) => (_: unknown, i: number) => i % step === 0;

describe('resizePillow', () => {
  it.each(fixture.cases)('equals Pillow ($interpolation to $width×$height), bytes and floats', (expected) => {
    const options = { ...expected, interpolation: expected.interpolation as Interpolation };
    const { data } = resizePillow(image, options);
    expect([...data.filter(every(17))]).toEqual(expected.bytes);
    expect(data.reduce((sum, value) => sum + value, 0)).toBe(expected.byteSum);
    const floats = resizePillowFloat(image, options).filter(every(53));
    expected.floats.forEach((value, i) => expect(floats[i]).toBeCloseTo(value, 3));
  });

  it('brings the shorter side to 256 for DISTS, and leaves small images alone', () => {
    expect(resizeForDists(image)).toBe(image);
    const { width, height } = resizeForDists(syntheticPair(300, 401).a);
    expect([width, height]).toEqual([342, 256]);
  });
});

describe('resample', () => {
  it("equals PyTorch's interpolate without corners aligned", () => {
    const { width, height, values } = fixture.interpolate;
    const options = { interpolation: 'bilinear', border: 'repeat', isAntialiased: false } as const;
    const result = resample(image.data, { ...image, channels: 3 }, { width, height }, options).filter(every(13));
    values.forEach((value, i) => expect(result[i]).toBeCloseTo(value, 6));
  });

  it('keeps corners at the corner when anchored there, as TensorFlow 1', () => {
    const options = { interpolation: 'bilinear', border: 'repeat', isAntialiased: false, anchor: 'corner' } as const;
    const row = resample([0, 10, 20], { width: 3, height: 1, channels: 1 }, { width: 6, height: 1 }, options);
    expect([...row]).toEqual([0, 5, 10, 15, 20, 20]);
  });

  it.skipIf(lacks('metric-golden/basicsr_baboon_x4lr.png'))(
    "rounds as BasicSR's PyTorch code in float32: three values of baboon, enlarged four times, are others by one",
    async () => {
      const [double, single] = [await basicsrPair('baboon'), await basicsrPair('baboon', { precision: 'float32' })];
      const differences = double.degraded.data.map((value, i) => Math.abs(value - single.degraded.data[i]!));
      expect([...differences.filter((difference) => difference !== 0)]).toEqual([1, 1, 1]);
    },
  );

  it('keeps an image of the same size, and constants', () => {
    const same = resizeMatlabBicubic(image, image);
    expect(same.data).toEqual(image.data);
    const flat = resizeMatlabBicubic(
      { data: new Uint8Array(48).fill(77), width: 4, height: 4 },
      { width: 9, height: 2 },
    );
    expect(flat.data.every((value) => value === 77)).toBe(true);
  });

  it('refuses values that are not 8-bit, which would wrap around', () => {
    const wide = { width: 1, height: 1, data: Uint16Array.of(256) };
    for (const resize of [resizePillow, resizeMatlabBicubic]) {
      expect(() => resize(wide, wide)).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }));
    }
  });
});
