import { describe, expect, it } from 'vitest';
import { orders, planes, visitStage } from './orders.ts';
import { arrivedBy } from './prefixes.ts';
import { trainStage } from './stage-model.ts';

const [width, height] = [9, 8];

describe.each(Object.entries(orders))('%s', (_, stages) => {
  it('codes every position once, and looks only at what was coded before', () => {
    const known = [0, 1].map(() => new Set<number>());
    for (const stage of stages) {
      visitStage(stage, width, height, (x, y) => {
        for (const { plane, dx, dy } of stage.taps) {
          const [column, row] = [x + dx, y + dy];
          if (column < 0 || column >= width || row < 0 || row >= height) continue;
          expect(known[plane]!.has(row * width + column)).toBe(true);
        }
        expect(known[stage.plane]!.has(y * width + x)).toBe(false);
        known[stage.plane]!.add(y * width + x);
      });
    }
    expect(known[planes.fine]!.size).toBe(width * height);
  });
});

it('learns that neighbours are alike, and counts only codes that belong to the coarse code', () => {
  const flat = (value: number) => new Int32Array(width * height).fill(value);
  const mapOf = (value: number) => ({ width, height, leaves: [flat(value), flat(value >> 2)] });
  const maps = Array.from({ length: 16 }, (_, i) => mapOf(i % 16));
  const members = [0, 1, 2, 3].map((coarse) => [0, 1, 2, 3].map((i) => 4 * coarse + i));
  const books = { sizes: [16, 4], members };
  const sum = (bits: Float64Array) => bits.reduce((a, b) => a + b, 0);
  const [rows, fine] = [orders.rows[0]!, orders['coarse codes'][1]!].map((stage) =>
    trainStage(stage, maps, books)(mapOf(5)),
  );
  expect(sum(rows!)).toBeLessThan(width * height);
  expect(rows![0]).toBeGreaterThan(3);
  expect(fine![0]).toBeLessThan(2.5);
  const alone = { ...books, members: members.map((_, coarse) => [4 * coarse + 1]) };
  expect(sum(trainStage(orders['coarse codes'][1]!, maps, alone)(mapOf(5)))).toBeCloseTo(0, 9);
});

it('has what a prefix holds, stage after stage', () => {
  const even = new Float64Array([8, 0, 8, 0]);
  const odd = new Float64Array([0, 16, 0, 16]);
  const [first, second] = orders.checkerboard;
  const stages = [
    { stage: first!, bits: even },
    { stage: second!, bits: odd },
  ];
  const arrived = (bytes: number) => [...arrivedBy(stages, { width: 4, height: 1 }, bytes)[planes.fine]!];
  expect(arrived(0)).toEqual([0, 0, 0, 0]);
  expect(arrived(1)).toEqual([1, 0, 0, 0]);
  expect(arrived(2)).toEqual([1, 0, 1, 0]);
  expect(arrived(4)).toEqual([1, 1, 1, 0]);
  expect(arrived(6)).toEqual([1, 1, 1, 1]);
});
