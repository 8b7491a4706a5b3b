/** A compiled graph with its sessions: host arrays in, host arrays out. */
import { type ExecutableOptions, eventLoopTurn, filled, type Graph, sizeOf, type TypedArray } from '@vqkit/core';
import { type CompiledGraph, compileGraph } from '../compile/compile-graph.ts';
import { cutModel } from '../compile/cut-model.ts';
import { type Dialect, oneName } from '../compile/lowering.ts';
import { OnnxError } from '../errors.ts';
import { encodeModel } from '../model/encode.ts';
import type { Model, ModelPort } from '../model/types.ts';
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

/** What a program runs on. */
export interface ProgramContext {
  readonly engine: Engine;
  readonly settings: SessionSettings;
  readonly dialect: Dialect;
  /** Single kernel calls with fewer element visits or multiplications than this run on the host. */
  readonly hostWork: number;
  /** Takes the memory of an array that nobody needs any more. */
  readonly giveBack: (data: TypedArray) => void;
}

/** One graph, ready to run as often as wanted. */
export class Program {
  readonly #context: ProgramContext;
  readonly #graph: Graph;
  readonly #compiled: CompiledGraph;
  /** One after the other; none when no output needs the engine. */
  readonly #pieces: readonly Model[];
  #sessions: Promise<EngineSession[]> | undefined;
  #running = 0;
  #isDisposed = false;

  /** @throws BackendError `KERNEL_MISSING` */
  constructor(
    context: ProgramContext,
    graph: Graph,
    { workPerTurn = Number.POSITIVE_INFINITY, toleratesRounding = false }: ExecutableOptions = {},
  ) {
    this.#context = context;
    this.#graph = graph;
    // Other providers compute elsewhere, choose algorithms themselves, and would carry what is alive back and forth.
    const isHere = ['cpu', 'wasm'].includes(context.settings.executionProvider);
    this.#compiled = compileGraph(graph, { ...context.dialect, toleratesRounding: isHere && toleratesRounding });
    const { model, facts } = this.#compiled;
    this.#pieces = model ? cutModel({ model, ...facts }, isHere ? workPerTurn : Number.POSITIVE_INFINITY) : [];
  }

  /** Builds the sessions, once. */
  async warmup(): Promise<void> {
    this.#sessions ??= this.#build();
    await this.#sessions;
  }

  async #build(): Promise<EngineSession[]> {
    const { engine } = this.#context;
    const settings = { ...this.#context.settings, pieces: this.#pieces.length };
    const sessions: EngineSession[] = [];
    try {
      for (const piece of this.#pieces) sessions.push(await createSession(engine, encodeModel(piece), settings));
      return sessions;
    } catch (cause) {
      await Promise.allSettled(sessions.map((session) => session.release()));
      throw cause;
    }
  }

  /**
   * Runs the graph.
   *
   * @param inputs  One array per graph input.
   * @param signal  Looked at before each piece.
   * @throws OnnxError `ENGINE_FAILED`; the signal's reason.
   */
  async run(inputs: readonly TypedArray[], signal?: AbortSignal): Promise<TypedArray[]> {
    this.#running++;
    try {
      await this.warmup();
      const results = await this.#runPieces(inputs, signal);
      return this.#compiled.outputs.map((source, i) => {
        const port = this.#graph.outputs[i]!;
        if (source.kind === 'model') return fromEngine(results[source.name]!, port.dtype);
        if (source.kind === 'input') return inputs[source.index]!.slice();
        if (source.kind === 'constant') return source.data.slice();
        return filled(port.dtype, sizeOf(port.shape), source.value);
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

  async #runPieces(inputs: readonly TypedArray[], signal?: AbortSignal): Promise<Record<string, EngineTensor>> {
    const { engine, giveBack } = this.#context;
    const values: Record<string, EngineTensor> = {};
    for (const { index, port } of this.#compiled.inputs) {
      const { dtype, shape } = this.#graph.inputs[index]!;
      values[port.name] = toEngine(engine, inputs[index]!, dtype, shape);
    }
    if (this.#compiled.usesOne) values[oneName] = toEngine(engine, Float32Array.of(1), 'f32', []);
    for (const [i, session] of (await this.#sessions!).entries()) {
      if (i > 0) await eventLoopTurn(signal);
      signal?.throwIfAborted();
      const { inputs: needed, outputs } = this.#pieces[i]!.graph;
      const feeds = Object.fromEntries(needed.map(({ name }) => [name, values[name]!]));
      Object.assign(values, await this.#runSession(session, feeds, outputs));
      for (const name of this.#doneAfter(i)) giveBack(values[name]!.data as TypedArray);
    }
    return values;
  }

  /** What pieces have handed on to this one and no later one needs. */
  #doneAfter(i: number): string[] {
    const later = new Set(this.#pieces.slice(i + 1).flatMap(({ graph }) => graph.inputs.map(({ name }) => name)));
    const made = new Set(this.#pieces.slice(0, i).flatMap(({ graph }) => graph.outputs.map(({ name }) => name)));
    for (const { name } of this.#compiled.model!.graph.outputs) made.delete(name);
    return this.#pieces[i]!.graph.inputs.flatMap(({ name }) => (made.has(name) && !later.has(name) ? [name] : []));
  }

  async #runSession(
    session: EngineSession,
    feeds: Readonly<Record<string, EngineTensor>>,
    outputs: readonly ModelPort[],
  ): Promise<Readonly<Record<string, EngineTensor>>> {
    try {
      return await session.run(feeds, Object.fromEntries(outputs.map(({ name }) => [name, null])));
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
    if (this.#running > 0 || this.#sessions === undefined) return;
    const sessions = this.#sessions;
    this.#sessions = undefined;
    sessions.then((all) => Promise.all(all.map((session) => session.release()))).catch(() => {});
  }
}
