/** What both entries share: from an engine and options to a backend that is known to work. */
import { type Backend, numberProblem } from '@vqkit/core';
import { OnnxBackend } from './backend.ts';
import { OnnxError } from './errors.ts';
import { type Engine, type ExecutionProvider, messageOf } from './runtime/engine.ts';
import { probeBlockSize, probeProvider } from './runtime/probe.ts';

/** Options that both entries take. */
export interface CommonOptions {
  /** The namespace of an onnxruntime package, if it should not be imported when the backend is made. */
  readonly engine?: Engine;
  /** Threads inside one operator; by default as many as there are cores. */
  readonly threads?: number;
  /** Keep freed memory inside the engine for the next run; faster, but it stays at the peak. Default true. */
  readonly memoryArena?: boolean;
  /**
   * Kernel calls outside of compiled graphs that visit fewer elements (or multiply less often) than this run on the
   * host, since building a session for them would take longer. Default 500,000.
   */
  readonly hostWork?: number;
}

/** Options of `onnx()`. */
export interface OnnxOptions extends CommonOptions {
  /** Where to compute: in Node `cpu`, `cuda` or `webgpu`, elsewhere `wasm` or `webgpu`. Default `cpu`, elsewhere `wasm`. */
  readonly executionProvider?: ExecutionProvider;
  /** Not in Node: where the engine's files are served, a folder, e.g. `/ort/`, or an address each. Default: beside its script. */
  readonly wasmPaths?: string | { readonly mjs?: string; readonly wasm?: string };
}

/** Where a backend computes, and what it is called. */
export interface Place {
  readonly name: string;
  readonly executionProvider: ExecutionProvider;
}

/** @throws OnnxError `OPTIONS_INVALID` */
export function checkOptions({ threads, hostWork }: CommonOptions): void {
  const problem =
    numberProblem('threads', threads, { min: 1, max: 1024 }) ??
    numberProblem('hostWork', hostWork, { min: 0, max: Number.MAX_VALUE, isWhole: false });
  if (problem) throw new OnnxError({ code: 'OPTIONS_INVALID', ...problem });
}

/**
 * Makes a backend after a trial of the engine.
 *
 * @throws OnnxError `OPTIONS_INVALID`, `PROVIDER_MISSING`, `SESSION_FAILED`
 */
export async function createBackend(engine: Engine, place: Place, options: CommonOptions): Promise<Backend> {
  const { threads, memoryArena = true, hostWork = 500_000 } = options;
  checkOptions(options);
  const { name, executionProvider } = place;
  const settings = { executionProvider, threads, memoryArena };
  // The engine's own operators and layouts are those of its CPU code, compiled to WebAssembly or not.
  const isCpu = executionProvider === 'cpu' || executionProvider === 'wasm';
  if (!isCpu) await probeProvider(engine, settings);
  const blockSize = isCpu ? await probeBlockSize(engine, settings) : 0;
  const dialect = { contrib: isCpu, blockSize, chunks: true, isParallel: threads !== 1 };
  return new OnnxBackend(name, { engine, settings, dialect, hostWork });
}

/**
 * Imports an engine's package.
 *
 * @throws OnnxError `ENGINE_MISSING` when it is not installed.
 */
export async function importEngine(packageName: string, load: () => Promise<unknown>): Promise<Engine> {
  try {
    const module = (await load()) as { default?: Engine } & Engine;
    return module.default ?? module;
  } catch (cause) {
    throw new OnnxError({
      code: 'ENGINE_MISSING',
      message: `onnx: expected the package ${packageName}, got: ${messageOf(cause)}`,
      fix: `Install it with \`npm install ${packageName}\`, or pass { engine }`,
      cause,
    });
  }
}
