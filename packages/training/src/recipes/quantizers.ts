/**
 * Every quantizer by the name of its package, made from options that are plain JSON: what a manifest says, and what the
 * command line takes. Training and opening use the same factories, so that parameters fit.
 */
import { clone, disposeTree, isTensor, type Quantizer, type Tensor, tidy } from '@vqkit/core';
import { cvqAnchors, learned } from '@vqkit/core/codebook';
import { dualCodebook } from '@vqkit/quantizer-dual-codebook';
import { fsq } from '@vqkit/quantizer-fsq';
import { looc } from '@vqkit/quantizer-looc';
import { lfq } from '@vqkit/quantizer-lookup-free';
import { product, startParts } from '@vqkit/quantizer-product';
import { residual, startStages } from '@vqkit/quantizer-residual';
import { simvq } from '@vqkit/quantizer-simvq';
import { deadCodes, ema, type KmeansOptions, startCodebook, vq } from '@vqkit/quantizer-vq';
import { packWeights, type QuantizerSpec, type WeightsFiles } from '@vqkit/tokenizer';
import { TrainingError } from '../errors.ts';
import type { OptionTable, OptionValues } from '../table/options.ts';
import { idOf } from './id-of.ts';

/** Options of one codebook. */
interface BookOptions {
  readonly codes: number;
  readonly dimension: number;
}

/** A transformer for small networks: the paper's has six layers, 2048 wide. */
const transformer = { layers: 2, heads: 4, feedForward: 256, scale: 0.1 };

const revival = cvqAnchors({ kind: 'closest' });

/** Factories by name; what they take is JSON. Codes that are not used are pulled to vectors as in CVQ. */
export const quantizers = {
  vq: (options: BookOptions) => vq({ revival, ...options }),
  looc,
  'dual-codebook': (options: BookOptions) => dualCodebook({ transformer, ...options }),
  product: ({ parts, ...part }: BookOptions & { readonly parts: number }) => product({ revival, ...part }, { parts }),
  residual: ({ depth, ...stage }: BookOptions & { readonly depth: number }) =>
    residual({ revival, ...stage }, { depth }),
  fsq,
  'lookup-free': lfq,
  simvq,
} as const;

/** Names of quantizers. */
export type QuantizerName = keyof typeof quantizers;

/** The names, for options. */
export const quantizerNames = Object.keys(quantizers) as [QuantizerName, ...QuantizerName[]];

/** Options of recipes that take any quantizer. */
export const quantizerOptions = {
  quantizer: { type: 'choice', description: 'what codes the features', choices: quantizerNames, default: 'vq' },
  codes: {
    type: 'integer',
    description: 'K: all quantizers but fsq and lookup-free',
    default: 256,
    min: 2,
    max: 65536,
  },
  dimension: {
    type: 'integer',
    description: 'D: all quantizers but fsq and lookup-free; a multiple of --parts, for dual-codebook of 8',
    default: 64,
    min: 1,
    max: 1024,
  },
  parts: { type: 'integer', description: 'pieces of looc, parts of product', default: 4, min: 1, max: 64 },
  depth: { type: 'integer', description: 'stages of residual', default: 2, min: 1, max: 64 },
  levels: { type: 'integers', description: 'levels of fsq', default: [8, 5, 5, 5], min: 2 },
  bits: { type: 'integer', description: 'bits of lookup-free', default: 10, min: 1, max: 64 },
} as const satisfies OptionTable;

/** A quantizer by one of our names. */
export type NamedQuantizerSpec = QuantizerSpec & { readonly name: QuantizerName };

/** The quantizer that options name, with those sizes that it takes. FSQ and LFQ fix the dimension themselves. */
export function quantizerSpec(options: OptionValues<typeof quantizerOptions>): NamedQuantizerSpec {
  const { quantizer: name, codes, dimension, parts, depth, levels, bits } = options;
  const sizes = {
    vq: { codes, dimension },
    looc: { codes, pieces: parts, pieceDimension: dimension / parts },
    'dual-codebook': { codes, dimension },
    product: { codes, dimension: dimension / parts, parts },
    residual: { codes, dimension, depth },
    fsq: { levels },
    'lookup-free': { bits },
    simvq: { codes, dimension },
  }[name];
  return { name, options: sizes };
}

/** A quantizer whose parameters and statistics nobody looks into. */
export type AnyQuantizer = Quantizer<unknown, unknown>;

/** Makes the quantizer of a specification. @throws TrainingError `OPTION_INVALID` for sizes that do not fit together. */
export function makeQuantizer({ name, options }: NamedQuantizerSpec): AnyQuantizer {
  try {
    return (quantizers[name] as (options: object) => unknown)(options) as AnyQuantizer;
  } catch (cause) {
    throw new TrainingError({
      code: 'OPTION_INVALID',
      message: `expected sizes that fit the quantizer ${name}, got: ${(cause as Error).message}`,
      fix: 'Change --dimension, --parts, --codes, --levels or --bits',
      cause,
    });
  }
}

/** How codes follow features. */
export const followOption = {
  follow: {
    type: 'choice',
    description:
      'codes of vq, product and residual follow features by averages, or by gradients as those of the others; anchors: by gradients, and codes without use are pulled to features as in CVQ, also in the local table of dual-codebook',
    choices: ['averages', 'gradients', 'anchors'],
    default: 'averages',
  },
} as const satisfies OptionTable;

/** A value of that option. */
export type FollowName = OptionValues<typeof followOption>['follow'];

/** Quantizers whose codes can follow features by averages, instead of gradients. */
const averaged: readonly QuantizerName[] = ['vq', 'product', 'residual'];

/** A quantizer in a training whose networks alone, or all, are moved by gradients. */
export interface FollowingQuantizer {
  readonly quantizer: AnyQuantizer;
  /** Codes follow by exponential averages, and those without use are replaced; otherwise gradients move them. */
  readonly isAveraged: boolean;
}

/** The quantizer of a specification, whose codes by default follow by averages where they can. @throws as `makeQuantizer` */
export function followingQuantizer(spec: NamedQuantizerSpec, follow: FollowName = 'averages'): FollowingQuantizer {
  const { name, options } = spec;
  const isAveraged = follow === 'averages' && averaged.includes(name);
  const rules = isAveraged ? { codebook: ema({ decay: 0.99 }), revival: deadCodes() } : gradientRules(spec, follow);
  return { quantizer: makeQuantizer({ name, options: { ...options, ...rules } }), isAveraged };
}

/** What is special about codes that gradients move. */
function gradientRules({ name, options }: NamedQuantizerSpec, follow: FollowName): object {
  const pulled = follow === 'anchors' ? revival : undefined;
  if (name === 'dual-codebook') return pulled ? { local: { revival: pulled } } : {};
  if (averaged.includes(name)) return { revival: pulled, ...(name === 'product' && summedLosses(options)) };
  if (pulled === undefined) return {};
  throw new TrainingError({
    code: 'OPTION_INVALID',
    message: `expected follow: anchors with vq, product, residual or dual-codebook, got it with ${name}`,
    fix: 'Leave it out, or use another quantizer',
  });
}

/** Losses of product are means over its parts; these weights make them sums, as those of the dual codebook are. */
function summedLosses(options: object): object {
  const { parts } = options as { readonly parts: number };
  return { commitment: 0.25 * parts, codebook: learned({ weight: parts }) };
}

/** Starts by k-means on features, of those that have one. */
const starts: Partial<Record<QuantizerName, (quantizer: never, vectors: Tensor, options: KmeansOptions) => unknown>> = {
  vq: startCodebook,
  product: startParts,
  residual: startStages,
};

/**
 * Parameters that k-means finds in features; undefined for quantizers without such a start.
 *
 * @param vectors  f32 `[…, D]`.
 */
export async function startedParams(
  name: QuantizerName,
  quantizer: AnyQuantizer,
  vectors: Tensor,
  seed: number,
): Promise<unknown> {
  return starts[name]?.(quantizer as never, vectors, { seed });
}

/** A trained autoencoder with its quantizer. */
export interface TrainedModel {
  /** Name and options of the networks, as in a manifest. */
  readonly architecture: string;
  readonly options: object;
  readonly encoder: unknown;
  readonly decoder: unknown;
  readonly spec: NamedQuantizerSpec;
  readonly quantizer: AnyQuantizer;
  readonly params: unknown;
  /** How tensors are stored. Default `f16`. */
  readonly precision?: 'f16' | 'f32';
}

/** What the quantizer `dual-codebook` calls itself. */
const { name: dualName } = dualCodebook({ codes: 1, dimension: 2, transformer: { heads: 1 } });

/** What codebook rules remember from step to step. */
const remembered = ['average', 'revival'];

function withoutMemory(params: unknown): unknown {
  if (isTensor(params)) return clone(params);
  if (Array.isArray(params)) return params.map(withoutMemory);
  const kept = Object.entries(params as object).filter(([name]) => !remembered.includes(name));
  return Object.fromEntries(kept.map(([name, child]) => [name, withoutMemory(child)]));
}

/**
 * A copy of a quantizer's parameters as they are used: without what rules remember in training, and of a dual codebook the
 * table that the transformer made.
 */
export function publishedParams(quantizer: AnyQuantizer, params: unknown): unknown {
  const { name, fold } = quantizer as AnyQuantizer & { fold?: (params: unknown) => unknown };
  return name === dualName ? tidy(() => withoutMemory(fold!(params))) : withoutMemory(params);
}

/** A weights package that the codec opens. */
export async function packModel(model: TrainedModel): Promise<WeightsFiles> {
  const { architecture, options, encoder, decoder, spec, params, precision } = model;
  const quantizer = publishedParams(model.quantizer, params);
  const id = await idOf({ encoder, quantizer });
  const files = await packWeights({
    manifest: { id, architecture, options, quantizer: spec },
    encoder,
    decoder,
    quantizer,
    ...(precision && { precision }),
  });
  disposeTree(quantizer);
  return files;
}
