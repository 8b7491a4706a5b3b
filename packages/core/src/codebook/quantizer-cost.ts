/**
 * What a quantizer costs: storage, bits, and multiplications, read off the graphs of `encode` and `decode`, so that it holds for
 * any quantizer and any composition of them.
 *
 * @see Li, Wong & Han 2026 (LooC), arXiv:2601.00222, supplement 1, which compares storage and multiplications of codebooks
 */
import type { Graph, GraphNode } from '../backend/backend.ts';
import { cpu } from '../cpu/cpu.ts';
import { sizeOf } from '../dtype.ts';
import { disposeTree } from '../tensor/scope.ts';
import { trace } from '../trace/trace.ts';
import { tensorsOf } from '../tree/tree.ts';
import type { Quantizer } from './quantizer.ts';

/** What is quantized. */
export interface CostMap<P> {
  /** Positions of the feature map. */
  readonly height: number;
  readonly width: number;
  /** Pixels along the side of a position, for bits per pixel. Default 1. */
  readonly scale?: number;
  /** Parameters as they are used, e.g. folded ones; tensors or specs. Default: fresh ones. */
  readonly params?: P;
}

/** What it costs, for one map. */
export interface QuantizerCost {
  /** Values that encoding and decoding read, and their bytes in f32. */
  readonly floats: number;
  readonly bytes: number;
  /** Values of all parameters, with what training remembers. */
  readonly trainingFloats: number;
  /** Indices of the map, and their bits at fixed length: of a position, of the map. */
  readonly indices: number;
  readonly bitsPerPosition: number;
  readonly bits: number;
  /** Bits per pixel. */
  readonly bpp: number;
  /** Multiplications within matrix products: to encode, the same per position, and to decode. */
  readonly encodeProducts: number;
  readonly encodeProductsPerPosition: number;
  readonly decodeProducts: number;
  /** Multiplications, divisions and squares of single values, to encode and to decode. */
  readonly encodeElementwise: number;
  readonly decodeElementwise: number;
}

/**
 * Storage, bits and multiplications of a quantizer for a feature map.
 *
 * @example
 * quantizerCost(vq({ codes: 1024, dimension: 128 }), { height: 7, width: 7 }).encodeProducts; // 7·7·1024·128
 */
export function quantizerCost<P, S>(quantizer: Quantizer<P, S>, map: CostMap<P>): QuantizerCost {
  const { height, width, scale = 1 } = map;
  const { dimension, codebookSizes, bitsPerPosition } = quantizer;
  const backend = cpu();
  const params = map.params ?? quantizer.init(backend, 0);
  const encode = trace(
    (own: P, z: never) => quantizer.encode(own, z),
    [params as never, { shape: [1, height, width, dimension], dtype: 'f32' }],
  );
  const decode = trace(
    (own: P, indices: never) => quantizer.decode(own, indices),
    [params as never, { shape: [1, height, width, codebookSizes.length], dtype: 'u32' }],
  );
  const read = new Map([...usedParams(encode), ...usedParams(decode)]);
  const floats = total([...read.values()]);
  const encodeProducts = graphProducts(encode);
  const cost: QuantizerCost = {
    floats,
    bytes: 4 * floats,
    trainingFloats: total(tensorsOf(params).map(({ size }) => size)),
    indices: height * width * codebookSizes.length,
    bitsPerPosition,
    bits: height * width * bitsPerPosition,
    bpp: bitsPerPosition / scale ** 2,
    encodeProducts,
    encodeProductsPerPosition: encodeProducts / (height * width),
    decodeProducts: graphProducts(decode),
    encodeElementwise: total(encode.nodes.map(elementwiseOf)),
    decodeElementwise: total(decode.nodes.map(elementwiseOf)),
  };
  if (map.params === undefined) disposeTree(params);
  backend.dispose();
  return cost;
}

/**
 * Costs as a table for people, one line per quantizer.
 *
 * @returns Markdown.
 */
export function costTable(costs: Readonly<Record<string, QuantizerCost>>): string {
  const columns = {
    'floats at use': 'floats',
    bytes: 'bytes',
    'floats in training': 'trainingFloats',
    indices: 'indices',
    'bits per position': 'bitsPerPosition',
    'of the map': 'bits',
    'bits per pixel': 'bpp',
    'multiplications to encode a position': 'encodeProductsPerPosition',
    'the map': 'encodeProducts',
    'to decode it': 'decodeProducts',
  } as const;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = Object.entries(costs).map(([name, cost]) =>
    line([name, ...Object.values(columns).map((key) => cost[key].toLocaleString('en', { maximumFractionDigits: 3 }))]),
  );
  const names = Object.keys(columns);
  return [line(['quantizer', ...names]), line(['---', ...names.map(() => '--:')]), ...rows].join('\n');
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Sizes of the parameters that a graph reads, by their place among the arguments. */
function usedParams({ inputs, nodes, outputs }: Graph): [string, number][] {
  const used = new Set([...nodes.flatMap((node) => node.inputs), ...outputs].map(({ id }) => id));
  return inputs
    .filter(({ id, name }) => used.has(id) && name.startsWith('0'))
    .map(({ name, shape }) => [name, sizeOf(shape)]);
}

/**
 * Multiplications within the matrix products and convolutions of a graph that was traced on the reference backend, padding
 * counted as values: what is often called MACs. Single values, as in activations and normalisations, are not counted.
 *
 * @example
 * graphProducts(trace((x, w) => matmul(x, w), [{ shape: [2, 3], dtype: 'f32' }, { shape: [3, 5], dtype: 'f32' }])); // 30
 */
export function graphProducts({ nodes }: Graph): number {
  return total(nodes.map(productsOf));
}

function productsOf({ kernel, inputs, outputs, attributes }: GraphNode): number {
  const [a, b] = inputs.map(({ shape }) => shape);
  const size = sizeOf(outputs[0]!.shape);
  if (kernel === 'matmul') return size * a![attributes.transposeA ? 1 : 2]!;
  // filters [kh, kw, channels, out]
  return kernel === 'conv2d' ? size * sizeOf(b!.slice(0, 3)) : 0;
}

function elementwiseOf({ kernel, outputs, attributes }: GraphNode): number {
  const isCounted =
    (kernel === 'binary' && (attributes.op === 'mul' || attributes.op === 'div')) ||
    (kernel === 'unary' && attributes.op === 'square');
  return isCounted && outputs[0]!.dtype === 'f32' ? sizeOf(outputs[0]!.shape) : 0;
}
