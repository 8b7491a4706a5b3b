/**
 * What LFQ and BSQ share: every channel is replaced by its sign times a constant, the signs are the bits of the
 * indices, and an entropy loss keeps decisions sure and codes in use. They differ in what happens to the features first.
 */
import { mul, type Quantizer, stopGradient, type Tensor, tidy, ValueError } from '@vqkit/core';
import {
  checkAmount,
  checkCount,
  checkFeatures,
  checkIndices,
  rowsOf,
  straightThrough,
  weightedSquaredError,
  weightRows,
} from '@vqkit/core/codebook';
import { entropyLoss } from './entropy.ts';
import { packSigns, slotBits, unpackSigns } from './slots.ts';

/** Options of `lfq` and `bsq`. */
export interface LookupFreeOptions {
  /** D, the number of channels and of bits per position, ≥ 1. */
  readonly bits: number;
  /** Weight of the entropy loss, ≥ 0. Default 0.1. */
  readonly entropy?: number;
  /** γ: weight of variety against sureness within the entropy loss, ≥ 0. Default 1. */
  readonly diversity?: number;
  /** T > 0 of the soft decisions in the entropy loss. Default 0.01 for `lfq`, 0.1 for `bsq`. */
  readonly temperature?: number;
  /** Bits whose patterns the variety term looks at together, 1 … 12. Default 8; exact when it is `bits`. */
  readonly jointBits?: number;
  /** Weight of the commitment loss, ≥ 0. Default 0.25. */
  readonly commitment?: number;
}

/** Lookup-free quantizers have no parameters. */
export type LookupFreeParams = Record<string, never>;

/** They need nothing from a batch. */
export type LookupFreeStatistics = Record<string, never>;

/** A quantizer by signs. */
export interface LookupFreeQuantizer extends Quantizer<LookupFreeParams, LookupFreeStatistics> {
  readonly options: Required<LookupFreeOptions>;
}

/** @internal What distinguishes one from the other. */
export interface SignQuantizerKind {
  readonly name: string;
  /** Size of the code's values. */
  readonly scale: number;
  readonly temperature: number;
  /** Done to the features before their signs are taken, and what the gradient goes through. */
  readonly prepare: (z: Tensor) => Tensor;
}

/** @internal Makes the quantizer. @throws ValueError `VALUE_OUT_OF_RANGE` */
export function signQuantizer(kind: SignQuantizerKind, given: LookupFreeOptions): LookupFreeQuantizer {
  const { name, scale, prepare } = kind;
  const options = completed(given, kind);
  const { bits, entropy, commitment, diversity, temperature, jointBits } = options;
  const sizes = slotBits(bits);
  return {
    name,
    options,
    dimension: bits,
    codebookSizes: sizes.map((n) => 2 ** n),
    bitsPerPosition: bits,
    init: () => ({}),
    quantize: (_, z, { weights } = {}) => {
      checkFeatures(name, z, bits);
      return tidy(() => {
        const u = prepare(z);
        const indices = packSigns(stopGradient(u), sizes);
        const code = unpackSigns(indices, sizes, scale);
        const share = weightRows(weights, z.shape);
        const losses: Record<string, Tensor> = {};
        if (commitment > 0) {
          losses.commitment = mul(weightedSquaredError(rowsOf(u), rowsOf(code), share), commitment);
        }
        if (entropy > 0) {
          losses.entropy = mul(entropyLoss(rowsOf(u), { scale, temperature, diversity, jointBits }, share), entropy);
        }
        return { quantized: straightThrough(u, code), indices, losses, statistics: {} };
      });
    },
    encode: (_, z) => {
      checkFeatures(name, z, bits);
      return tidy(() => packSigns(prepare(z), sizes));
    },
    decode: (_, indices) => {
      checkIndices(name, indices, sizes.length);
      return tidy(() => unpackSigns(indices, sizes, scale));
    },
    update: () => ({}),
  };
}

function completed(given: LookupFreeOptions, kind: SignQuantizerKind): Required<LookupFreeOptions> {
  const { bits, entropy = 0.1, diversity = 1, temperature = kind.temperature, commitment = 0.25 } = given;
  const { jointBits = Math.min(8, bits) } = given;
  checkCount(`${kind.name}: bits`, bits);
  for (const [option, value] of Object.entries({ entropy, diversity, commitment })) {
    checkAmount(`${kind.name}: ${option}`, value);
  }
  checkAmount(`${kind.name}: temperature`, temperature, '> 0');
  if (!(Number.isInteger(jointBits) && jointBits >= 1 && jointBits <= 12)) {
    throw new ValueError({
      code: 'VALUE_OUT_OF_RANGE',
      message: `${kind.name}: expected jointBits from 1 to 12, got ${jointBits}`,
      fix: 'Its cost is N·2^jointBits; smaller groups give an upper bound on the variety',
    });
  }
  return { bits, entropy, diversity, temperature, jointBits, commitment };
}
