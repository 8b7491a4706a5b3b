import { expect, it } from 'vitest';
import { cpu, tensor } from '../index.ts';
import { ema, fixed, learned, rebase } from './codebook-rule.ts';

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
  const average = { counts: tensor(backend, [0.5, 3.5]), sums: tensor(backend, [1, 7], [2, 1]) };
  const pulled = rebase(average, tensor(backend, [9, 2], [2, 1]), tensor(backend, [1, 0]))!;
  expect([...pulled.counts.dataSync()]).toEqual([2, 3.5]); // the replaced code gets the mean count
  expect([...pulled.sums.dataSync()]).toEqual([18, 7]);
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
  expect(() => learned({ weight: 0 })).toThrow(/weight/);
});
