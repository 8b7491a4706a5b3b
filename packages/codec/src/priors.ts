/** The priors of a model, each read when a rate first needs it: a page that shows one file reads one of nine. */
import { untilAborted } from '@vqkit/core';
import { priorFile, type WeightsPackage } from '@vqkit/tokenizer';
import { loadPrior, type Prior } from './bitstream/index.ts';
import { CodecError } from './errors.ts';

/**
 * What the indices of a rate may be coded with: the priors of its codebooks, or, where the manifest names files, all of them.
 *
 * @throws CodecError `PRIOR_MISSING`; the signal's reason. The next call tries again.
 */
export type PriorsOf = (codebookSizes: readonly number[], signal?: AbortSignal) => Promise<readonly Prior[]>;

/** Reads priors from a weights package. */
export function priorsOf(weights: WeightsPackage): PriorsOf {
  const { priors, codebookSizes: nested } = weights.manifest;
  const reading = new Map<string, Promise<Prior>>();
  const read = (file: string): Promise<Prior> => {
    const prior = reading.get(file) ?? readPrior(weights, file);
    reading.set(file, prior);
    prior.catch(() => reading.delete(file));
    return prior;
  };
  return (codebookSizes, signal) => {
    const files = priors ?? (nested ? codebookSizes.map(priorFile) : []);
    return untilAborted(Promise.all(files.map(read)), signal);
  };
}

async function readPrior(weights: WeightsPackage, file: string): Promise<Prior> {
  try {
    return loadPrior(await weights.load(file));
  } catch (cause) {
    throw new CodecError({
      code: 'PRIOR_MISSING',
      message: `expected the prior '${file}' of the weights '${weights.manifest.id}', got: ${cause instanceof Error ? cause.message : String(cause)}`,
      fix: 'Install the weights package again, whole',
      cause,
    });
  }
}
