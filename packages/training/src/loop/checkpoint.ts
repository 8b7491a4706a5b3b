/**
 * Checkpoints: one safetensors file with the whole training state, replaced atomically. Its header says whose state it
 * is, and carries a SHA-256 of the file (taken with zeros in its own place), so that no other and no damaged one is
 * gone on from.
 */
import { createHash } from 'node:crypto';
import { type Backend, disposeTree, readRegularFile, restoreTree, saveTree } from '@vqkit/core';
import { TrainingError } from '../errors.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { RecipeIdentity } from './recipe.ts';

/** What a checkpoint says besides the tensors. */
export interface CheckpointInfo {
  readonly recipe: string;
  /** Choices of the recipe that the state depends on. */
  readonly options: RecipeIdentity;
  /** Steps done. */
  readonly step: number;
  readonly seed: number;
}

const hashKey = '"sha256":"';
const noHash = '0'.repeat(64);

/** Writes `tree` to `path`, whole or not at all. @throws TrainingError `OUTPUT_UNWRITABLE` */
export async function writeCheckpoint(path: string, tree: unknown, info: CheckpointInfo): Promise<void> {
  const { recipe, options, step, seed } = info;
  const bytes = await saveTree(tree, {
    metadata: {
      sha256: noHash,
      recipe,
      options: JSON.stringify(options),
      step: String(step),
      seed: String(seed),
    },
  });
  const place = placeOfHash(bytes)!;
  bytes.set(new TextEncoder().encode(hashOf(bytes)), place);
  await writeWhole(path, bytes);
}

/**
 * Reads a checkpoint back into a tree of the shape of `template`, whose own tensors are disposed when that works.
 *
 * @param expected  Whose state it has to be.
 * @returns undefined when there is no file.
 * @throws TrainingError `CHECKPOINT_DAMAGED` when the file is not as it was written; `CHECKPOINT_MISMATCH` when it is
 *   that of another recipe, other options or another seed.
 */
export async function readCheckpoint<S>(
  path: string,
  backend: Backend,
  template: S,
  expected: Omit<CheckpointInfo, 'step'>,
): Promise<{ state: S; step: number } | undefined> {
  const bytes = await readRegularFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw damaged(path, cause.message, cause);
  });
  if (bytes === undefined) return undefined;
  const metadata = checkHash(path, bytes);
  const { step, difference } = compareInfo(metadata, expected);
  if (difference !== undefined) throw mismatch(path, difference);
  if (!(Number.isSafeInteger(step) && step >= 0)) throw damaged(path, `step ${metadata.step}`);
  try {
    const { tree } = await restoreTree(backend, bytes, template);
    disposeTree(template);
    return { state: tree, step };
  } catch (cause) {
    throw mismatch(path, 'another model', cause);
  }
}

type Metadata = Readonly<Record<string, string | undefined>>;

/** The metadata of a file that is as it was written. */
function checkHash(path: string, bytes: Uint8Array): Metadata {
  const place = placeOfHash(bytes);
  if (place === undefined) throw damaged(path, 'a file without its checksum');
  const held = new TextDecoder().decode(bytes.subarray(place, place + 64));
  const zeroed = Uint8Array.from(bytes);
  zeroed.set(new TextEncoder().encode(noHash), place);
  if (hashOf(zeroed) !== held) throw damaged(path, 'bytes that do not fit its checksum');
  const metadata = recordOf(headerOf(bytes))?.__metadata__;
  if (typeof metadata !== 'object' || metadata === null) throw damaged(path, 'a file that does not say whose it is');
  return metadata as Metadata;
}

/** An object in JSON; undefined for what is none. */
function recordOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function headerOf(bytes: Uint8Array): string {
  const length = bytes.length < 8 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  // One character per byte, so that places in the text are places in the file.
  return Buffer.from(bytes.buffer, bytes.byteOffset + 8, Math.min(length, Math.max(bytes.length - 8, 0))).toString(
    'latin1',
  );
}

function placeOfHash(bytes: Uint8Array): number | undefined {
  const at = bytes.length < 8 ? -1 : headerOf(bytes).indexOf(hashKey);
  return at < 0 ? undefined : 8 + at + hashKey.length;
}

function compareInfo(
  { recipe, options = '{}', step = '', seed }: Metadata,
  expected: Omit<CheckpointInfo, 'step'>,
): { step: number; difference: string | undefined } {
  const known = recordOf(options) ?? {};
  const names = [...new Set([...Object.keys(known), ...Object.keys(expected.options)])].sort();
  const differences = [
    ['recipe', recipe, expected.recipe] as const,
    ['seed', seed, String(expected.seed)] as const,
    ...names.map((name) => [name, JSON.stringify(known[name]), JSON.stringify(expected.options[name])] as const),
  ].filter(([, held, asked]) => held !== asked);
  return {
    step: /^\d+$/.test(step) ? Number(step) : Number.NaN,
    difference:
      differences.length === 0
        ? undefined
        : differences.map(([name, held, asked]) => `${name} ${held} instead of ${asked}`).join(', '),
  };
}

function damaged(path: string, got: string, cause?: unknown): TrainingError {
  return new TrainingError({
    code: 'CHECKPOINT_DAMAGED',
    message: `expected a whole checkpoint at '${path}', got ${got}`,
    fix: 'Put a copy of it back, or begin anew with restart',
    cause,
  });
}

function mismatch(path: string, got: string, cause?: unknown): TrainingError {
  return new TrainingError({
    code: 'CHECKPOINT_MISMATCH',
    message: `expected the checkpoint of this run at '${path}', got ${got}`,
    fix: 'Resume with the options that the run was started with, or choose another folder',
    cause,
  });
}
