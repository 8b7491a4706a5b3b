import { random } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { decompose, type Matrix, nearestRotation } from './orthogonal.ts';

function times(a: Matrix, b: Matrix, isTransposed = false): Matrix {
  const { size } = a;
  const values = Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    let total = 0;
    for (let k = 0; k < size; k++)
      total += a.values[i * size + k]! * b.values[isTransposed ? j * size + k : k * size + j]!;
    return total;
  });
  return { size, values };
}

const noise = (size: number, seed: number): Matrix => ({
  size,
  values: Float64Array.from(random(seed).normalArray(size * size)),
});

function expectOrthogonal(matrix: Matrix): void {
  times(matrix, matrix, true).values.forEach((x, at) =>
    expect(x).toBeCloseTo(at % (matrix.size + 1) === 0 ? 1 : 0, 10),
  );
}

describe('decompose', () => {
  it('gives factors that multiply to the matrix', () => {
    for (const size of [1, 2, 7, 24]) {
      const m = noise(size, size);
      const { u, s, v } = decompose(m);
      expectOrthogonal(u);
      expectOrthogonal(v);
      const scaled = { size, values: u.values.map((x, at) => x * s[at % size]!) };
      times(scaled, v, true).values.forEach((x, at) => expect(x).toBeCloseTo(m.values[at]!, 10));
    }
  });

  it('completes singular matrices, even of zeros', () => {
    const rank1 = { size: 3, values: Float64Array.from([1, 2, 3, 2, 4, 6, 3, 6, 9]) };
    for (const m of [rank1, { size: 3, values: new Float64Array(9) }]) {
      const { u, s } = decompose(m);
      expectOrthogonal(u);
      expect(Math.max(...s)).toBeCloseTo(m === rank1 ? 14 : 0, 10);
    }
  });
});

describe('nearestRotation', () => {
  it('finds the rotation that two sets of vectors differ by', () => {
    const { u: rotation } = decompose(noise(6, 9));
    const x = noise(6, 10);
    const transposed = { size: 6, values: x.values.map((_, at) => x.values[(at % 6) * 6 + Math.floor(at / 6)]!) };
    const found = nearestRotation(times(transposed, times(x, rotation)));
    found.values.forEach((value, at) => expect(value).toBeCloseTo(rotation.values[at]!, 8));
  });

  it('is orthogonal also where the problem leaves freedom', () => {
    expectOrthogonal(nearestRotation({ size: 4, values: new Float64Array(16) }));
  });
});
