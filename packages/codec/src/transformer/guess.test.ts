import { cpu, type HostTree, readTree, softmax, type Tensor, tensor, uploadTree } from '@vqkit/core';
import { type WeightsPackage, weightsFile, weightsOf } from '@vqkit/tokenizer';
import { beforeAll, describe, expect, it } from 'vitest';
import { tinyTransformer } from '../../../../tooling/tiny-transformer.ts';
import { tinyWeights } from '../testing/tiny-weights.ts';
import { type Guess, guessOf } from './guess.ts';
import { type IndexTransformerModel, loadIndexTransformer, logitsOf } from './weights.ts';

const backend = cpu();
const [width, height, codebookSize] = [5, 4, 16];
let model: IndexTransformerModel;
let codes: readonly (readonly number[])[];
/** Probabilities of all codes, by position. */
let probabilities: readonly (readonly number[])[];
let map: Tensor;

/** Three indices that a position may choose from. */
const choicesOf = (at: number): number[] => [1, 5, 11].map((step) => (at * step + 2) % codebookSize);

const rowsOf = (values: ArrayLike<number>, length: number): number[][] =>
  Array.from({ length: values.length / length }, (_, i) => Array.from({ length }, (_, j) => values[i * length + j]!));

beforeAll(async () => {
  const photo: WeightsPackage = await tinyWeights();
  model = await loadIndexTransformer(weightsOf(await tinyTransformer(photo)));
  const { tree } = await readTree(await photo.load(weightsFile));
  const books = (tree as { readonly codebooks: Readonly<Record<string, HostTree>> }).codebooks;
  const book = Object.values(books)
    .map((one) => uploadTree(backend, one) as Tensor)
    .find(({ shape }) => shape[0] === codebookSize)!;
  codes = rowsOf(book.dataSync() as Float32Array, book.shape[1]!);
  const indices = Uint32Array.from({ length: width * height }, (_, i) => (i * 7) % codebookSize);
  const holes = Uint32Array.from(indices, (_, i) => Number(i % 3 === 0));
  const shape = [1, height, width, 1];
  const input = { indices: tensor(backend, indices, shape), holes: tensor(backend, Float32Array.from(holes), shape) };
  probabilities = rowsOf(softmax(logitsOf(model, { ...input, codebookSize })).dataSync() as Float32Array, codebookSize);
  map = tensor(backend, Uint32Array.from([...indices].flatMap((index, at) => [index, holes[at]!, ...choicesOf(at)])), [
    1,
    height,
    width,
    5,
  ]);
});

const distance = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
const lowest = (values: readonly number[]): number => values.indexOf(Math.min(...values));
const guessed = (guess: Guess): number[][] =>
  rowsOf(guessOf(model, map, codebookSize, guess).dataSync() as Float32Array, 2);

describe('guessOf', () => {
  it('takes the likeliest code, and says how likely it is', () => {
    guessed('likeliest').forEach(([index, sureness], at) => {
      expect(index).toBe(lowest(probabilities[at]!.map((p) => -p)));
      expect(sureness).toBeCloseTo(Math.max(...probabilities[at]!), 5);
    });
  });

  it('or of its choices the one whose code is nearest to what is expected', () => {
    const found = guessed('nearby');
    found.forEach(([index, sureness], at) => {
      const mean = codes[0]!.map((_, d) => codes.reduce((sum, code, k) => sum + probabilities[at]![k]! * code[d]!, 0));
      const choices = choicesOf(at);
      expect(index).toBe(choices[lowest(choices.map((choice) => distance(codes[choice]!, mean)))]);
      expect(sureness).toBeCloseTo(Math.max(...probabilities[at]!), 5);
    });
    expect(new Set(found.map(([index], at) => choicesOf(at).indexOf(index!))).size).toBe(3);
  });

  it('or the code nearest to what is expected: the mean of all, by their probabilities', () => {
    const found = guessed('expected');
    found.forEach(([index, sureness], at) => {
      const mean = codes[0]!.map((_, d) => codes.reduce((sum, code, k) => sum + probabilities[at]![k]! * code[d]!, 0));
      expect(index).toBe(lowest(codes.map((code) => distance(code, mean))));
      expect(sureness).toBeCloseTo(Math.max(...probabilities[at]!), 5);
    });
    expect(found.map(([index]) => index)).not.toEqual(guessed('likeliest').map(([index]) => index));
  });
});
