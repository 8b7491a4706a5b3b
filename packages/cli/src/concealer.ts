/** What fills in lost positions of a file: a trained network where there is one for its model, else neighbours. */
import { type Conceal, concealLost } from '@vqkit/codec';
import type { TransformerConceal } from '@vqkit/codec/transformer';
import type { Backend } from '@vqkit/core';
import type { WeightsPackage } from '@vqkit/tokenizer';
import { type Command, Option } from 'commander';
import { CliError, reasonOf } from './errors.ts';
import { importWeights, isNotInstalled } from './import-weights.ts';
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

/** What was lost of a picture, and what stands there. */
export function wordsOfLoss(lostShare: number, by: ReturnType<Concealer['used']>): string {
  const who = by === 'transformer' ? 'the transformer' : 'neighbours';
  return `${(100 * lostShare).toFixed(1)} % of the picture is lost or damaged and was guessed by ${who}`;
}

/** A concealer that is opened when something is lost. */
export interface Concealer {
  readonly conceal: Conceal;
  /** What filled in the last file; undefined while nothing was lost. */
  used(): 'neighbours' | 'transformer' | undefined;
  dispose(): void;
}

/** The weights that options name; undefined where they name none. @throws CliError `USAGE`, `WEIGHTS_UNUSABLE` */
export async function checkConcealing({
  conceal,
  concealWeights,
}: ConcealOptions): Promise<WeightsPackage | undefined> {
  if (conceal === 'neighbours' && concealWeights !== undefined) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected no --conceal-weights with --conceal neighbours, got both',
      fix: 'Leave one of them out',
    });
  }
  const isNamed = concealWeights !== undefined || conceal === 'transformer';
  return isNamed ? importWeights(concealWeights ?? defaultTransformer) : undefined;
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
  const named = await checkConcealing({ conceal: how, concealWeights: name });
  const isNamed = named !== undefined;
  let open: Promise<TransformerConceal | undefined> | undefined;
  let used: ReturnType<Concealer['used']>;

  const openFor = async (modelId: string, weights: WeightsPackage): Promise<TransformerConceal | undefined> => {
    if (!isFor(weights, modelId, how, isNamed)) return undefined;
    const { transformerConceal } = await import('@vqkit/codec/transformer');
    return transformerConceal(weights, { backend });
  };
  /** The default one where it is installed; one that cannot be used is told of, and the work goes on without it. */
  const openDefault = async (modelId: string): Promise<TransformerConceal | undefined> => {
    try {
      return await openFor(modelId, await importWeights(defaultTransformer));
    } catch (error) {
      if (!isNotInstalled(error, defaultTransformer))
        warn(
          `${defaultTransformer} is installed but cannot be used (${reasonOf(error)}): neighbours fill in what is lost`,
        );
      return undefined;
    }
  };
  return {
    conceal: async (indices, lost, grid) => {
      if (how !== 'neighbours') open ??= named ? openFor(grid.modelId, named) : openDefault(grid.modelId);
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
