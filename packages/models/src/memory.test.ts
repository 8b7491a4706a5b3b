/**
 * Every layer, network and loss frees what it makes on the way. The table is checked against the list of exports: a new
 * one without an entry fails.
 */
import { cpu, mean, ones, type Random, random, type Shape, sizeOf, square, type Tensor, zeros } from '@vqkit/core';
import { codebookQuantizer } from '@vqkit/core/codebook';
import { checkLeaks } from '@vqkit/core/testing';
import { describe, expect, it } from 'vitest';
import * as models from './index.ts';
import fixture from './vqgan/fixtures/taming.json' with { type: 'json' };

const backend = cpu();
const x = random(1).normal(backend, [1, 8, 8, 4]);
const image = random(2).uniform(backend, [1, 16, 16, 3], -1, 1);

interface Autoencoder {
  init(on: typeof backend, seed: number): { readonly encoder: unknown; readonly decoder: unknown };
  encode(encoder: never, input: Tensor): Tensor;
  decode(decoder: never, z: Tensor): Tensor;
}

const layer = (made: {
  init(on: typeof backend, stream: Random): unknown;
  apply(params: never, y: Tensor): Tensor;
}) => {
  const params = made.init(backend, random(3)) as never;
  return () => [made.init(backend, random(3)), made.apply(params, x)];
};

const autoencoder = (made: Autoencoder, input: Tensor) => () => {
  const { encoder, decoder } = made.init(backend, 4);
  const z = made.encode(encoder as never, input);
  return [encoder, decoder, z, made.decode(decoder as never, z)];
};

const conv = models.conv({ inChannels: 4, outChannels: 4 });
const discriminator = models.patchDiscriminator({ channels: 8, layers: 2, groups: 4 });

const projected = models.projectedDiscriminator({ features: [4, 4], channels: 8, codes: 4 });

const quantizer = codebookQuantizer('vq', { codes: 5, dimension: 4 });
const textures = models.textureTokenizer({
  dimension: 4,
  structure: 2,
  channels: [8, 8, 8],
  decoderChannels: [8, 8, 8, 8],
  blocks: 1,
  skip: 1,
});
const predictor = models.texturePredictor(textures, { codes: [5], channels: [8, 8, 8], blocks: [1, 1, 1] });
const logits = random(5).normal(backend, [1, 2, 2, 5]);

const tokens = random(7).normal(backend, [1, 4, 8]);
const codes = random(8).normal(backend, [6, 5]);
const drawer = models.indexGenerator({ dimension: 5, width: 8, blocks: 1, heads: 1, classes: 2, slots: 2 });
const flow = models.latentFlow({ dimension: 4, width: 8, blocks: 1, heads: 1 });
const filler = models.indexTransformer({ dimension: 5, width: 8, blocks: 1, heads: 1 });

const seer = models.perceptualNetwork({ channels: [4, 4, 4, 4], blocks: [1, 1, 1, 1], features: [2, 2, 2, 2] });

const taming: Readonly<Record<string, Shape>> = fixture['attention at the first resolution'].shapes;

const calls: Record<string, () => unknown> = {
  conv: layer(conv),
  groupNormLayer: layer(models.groupNormLayer(4, { groups: 2 })),
  dense: layer(models.dense(4, 3)),
  layerNormLayer: layer(models.layerNormLayer(4)),
  gridAttention: layer(models.gridAttention({ width: 4, heads: 1 })),
  transformerBlock: layer(models.transformerBlock({ width: 4, heads: 1 })),
  lambda: layer(models.lambda(square)),
  sequential: layer(models.sequential([conv, conv, models.lambda((y) => mean(y, { axes: [1, 2] }))] as never)),
  residual: layer(models.residual(conv)),
  resBlock: layer(models.resBlock(4)),
  resBlocks: layer(models.resBlocks(2, 4)),
  upsample: layer(models.upsample(4, 4, { shortcut: 'spaceToChannel' })),
  downsample: layer(models.downsample(4, 6, 'spaceToChannel')),
  patchify: layer(models.patchify(2)),
  normalizedResBlock: layer(models.normalizedResBlock(4, 8, 2)),
  attentionBlock: layer(models.attentionBlock(4, 2)),
  downsampleConv: layer(models.downsampleConv(4)),
  upsampleConv: layer(models.upsampleConv(4)),
  hingeLoss: () => models.hingeLoss(x, x),
  generatorLoss: () => models.generatorLoss(x),
  adaptiveWeight: () => models.adaptiveWeight({ x }, { x }),
  patchDiscriminator: () => {
    const params = discriminator.init(backend, 1);
    return [params, discriminator.apply(params, image)];
  },
  projectedDiscriminator: () => {
    const params = projected.init(backend, 1);
    return [params, projected.apply(params, [x, x], x)];
  },
  importTaming: () =>
    models.importTaming(backend, {
      names: Object.keys(taming),
      shapeOf: (name) => taming[name],
      read: async (_, shape) => new Float32Array(sizeOf(shape)),
    }),
  photoTokenizer: autoencoder(
    models.photoTokenizer({
      dimension: 16,
      encoderChannels: [16, 16, 16],
      encoderBlocks: [1, 1, 1],
      decoderChannels: [16, 16, 16, 16, 16],
      decoderBlocks: [1, 1, 1],
    }),
    image,
  ),
  perceptualNetwork: () => {
    const larger = random(9).uniform(backend, [1, 20, 20, 3], -1, 1);
    const params = seer.init(backend, 1);
    return [larger, params, seer.features(params, larger), seer.distance(params, larger, larger)];
  },
  textureTokenizer: () => {
    const params = textures.init(backend, 1);
    const { texture, base, structure } = textures.encode(params, image);
    const quarter = random(6).uniform(backend, [1, 4, 4, 3], -1, 1);
    const xHat = textures.decode(params, texture, base, quarter);
    return [
      params,
      texture,
      base,
      structure,
      quarter,
      xHat,
      textures.base(params, structure!),
      textures.reduce(params, image),
    ];
  },
  texturePredictor: () => {
    const tokenizer = textures.init(backend, 1);
    const params = predictor.init(backend, 2);
    return [tokenizer, params, predictor.apply(params, tokenizer, image)];
  },
  rotary: () => models.rotary(tokens, 2, 2),
  indexTransformer: () => {
    const params = filler.init(backend, 1);
    const holes = ones(backend, [1, 2, 2, 1]);
    return [params, holes, filler.apply(params, { vectors: logits, holes, codes, bits: 3 })];
  },
  indexGenerator: () => {
    const params = drawer.init(backend, 1);
    const holes = ones(backend, [1, 2, 2, 1]);
    const [labels, slot] = [zeros(backend, [1], 'u32'), ones(backend, [1], 'u32')];
    const expected = drawer.see(params, { vectors: logits, holes, labels });
    return [params, holes, labels, slot, expected, drawer.score(params, expected, { codes, slot, soFar: logits })];
  },
  latentFlow: () => {
    const params = flow.init(backend, 1);
    const [time, labels] = [ones(backend, [1]), zeros(backend, [1], 'u32')];
    return [params, time, labels, flow.apply(params, { x, time, labels })];
  },
  flowTime: () => {
    const [time, shift] = [ones(backend, [1]), ones(backend, [])];
    return [time, shift, models.flowTime(time, shift)];
  },
  likeliestIndices: () => models.likeliestIndices([logits]),
  slotTables: () => {
    const params = quantizer.init(backend, 1);
    return [params, models.slotTables(quantizer, params, backend)];
  },
  hardChoice: () => {
    const params = quantizer.init(backend, 1);
    return [params, models.hardChoice(quantizer, params, [logits])];
  },
  vqgan: autoencoder(models.vqgan({ dimension: 8, channels: 8, multipliers: [1, 2], blocks: 1, groups: 4 }), image),
  vqVae: autoencoder(models.vqVae({ channels: 3, dimension: 8, hidden: 8, residualHidden: 4 }), image),
};

describe('the memory of layers, networks and losses', () => {
  it.each(Object.entries(calls))('%s leaves nothing behind', async (_, call) => {
    await checkLeaks(backend, call);
    expect(x.isDisposed || image.isDisposed).toBe(false);
  });

  it('is checked for every export', () => {
    const exports = Object.keys(models).filter((name) => !name.endsWith('Error'));
    expect(Object.keys(calls).sort()).toEqual(exports.sort());
  });
});
