/**
 * What a backend is: storage plus `run(call)`. A kernel call is plain data, so recorders, profilers, mocks and
 * replays are ordinary wrappers around this interface.
 */
import type { TensorSpec, TypedArray } from '../dtype.ts';

/** A backend's own name for stored values; opaque to everybody else. */
export type Handle = object;

/** JSON-like attributes of a kernel call. */
export type Attributes = Readonly<Record<string, unknown>>;

/** Stored values seen with a shape and a dtype; the element count always equals that of the stored values. */
export interface View extends TensorSpec {
  readonly handle: Handle;
}

/** One step of work: which kernel, on what, with which attributes, and what it must produce. */
export interface KernelCall<Input = View, A = Attributes> {
  readonly kernel: string;
  readonly inputs: readonly Input[];
  readonly attributes: A;
  readonly outputs: readonly TensorSpec[];
}

/** A backend's account of what it holds. */
export interface MemoryStatistics {
  /** Handles that are alive. */
  readonly tensors: number;
  /** Bytes of their values. */
  readonly bytes: number;
}

/** A compiled graph. Inputs and outputs are in the order of `graph.inputs` and `graph.outputs`. */
export interface Executable {
  /** Starts one run; the outputs are fresh handles that the caller frees. Never blocks; failures surface when a value is read. */
  run(inputs: readonly View[]): Handle[];
  /** Resolves when everything that can be built ahead (sessions, pipelines) is built; rejects when it cannot be. */
  warmup(): Promise<void>;
  /** Frees what the executable holds; idempotent. */
  dispose(): void;
}

/** How a graph will be run. */
export interface ExecutableOptions {
  /**
   * Multiplications, about, between two turns of the event loop: an engine that holds it up while it computes runs the graph in
   * pieces of so many, and a run whose results have all been freed ends at the next turn. In one piece unless given.
   */
  readonly workPerTurn?: number;
  /**
   * Whether sums may lose a digit to rounding where that makes them faster, as convolutions by Winograd's algorithm do: for
   * pictures to look at, not for what chooses codes. Default false.
   */
  readonly toleratesRounding?: boolean;
}

/**
 * A place where tensors live and kernels run.
 *
 * `run` and `upload` return at once; a backend whose engine is asynchronous returns handles whose values arrive later
 * and reports failures from `read`. Handles are freed exactly once each by the caller.
 */
export interface Backend {
  /** Short name for people: `cpu`, `onnx`, `webgpu`, `tfjs-wasm`. */
  readonly name: string;
  /** Whether this backend has its own kernel for a composite op with these inputs; required kernels need no asking. */
  supports(kernel: string, inputs: readonly TensorSpec[], attributes: Attributes): boolean;
  /** Copies host values in. `data.length` equals the spec's element count. */
  upload(data: TypedArray, spec: TensorSpec): Handle;
  /** Copies values out, in a fresh array of the view's dtype. @param signal  Nobody waits any longer: what the values hold may go. */
  read(view: View, signal?: AbortSignal): Promise<TypedArray>;
  /** The same without waiting, where the engine can. */
  readSync?(view: View): TypedArray;
  /** Runs one kernel; one fresh handle per output spec. */
  run(call: KernelCall): Handle[];
  /** Gives up a handle. */
  free(handle: Handle): void;
  /** Turns a graph into something faster than running its calls one by one. */
  compile?(graph: Graph, options?: ExecutableOptions): Executable;
  /** What is alive now. */
  memory(): MemoryStatistics;
  /** Releases everything; idempotent. Later calls throw `BackendError` `BACKEND_DISPOSED`. */
  dispose(): void;
}

/** A value of a graph, seen with a shape and a dtype (a view of value `id`). */
export interface GraphView extends TensorSpec {
  readonly id: number;
}

/** A named place in a graph's signature. */
export interface GraphPort extends GraphView {
  readonly name: string;
}

/** Values known when the graph was made. */
export interface GraphConstant extends GraphView {
  readonly data: TypedArray;
}

/** A recorded kernel call: inputs are views of values, outputs define new values. */
export interface GraphNode extends KernelCall<GraphView> {
  readonly outputs: readonly GraphView[];
}

/** A traced function: kernel calls in execution order. An output may be a view of an input, a constant or any node output. */
export interface Graph {
  readonly inputs: readonly GraphPort[];
  readonly constants: readonly GraphConstant[];
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly GraphPort[];
}
