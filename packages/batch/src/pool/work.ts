/**
 * `@vqkit/batch/work`: what a process of the pool runs. A work module exports `defineWork(open)` as its default; each
 * process opens once and then works on one input at a time.
 */
import { reasonOf } from '../errors.ts';
import type { BatchItem } from '../inputs/item.ts';
import { readItem } from '../inputs/read-item.ts';
import { openStore } from '../storage/store.ts';

/** What is made of one input. */
export interface WorkOutput {
  /** Content by extension. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Short facts: the same names for every input. Numbers are whole, below 2³¹. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** Lists of numbers that Parquet has in place of the files. */
  readonly lists?: Readonly<Record<string, Uint16Array | Uint32Array>>;
  readonly warnings?: readonly WorkWarning[];
}

/** What whoever runs the batch should know of an input that has results: told once for all inputs of a kind. */
export interface WorkWarning {
  /** The same word for every input of which the same is said. */
  readonly kind: string;
  /** About this input. */
  readonly message: string;
}

/** Turns the bytes of an input into its results. What it throws is reported for this input alone. */
export type Work = (bytes: Uint8Array, item: BatchItem) => Promise<WorkOutput>;

/** An open work. */
export interface OpenWork {
  readonly run: Work;
  dispose?(): void;
}

/** An input that gave nothing, and why. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** One call of the pool. */
export interface WorkTask {
  readonly item: BatchItem;
  /** What the module opens with: JSON. */
  readonly options: object;
  /** Store that the files go to; without it they come back. */
  readonly writeTo?: string;
}

/** Its answer: results, of which `bytes` counts the files; or a failure. */
export type WorkResult = (Partial<WorkOutput> & { readonly bytes: number }) | { readonly failure: Failure };

/**
 * Makes the default export of a work module.
 *
 * @param open  Loads what the work needs. What it throws ends the batch, since no input could be worked on.
 *
 * @example
 * export default defineWork(async ({ quality }) => ({
 *   run: async (bytes) => ({ files: { webp: await sharp(bytes).webp({ quality }).toBuffer() }, facts: {} }),
 * }));
 */
export function defineWork<O extends object>(
  open: (options: O) => Promise<OpenWork>,
): (task: WorkTask) => Promise<WorkResult> {
  let current: { readonly key: string; readonly work: Promise<OpenWork> } | undefined;
  const opened = async (options: object): Promise<OpenWork> => {
    const key = JSON.stringify(options);
    if (current?.key === key) return current.work;
    const last = current;
    current = undefined;
    (await last?.work)?.dispose?.();
    if (last === undefined) belongToParent();
    current = { key, work: open(options as O) };
    current.work.catch(() => {
      current = undefined;
    });
    return current.work;
  };
  return async ({ item, options, writeTo }) => {
    const work = await opened(options);
    process.send?.({ hasBegun: true }); // the pool's clock runs from here
    try {
      const output = await work.run(await readItem(item), item);
      const files = Object.entries(output.files);
      const bytes = files.reduce((sum, [, content]) => sum + content.length, 0);
      if (writeTo === undefined) return { ...output, bytes };
      const store = openStore(writeTo);
      for (const [extension, content] of files) await store.write(`${item.key}.${extension}`, content);
      return { bytes, warnings: output.warnings };
    } catch (error) {
      return { failure: failureOf(error) };
    }
  };
}

/** An error as a report has it. */
function failureOf(error: unknown): Failure {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return { code: typeof code === 'string' ? code : 'UNEXPECTED', message: reasonOf(error) };
}

/** Ctrl-C reaches every process of a terminal, but it is the parent that ends the work; and without a parent nobody needs it. */
function belongToParent(): void {
  process.on('SIGINT', () => {});
  // Nor does the work end where nobody reads what is said.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  process.once('disconnect', () => process.exit());
}
