import { add, cpu, disposeTree, entriesOf, mean, random, square, sub, type Tensor, valueAndGrad } from '@vqkit/core';
import { codebookQuantizer } from '@vqkit/core/codebook';
import { checkLeaks } from '@vqkit/core/testing';
import { expect, it } from 'vitest';
import { type VqVaeParams, vqVae } from './vqvae.ts';

const count = (tree: unknown): number => entriesOf(tree).reduce((total, [, x]) => total + (x as Tensor).size, 0);

it('has as many parameters as the published networks', () => {
  // Counts of the CVQ (D = 64) and LooC (D = 128) networks without codebook, for grey and colour images.
  for (const [channels, dimension, parameters] of [
    [1, 128, 740_609],
    [3, 128, 744_707],
    [1, 64, 658_625],
    [3, 64, 662_723],
  ] as const) {
    const backend = cpu();
    expect(count(vqVae({ channels, dimension }).init(backend, 1))).toBe(parameters);
    backend.dispose();
  }
});

it('maps images to a quarter of their size and back', () => {
  const backend = cpu();
  const model = vqVae({ channels: 1, dimension: 8, hidden: 16, residualHidden: 4 });
  const params = model.init(backend, 1);
  const z = model.encode(params.encoder, random(1).normal(backend, [2, 28, 12, 1]));
  expect(z.shape).toEqual([2, 7, 3, 8]);
  expect(model.decode(params.decoder, z).shape).toEqual([2, 28, 12, 1]);
});

it('starts the same for the same seed and leaves no tensors behind', async () => {
  const backend = cpu();
  const model = vqVae({ channels: 3, dimension: 4, hidden: 8, residualHidden: 4 });
  const [a, b] = [model.init(backend, 7), model.init(backend, 7)];
  expect(entriesOf(a).map(([, x]) => (x as Tensor).dataSync())).toEqual(
    entriesOf(b).map(([, x]) => (x as Tensor).dataSync()),
  );
  const x = random(1).normal(backend, [1, 8, 8, 3]);
  await checkLeaks(backend, () => model.encode(a.encoder, x));
  const z = random(2).normal(backend, [1, 2, 2, 4]);
  await checkLeaks(backend, () => model.decode(a.decoder, z));
  disposeTree([a, b]);
});

it('trains end to end with a quantizer in between: every parameter gets a gradient', () => {
  const backend = cpu();
  const model = vqVae({ channels: 1, dimension: 4, hidden: 8, residualHidden: 4 });
  const quantizer = codebookQuantizer('vq', { codes: 8, dimension: 4, start: 'normal' });
  const codes = quantizer.init(backend, 2);
  const x = random(3).normal(backend, [2, 8, 8, 1]);
  const { gradients } = valueAndGrad((p: VqVaeParams) => {
    const { quantized, losses } = quantizer.quantize(codes, model.encode(p.encoder, x));
    return add(mean(square(sub(model.decode(p.decoder, quantized), x))), losses.commitment!);
  })(model.init(backend, 1));
  for (const [path, x] of entriesOf(gradients)) {
    expect(
      (x as Tensor).dataSync().some((value) => value !== 0),
      path,
    ).toBe(true);
  }
});
