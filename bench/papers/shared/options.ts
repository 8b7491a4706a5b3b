/** The command line that all papers share. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { dataPath } from '../../../tooling/shared-data.ts';
import type { PaperRow, PaperTable } from './row.ts';
import type { Paper } from './run-paper.ts';

/** The seed of runs that name none. */
export const usualSeed = 42;

/** What results are called: those of another seed stand beside the usual ones, not in their place. */
export function pageName(name: string, seed: number): string {
  return seed === usualSeed ? name : `${name}-seed-${seed}`;
}

/** What a run was asked to do. */
export interface PaperOptions {
  readonly dataset: string;
  readonly rows: readonly PaperRow[];
  /** Of which table the rows are, by `--table`. */
  readonly table?: PaperTable | undefined;
  readonly epochs: number;
  /** Training images to use, those held out included; all unless given. */
  readonly limit: number | undefined;
  readonly backend: string;
  readonly threads: number | undefined;
  /** Minutes per row; the rest can be resumed. */
  readonly minutes: number | undefined;
  readonly seed: number;
  readonly lpipsWeights: string | undefined;
  /** The same in words, for the results. */
  readonly command: string;
}

/** The options, or a text that says what is wrong. */
export function readOptions(
  { name: paper, rows: all, datasets, tables = [] }: Omit<Paper, 'title'>,
  args: readonly string[],
): PaperOptions | string {
  const groups = [...new Set(all.flatMap((row) => row.groups))];
  const usage = [
    `usage: npm run papers -- ${paper} --dataset ${datasets.join('|')} [options]`,
    '  --rows a,b          rows or groups of rows (default: paper)',
    `                      groups: ${groups.join(', ')}, all`,
    `                      rows: ${all.map(({ id }) => id).join(', ')}`,
    ...(tables.length > 0
      ? [
          `  --table N           instead: the rows of a table: ${tables.map((t) => `${t.number} (${t.title})`).join(', ')}`,
        ]
      : []),
    '  --epochs N          default 10; the learning rate follows it, so another length starts anew',
    '  --limit N           training images to use, of which a twelfth is held out; a trial, but for a whole --table',
    '  --minutes N         stop each row after this; resume by the same command',
    '  --backend onnx|onnx-cuda|onnx-webgpu|cpu   default onnx',
    '  --threads N, --lpips-weights FILE',
    `  --seed N            default ${usualSeed}; another seed has runs and results of its own`,
    '  --costs             prints storage, bits and multiplications of all rows, and trains nothing',
  ].join('\n');
  let values: Record<string, string | undefined>;
  try {
    const names = [
      'dataset',
      'rows',
      'table',
      'epochs',
      'limit',
      'minutes',
      'backend',
      'threads',
      'seed',
      'lpips-weights',
    ];
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
    values = parseArgs({ args: [...args], options, strict: true }).values as typeof values;
  } catch (error) {
    return `${(error as Error).message}\n${usage}`;
  }
  const table = tables.find(({ number }) => `${number}` === values.table);
  if (values.table !== undefined && (!table || values.rows !== undefined))
    return `--table takes one of ${tables.map(({ number }) => number).join(', ') || 'no table'}, without --rows\n${usage}`;
  const { dataset, rows: wanted = table?.rows.join() ?? 'paper', backend = 'onnx' } = values;
  const number = (name: string): number | undefined => (values[name] === undefined ? undefined : Number(values[name]));
  const rows = wanted
    .split(',')
    .flatMap((name) => all.filter((row) => name === 'all' || row.id === name || row.groups.includes(name)));
  if (dataset === undefined || !datasets.includes(dataset)) return usage;
  const unknown = wanted
    .split(',')
    .find((name) => name !== 'all' && !groups.includes(name) && !all.some(({ id }) => id === name));
  if (unknown !== undefined) return `there is no row or group '${unknown}'\n${usage}`;
  const bad = ['epochs', 'limit', 'minutes', 'threads', 'seed'].find((name) => Number.isNaN(number(name) ?? 0));
  if (bad !== undefined) return `--${bad} takes a number\n${usage}`;
  // Paths of a machine have no place in results.
  const said = Object.entries(values).flatMap(([name, value]) =>
    name === 'lpips-weights' ? [] : [`--${name} ${value}`],
  );
  const weights = values['lpips-weights'] ?? dataPath('weights/lpips_squeeze_v0.1.safetensors');
  return {
    dataset,
    rows: [...new Set(rows)],
    ...(table && { table }),
    epochs: number('epochs') ?? 10,
    limit: number('limit'),
    backend,
    threads: number('threads'),
    minutes: number('minutes'),
    seed: number('seed') ?? usualSeed,
    lpipsWeights: existsSync(weights) ? weights : undefined,
    command: `npm run papers -- ${[paper, ...said].join(' ')}`,
  };
}
