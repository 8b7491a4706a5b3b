/**
 * What the tensors of our VQGAN are called in checkpoints of taming-transformers, and how they lie there: the tree of our
 * parameters, with a name and a shape for each leaf. Filters there are `[cout, cin, kh, kw]`.
 *
 * @see Esser et al. 2021, arXiv:2012.09841; names and shapes of the checkpoints of CompVis/taming-transformers
 */
import type { VqganOptions } from './vqgan.ts';

/** A tensor of a checkpoint. */
export interface TensorPlace {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Sizes that shapes tell; the number of groups is 32 in all checkpoints, which no shape tells. */
export type TamingSizes = Required<VqganOptions>;

const convAt = (name: string, inChannels: number, outChannels: number, size = 3) => ({
  weight: { name: `${name}.weight`, shape: [outChannels, inChannels, size, size] },
  bias: { name: `${name}.bias`, shape: [outChannels] },
});

const normAt = (name: string, channels: number) => ({
  scale: { name: `${name}.weight`, shape: [channels] },
  shift: { name: `${name}.bias`, shape: [channels] },
});

function blockAt(name: string, inChannels: number, outChannels: number): unknown {
  const body = [
    normAt(`${name}.norm1`, inChannels),
    convAt(`${name}.conv1`, inChannels, outChannels),
    normAt(`${name}.norm2`, outChannels),
    convAt(`${name}.conv2`, outChannels, outChannels),
  ];
  const isPlain = inChannels === outChannels;
  return isPlain ? body : { body, shortcut: convAt(`${name}.nin_shortcut`, inChannels, outChannels, 1) };
}

function attentionAt(name: string, channels: number): unknown {
  const project = (part: string) => convAt(`${name}.${part}`, channels, channels, 1);
  const [query, key, value, output] = ['q', 'k', 'v', 'proj_out'].map(project);
  return { norm: normAt(`${name}.norm`, channels), query, key, value, output };
}

/** Blocks of a level, each followed by attention where the level has it. */
function blocksAt(
  level: string,
  count: number,
  [inChannels, outChannels]: readonly [number, number],
  hasAttention: boolean,
) {
  return Array.from({ length: count }, (_, i) => {
    const block = blockAt(`${level}.block.${i}`, i === 0 ? inChannels : outChannels, outChannels);
    return hasAttention ? [block, attentionAt(`${level}.attn.${i}`, outChannels)] : [block];
  }).flat();
}

const middleAt = (half: string, channels: number): unknown[] => [
  blockAt(`${half}.mid.block_1`, channels, channels),
  attentionAt(`${half}.mid.attn_1`, channels),
  blockAt(`${half}.mid.block_2`, channels, channels),
];

/** A change of resolution: what has no parameters, then a convolution. */
const resampleAt = (name: string, channels: number): unknown => [{}, convAt(`${name}.conv`, channels, channels)];

/** Encoder and decoder as `vqgan` has them, with a `TensorPlace` in place of each tensor. */
export function tamingPlaces(sizes: TamingSizes): { readonly encoder: unknown[]; readonly decoder: unknown[] } {
  const { channels, multipliers, blocks, dimension, attentionLevels } = sizes;
  const widths = multipliers.map((m) => m * channels);
  const [first, last] = [widths[0]!, widths.at(-1)!];
  const down = widths.flatMap((width, i) => [
    ...blocksAt(`encoder.down.${i}`, blocks, [widths[i - 1] ?? channels, width], attentionLevels.includes(i)),
    ...(i < widths.length - 1 ? [resampleAt(`encoder.down.${i}.downsample`, width)] : []),
  ]);
  const up = widths
    .map((width, i) => [
      ...blocksAt(`decoder.up.${i}`, blocks + 1, [widths[i + 1] ?? last, width], attentionLevels.includes(i)),
      ...(i > 0 ? [resampleAt(`decoder.up.${i}.upsample`, width)] : []),
    ])
    .reverse()
    .flat();
  return {
    encoder: [
      convAt('encoder.conv_in', 3, channels),
      ...down,
      ...middleAt('encoder', last),
      normAt('encoder.norm_out', last),
      convAt('encoder.conv_out', last, dimension),
      convAt('quant_conv', dimension, dimension, 1),
    ],
    decoder: [
      convAt('post_quant_conv', dimension, dimension, 1),
      convAt('decoder.conv_in', dimension, last),
      ...middleAt('decoder', last),
      ...up,
      normAt('decoder.norm_out', first),
      convAt('decoder.conv_out', first, 3),
    ],
  };
}
