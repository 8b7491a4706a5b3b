/**
 * A backend that computes nothing: it writes down the calls it gets. Equal calls are merged as they come (they are pure, and barriers are there not to be merged),
 * and calls that no output needs are dropped at the end.
 */
import type {
  Attributes,
  Backend,
  Graph,
  GraphConstant,
  GraphNode,
  GraphPort,
  GraphView,
  Handle,
  KernelCall,
  MemoryStatistics,
  View,
} from '../backend/backend.ts';
import { keyOfCall } from '../backend/call-key.ts';
import { byteSizeOf, type TensorSpec, type TypedArray } from '../dtype.ts';
import { TraceError } from '../errors.ts';

interface ValueHandle {
  readonly id: number;
}

/** Constants up to this many bytes are merged by content; larger ones would cost more to compare than to keep. */
const mergeBytes = 4096;

/** @internal Records kernel calls as a graph. */
export class Recorder implements Backend {
  readonly name: string;
  readonly #target: Backend | undefined;
  readonly #nodes: GraphNode[] = [];
  readonly #constants: GraphConstant[] = [];
  readonly #inputs: GraphPort[] = [];
  readonly #known = new Map<string, ValueHandle[]>();
  #nextId = 0;

  constructor(target?: Backend) {
    this.#target = target;
    this.name = target === undefined ? 'trace' : `trace for ${target.name}`;
  }

  supports(kernel: string, inputs: readonly TensorSpec[], attributes: Attributes): boolean {
    return this.#target?.supports(kernel, inputs, attributes) ?? false;
  }

  /** Adds a named input. */
  input(name: string, { shape, dtype }: TensorSpec): Handle {
    const id = this.#nextId++;
    this.#inputs.push({ id, name, shape, dtype });
    return { id };
  }

  upload(data: TypedArray, spec: TensorSpec): Handle {
    const isSmall = byteSizeOf(spec) <= mergeBytes;
    const key = isSmall
      ? `constant ${spec.dtype}[${spec.shape}] ${new Uint8Array(data.buffer, data.byteOffset, data.byteLength)}`
      : undefined;
    return this.#merged(key, () => {
      const id = this.#nextId++;
      this.#constants.push({ id, shape: spec.shape, dtype: spec.dtype, data: data.slice() });
      return [{ id }];
    })[0]!;
  }

  run({ kernel, inputs, attributes, outputs }: KernelCall): Handle[] {
    const views = inputs.map(viewOf);
    const key = attributes.isBarrier
      ? undefined
      : `${views.map(({ id }) => id)} ${keyOfCall({ kernel, inputs: views, attributes, outputs })}`;
    return this.#merged(key, () => {
      const values = outputs.map(({ shape, dtype }) => ({ id: this.#nextId++, shape, dtype }));
      this.#nodes.push({ kernel, inputs: views, attributes, outputs: values });
      return values.map(({ id }) => ({ id }));
    });
  }

  #merged(key: string | undefined, make: () => ValueHandle[]): ValueHandle[] {
    const known = key === undefined ? undefined : this.#known.get(key);
    const handles = known ?? make();
    if (key !== undefined) this.#known.set(key, handles);
    return handles;
  }

  /** The graph that computes `outputs`, without what they do not need. */
  finish(outputs: readonly { readonly name: string; readonly view: View }[]): Graph {
    const ports = outputs.map(({ name, view }) => ({ name, ...viewOf(view) }));
    const needed = new Set(ports.map(({ id }) => id));
    const nodes: GraphNode[] = [];
    for (const node of this.#nodes.slice().reverse()) {
      if (!node.outputs.some(({ id }) => needed.has(id))) continue;
      nodes.push(node);
      for (const { id } of node.inputs) needed.add(id);
    }
    return {
      inputs: this.#inputs,
      constants: this.#constants.filter(({ id }) => needed.has(id)),
      nodes: nodes.reverse(),
      outputs: ports,
    };
  }

  read(): Promise<TypedArray> {
    return Promise.reject(
      new TraceError({
        code: 'TRACE_READ',
        message: 'expected a function that does not look at values, but it read a tensor while being traced',
        fix: 'Return the tensor and read it outside; use where(…) instead of branching on values',
      }),
    );
  }

  free(): void {
    // Nothing is stored, and the recorded calls stay.
  }

  memory(): MemoryStatistics {
    return { tensors: 0, bytes: 0 };
  }

  dispose(): void {
    // Nothing is held.
  }
}

function viewOf({ handle, shape, dtype }: View): GraphView {
  return { id: (handle as ValueHandle).id, shape, dtype };
}
