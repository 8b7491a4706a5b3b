/**
 * The part of onnxruntime that we use, described by its shape, so that `onnxruntime-node`, `onnxruntime-web` and
 * tests can all be passed in, and nothing needs their types.
 */
import { arrayTypes, type DType, type TypedArray } from '@vqkit/core';
import { OnnxError } from '../errors.ts';
import { takeTurn } from './turns.ts';

/** A tensor of onnxruntime. */
export interface EngineTensor {
  readonly data: unknown;
  readonly dims: readonly number[];
}

/** A loaded model. */
export interface EngineSession {
  run(
    feeds: Readonly<Record<string, EngineTensor>>,
    fetches: Readonly<Record<string, EngineTensor | null>>,
  ): Promise<Readonly<Record<string, EngineTensor>>>;
  release(): Promise<void>;
}

// Two engines with option and tensor types of their own meet here, so their parameters cannot be named more closely.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Whatever = any;

/** The namespace object of `onnxruntime-node` or `onnxruntime-web`. */
export interface Engine {
  readonly InferenceSession: { create(bytes: Uint8Array, options: Whatever): Promise<Whatever> };
  readonly Tensor: new (type: Whatever, data: Whatever, dims: readonly number[]) => Whatever;
}

/** How sessions are made. */
export interface SessionSettings {
  readonly executionProvider: ExecutionProvider;
  readonly threads: number | undefined;
  /** Keep freed memory inside the engine for the next run. */
  readonly memoryArena: boolean;
  /**
   * Sessions of the same graph, this one among them; default 1. Each of several would plan its memory beside what its first
   * run took, and each of many would keep for itself what it freed while the others run.
   */
  readonly pieces?: number;
}

/** Where onnxruntime computes. `cpu`, `cuda` and `webgpu` in Node; `wasm` and `webgpu` in browsers. */
export type ExecutionProvider = 'cpu' | 'cuda' | 'webgpu' | 'wasm';

/**
 * Loads a model.
 *
 * @throws OnnxError `PROVIDER_MISSING` when the provider is not part of the engine or has no device;
 *   `SESSION_FAILED` when the engine refuses the model.
 */
export async function createSession(
  engine: Engine,
  bytes: Uint8Array,
  settings: SessionSettings,
): Promise<EngineSession> {
  try {
    const session = await takeTurn(
      engine,
      () => engine.InferenceSession.create(bytes, sessionOptions(settings)) as Promise<EngineSession>,
    );
    return {
      run: (feeds, fetches) => takeTurn(engine, () => session.run(feeds, fetches)),
      release: () => takeTurn(engine, () => session.release()),
    };
  } catch (cause) {
    throw settings.executionProvider === 'cpu' || settings.executionProvider === 'wasm'
      ? sessionError(cause)
      : providerError(settings.executionProvider, cause);
  }
}

/**
 * Of a graph: an arena saves about a tenth of the time, and costs what a session holds at most. A photo's decoder in two pieces
 * is faster and smaller with arenas; enlarging in some ten takes twice the memory with ten.
 */
const mostArenas = 2;

function sessionOptions({ executionProvider, threads, memoryArena, pieces = 1 }: SessionSettings): object {
  return {
    executionProviders: [executionProvider],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    enableCpuMemArena: memoryArena && pieces <= mostArenas,
    enableMemPattern: pieces === 1,
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  };
}

function sessionError(cause: unknown): OnnxError {
  return new OnnxError({
    code: 'SESSION_FAILED',
    message: `onnx: expected onnxruntime to load the compiled graph, got: ${messageOf(cause)}`,
    fix: 'Check that onnxruntime is 1.22 or newer; otherwise please report the graph',
    cause,
  });
}

/** @internal */
export function providerError(provider: string, cause?: unknown): OnnxError {
  const fixes: Readonly<Record<string, string>> = {
    cuda: 'Install onnxruntime-node with its CUDA libraries (Linux or Windows on x64, CUDA 12 and cuDNN 9), or use executionProvider: "cpu"',
    webgpu: 'A GPU with a WebGPU driver is needed; use executionProvider: "cpu" (Node) or "wasm" (web)',
  };
  return new OnnxError({
    code: 'PROVIDER_MISSING',
    message: `onnx: expected onnxruntime to have the execution provider '${provider}'${cause === undefined ? '' : `, got: ${messageOf(cause)}`}`,
    fix: fixes[provider] ?? 'Use executionProvider: "cpu" in Node or "wasm" on the web',
    cause,
  });
}

/** @internal The first line of whatever was thrown. */
export function messageOf(cause: unknown): string {
  return String(cause instanceof Error ? cause.message : cause).split('\n')[0]!;
}

const engineTypes = { f32: 'float32', i32: 'int32', u32: 'int32', u8: 'uint8', f16: 'float16' } as const;

/** Wraps host values, without copying, as the engine wants them. */
export function toEngine(engine: Engine, data: TypedArray, dtype: DType, dims: readonly number[]): EngineTensor {
  const values = dtype === 'u32' ? new Int32Array(data.buffer, data.byteOffset, data.length) : data;
  return new engine.Tensor(engineTypes[dtype], values, dims) as EngineTensor;
}

/** The engine's values as the host array of a dtype, without copying. */
export function fromEngine({ data }: EngineTensor, dtype: DType): TypedArray {
  const { buffer, byteOffset, byteLength } = data as Float32Array<ArrayBuffer>;
  const type = arrayTypes[dtype];
  return new type(buffer, byteOffset, byteLength / type.BYTES_PER_ELEMENT);
}
