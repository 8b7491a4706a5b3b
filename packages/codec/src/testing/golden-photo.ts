/** The golden file of the published weights: a crop of kodim23 coded once. Whatever changes, it must decode to the same indices. */
import { readFile } from 'node:fs/promises';

/** The file. */
export const goldenFile = new URL('../fixtures/kodim23-crop.vqk', import.meta.url);

/** What it decodes to: written by `make-golden-photo.ts` together with the file. */
export const goldenFacts = new URL('../fixtures/kodim23-crop.json', import.meta.url);

/** Facts about the golden file. */
export interface GoldenFacts {
  readonly width: number;
  readonly height: number;
  readonly codebookSize: number;
  /** SHA-256 of the indices as little-endian u32, hexadecimal. */
  readonly indicesSha256: string;
}

/** Reads both. */
export async function readGolden(): Promise<{ bytes: Uint8Array; facts: GoldenFacts }> {
  const [bytes, json] = await Promise.all([readFile(goldenFile), readFile(goldenFacts, 'utf8')]);
  return { bytes: new Uint8Array(bytes), facts: JSON.parse(json) as GoldenFacts };
}
