import { readFile } from 'node:fs/promises';
import { costTable, type QuantizerCost } from '@vqkit/core/codebook';
import { expect, it } from 'vitest';
import { costRows, f16Map } from './rows.ts';

const [positions, d] = [16 * 16, 256];
const costs = costRows(f16Map);

/** Floats at use, and multiplications within products to encode, and to decode, by the formulas of each quantizer. */
const formulas: Record<string, readonly [floats: number, products: number, toDecode?: number]> = {
  'vq 1024': [1024 * d, positions * 1024 * d],
  // Frozen codes and a map of D×D, which makes the table anew.
  'simvq 1024': [1024 * d + d * d, positions * 1024 * d + 1024 * d * d, 1024 * d * d],
  'simvq 1024, folded': [1024 * d, positions * 1024 * d],
  'product 2 × 32': [32 * d, positions * 32 * d],
  'looc 32, 2 pieces': [32 * (d / 2), positions * 32 * d],
  'residual 2 × 32': [2 * 32 * d, positions * 2 * 32 * d],
  'dual codebook 32 + 32, folded': [32 * d, positions * 32 * d],
  'fsq 8, 5, 5, 5': [0, 0],
  'lookup-free 10': [0, 0],
};

it.each(Object.entries(formulas))(
  '%s: floats and products are those of its formula',
  (name, [floats, products, toDecode = 0]) => {
    const { bytes, encodeProductsPerPosition, ...cost } = costs[name]!;
    expect(cost).toMatchObject({ floats, encodeProducts: products, decodeProducts: toDecode });
    expect({ bytes, encodeProductsPerPosition }).toEqual({
      bytes: 4 * floats,
      encodeProductsPerPosition: products / positions,
    });
  },
);

it("counts the dual codebook's transformer, once for the map", () => {
  const { floats, encodeProducts } = costs['dual codebook 32 + 32']!;
  const [n, w, ff, layers] = [32, d / 2, 2048, 6];
  // Attention has four maps of w×w, the rest two of w×ff; biases, and scale and shift of two normalisations.
  const layer = 4 * (w * w + w) + (w * ff + ff) + (ff * w + w) + 4 * w;
  expect(floats).toBe(2 * n * w + layers * layer);
  const products = layers * (4 * n * w * w + 2 * n * w * ff + 2 * n * n * w);
  // The table is made by encode; positions look up both halves.
  expect(encodeProducts).toBe(positions * n * d + products);
});

it('has all rows at 10 bits a position', () => {
  for (const [name, { bitsPerPosition, bits, bpp }] of Object.entries<QuantizerCost>(costs)) {
    expect(Math.abs(bitsPerPosition - 10), name).toBeLessThan(0.04);
    expect(bits).toBeCloseTo(positions * bitsPerPosition);
    expect(bpp).toBeCloseTo(bitsPerPosition / 256);
  }
});

it('is the table of docs/quantizers.md', async () => {
  const page = await readFile(new URL('../../docs/quantizers.md', import.meta.url), 'utf8');
  expect(page).toContain(costTable(costs));
});
