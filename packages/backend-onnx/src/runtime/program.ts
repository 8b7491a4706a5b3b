/** A compiled graph with its session: host arrays in, host arrays out. */
import { type Graph, type TypedArray, toHalfBits } from '@vqkit/core';
import { type CompiledGraph, compileGraph } from '../compile/compile-graph.ts';
import { type Dialect, oneName } from '../compile/lowering.ts';
import { OnnxError } from '../errors.ts';
import { encodeModel } from '../model/encode.ts';
import {
  createSession,
  type Engine,
  type EngineSession,
  type EngineTensor,
  fromEngine,
  messageOf,
  type SessionSettings,
  toEngine,
} from './engine.ts';
import { filled } from './storage.ts';

/** What a program runs on. */
export interface ProgramContext {
  readonly engine: Engine;
  readonly settings: SessionSettings;
  readonly dialect: Dialect;
  /** Single kernel calls with fewer element visits or multiplications than this run on the host. */
  readonly hostWork: number;
}

/** One graph, ready to run as often as wanted. */
export class Program {
  readonly #context: ProgramContext;
  readonly #graph: Graph;
  readonly #compiled: CompiledGraph;
  #session: Promise<EngineSession> | undefined;
  #running = 0;
  #isDisposed = false;

  /** @throws BackendError `KERNEL_MISSING` */
  constructor(context: ProgramContext, graph: Graph) {
    this.#context = context;
    this.#graph = graph;
    this.#compiled = compileGraph(graph, context.dialect);
  }

  /** Builds the session, once. */
  async warmup(): Promise<void> {
    if (this.#compiled.model === undefined) return;
    this.#session ??= createSession(this.#context.engine, encodeModel(this.#compiled.model), this.#context.settings);
    await this.#session;
  }

  /**
   * Runs the graph.
   *
   * @param inputs  One array per graph input.
   * @throws OnnxError `ENGINE_FAILED`
   */
  async run(inputs: readonly TypedArray[]): Promise<TypedArray[]> {
    this.#running++;
    try {
      await this.warmup();
      const results = this.#session === undefined ? {} : await this.#runSession(await this.#session, inputs);
      return this.#compiled.outputs.map((source, i) => {
        const port = this.#graph.outputs[i]!;
        if (source.kind === 'model') return fromEngine(results[source.name]!, port.dtype);
        if (source.kind === 'input') return inputs[source.index]!.slice();
        if (source.kind === 'constant') return source.data.slice();
        return filled(port, port.dtype === 'f16' ? toHalfBits(source.value) : source.value);
      });
    } finally {
      this.#running--;
      if (this.#isDisposed) this.#release();
    }
  }

  /** Releases the session, after the runs that are under way. */
  dispose(): void {
    this.#isDisposed = true;
    this.#release();
  }

  async #runSession(
    session: EngineSession,
    inputs: readonly TypedArray[],
  ): Promise<Readonly<Record<string, EngineTensor>>> {
    const feeds: Record<string, EngineTensor> = {};
    for (const { index, port } of this.#compiled.inputs) {
      const { dtype, shape } = this.#graph.inputs[index]!;
      feeds[port.name] = toEngine(this.#context.engine, inputs[index]!, dtype, shape);
    }
    if (this.#compiled.usesOne) feeds[oneName] = toEngine(this.#context.engine, Float32Array.of(1), 'f32', []);
    const fetches = Object.fromEntries(
      this.#compiled.outputs.flatMap((source) => (source.kind === 'model' ? [[source.name, null]] : [])),
    );
    try {
      return await session.run(feeds, fetches);
    } catch (cause) {
      throw new OnnxError({
        code: 'ENGINE_FAILED',
        message: `onnx: expected onnxruntime to run the compiled graph, got: ${messageOf(cause)}`,
        fix: 'Check the memory that is free; indices given to gather must be in range',
        cause,
      });
    }
  }

  #release(): void {
    if (this.#running > 0 || this.#session === undefined) return;
    const session = this.#session;
    this.#session = undefined;
    session.then((s) => s.release()).catch(() => {});
  }
}
