/** What is in a `.vqk` file: its codes as colours, what each position costs, and how often each code is used. */
import type { Codec } from '@vqkit/codec';
import { loadPrior, positionBits, readContainer } from '@vqkit/codec/bitstream';
import { type Backend, disposeTree, tensor, tidy, uploadTree } from '@vqkit/core';
import { usageOfCounts } from '@vqkit/metrics';
import { priorFile, type TokenizerModel, type WeightsPackage } from '@vqkit/tokenizer';
import { type Colour, coloursOf, drawGrid, type Grid, gridOver, heat } from './grid.ts';
import type { Picture } from './session.ts';

/** A code that is in the file. */
export interface UsedCode {
  readonly code: number;
  /** How often. */
  readonly count: number;
  /** In CSS; close vectors have close colours. */
  readonly colour: string;
}

/** A file's codes in one of its planes, and numbers of them. */
export interface Inside {
  readonly grid: Grid;
  /** Which plane this is, of how many: quantizers may have several indices a position. */
  readonly plane: number;
  readonly planes: number;
  /** K of the plane. */
  readonly codebookSize: number;
  /** In raster order; undefined where packets are missing. */
  readonly codes: readonly (number | undefined)[];
  /** Ascending. */
  readonly used: readonly UsedCode[];
  readonly perplexity: number;
  /** Bits of each position, all planes together. */
  readonly bits: Float32Array<ArrayBuffer>;
  readonly meanBits: number;
  readonly maxBits: number;
  /** Bits of a position without entropy coding. */
  readonly fixedBits: number;
}

/** What it takes to look into files. */
export interface InsideTools {
  readonly codec: Pick<Codec, 'decodeToIndices'>;
  readonly weights: WeightsPackage;
  readonly backend: Backend;
  model(): Promise<Pick<TokenizerModel, 'rates' | 'network'>>;
}

const lostColour: Colour = [128, 128, 128, 255];

/** Looks into a file; `plane` counts from 0. */
export async function lookInside({ codec, weights, backend, model }: InsideTools, bytes: Uint8Array, plane: number) {
  const { header, indices } = readContainer(bytes);
  const { planes, lost, codebookSizes } = await codec.decodeToIndices(bytes);
  const { rates, network } = await model();
  const { quantizer, params, bitsPerPosition } = rates.find(
    (rate) => rate.codebookSizes.join() === codebookSizes.join(),
  )!;
  const codes = Array.from(planes[plane]!, (code, at) => (lost?.[at] ? undefined : code));
  const counts = new Map<number, number>();
  for (const code of codes) if (code !== undefined) counts.set(code, (counts.get(code) ?? 0) + 1);
  const found = [...counts].sort(([a], [b]) => a - b);

  // what the quantizer makes of a code, beside the same codes in the other planes
  const slots = codebookSizes.length;
  const vectors = tidy(() => {
    const each = Uint32Array.from({ length: found.length * slots }, (_, i) =>
      i % slots === plane ? found[Math.floor(i / slots)]![0] : 0,
    );
    return quantizer.decode(uploadTree(backend, params), tensor(backend, each, [1, 1, found.length, slots]));
  });
  const colours = coloursOf(Float32Array.from(await vectors.data()), quantizer.dimension);
  disposeTree(vectors);
  const colourOf = new Map(found.map(([code], i) => [code, colours[i]!]));

  const bits = positionBits(indices, { prior: await priorsFor(weights, codebookSizes) });
  const maxBits = bits.reduce((most, value) => Math.max(most, value), 0);
  const grid = gridOver(header, { width: header.gridWidth, height: header.gridHeight }, network.scale);
  const inside: Inside = {
    grid,
    plane,
    planes: slots,
    codebookSize: codebookSizes[plane]!,
    codes,
    used: found.map(([code, count], i) => ({ code, count, colour: cssOf(colours[i]!) })),
    perplexity: usageOfCounts(Uint32Array.from(counts.values())).perplexity,
    bits,
    meanBits: bits.reduce((sum, value) => sum + value, 0) / bits.length,
    maxBits,
    fixedBits: bitsPerPosition,
  };
  const codesPicture: Picture = drawGrid(grid, header, (at) => colourOf.get(codes[at]!) ?? lostColour);
  const bitsPicture: Picture = drawGrid(grid, header, (at) => heat(bits[at]! / (maxBits || 1)));
  return { inside, codesPicture, bitsPicture };
}

/** The priors that may have coded the indices: those of the codebooks, or all where the manifest names files. */
export function priorsFor(
  { manifest: { priors, codebookSizes: nested }, load }: WeightsPackage,
  sizes: readonly number[],
) {
  const files = priors ?? (nested ? sizes.map(priorFile) : []);
  return Promise.all(files.map(async (file) => loadPrior(await load(file))));
}

const cssOf = ([r, g, b]: Colour): string => `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`;
