/** The golden pictures of the published weights, by the name of their package: a small crop of kodim23 and what they made of it, as base64 of RGB bytes. */
import { readFile, writeFile } from 'node:fs/promises';

const fileOf = (name: string): URL => new URL(`../fixtures/${name}.json`, import.meta.url);

/** Both pictures; the large one is four times as large. */
export interface GoldenSr {
  readonly width: number;
  readonly height: number;
  readonly small: Uint8Array;
  readonly large: Uint8Array;
}

/** Reads one. @param name  As in `@vqkit/weights-<name>`. */
export async function readGolden(name: string): Promise<GoldenSr> {
  const { width, height, small, large } = JSON.parse(await readFile(fileOf(name), 'utf8'));
  const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
  return { width, height, small: bytesOf(small), large: bytesOf(large) };
}

/** Writes one. */
export async function writeGolden(name: string, { width, height, small, large }: GoldenSr): Promise<void> {
  const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  await writeFile(
    fileOf(name),
    `${JSON.stringify({ width, height, small: textOf(small), large: textOf(large) }, undefined, 2)}\n`,
  );
}
