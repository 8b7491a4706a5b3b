import { cpu, random, square, sum, type Tensor, tensor, valueAndGrad, zeros } from '@vqkit/core';
import { hardChoice, likeliestIndices, slotTables } from '@vqkit/models';
import { describe, expect, it } from 'vitest';
import { completeOptions } from '../../table/options.ts';
import { followingQuantizer, quantizerNames, quantizerSpec } from '../quantizers.ts';
import { srTokenizerOptions } from './sr-tokenizer.ts';

const backend = cpu();
const sizes = { data: '.', lpipsWeights: '.', codes: 6, dimension: 8, parts: 2, levels: [3, 4], bits: 3 };

describe.each(quantizerNames)('the hard choice of RAP through %s', (name) => {
  const options = completeOptions('sr-tokenizer', srTokenizerOptions, { ...sizes, quantizer: name });
  const { quantizer } = followingQuantizer(quantizerSpec(options));
  const params = quantizer.init(backend, 3);
  const { codebookSizes, dimension } = quantizer;
  const stream = random(4);
  const drawn = codebookSizes.map((codes) => stream.normal(backend, [2, 3, 4, codes]));

  it('gives what the likeliest indices decode to, and moves the logits of every slot', () => {
    const z = hardChoice(quantizer, params, drawn);
    expect(z.shape).toEqual([2, 3, 4, dimension]);
    const decoded = quantizer.decode(params, likeliestIndices(drawn)).dataSync();
    z.dataSync().forEach((value, i) => expect(value).toBeCloseTo(decoded[i]!, 5));
    const loss = (logits: readonly Tensor[]): Tensor => sum(square(hardChoice(quantizer, params, logits)));
    const { gradients } = valueAndGrad(loss)(drawn);
    for (const gradient of gradients) expect(gradient.dataSync().some((value) => value !== 0)).toBe(true);
  });

  it('has tables that add up to what is decoded', () => {
    const tables = slotTables(quantizer, params, backend).map((table) => table.dataSync());
    const slots = codebookSizes.length;
    const origin = quantizer.decode(params, zeros(backend, [1, 1, 1, slots], 'u32')).dataSync();
    const indices = Uint32Array.from(codebookSizes, (codes) => Math.floor(codes * stream.next()));
    const decoded = quantizer.decode(params, tensor(backend, indices, [1, 1, 1, slots])).dataSync();
    decoded.forEach((value, d) => {
      const steps = tables.map((table, slot) => table[indices[slot]! * dimension + d]! - table[d]!);
      expect(value).toBeCloseTo(
        steps.reduce((a, b) => a + b, origin[d]!),
        5,
      );
    });
  });
});
