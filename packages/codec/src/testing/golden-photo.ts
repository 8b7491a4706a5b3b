/**
 * The golden files of the published weights, one for each model id that there ever was: a crop of kodim23 coded once. Whatever
 * changes, each must decode to the same indices; those of models whose weights are gone by their prior, which stays here.
 */
import { readdir, readFile } from 'node:fs/promises';

const fixtures = new URL('../fixtures/', import.meta.url);

/** Where the golden file of a model is, its facts, and the prior that it needs, kept once the weights are gone. */
export function goldenUrls(id: string): { readonly file: URL; readonly facts: URL; readonly prior: URL } {
  const at = (extension: string): URL => new URL(`${id}.${extension}`, fixtures);
  return { file: at('vqk'), facts: at('json'), prior: at('vqp') };
}

/** What a golden file decodes to: written by `make-golden-photo.ts` together with it. */
export interface GoldenFacts {
  readonly width: number;
  readonly height: number;
  readonly codebookSize: number;
  /** SHA-256 of the indices as little-endian u32, hexadecimal. */
  readonly indicesSha256: string;
}

/** Ids of all models that have one. */
export async function goldenIds(): Promise<string[]> {
  const names = await readdir(fixtures);
  return names.filter((name) => name.endsWith('.vqk')).map((name) => name.slice(0, -4));
}

/** Reads the golden file of a model, and its facts. */
export async function readGolden(id: string): Promise<{ bytes: Uint8Array; facts: GoldenFacts }> {
  const { file, facts } = goldenUrls(id);
  const [bytes, json] = await Promise.all([readFile(file), readFile(facts, 'utf8')]);
  return { bytes: new Uint8Array(bytes), facts: JSON.parse(json) as GoldenFacts };
}
