/** The blocks of VQGAN: normalised residual blocks, attention over the image, and its ways to change resolution. */
import { add, attention, pad, reshape, type Tensor, tidy, upsampleNearest } from '@vqkit/core';
import { conv } from '../layers/conv.ts';
import { groupNormLayer } from '../layers/group-norm.ts';
import { type Layer, lambda, residual, sequential } from '../layers/layer.ts';

/**
 * norm, SiLU, conv, norm, SiLU, conv, plus the input (through a 1×1 convolution where the number of channels changes).
 *
 * @see He et al. 2016, arXiv:1603.05027 (pre-activation); Esser et al. 2021, arXiv:2012.09841
 */
export function normalizedResBlock(inChannels: number, outChannels: number, groups = 32): Layer {
  const body = sequential([
    groupNormLayer(inChannels, { groups, activation: 'silu' }),
    conv({ inChannels, outChannels }),
    groupNormLayer(outChannels, { groups, activation: 'silu' }),
    conv({ inChannels: outChannels, outChannels }),
  ]);
  if (inChannels === outChannels) return residual(body);
  const shortcut = conv({ inChannels, outChannels, size: 1 });
  return {
    init: (backend, random) => ({
      body: body.init(backend, random.split(0)),
      shortcut: shortcut.init(backend, random.split(1)),
    }),
    apply: (params, x) => {
      const { body: own, shortcut: skip } = params as {
        body: ReturnType<typeof body.init>;
        shortcut: ReturnType<typeof shortcut.init>;
      };
      return tidy(() => add(shortcut.apply(skip, x), body.apply(own, x)));
    },
  };
}

/** Single-head self-attention over all positions of the image, with a residual. Memory grows with the square of H·W. */
export function attentionBlock(channels: number, groups = 32): Layer {
  const norm = groupNormLayer(channels, { groups });
  const project = conv({ inChannels: channels, outChannels: channels, size: 1 });
  const names = ['query', 'key', 'value', 'output'] as const;
  type Params = Record<(typeof names)[number], ReturnType<typeof project.init>> & {
    norm: ReturnType<typeof norm.init>;
  };
  return {
    init: (backend, random) => ({
      norm: norm.init(backend, random),
      ...Object.fromEntries(names.map((name, i) => [name, project.init(backend, random.split(i))])),
    }),
    apply: (params, x) =>
      tidy(() => {
        const own = params as Params;
        const [n, h, w, c] = x.shape as [number, number, number, number];
        const normalized = norm.apply(own.norm, x);
        const tokens = (name: 'query' | 'key' | 'value'): Tensor =>
          reshape(project.apply(own[name], normalized), [n, h * w, c]);
        const mixed = attention(tokens('query'), tokens('key'), tokens('value'));
        return add(x, project.apply(own.output, reshape(mixed, [n, h, w, c])));
      }),
  };
}

/** Halves the image: one pixel of zeros to the right and below, then a 3×3 convolution with stride 2, as in VQGAN. */
export function downsampleConv(channels: number): Layer {
  return sequential([
    lambda((x) => pad(x, [0, 0, 0, 0], [0, 1, 1, 0])),
    conv({ inChannels: channels, outChannels: channels, stride: 2, pads: 0 }),
  ]);
}

/** Doubles the image by repeating pixels, then a 3×3 convolution. */
export function upsampleConv(channels: number): Layer {
  return sequential([lambda((x) => upsampleNearest(x, 2)), conv({ inChannels: channels, outChannels: channels })]);
}
