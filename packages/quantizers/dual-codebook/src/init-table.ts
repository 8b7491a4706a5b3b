/** Fresh parameters of the table's transformer: a standard normal seed, and weights as PyTorch starts them. */
import { type Backend, clone, mapTree, ones, type Random, reshape, scalar, zeros } from '@vqkit/core';
import type { Affine, Norm, TableLayer, TableTransformerParams } from './table-transformer.ts';

/** Sizes of the table and its transformer. */
export interface TableSizes {
  /** n. */
  readonly codes: number;
  /** D. */
  readonly width: number;
  readonly layers: number;
  readonly feedForward: number;
  readonly scale: number | undefined;
}

/** All layers start from the same weights, as copies of one do in PyTorch. */
export function initTable(backend: Backend, stream: Random, sizes: TableSizes): TableTransformerParams {
  const { codes, width, layers, feedForward, scale } = sizes;
  const seed = stream.normal(backend, [codes, width]);
  const first = initLayer(backend, stream, width, feedForward);
  const rest = Array.from({ length: layers - 1 }, () => mapTree(first, clone));
  return {
    seed,
    layers: [first, ...rest],
    ...(scale === undefined ? {} : { scale: reshape(scalar(backend, scale), [1]) }),
  };
}

function initLayer(backend: Backend, stream: Random, width: number, feedForward: number): TableLayer {
  const affine = (input: number, output: number, bound: number, biasBound: number): Affine => ({
    weight: stream.uniform(backend, [input, output], -bound, bound),
    bias: biasBound === 0 ? zeros(backend, [output]) : stream.uniform(backend, [output], -biasBound, biasBound),
  });
  const norm = (): Norm => ({ scale: ones(backend, [width]), shift: zeros(backend, [width]) });
  const [narrow, wide] = [1 / Math.sqrt(width), 1 / Math.sqrt(feedForward)];
  return {
    // Glorot's bound for the joint matrix [D, 3D]; Kaiming's with a = √5, 1/√fanIn, for the others.
    attentionIn: affine(width, 3 * width, Math.sqrt(6 / (4 * width)), 0),
    attentionOut: affine(width, width, narrow, 0),
    norm1: norm(),
    expand: affine(width, feedForward, narrow, narrow),
    contract: affine(feedForward, width, wide, wide),
    norm2: norm(),
  };
}
