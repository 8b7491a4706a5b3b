import { cpu, mul, random, type Tensor } from '@vqkit/core';
import { expect, it } from 'vitest';
import { dualRows } from './dual-codebook/rows.ts';
import { loocRows } from './looc/rows.ts';
import { loocTables } from './looc/tables.ts';

it('has rows whose quantizers fit the network and cost what their names say', () => {
  const bits = (id: string): number =>
    [...loocRows, ...dualRows].find((row) => row.id === id)!.quantizer().bitsPerPosition;
  for (const row of [...loocRows, ...dualRows]) expect(row.quantizer().dimension, row.id).toBe(row.dimension);
  expect(['vq-1024x128', 'pq-32x8x4', 'looc-32x4', 'looc-256x4', 'looc-256x4-b2'].map(bits)).toEqual([
    10, 96, 160, 256, 1024,
  ]);
  for (const kind of ['looc', 'pq', 'residual'])
    for (const metric of ['l2', 'cosine'])
      expect([8, 16, 32].map((n) => bits(`${kind}-${n}bit-${metric}`))).toEqual([8, 16, 32]);
  expect(['single-512', 'dual-512', 'halves-512', 'single-1024', 'dual-32', 'halves-32'].map(bits)).toEqual([
    9, 18, 18, 10, 10, 10,
  ]);
});

it('has tables whose rows are there, once each, with sizes for their pictures', () => {
  for (const { number, rows: ids, axis } of loocTables) {
    expect(new Set(ids).size, `${number}`).toBe(ids.length);
    for (const id of ids) {
      const found = loocRows.filter((row) => row.id === id);
      expect(found.length, id).toBe(1);
      if (axis !== 'bits') expect(found[0]!.size![axis], id).toBeGreaterThan(0);
    }
  }
  expect(new Set(loocRows.map(({ id }) => id)).size).toBe(loocRows.length);
  const sizes = (number: number, axis: 'codes' | 'pieces') =>
    loocTables
      .find((table) => table.number === number)!
      .rows.filter((id) => id.startsWith('looc-'))
      .map((id) => loocRows.find((row) => row.id === id)!.size![axis]);
  expect(sizes(3, 'pieces')).toEqual([32, 16, 8, 4, 2]);
  expect(sizes(4, 'pieces')).toEqual([1, 2, 4, 8, 16, 32]);
  expect(sizes(5, 'codes')).toEqual([16, 24, 32, 64, 128, 256, 512, 1024]);
  // Of an enlarged map, too, a vector has m pieces.
  expect(sizes(6, 'pieces')).toEqual([1, ...Array(7).fill(32)]);
  // Constant size: K·d is one number.
  expect(sizes(4, 'codes').map((codes, i) => (codes * 128) / sizes(4, 'pieces')[i]!)).toEqual(Array(6).fill(32768));
});

it('has rows without the CVQ rule that differ from those with it in nothing else', () => {
  const backend = cpu();
  const plain = loocRows.filter(({ withoutRuleOf }) => withoutRuleOf !== undefined);
  expect(plain.map(({ withoutRuleOf }) => withoutRuleOf)).toEqual(['looc-32x4', 'looc-256x4']);
  const z = random(1).normal(backend, [1, 2, 2, 128]);
  for (const { quantizer, withoutRuleOf, size } of plain) {
    const full = loocRows.find(({ id }) => id === withoutRuleOf)!;
    expect(size).toEqual(full.size);
    const [own, other] = [quantizer(), full.quantizer()].map((q) => {
      const params = q.init(backend, 1) as { readonly codebook: Tensor };
      const { indices, losses, statistics } = q.quantize(params, z);
      const moved = q.update(params, statistics) as typeof params;
      const values = [indices, losses.commitment!, losses.codebook!].map((x) => [...x.dataSync()]);
      return { values, isMoved: moved.codebook.dataSync().join() !== params.codebook.dataSync().join() };
    });
    expect(own!.values).toEqual(other!.values);
    expect([own!.isMoved, other!.isMoved]).toEqual([false, true]);
  }
});

it('has one metric per table of equal bits: by angle the length of a vector plays no role, by distance it does', () => {
  const backend = cpu();
  const z = random(1).normal(backend, [1, 4, 8, 128]);
  for (const metric of ['l2', 'cosine'] as const) {
    const table = loocRows.filter(({ groups }) => groups.includes(`bits-${metric}`));
    expect(table).toHaveLength(10);
    for (const { id, quantizer } of table) {
      const own = quantizer();
      const params = own.init(backend, 1);
      const first = (scale: number): number[] => {
        const slots = own.codebookSizes.length;
        return [...own.encode(params, mul(z, scale)).dataSync()].filter((_, i) => i % slots === 0);
      };
      const isFree = first(1).join() === first(2 ** -8).join();
      expect(isFree, id).toBe(metric === 'cosine');
    }
  }
});

it('gives all rows of two halves losses of the same weight', () => {
  const backend = cpu();
  const z = random(1).normal(backend, [1, 4, 8, 128]);
  const lossesOf = (id: string): number[] => {
    const own = dualRows.find((row) => row.id === id)!.quantizer();
    const { losses } = own.quantize(own.init(backend, 1), z);
    return [losses.commitment!, losses.codebook!].map((loss) => loss.dataSync()[0]!);
  };
  expect(lossesOf('revived-halves-512')).toEqual(lossesOf('halves-512'));
  expect(lossesOf('revived-halves-512-half')[0]).toBeCloseTo(lossesOf('halves-512')[0]! / 2, 6);
});
