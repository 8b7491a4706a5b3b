/**
 * The first backend that works. Which ones to try is the caller's: a list of loaders, so that nothing is installed,
 * bundled or loaded that the application did not name itself.
 */
import { BackendError } from '../errors.ts';
import { tensor } from '../ops/create.ts';
import { matmul } from '../ops/matmul.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { untilAborted } from '../tensor/waiting.ts';
import { compile } from '../trace/compile.ts';
import type { Backend } from './backend.ts';

/** What `openBackend` needs of a backend's package. */
export interface BackendModule {
  /** Opens the backend that suits the place where it is called. */
  open(): Backend | Promise<Backend>;
}

/** Imports a backend's package, or makes a backend itself, e.g. with options. */
export type BackendLoader = () => Backend | BackendModule | Promise<Backend | BackendModule>;

/** A backend that did not work here. */
export interface PassedOver<Name extends string = string> {
  readonly name: Name;
  /** Why, in the words of its package. */
  readonly error: Error;
}

/** What `openBackend` found. */
export interface OpenedBackend<Name extends string = string> {
  readonly backend: Backend;
  /** Name of its loader. */
  readonly name: Name;
  /** Those before it, in order; empty when the first one worked. */
  readonly passedOver: readonly PassedOver<Name>[];
}

/**
 * Opens the first backend that works: it loads, and multiplies two small matrices correctly. The rest is not loaded.
 *
 * @param loaders  By name, the best first. Bundlers take in what is imported here and nothing else.
 * @param options.signal  Gives up; a backend that opens later is disposed of.
 * @throws BackendError `BACKEND_UNAVAILABLE` when none works, with every reason (`cause` is an `AggregateError`); the
 *   signal's reason.
 *
 * @example
 * const { backend, passedOver } = await openBackend({
 *   webgpu: () => import('@vqkit/backend-webgpu'),
 *   onnx: () => import('@vqkit/backend-onnx'), // in Node on onnxruntime-node, in browsers on onnxruntime-web
 *   cpu,
 * });
 */
export async function openBackend<Name extends string>(
  loaders: Readonly<Record<Name, BackendLoader>>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<OpenedBackend<Name>> {
  const passedOver: PassedOver<Name>[] = [];
  for (const [name, load] of Object.entries(loaders) as [Name, BackendLoader][]) {
    signal?.throwIfAborted();
    const opening = openOne(load);
    try {
      return { backend: await untilAborted(opening, signal), name, passedOver };
    } catch (thrown) {
      if (signal?.aborted) opening.then((late) => late.dispose()).catch(() => undefined);
      signal?.throwIfAborted();
      passedOver.push({ name, error: thrown instanceof Error ? thrown : new Error(String(thrown)) });
    }
  }
  const reasons = passedOver.map(({ name, error }) => `\n  ${name}: ${error.message}`);
  throw new BackendError({
    code: 'BACKEND_UNAVAILABLE',
    message: `openBackend: expected a backend that works here, got ${reasons.join('') || 'none to try'}`,
    fix: 'Mend one of these, or add cpu of @vqkit/core, which is slow and works everywhere',
    cause: new AggregateError(passedOver.map(({ error }) => error)),
  });
}

async function openOne(load: BackendLoader): Promise<Backend> {
  const loaded = await load();
  const backend = 'open' in loaded ? await loaded.open() : loaded;
  try {
    await tryOut(backend);
    return backend;
  } catch (error) {
    backend.dispose();
    throw error;
  }
}

/** One small product, compiled, since some engines leave small work outside of compiled functions to the host. */
async function tryOut(backend: Backend): Promise<void> {
  const multiply = compile((a: Tensor, b: Tensor) => matmul(a, b));
  const product = tidy(() => multiply(tensor(backend, [1, 2, 3, 4], [2, 2]), tensor(backend, [5, 6, 7, 8], [2, 2])));
  const values = (await product.data()).join(', ');
  product.dispose();
  multiply.dispose();
  if (values === '19, 22, 43, 50') return;
  throw new BackendError({
    code: 'BACKEND_WRONG',
    message: `openBackend: expected ${backend.name} to multiply two matrices to 19, 22, 43, 50, got ${values}`,
    fix: 'Update the driver or the engine, or use another backend',
  });
}
