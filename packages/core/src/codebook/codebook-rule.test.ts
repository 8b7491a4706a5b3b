import { expect, it } from 'vitest';
import { cpu, random, tensor } from '../index.ts';
import { codebook as bookOf } from './codebook.ts';
import { ema, fixed, learned } from './codebook-rule.ts';
import { deadCodes, type RevivalRule } from './revival.ts';

const backend = cpu();

it('moves codes as the worked example of the running mean', () => {
  // One code at 0 with N = 1; the batch gives it two vectors, 3 and 5: N = .9 + .1·2, S = .1·8.
  const rule = ema({ decay: 0.9, epsilon: 1e-9 });
  const codes = tensor(backend, [0, 10], [2, 1]);
  const batch = { counts: tensor(backend, [2, 0]), sums: tensor(backend, [8, 0], [2, 1]) };
  const { codebook, average } = rule.follow(codes, rule.start(codes), batch);
  expect(codebook.dataSync()[0]).toBeCloseTo(0.8 / 1.1, 5);
  expect(codebook.dataSync()[1]).toBeCloseTo(10, 5); // unused: S and N shrink alike
  expect(average!.counts.dataSync()[0]).toBeCloseTo(1.1, 6);
  expect(average!.counts.dataSync()[1]).toBeCloseTo(0.9, 6);
});

it('reaches the mean of its vectors in the end', () => {
  const rule = ema({ decay: 0.5 });
  let codebook = tensor(backend, [100, -100], [2, 1]);
  let average = rule.start(codebook);
  const batch = { counts: tensor(backend, [4, 1]), sums: tensor(backend, [8, 3], [2, 1]) };
  for (let i = 0; i < 40; i++) ({ codebook, average } = rule.follow(codebook, average, batch));
  expect(codebook.dataSync()[0]).toBeCloseTo(2, 3);
  expect(codebook.dataSync()[1]).toBeCloseTo(3, 3);
});

it('keeps memory and codes consistent when codes are pulled elsewhere', () => {
  const rule = ema({ decay: 0, epsilon: 0.5 });
  const average = { counts: tensor(backend, [0.5, 3.5]), sums: tensor(backend, [1, 7], [2, 1]) };
  const codes = tensor(backend, [9, 2], [2, 1]);
  const moved = rule.moved(average, codes, tensor(backend, [1, 0]))!;
  expect([...moved.counts.dataSync()]).toEqual([2, 3.5]); // the replaced code gets the mean count
  // Ñ of counts 2 and 3.5 with ε = ½: 2.5/6.5·5.5; a code that stays keeps its sum.
  expect(moved.sums.dataSync()[0]).toBeCloseTo((9 * 2.5 * 5.5) / 6.5, 5);
  expect(moved.sums.dataSync()[1]).toBe(7);
});

it('keeps a code where no vector chose it, whatever the decay', () => {
  for (const decay of [0, 0.5, 0.99]) {
    const rule = ema({ decay });
    let codebook = tensor(backend, [100, -3], [2, 1]);
    let average = rule.start(codebook);
    const batch = { counts: tensor(backend, [5, 0]), sums: tensor(backend, [500, 0], [2, 1]) };
    for (let i = 0; i < 3000; i++) ({ codebook, average } = rule.follow(codebook, average, batch));
    expect(codebook.dataSync()[1], String(decay)).toBe(-3);
    expect(codebook.dataSync()[0]).toBeCloseTo(100, 2);
  }
});

it('keeps a rare code at its place, with revival as without', () => {
  // 256 codes in batches of 16 vectors; code 0 chosen once in 100 steps, by a vector at 100. It was pulled to 86.8.
  const rareAfter = (revival: RevivalRule | undefined): number => {
    const book = bookOf({ codes: 256, dimension: 1, codebook: ema(), revival });
    let params = book.replace(
      tensor(
        backend,
        Float32Array.from({ length: 256 }, (_, k) => 100 + k),
        [256, 1],
      ),
    );
    for (let step = 0; step < 1000; step++) {
      const values = Float32Array.from({ length: 16 }, (_, i) => 101 + ((15 * step + i) % 255));
      if (step % 100 === 0) values[15] = 100;
      const { statistics } = book.quantize(params, tensor(backend, values, [16, 1]));
      params = book.update(params, statistics, tensor(backend, random(step).bits(2)));
    }
    return params.codebook.dataSync()[0]!;
  };
  const alone = rareAfter(undefined);
  expect(Math.abs(alone - 100)).toBeLessThan(0.2); // 99.9: the smoothing of counts, ε/N = 10⁻⁵/10⁻²
  expect(rareAfter(deadCodes())).toBe(alone);
});

it('leaves codes alone when they are fixed or learned by gradient', () => {
  const codes = tensor(backend, [1, 2], [2, 1]);
  const batch = { counts: tensor(backend, [4, 1]), sums: tensor(backend, [8, 3], [2, 1]) };
  for (const rule of [fixed(), learned()]) {
    const { codebook, average } = rule.follow(codes, rule.start(codes), batch);
    expect(codebook.dataSync()).toEqual(codes.dataSync());
    expect(average).toBeUndefined();
  }
});

it('refuses impossible options and says what is possible', () => {
  expect(() => ema({ decay: 1 })).toThrow(/decay: expected a value in \[0, 1\), got 1/);
  expect(() => ema({ epsilon: 0 })).toThrow(/epsilon/);
  expect(() => learned({ weight: -1 })).toThrow(/weight/);
});
