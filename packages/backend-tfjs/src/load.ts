/**
 * Backends that load their own tfjs, on demand: nothing of tfjs is imported before one of these functions is called,
 * and each says what to install where it is missing.
 */
import { openBackend } from '@vqkit/core';
import type { TfjsBackend } from './backend.ts';
import { TfjsError } from './errors.ts';
import type { TfNamespace } from './runtime/tf-types.ts';
import { tfjs } from './tfjs.ts';

/** Imports a package by name. */
export type LoadPackage = (name: string) => Promise<unknown>;

/** Options of the functions that load tfjs themselves. */
export interface LoadOptions {
  /**
   * How packages are imported. Default: `import(name)`, which Node resolves. Bundlers do not see that import: in a
   * bundled page import tfjs yourself and use `tfjs(tf)`, or pass `(name) => …` with the imports spelled out.
   */
  readonly load?: LoadPackage;
}

/** Options of `tfjsWasm`. */
export interface WasmOptions extends LoadOptions {
  /** Where the page finds tfjs's `.wasm` files: a URL prefix, e.g. `/tfjs/`. Node finds them by itself. */
  readonly wasmPath?: string;
}

const importByName: LoadPackage = (name) => import(/* @vite-ignore */ /* webpackIgnore: true */ name);

/** @internal tfjs's namespace in what an import gave: CommonJS and bundlers may put it under `default`. */
export function namespaceOf(module: unknown): TfNamespace {
  const { default: inner } = module as { default?: unknown };
  return ('getKernel' in (module as object) ? module : inner) as TfNamespace;
}

async function loadPackage(name: string, install: string, load: LoadPackage): Promise<unknown> {
  try {
    return await load(name);
  } catch (cause) {
    throw new TfjsError({
      code: 'TFJS_NOT_INSTALLED',
      message: `tfjs: expected the package ${name}, and it could not be loaded`,
      fix: `Install it: npm install ${install}`,
      cause,
    });
  }
}

async function loadRuntime(
  runtime: string,
  { load = importByName }: LoadOptions,
  prepare?: (module: unknown) => void,
): Promise<TfjsBackend> {
  const name = `@tensorflow/tfjs-backend-${runtime}`;
  const install = `@tensorflow/tfjs-core ${name}`;
  const tf = namespaceOf(await loadPackage('@tensorflow/tfjs-core', install, load));
  const module = await loadPackage(name, install, load);
  prepare?.(module);
  return tfjs(tf, { runtime });
}

/** tfjs in plain JavaScript: slow, and everywhere. @throws TfjsError `TFJS_NOT_INSTALLED` */
export function tfjsCpu(options: LoadOptions = {}): Promise<TfjsBackend> {
  return loadRuntime('cpu', options);
}

/** tfjs in WebAssembly (XNNPACK): Node and browsers. @throws TfjsError `TFJS_NOT_INSTALLED`, `RUNTIME_FAILED` */
export function tfjsWasm(options: WasmOptions = {}): Promise<TfjsBackend> {
  return loadRuntime('wasm', options, (module) => {
    if (options.wasmPath === undefined) return;
    (module as { setWasmPaths(prefix: string): void }).setWasmPaths(options.wasmPath);
  });
}

/** tfjs on WebGL: browsers. Tensors of up to 2²⁴ elements. @throws TfjsError `TFJS_NOT_INSTALLED`, `RUNTIME_FAILED` */
export function tfjsWebgl(options: LoadOptions = {}): Promise<TfjsBackend> {
  return loadRuntime('webgl', options);
}

/** tfjs on WebGPU: browsers. @throws TfjsError `TFJS_NOT_INSTALLED`, `RUNTIME_FAILED` */
export function tfjsWebgpu(options: LoadOptions = {}): Promise<TfjsBackend> {
  return loadRuntime('webgpu', options);
}

/** Node versions that tfjs-node 4.22 runs on; Node 23 removed a function that it calls. */
const nativeNode = 'Node 18 to 22';

async function loadNative(name: string, needs: string, { load = importByName }: LoadOptions): Promise<TfjsBackend> {
  let module: unknown;
  try {
    module = await load(name);
  } catch (cause) {
    const codes = [cause, (cause as Error).cause].map((error) => (error as { code?: string } | undefined)?.code);
    const isMissing = codes.includes('ERR_MODULE_NOT_FOUND') || codes.includes('MODULE_NOT_FOUND');
    const version = typeof process === 'undefined' ? 'no Node' : `Node ${process.version.slice(1)}`;
    throw new TfjsError({
      code: isMissing ? 'TFJS_NOT_INSTALLED' : 'RUNTIME_FAILED',
      message: isMissing
        ? `tfjs: expected the package ${name}, and it is not installed`
        : `tfjs: expected ${name} to load its native library, and it did not (this is ${version})`,
      fix: `npm install ${name}; it needs ${nativeNode}${needs} and downloads libtensorflow when it is installed`,
      cause,
    });
  }
  return tfjs(namespaceOf(module), { runtime: 'tensorflow' });
}

/** TensorFlow on the CPU, in Node. @throws TfjsError `TFJS_NOT_INSTALLED`, `RUNTIME_FAILED` */
export function tfjsNode(options: LoadOptions = {}): Promise<TfjsBackend> {
  return loadNative('@tensorflow/tfjs-node', '', options);
}

/**
 * TensorFlow on CUDA, in Node; see `docs/cuda.md`. Where TensorFlow finds no CUDA it runs on the CPU: `report()` says
 * which of the two it is.
 *
 * @throws TfjsError `TFJS_NOT_INSTALLED`, `RUNTIME_FAILED`
 */
export function tfjsNodeGpu(options: LoadOptions = {}): Promise<TfjsBackend> {
  return loadNative('@tensorflow/tfjs-node-gpu', ', CUDA 11.2, cuDNN 8.1', options);
}

/**
 * What `openBackend` of `@vqkit/core` calls: the first of `tfjsNodeGpu`, `tfjsNode` and `tfjsWasm` that works.
 *
 * @throws BackendError `BACKEND_UNAVAILABLE` with the reasons of all three.
 */
export async function open(): Promise<TfjsBackend> {
  const { backend } = await openBackend({
    'tfjs-node-gpu': () => tfjsNodeGpu(),
    'tfjs-node': () => tfjsNode(),
    'tfjs-wasm': () => tfjsWasm(),
  });
  return backend as TfjsBackend;
}
