/**
 * Dual codebook: vectors are cut in two. The first half is looked up in a global table, which a small transformer makes
 * of a learned seed; the second in a plain local table. "Global" and "local" say how the tables are trained, not what
 * they see.
 *
 *   z [N,H,W,D] ─┬─ first half  → nearest of transformer(seed) ─┬→ quantized, indices [N,H,W,2]
 *                └─ second half → nearest of the local codes  ──┘
 *
 * After training the transformer is run once, dropout off, and its table takes its place (`fold`).
 *
 * @see Boodaghi Malidarreh et al. 2025, arXiv:2503.10832
 */
import { add, concat, mapTree, mul, random, reshape, split, stopGradient, type Tensor, tidy } from '@vqkit/core';
import {
  checkCount,
  checkFeatures,
  checkIndices,
  codebook,
  learned,
  outOfRange,
  rowsOf,
  splitKey,
  weightRows,
} from '@vqkit/core/codebook';
import { initTable } from './init-table.ts';
import { makeTable } from './table-transformer.ts';
import type { DualCodebookOptions, DualCodebookParams, DualCodebookQuantizer } from './types.ts';

/**
 * Makes a dual-codebook quantizer. Two indices per position: 2·log₂ n bits. Losses are sums over the halves.
 *
 * @throws ValueError `VALUE_OUT_OF_RANGE` for impossible options.
 *
 * @example
 * const quantizer = dualCodebook({ codes: 512, dimension: 256 }); // 18 bits per position
 * const params = quantizer.init(backend, 1);
 * const { indices } = quantizer.quantize(params, z, { key }); // z: [1, 16, 16, 256] → indices: [1, 16, 16, 2]
 */
export function dualCodebook(options: DualCodebookOptions): DualCodebookQuantizer {
  const { codes, dimension, local = {}, commitment, gradient } = options;
  const { layers = 6, heads = 8, feedForward = 2048, dropout = 0.1, scale } = options.transformer ?? {};
  const half = dimension / 2;
  checkCount('dualCodebook: half of the dimension', half);
  for (const [name, value] of Object.entries({ layers, heads, feedForward }))
    checkCount(`dualCodebook: ${name}`, value);
  if (half % heads !== 0) throw outOfRange('dualCodebook: heads', `that divides ${half}`, heads);
  if (!(dropout >= 0 && dropout < 1)) throw outOfRange('dualCodebook: dropout', 'in [0, 1)', dropout);
  const shared = { codes, dimension: half, commitment, gradient };
  const books = { global: codebook({ ...shared, codebook: learned() }), local: codebook({ ...shared, ...local }) };

  const tableOf = ({ global }: DualCodebookParams, key?: Tensor): Tensor =>
    'table' in global ? global.table : makeTable(global, { heads, dropout, key });
  const halves = (z: Tensor): [Tensor, Tensor] => split(z, [half, half]).map(rowsOf) as [Tensor, Tensor];
  /** Both halves side by side, as maps with the positions of `like`. */
  const side = (parts: readonly Tensor[], like: Tensor, size: number): Tensor =>
    concat(
      parts.map((x) => reshape(x, [...like.shape.slice(0, 3), size])),
      -1,
    );

  return {
    name: 'dualCodebook',
    dimension,
    codebookSizes: [codes, codes],
    bitsPerPosition: 2 * Math.log2(codes),
    init: (backend, seed) =>
      tidy(() => {
        const stream = random(seed);
        const sizes = { codes, width: half, layers, feedForward, scale };
        return {
          global: initTable(backend, stream.split(0), sizes),
          local: books.local.init(backend, stream.split(1)),
        };
      }),
    quantize: (params, z, { key, weights } = {}) => {
      checkFeatures('dualCodebook', z, dimension);
      return tidy(() => {
        const share = weightRows(weights, z.shape);
        const [keyOfTable, keyOfFirst, keyOfSecond] = splitKey(key, 3);
        const [first, second] = halves(z);
        const global = books.global.quantize({ codebook: tableOf(params, keyOfTable) }, first, {
          weights: share,
          key: keyOfFirst,
        });
        const own = books.local.quantize(params.local, second, { weights: share, key: keyOfSecond });
        return {
          quantized: side([global.quantized, own.quantized], z, half),
          indices: side([global.indices, own.indices], z, 1),
          losses: summed(global.losses, own.losses),
          statistics: { global: global.statistics, local: own.statistics },
        };
      });
    },
    encode: (params, z) => {
      checkFeatures('dualCodebook', z, dimension);
      return tidy(() => {
        const [first, second] = halves(z);
        const global = { codebook: tableOf(params) };
        return side([books.global.encode(global, first), books.local.encode(params.local, second)], z, 1);
      });
    },
    decode: (params, indices) => {
      checkIndices('dualCodebook', indices, 2);
      return tidy(() => {
        const [first, second] = split(indices, [1, 1]) as [Tensor, Tensor];
        const global = { codebook: tableOf(params) };
        return side([books.global.decode(global, first), books.local.decode(params.local, second)], indices, half);
      });
    },
    update: (params, statistics, { key } = {}) =>
      tidy(() => ({
        global: mapTree(params.global, stopGradient),
        local: books.local.update(params.local, statistics.local, splitKey(key, 1)[0]),
      })),
    table: (params) => tidy(() => stopGradient(tableOf(params))),
    fold: (params) =>
      tidy(() => ({
        global: { table: stopGradient(tableOf(params)) },
        local: mapTree(params.local, stopGradient),
      })),
  };
}

/** Losses of both halves; those that only one has stay as they are. */
function summed(a: Readonly<Record<string, Tensor>>, b: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(
    names.map((name) => [name, a[name] && b[name] ? add(a[name], b[name]) : mul(a[name] ?? b[name]!, 1)]),
  );
}
