/** Weights that a benchmark is told of. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WeightsPackage } from '@vqkit/tokenizer';
import { openWeights } from '@vqkit/tokenizer/node';

/** A folder, a file or the name of a package. */
export async function openPackage(name: string): Promise<WeightsPackage> {
  const found = await stat(resolve(name)).catch(() => undefined);
  if (found?.isDirectory()) return openWeights(resolve(name));
  return (await import(found ? pathToFileURL(resolve(name)).href : name)) as WeightsPackage;
}
