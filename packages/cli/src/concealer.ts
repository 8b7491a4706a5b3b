/** What fills in lost positions of a file: a trained network where there is one for its model, else neighbours. */
import { type Conceal, concealLost } from '@vqkit/codec';
import type { TransformerConceal } from '@vqkit/codec/transformer';
import type { Backend } from '@vqkit/core';
import type { WeightsPackage } from '@vqkit/tokenizer';
import { type Command, Option } from 'commander';
import { CliError } from './errors.ts';
import { importWeights } from './import-weights.ts';
import { warn } from './output.ts';

/** Choices of `--conceal`. */
export const concealments = ['auto', 'neighbours', 'transformer'] as const;

/** Options of commands that decode. */
export interface ConcealOptions {
  readonly conceal?: (typeof concealments)[number];
  readonly concealWeights?: string;
}

/** The transformer of the default weights, which need not be installed. */
const defaultTransformer = '@vqkit/weights-photo-transformer';

/** Adds the options. */
export function addConcealOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--conceal <how>',
        'what fills in lost packets: auto takes the transformer where its weights are there',
      )
        .choices(concealments)
        .default('auto'),
    )
    .option('--conceal-weights <package>', `weights of the transformer, as --weights (default: ${defaultTransformer})`);
}

/** A concealer that is opened when something is lost. */
export interface Concealer {
  readonly conceal: Conceal;
  /** What filled in the last file; undefined while nothing was lost. */
  used(): 'neighbours' | 'transformer' | undefined;
  dispose(): void;
}

/**
 * Makes a concealer. Weights that are named are looked for at once, those that may be installed when they are needed.
 *
 * @throws CliError `USAGE`, `WEIGHTS_UNUSABLE`; the concealer `WEIGHTS_UNUSABLE` when the transformer is asked for and its
 *   weights are of another model.
 */
export async function openConcealer(
  { conceal: how = 'auto', concealWeights: name }: ConcealOptions,
  backend: Backend,
): Promise<Concealer> {
  if (how === 'neighbours' && name !== undefined) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected no --conceal-weights with --conceal neighbours, got both',
      fix: 'Leave one of them out',
    });
  }
  const isNamed = name !== undefined || how === 'transformer';
  const named = isNamed ? await importWeights(name ?? defaultTransformer) : undefined;
  let open: Promise<TransformerConceal | undefined> | undefined;
  let used: ReturnType<Concealer['used']>;

  const openFor = async (modelId: string): Promise<TransformerConceal | undefined> => {
    if (how === 'neighbours') return undefined;
    const weights = named ?? (await importWeights(defaultTransformer).catch(() => undefined));
    if (weights === undefined || !isFor(weights, modelId, how, isNamed)) return undefined;
    const { transformerConceal } = await import('@vqkit/codec/transformer');
    return transformerConceal(weights, { backend });
  };
  return {
    conceal: async (indices, lost, grid) => {
      open ??= openFor(grid.modelId);
      const transformer = await open;
      used = transformer ? 'transformer' : 'neighbours';
      return (transformer ?? concealLost)(indices, lost, grid);
    },
    used: () => used,
    dispose: () =>
      void open?.then(
        (transformer) => transformer?.dispose(),
        () => undefined,
      ),
  };
}

/** Whether a transformer knows the indices of a model. */
function isFor(
  { manifest: { id, tokenizer } }: WeightsPackage,
  modelId: string,
  how: string,
  isNamed: boolean,
): boolean {
  if (tokenizer === modelId) return true;
  const got = `'${id}', which completes ${tokenizer === undefined ? 'none' : `those of '${tokenizer}'`}`;
  if (how === 'transformer') {
    throw new CliError({
      code: 'WEIGHTS_UNUSABLE',
      message: `expected a transformer for indices of '${modelId}', got ${got}`,
      fix: 'Pass --conceal-weights with one that was trained for these weights, or --conceal neighbours',
    });
  }
  if (isNamed) warn(`no transformer for indices of '${modelId}' but ${got}; neighbours fill in what is lost`);
  return false;
}
