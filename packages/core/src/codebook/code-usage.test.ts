import { expect, it } from 'vitest';
import { cpu, tensor } from '../index.ts';
import { codeEntropy, codePerplexity, codeUsage, countCodes } from './code-usage.ts';

const backend = cpu();
const counts = (...values: number[]) => tensor(backend, values);

it('counts how often each code was chosen', () => {
  const indices = tensor(backend, Uint32Array.from([0, 3, 3, 1, 3, 0]), [1, 2, 3, 1]);
  expect([...countCodes(indices, 5).dataSync()]).toEqual([2, 1, 0, 3, 0]);
});

it('gives the usage as the share of codes chosen at all', () => {
  expect(codeUsage(counts(2, 1, 0, 3, 0)).dataSync()[0]).toBeCloseTo(3 / 5, 6);
});

it('gives log₂ K bits and perplexity K for equally frequent codes', () => {
  expect(codeEntropy(counts(7, 7, 7, 7)).dataSync()[0]).toBeCloseTo(2, 5);
  expect(codePerplexity(counts(7, 7, 7, 7)).dataSync()[0]).toBeCloseTo(4, 4);
});

it('gives 0 bits and perplexity 1 for a single code', () => {
  expect(codeEntropy(counts(0, 9, 0)).dataSync()[0]).toBeCloseTo(0, 6);
  expect(codePerplexity(counts(0, 9, 0)).dataSync()[0]).toBeCloseTo(1, 6);
});

it('gives 1.5 bits for frequencies ½, ¼, ¼', () => {
  expect(codeEntropy(counts(2, 1, 1)).dataSync()[0]).toBeCloseTo(1.5, 5);
});

it('stays finite when nothing was counted', () => {
  expect(codeEntropy(counts(0, 0)).dataSync()[0]).toBeCloseTo(0, 6);
});
