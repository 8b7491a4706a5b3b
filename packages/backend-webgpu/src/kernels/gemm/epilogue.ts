/**
 * What happens to a sum before it is written: bias, activation, residual; and where it is written, if pixels are to be
 * shuffled. Shared by all matrix-product kernels.
 */
import type { Activation } from '@vqkit/core';
import { type BufferRef, input, output } from '../../plan.ts';
import { activation as activationOf } from '../../wgsl/expressions.ts';
import { functionTexts } from '../../wgsl/functions.ts';
import { type Binding, reads, writes } from '../../wgsl/shader.ts';
import { quad } from './quads.ts';

/** The end of a matrix product: activation(sum + bias) + residual, written to `to`. */
export interface Epilogue {
  readonly activation: Activation;
  /** f32 `[columns]`. */
  readonly bias?: BufferRef;
  /** f32 like the output. */
  readonly residual?: BufferRef;
  /** Whether each four columns become a square of 2×2 pixels, as in `pixelShuffle` by 2. Convolutions alone can do it. */
  readonly isShuffled?: boolean;
  readonly to: BufferRef;
}

/** What may follow a matrix product or convolution; made by `compile` where the parts come one by one. */
export interface EpilogueAttributes {
  readonly activation: Activation;
  readonly hasBias: boolean;
  readonly hasResidual: boolean;
  readonly isShuffled?: boolean;
}

/** The epilogue whose operands are the inputs behind the first two. */
export function epilogueOf({ activation, hasBias, hasResidual, isShuffled = false }: EpilogueAttributes): Epilogue {
  return {
    activation,
    isShuffled,
    ...(hasBias ? { bias: input(2) } : {}),
    ...(hasResidual ? { residual: input(hasBias ? 3 : 2) } : {}),
    to: output(),
  };
}

/** An epilogue that only writes. */
export function plainEpilogue(to: BufferRef): Epilogue {
  return { activation: 'none', to };
}

/** Bindings of an epilogue, behind the operands'. */
export function epilogueBindings({ bias, residual, isShuffled, to }: Epilogue, isFour: boolean): Binding[] {
  const element = isFour ? 'vec4f' : 'f32';
  return [
    ...(bias ? [reads('bias', bias, element)] : []),
    ...(residual ? [reads('residual', residual, element)] : []),
    writes('y', to, isShuffled ? 'f32' : element),
  ];
}

/** Stores the four columns of a channel at its 2×2 pixels. */
const shuffledStore = `let line = row / params.widthOut; let left = row % params.widthOut * 2u;
  ${[0, 1, 2, 3].map((i) => `y[(((line * 2u + ${i >> 1}u) * params.widthOut * 2u + left + ${i & 1}u) * params.columns + column) / 4u] = value[${i}];`).join('\n  ')}`;

/**
 * Declares `finish(row, column, sum: vec4f)`, which stores four columns of one row.
 *
 * @param isFour  Whether rows are whole vec4s; if not, columns are stored one by one up to `params.columns`.
 */
export function epilogueText({ activation, bias, residual, isShuffled }: Epilogue, isFour: boolean): string {
  const { text, functions } = activationOf(activation, 'biased', 4);
  const store = isShuffled
    ? shuffledStore
    : isFour
      ? 'y[at / 4u] = value;'
      : [0, 1, 2, 3].map((i) => `if (column + ${i}u < params.columns) { y[at + ${i}u] = value[${i}]; }`).join('\n  ');
  return `${functionTexts(functions, 4)}
fn finish(row: u32, column: u32, sum: vec4f) {
  if (column >= params.columns) { return; }
  let at = row * params.columns + column;
  let biased = sum${bias ? ` + ${quad('bias', 'column', isFour)}` : ''};
  let value = ${text}${residual ? ` + ${quad('residual', 'at', isFour)}` : ''};
  ${store}
}`;
}
