/**
 * Makes the file of `@vqkit/weights-photo/int8` of the f16 file that is in the repository: when the package is built, before
 * tests and before the demo. The bytes are those that the package's table has, on any machine. As a program it says what was made;
 * with `--publish`, for new weights, it writes size and digest into the table and the README instead of comparing them.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { files } from '../packages/weights/photo/src/int8-files.ts';

const folder = new URL('../packages/weights/photo/', import.meta.url);
const { url, bytes: size, sha256 } = files['weights-int8.safetensors'];
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function read(file: URL): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** The file's bytes, from those in f16. */
export async function makeInt8Weights(): Promise<Uint8Array> {
  const { int8Weights } = await import('../packages/tokenizer/src/weights/int8.ts');
  return int8Weights(readFileSync(new URL('files/weights.safetensors', folder)));
}

/**
 * Makes the file where it is not, or is another; vitest calls this before its tests.
 *
 * @throws Error when it becomes another than the table says.
 */
export async function setup(): Promise<void> {
  const there = read(url);
  if (there && digestOf(there) === sha256) return;
  const bytes = await makeInt8Weights();
  if (digestOf(bytes) !== sha256)
    throw new Error(
      `expected ${size} bytes with the SHA-256 ${sha256} of weights.safetensors, got ${bytes.length} with ${digestOf(bytes)}. Run tooling/int8-weights.ts with --publish if the weights are new`,
    );
  write(bytes);
}

/** Whole or not at all: several processes may do this at once. */
function write(bytes: Uint8Array): void {
  const part = new URL(`${url.href}.${process.pid}.part`);
  writeFileSync(part, bytes);
  renameSync(part, url);
}

async function publish(): Promise<void> {
  const bytes = await makeInt8Weights();
  const edit = (path: string, ...changes: readonly (readonly [RegExp, string])[]): void => {
    const file = new URL(path, folder);
    const text = changes.reduce(
      (all, [pattern, value]) => {
        if (!pattern.test(all)) throw new Error(`expected ${path} to have ${pattern}`);
        return all.replace(pattern, value);
      },
      readFileSync(file, 'utf8'),
    );
    writeFileSync(file, text);
  };
  edit('src/int8-files.ts', [/(?<=bytes: )\d+/, `${bytes.length}`], [/(?<=sha256: ')\w*/, digestOf(bytes)]);
  edit('README.md', [/(?<=`weights-int8\.safetensors` \| )[\d,]+/, bytes.length.toLocaleString('en-US')]);
  write(bytes);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await (process.argv.includes('--publish') ? publish() : setup());
  process.stdout.write(`${fileURLToPath(url)}\n`);
}
