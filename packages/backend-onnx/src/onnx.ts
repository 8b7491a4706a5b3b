/** The entry for Node: `onnx()` loads onnxruntime-node and makes a backend. */
import type { Backend } from '@vqkit/core';
import { OnnxBackend } from './backend.ts';
import { OnnxError } from './errors.ts';
import { type Engine, type ExecutionProvider, messageOf } from './runtime/engine.ts';
import { probeBlockSize } from './runtime/probe.ts';

/** Options of `onnx()`. */
export interface OnnxOptions {
  /** The namespace of an onnxruntime package; by default `onnxruntime-node` is imported when the backend is made. */
  readonly engine?: Engine;
  /** Where to compute: `cpu` (default), `cuda` or `webgpu`. */
  readonly executionProvider?: ExecutionProvider;
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

/**
 * Makes a backend that runs on onnxruntime.
 *
 * @throws OnnxError `ENGINE_MISSING` when onnxruntime is not installed; `PROVIDER_MISSING` when the provider is not there.
 *
 * @example
 * const backend = await onnx({ threads: 2 });
 * const step = compile(trainStep); // one onnxruntime session per combination of shapes
 */
export async function onnx(options: OnnxOptions = {}): Promise<Backend> {
  const engine = options.engine ?? (await loadEngine());
  const { executionProvider = 'cpu', threads, memoryArena = true, hostWork = 500_000 } = options;
  const settings = { executionProvider, threads, memoryArena };
  const isCpu = executionProvider === 'cpu';
  const blockSize = isCpu ? await probeBlockSize(engine, settings) : 0;
  const dialect = { contrib: isCpu, blockSize, chunks: true };
  return new OnnxBackend(isCpu ? 'onnx' : `onnx-${executionProvider}`, { engine, settings, dialect, hostWork });
}

async function loadEngine(): Promise<Engine> {
  try {
    const module = (await import('onnxruntime-node')) as unknown as { default?: Engine } & Engine;
    return module.default ?? module;
  } catch (cause) {
    throw new OnnxError({
      code: 'ENGINE_MISSING',
      message: `onnx: expected the package onnxruntime-node, got: ${messageOf(cause)}`,
      fix: 'Install it with `npm install onnxruntime-node`, or pass { engine }',
      cause,
    });
  }
}
