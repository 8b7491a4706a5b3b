/** What is in a `.vqk` file: its codes as colours, what each position costs, and how often each code is used. */
import { decodeIndices, loadPrior, positionBits, readContainer } from '@vqkit/codec/bitstream';
import { openSafetensors } from '@vqkit/core';
import { usageOfCounts } from '@vqkit/metrics';
import { coloursOf, drawGrid, type Grid, gridOver, heat } from './grid.ts';
import type { Picture, Session } from './session.ts';

/** A file's codes, and numbers of them. */
export interface Inside {
  readonly grid: Grid;
  /** In raster order. */
  readonly codes: Uint32Array<ArrayBuffer>;
  /** Bits of each position. */
  readonly bits: Float32Array<ArrayBuffer>;
  /** How often each code is there, `[K]`. */
  readonly counts: Uint32Array<ArrayBuffer>;
  /** Colours of the codes, in CSS. */
  readonly colours: readonly string[];
  readonly used: number;
  readonly perplexity: number;
  readonly meanBits: number;
  readonly maxBits: number;
}

/** Looks into a file. */
export async function lookInside({ weights }: Session, bytes: Uint8Array) {
  const { header, indices } = readContainer(bytes);
  const [codebookSize] = header.codebookSizes as [number];
  const priorFile = `prior-${codebookSize}.vqp`;
  const prior = indices.priorId === undefined ? undefined : loadPrior(await weights.load(priorFile));
  const codes = Uint32Array.from(decodeIndices(indices, { prior }).planes[0]!);
  const bits = positionBits(indices, { prior });
  const grid = gridOver(header, { width: header.gridWidth, height: header.gridHeight });
  const counts = new Uint32Array(codebookSize);
  for (const code of codes) counts[code]!++;
  // the worker's cache has the file
  const file = await openSafetensors(await weights.load('weights.safetensors'));
  const { data, shape } = await file.read(`codebooks.${codebookSize}`);
  const colours = coloursOf(Float32Array.from(data), shape[1]!);
  const maxBits = bits.reduce((most, value) => Math.max(most, value), 0);
  const { used, perplexity } = usageOfCounts(counts);
  const inside: Inside = {
    grid,
    codes,
    bits,
    counts,
    colours: colours.map(([r, g, b]) => `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`),
    used,
    perplexity,
    meanBits: bits.reduce((sum, value) => sum + value, 0) / bits.length,
    maxBits,
  };
  const codesPicture: Picture = drawGrid(grid, header, (position) => colours[codes[position]!]!);
  const bitsPicture: Picture = drawGrid(grid, header, (position) => heat(bits[position]! / maxBits));
  return { inside, codesPicture, bitsPicture };
}
