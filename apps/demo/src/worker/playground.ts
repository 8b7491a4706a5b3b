/** The quantizers of the playground: how each is made for patches of 4×4 pixels, and what its codes look like. */
import type { Quantizer, Tensor } from '@vqkit/core';
import { dualCodebook } from '@vqkit/quantizer-dual-codebook';
import { fsq, recommendedLevels } from '@vqkit/quantizer-fsq';
import { looc } from '@vqkit/quantizer-looc';
import { lfq } from '@vqkit/quantizer-lookup-free';
import { product } from '@vqkit/quantizer-product';
import { residual } from '@vqkit/quantizer-residual';
import { simvq } from '@vqkit/quantizer-simvq';
import { deadCodes, ema, project, vq } from '@vqkit/quantizer-vq';
import type { Quantizers } from '@vqkit/tokenizer';

/** Side of a patch in pixels. */
export const patchSide = 4;

/** D: values of a patch, row by row, RGB. */
export const dimension = patchSide * patchSide * 3;

/** Parts of a patch for quantizers that cut it: its rows. */
const parts = patchSide;

/** Codes as small pictures: `[K, height·width·3]`; undefined where the codes of all indices are to be decoded. */
export interface Book {
  readonly title: string;
  readonly codes: Tensor;
  readonly width: number;
  readonly height: number;
}

/** A quantizer with parameters that nobody else looks into. */
export type AnyQuantizer = Quantizer<unknown, unknown>;

/** A quantizer of the playground. */
interface Kind {
  /** @param bits  log₂ of the codes of a codebook. */
  make(bits: number): AnyQuantizer;
  /** Codebooks to show; without it the codes of all indices are decoded. */
  readonly books?: (quantizer: AnyQuantizer, params: never) => readonly Book[];
  /** For quantizers that gradients train: Adam's rate. */
  readonly rate: number;
}

/** How codebooks follow their vectors here: as running means, unused codes start again at some vector. */
const book = {
  codebook: ema({ decay: 0.9 }),
  revival: deadCodes({ below: 0.1, decay: 0.9 }),
  start: 'normal',
} as const;

interface Codebook {
  readonly codebook: Tensor;
}

const strip = { width: patchSide, height: 1 };
const patch = { width: patchSide, height: patchSide };
const half = { width: patchSide, height: patchSide / 2 };
const any = (quantizer: unknown): AnyQuantizer => quantizer as AnyQuantizer;

/** A transformer for small networks, where weights say nothing of one. */
const transformer = { layers: 2, heads: 4, feedForward: 256, scale: 0.1 };

/** All quantizers by the names that manifests of weights have for them. */
export const namedQuantizers: Quantizers = {
  vq,
  looc,
  'dual-codebook': (options: Parameters<typeof dualCodebook>[0]) => dualCodebook({ transformer, ...options }),
  product: ({ parts: count, ...part }: Parameters<typeof product>[0] & { parts: number }) =>
    product(part as never, { parts: count }),
  residual: ({ depth, ...stage }: Parameters<typeof residual>[0] & { depth: number }) =>
    residual(stage as never, { depth }),
  fsq,
  'lookup-free': lfq,
  simvq,
};

/** All of them, by the names of their packages. */
export const kinds = {
  vq: {
    make: (bits) => any(vq({ codes: 2 ** bits, dimension, ...book })),
    books: (_, { codebook }: Codebook) => [{ title: 'Codes', codes: codebook, ...patch }],
    rate: 0,
  },
  looc: {
    make: (bits) => {
      const { codebook, revival: anchors } = book;
      const pieceDimension = dimension / parts;
      return any(looc({ codes: 2 ** bits, pieces: parts, pieceDimension, metric: 'l2', codebook, anchors }));
    },
    books: (_, { codebook }: Codebook) => [{ title: 'Pieces, shared by all rows', codes: codebook, ...strip }],
    rate: 0,
  },
  'dual-codebook': {
    make: (bits) => {
      const transformer = { layers: 1, heads: 4, feedForward: 64, dropout: 0 };
      return any(dualCodebook({ codes: 2 ** bits, dimension, transformer, local: { ...book } }));
    },
    books: (quantizer, params: { local: Codebook }) => {
      const { table } = quantizer as unknown as { table(params: unknown): Tensor };
      return [
        { title: 'Upper half, made by a transformer', codes: table(params), ...half },
        { title: 'Lower half', codes: params.local.codebook, ...half },
      ];
    },
    rate: 0.01,
  },
  product: {
    make: (bits) => any(product({ codes: 2 ** bits, dimension: dimension / parts, ...book }, { parts })),
    books: (_, params: { parts: readonly Codebook[] }) =>
      params.parts.map(({ codebook }, row) => ({ title: `Row ${row + 1}`, codes: codebook, ...strip })),
    rate: 0,
  },
  residual: {
    make: (bits) => any(residual({ codes: 2 ** bits, dimension, ...book }, { depth: 3 })),
    books: (_, params: { stages: readonly Codebook[] }) =>
      params.stages.map(({ codebook }, stage) => ({ title: `Stage ${stage + 1}`, codes: codebook, ...patch })),
    rate: 0,
  },
  fsq: {
    make: (bits) => any(project(fsq({ levels: levelsFor(bits) }), { dimension })),
    rate: 0.01,
  },
  'lookup-free': {
    make: (bits) => any(project(lfq({ bits }), { dimension })),
    rate: 0.01,
  },
  simvq: {
    make: (bits) => any(simvq({ codes: 2 ** bits, dimension })),
    books: (quantizer, params: unknown) => {
      const { fold } = quantizer as unknown as { fold(params: unknown): Tensor };
      return [{ title: 'Codes', codes: fold(params), ...patch }];
    },
    rate: 0.02,
  },
} as const satisfies Record<string, Kind>;

/** Name of a quantizer. */
export type KindName = keyof typeof kinds;

/** The paper's levels where it has some, else two levels a bit. */
function levelsFor(bits: number): readonly number[] {
  const { [bits as 8]: known } = recommendedLevels;
  return known ?? Array.from({ length: bits }, () => 2);
}

/** The part of the table that `learn` needs, whichever the quantizer. */
export const kindOf = (name: KindName): Kind => kinds[name] as Kind;
