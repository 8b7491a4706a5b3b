/**
 * Inception-v3 of the TensorFlow release of 2015-12-05, up to its last average: the features of FID and KID. It is not
 * torchvision's Inception: means inside the blocks leave out the border, and the last block pools by maximum.
 *
 * image 299² → stem 64×73² → 192×35² → A A A (288×35²) → B → C C C C (768×17²) → D → E E′ (2048×8²) → mean
 *
 * @see Szegedy et al. 2015, arXiv:1512.00567; mseitzer/pytorch-fid (Apache-2.0): src/pytorch_fid/inception.py (names)
 */
import { avgPool, concat, maxPool, mean, mul, type Tensor, tensor, tidy } from '@vqkit/core';
import { type ConvolutionSpec, convolveRelu, type NetworkParams } from './convolution.ts';

/** Which features: after the first or second pooling, before the auxiliary head, or after the last block. */
export type InceptionDimension = 64 | 192 | 768 | 2048;

interface Layer {
  readonly name: string;
  readonly output: number;
  /** Height and width of the window. */
  readonly size: readonly [number, number];
  readonly stride?: number;
  /** Keep the size (otherwise windows that fit). */
  readonly isPadded?: boolean;
}

const one = (name: string, output: number): Layer => ({ name, output, size: [1, 1] });
const same = (name: string, output: number, height: number, width = height): Layer => ({
  name,
  output,
  size: [height, width],
  isPadded: true,
});
const halving = (name: string, output: number): Layer => ({ name, output, size: [3, 3], stride: 2 });

/** A block: chains side by side. A chain's last layers may fan out; `pool` is the chain that begins with a pooling. */
interface Block {
  readonly name: string;
  readonly input: number;
  readonly chains: readonly { readonly layers: readonly Layer[]; readonly fan?: readonly Layer[] }[];
  readonly pool: { readonly op: 'mean' | 'max' | 'halve'; readonly layer?: Layer };
}

function blockA(name: string, input: number, pooled: number): Block {
  return {
    name,
    input,
    chains: [
      { layers: [one('branch1x1', 64)] },
      { layers: [one('branch5x5_1', 48), same('branch5x5_2', 64, 5)] },
      { layers: [one('branch3x3dbl_1', 64), same('branch3x3dbl_2', 96, 3), same('branch3x3dbl_3', 96, 3)] },
    ],
    pool: { op: 'mean', layer: one('branch_pool', pooled) },
  };
}

const blockB: Block = {
  name: 'Mixed_6a',
  input: 288,
  chains: [
    { layers: [halving('branch3x3', 384)] },
    { layers: [one('branch3x3dbl_1', 64), same('branch3x3dbl_2', 96, 3), halving('branch3x3dbl_3', 96)] },
  ],
  pool: { op: 'halve' },
};

function blockC(name: string, width: number): Block {
  return {
    name,
    input: 768,
    chains: [
      { layers: [one('branch1x1', 192)] },
      { layers: [one('branch7x7_1', width), same('branch7x7_2', width, 1, 7), same('branch7x7_3', 192, 7, 1)] },
      {
        layers: [
          one('branch7x7dbl_1', width),
          same('branch7x7dbl_2', width, 7, 1),
          same('branch7x7dbl_3', width, 1, 7),
          same('branch7x7dbl_4', width, 7, 1),
          same('branch7x7dbl_5', 192, 1, 7),
        ],
      },
    ],
    pool: { op: 'mean', layer: one('branch_pool', 192) },
  };
}

const blockD: Block = {
  name: 'Mixed_7a',
  input: 768,
  chains: [
    { layers: [one('branch3x3_1', 192), halving('branch3x3_2', 320)] },
    {
      layers: [
        one('branch7x7x3_1', 192),
        same('branch7x7x3_2', 192, 1, 7),
        same('branch7x7x3_3', 192, 7, 1),
        halving('branch7x7x3_4', 192),
      ],
    },
  ],
  pool: { op: 'halve' },
};

function blockE(name: string, input: number, op: 'mean' | 'max'): Block {
  return {
    name,
    input,
    chains: [
      { layers: [one('branch1x1', 320)] },
      { layers: [one('branch3x3_1', 384)], fan: [same('branch3x3_2a', 384, 1, 3), same('branch3x3_2b', 384, 3, 1)] },
      {
        layers: [one('branch3x3dbl_1', 448), same('branch3x3dbl_2', 384, 3)],
        fan: [same('branch3x3dbl_3a', 384, 1, 3), same('branch3x3dbl_3b', 384, 3, 1)],
      },
    ],
    pool: { op, layer: one('branch_pool', 192) },
  };
}

const stem: readonly Layer[] = [
  halving('Conv2d_1a_3x3', 32),
  { name: 'Conv2d_2a_3x3', output: 32, size: [3, 3] },
  same('Conv2d_2b_3x3', 64, 3),
];
const secondStem: readonly Layer[] = [one('Conv2d_3b_1x1', 80), { name: 'Conv2d_4a_3x3', output: 192, size: [3, 3] }];

const blocks: readonly Block[] = [
  blockA('Mixed_5b', 192, 32),
  blockA('Mixed_5c', 256, 64),
  blockA('Mixed_5d', 288, 64),
  blockB,
  blockC('Mixed_6b', 128),
  blockC('Mixed_6c', 160),
  blockC('Mixed_6d', 160),
  blockC('Mixed_6e', 192),
  blockD,
  blockE('Mixed_7b', 1280, 'mean'),
  blockE('Mixed_7c', 2048, 'max'),
];

/** @internal Every convolution; its normalisation lies beside it under `.bn`. */
export const inceptionConvolutions: readonly ConvolutionSpec[] = [
  ...specsOf('', 3, stem),
  ...specsOf('', 64, secondStem),
  ...blocks.flatMap(({ name, input, chains, pool }) => [
    ...chains.flatMap(({ layers, fan = [] }) => [
      ...specsOf(`${name}.`, input, layers),
      ...fan.flatMap((layer) => specsOf(`${name}.`, layers.at(-1)!.output, [layer])),
    ]),
    ...(pool.layer === undefined ? [] : specsOf(`${name}.`, input, [pool.layer])),
  ]),
];

function specsOf(prefix: string, input: number, layers: readonly Layer[]): ConvolutionSpec[] {
  let channels = input;
  return layers.map(({ name, output, size }) => {
    const spec: ConvolutionSpec = { name: `${prefix}${name}`, shape: [output, channels, ...size] };
    channels = output;
    return spec;
  });
}

/**
 * Features of prepared images; pure, compiles.
 *
 * @param params  From `loadInception`.
 * @param x  f32 `[N, 299, 299, 3]`, about −1 … 1, from `prepareForInception`.
 * @param dimension  Default 2048. The smaller ones are means over the map at earlier places.
 * @returns f32 `[N, dimension]`.
 */
export function inceptionFeatures(params: NetworkParams, x: Tensor, dimension: InceptionDimension = 2048): Tensor {
  return tidy(() => featuresAt(params, x, dimension));
}

function featuresAt(params: NetworkParams, x: Tensor, dimension: InceptionDimension): Tensor {
  const overMap = { axes: [1, 2] };
  const first = maxPool(chain(params, '', stem, x), { size: 3, strides: 2 });
  if (dimension === 64) return mean(first, overMap);
  const second = maxPool(chain(params, '', secondStem, first), { size: 3, strides: 2 });
  if (dimension === 192) return mean(second, overMap);
  const run = (from: Tensor, list: readonly Block[]): Tensor =>
    list.reduce((y, block) => applyBlock(params, block, y), from);
  const middle = run(second, blocks.slice(0, 8));
  return mean(dimension === 768 ? middle : run(middle, blocks.slice(8)), overMap);
}

function chain(params: NetworkParams, prefix: string, layers: readonly Layer[], x: Tensor): Tensor {
  return layers.reduce((y, { name, size: [height, width], stride = 1, isPadded }) => {
    const [down, right] = isPadded ? [(height - 1) / 2, (width - 1) / 2] : [0, 0];
    return convolveRelu(params, `${prefix}${name}`, y, { strides: stride, pads: [down, right, down, right] });
  }, x);
}

function applyBlock(params: NetworkParams, { name, chains, pool }: Block, x: Tensor): Tensor {
  const branches = chains.flatMap(({ layers, fan }) => {
    const y = chain(params, `${name}.`, layers, x);
    return fan === undefined ? [y] : fan.map((layer) => chain(params, `${name}.`, [layer], y));
  });
  const pooled =
    pool.op === 'mean'
      ? meanInside(x)
      : maxPool(x, pool.op === 'max' ? { size: 3, strides: 1, pads: 1 } : { size: 3, strides: 2 });
  const last = pool.layer === undefined ? pooled : chain(params, `${name}.`, [pool.layer], pooled);
  return concat([...branches, last], -1);
}

/** 3×3 mean with stride 1 over the pixels that exist. */
function meanInside(x: Tensor): Tensor {
  const [, height, width] = x.shape as [number, number, number, number];
  const along = (i: number, n: number): number => 3 - (i === 0 ? 1 : 0) - (i === n - 1 ? 1 : 0);
  const correction = Float32Array.from({ length: height * width }, (_, i) => {
    const present = along(Math.floor(i / width), height) * along(i % width, width);
    return 9 / present;
  });
  const zeroPadded = avgPool(x, { size: 3, strides: 1, pads: 1 });
  return mul(zeroPadded, tensor(x.backend, correction, [1, height, width, 1]));
}
