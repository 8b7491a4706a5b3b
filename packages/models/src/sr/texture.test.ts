import {
  avgPool,
  cpu,
  mapTree,
  matmul,
  mean,
  mul,
  random,
  softmax,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tensor,
  tensorsOf,
  valueAndGrad,
} from '@vqkit/core';
import { codebookQuantizer } from '@vqkit/core/codebook';
import { residual } from '@vqkit/quantizer-residual';
import { describe, expect, it } from 'vitest';
import { hardChoice, slotTables } from './hard-choice.ts';
import { likeliestIndices, texturePredictor } from './texture-predictor.ts';
import { type TextureTokenizerOptions, type TextureTokenizerParams, textureTokenizer } from './texture-tokenizer.ts';

const backend = cpu();
const small: TextureTokenizerOptions = {
  dimension: 4,
  structure: 3,
  channels: [8, 8, 8],
  decoderChannels: [8, 8, 8, 8],
  blocks: 1,
};
const x = random(1).uniform(backend, [1, 32, 48, 3], -1, 1);
const count = (tree: unknown): number => tensorsOf(tree).reduce((total, t) => total + t.size, 0);
const isMoved = (tree: unknown): boolean => tensorsOf(tree).some((g) => g.dataSync().some((value) => value !== 0));

describe('textureTokenizer', () => {
  it('splits an image into structure at 1/16 and texture at 1/8, and puts it together again', () => {
    const model = textureTokenizer(small);
    const params = model.init(backend, 1);
    const { texture, structure, base } = model.encode(params, x);
    expect([texture, structure!, base!].map(({ shape }) => shape)).toEqual([
      [1, 4, 6, 4],
      [1, 2, 3, 3],
      [1, 4, 6, 4],
    ]);
    expect(model.decode(params, texture, base).shape).toEqual([1, 32, 48, 3]);
    const { image, code, restored } = model.reduce(params, x);
    expect(image.dataSync()).toEqual(avgPool(x, { size: 8 }).dataSync());
    expect(code.shape).toEqual(structure!.shape);
    expect(restored.shape).toEqual(image.shape);
  });

  it('aligns the encoder with the small code, which only its own pixels move', () => {
    const model = textureTokenizer(small);
    const loss = (p: TextureTokenizerParams): Tensor => {
      const { code } = model.reduce(p, x);
      return mean(square(sub(model.encode(p, x).structure!, stopGradient(code))));
    };
    const { gradients } = valueAndGrad(loss)(model.init(backend, 1));
    expect([gradients.trunk, gradients.low].map(isMoved)).toEqual([true, true]);
    expect([gradients.smallEncoder, gradients.smallDecoder, gradients.decoder].some(isMoved)).toBe(false);
  });

  it('has a vanilla form, whose texture is everything', () => {
    const model = textureTokenizer({ ...small, structure: 0 });
    const params = model.init(backend, 1);
    expect(Object.keys(params).sort()).toEqual(['decoder', 'texture', 'trunk']);
    const { texture, base } = model.encode(params, x);
    expect(base).toBeUndefined();
    expect(model.decode(params, texture).shape).toEqual(x.shape);
  });

  it('starts from the enlarged image where it sees one, and wants it then', () => {
    const model = textureTokenizer({ ...small, skip: 1 });
    const params = model.init(backend, 1);
    const { texture, base } = model.encode(params, x);
    const quarter = avgPool(x, { size: 4 });
    expect(model.decode(params, texture, base, quarter).shape).toEqual(x.shape);
    expect(() => model.decode(params, texture, base)).toThrow(/expected the image at 1\/4 besides the codes, got none/);
    const plain = textureTokenizer(small);
    expect(() => plain.decode(plain.init(backend, 1), texture, base, quarter)).toThrow(/expected codes alone/);
  });

  it('needs at most 6 million parameters to enlarge, at the sizes of the published weights', () => {
    const model = textureTokenizer({ skip: 2 });
    const { decoder, base } = model.init(backend, 1);
    const predictor = texturePredictor(model, { codes: [1024] }).init(backend, 1);
    expect(count([decoder, base, predictor]) + 1024 * 32).toBeLessThanOrEqual(6_000_000);
  });
});

describe('reach', () => {
  /** Where a map differs from itself after the pixel in the middle of the image was changed, at most so far away. */
  const farthest = (apply: (x: Tensor) => Tensor, shape: number[]): number => {
    const [, h, w, c] = shape as [number, number, number, number];
    const values = random(3).uniform(backend, shape, -1, 1).dataSync() as Float32Array;
    const changed = values.map((value, i) => (Math.floor(i / c) === (h / 2) * w + w / 2 ? value + 1 : value));
    const [a, b] = [values, changed].map((data) => apply(tensor(backend, data, shape)));
    const [before, after] = [a!, b!].map((x) => Array.from(x.dataSync()));
    const [, , wide, deep] = a!.shape as [number, number, number, number];
    const middle = wide / 2;
    return before!.reduce((far, value, i) => {
      const pixel = Math.floor(i / deep);
      const [x, y] = [pixel % wide, Math.floor(pixel / wide)];
      return value === after![i] ? far : Math.max(far, Math.abs(x - middle), Math.abs(y - middle));
    }, 0);
  };
  /** Residual branches start at zero and would look at nothing. */
  const stirred = <T>(params: T): T => mapTree(params, (x) => random(4).uniform(backend, x.shape, -0.5, 0.5)) as T;

  it('is what the decoder and the predictor look at, at most', () => {
    const model = textureTokenizer({ ...small, skip: 1 });
    const params = stirred(model.init(backend, 1));
    const z = random(5).uniform(backend, [1, 32, 32, 4], -1, 1);
    const quarter = random(6).uniform(backend, [1, 64, 64, 3], -1, 1);
    const ofCodes = farthest((x) => model.decode(params, x, undefined, quarter), [1, 32, 32, 4]);
    const ofPixels = farthest((x) => model.decode(params, z, undefined, x), [1, 64, 64, 3]);
    expect(ofCodes).toBeLessThanOrEqual(8 * (model.reach + 1));
    expect(ofCodes).toBeGreaterThan(8 * (model.reach - 3));
    expect(ofPixels).toBeLessThanOrEqual(8 * (model.reach + 1));

    const predictor = texturePredictor(model, { codes: [5], channels: [4, 4, 4], blocks: [1, 1, 1] });
    const own = stirred(predictor.init(backend, 2));
    const ofSmall = farthest((x) => predictor.apply(own, params, x).logits[0]!, [1, 96, 96, 3]);
    expect(2 * ofSmall).toBeLessThanOrEqual(predictor.reach + 2);
    expect(2 * ofSmall).toBeGreaterThan(predictor.reach - 12);
  });
});

describe('texturePredictor', () => {
  it('predicts structure and texture of an image four times as large', () => {
    const model = textureTokenizer(small);
    const tokenizer = model.init(backend, 1);
    const predictor = texturePredictor(model, { codes: [7, 5], channels: [8, 8, 8], blocks: [1, 1, 1] });
    const { logits, structure, base } = predictor.apply(predictor.init(backend, 2), tokenizer, avgPool(x, { size: 4 }));
    expect(logits.map(({ shape }) => shape)).toEqual([
      [1, 4, 6, 7],
      [1, 4, 6, 5],
    ]);
    expect(structure!.shape).toEqual([1, 2, 3, 3]);
    expect(base!.shape).toEqual([1, 4, 6, 4]);
    expect(likeliestIndices(logits).shape).toEqual([1, 4, 6, 2]);
  });

  it('chooses by rows what the logits of the whole say', async () => {
    const model = textureTokenizer(small);
    const tokenizer = model.init(backend, 1);
    const predictor = texturePredictor(model, { codes: [7, 5], channels: [8, 8, 8], blocks: [1, 1, 1] });
    const params = predictor.init(backend, 2);
    const lr = sub(mul(random(3).uniform(backend, [2, 72, 8, 3]), 2), 1);
    const { logits, base } = predictor.apply(params, tokenizer, lr);
    const chosen = predictor.choose(params, tokenizer, lr);
    expect(chosen.indices.shape).toEqual([2, 36, 4, 2]);
    expect(await chosen.indices.data()).toEqual(await likeliestIndices(logits).data());
    expect(await chosen.base!.data()).toEqual(await base!.data());
  });

  it('keeps the choice of codes from moving the structure', () => {
    const model = textureTokenizer(small);
    const tokenizer = model.init(backend, 1);
    const predictor = texturePredictor(model, { codes: [7], channels: [8, 8, 8], blocks: [1, 1, 1] });
    type Params = ReturnType<typeof predictor.init>;
    const { gradients } = valueAndGrad((p: Params) => mean(square(predictor.apply(p, tokenizer, x).logits[0]!)))(
      predictor.init(backend, 2),
    );
    expect([gradients.features, gradients.head, gradients.coarse].map(isMoved)).toEqual([true, true, false]);
  });
});

describe('hardChoice', () => {
  const quantizer = codebookQuantizer('vq', { codes: 3, dimension: 2 });
  const params = quantizer.withCodebook(tensor(backend, [1, 0, 0, 2, -3, 1], [3, 2]));

  it('gives the likeliest codes forward and the mixture backward', () => {
    const logits = tensor(backend, [0.1, 0.9, -1, 2, 0, 1], [1, 1, 2, 3]);
    expect([...hardChoice(quantizer, params, [logits]).dataSync()]).toEqual([0, 2, 1, 0]);
    const weights = tensor(backend, [1, 2, -1, 0.5], [1, 1, 2, 2]);
    const through = valueAndGrad((z: Tensor) => sum(mul(hardChoice(quantizer, params, [z]), weights)))(logits);
    const mixed = valueAndGrad((z: Tensor) => sum(mul(matmul(softmax(z), params.codebook), weights)))(logits);
    through.gradients.dataSync().forEach((value, i) => expect(value).toBeCloseTo(mixed.gradients.dataSync()[i]!, 6));
  });

  it('holds for quantizers of several slots: tables add up to what is decoded', () => {
    const stages = residual({ codes: 4, dimension: 2 }, { depth: 2 });
    const own = stages.init(backend, 3);
    const [first, second] = slotTables(stages, own, backend).map((table) => table.dataSync());
    const decoded = stages.decode(own, tensor(backend, new Uint32Array([2, 3]), [1, 1, 1, 2])).dataSync();
    const zero = stages.decode(own, tensor(backend, new Uint32Array([0, 0]), [1, 1, 1, 2])).dataSync();
    decoded.forEach((value, d) => expect(value).toBeCloseTo(first![4 + d]! + second![6 + d]! - zero[d]!, 5));
  });
});
