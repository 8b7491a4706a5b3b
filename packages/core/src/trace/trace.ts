/** From a pure function over trees of tensors to a graph of kernel calls. */
import type { Backend, Graph } from '../backend/backend.ts';
import type { TensorSpec } from '../dtype.ts';
import { TraceError } from '../errors.ts';
import { tidy } from '../tensor/scope.ts';
import { fromHandle, isTensor, type Tensor } from '../tensor/tensor.ts';
import { entriesOf } from '../tree/tree.ts';
import { Recorder } from './recorder.ts';

/** A tree whose tensors may be given as specs. */
export type SpecTree =
  | TensorSpec
  | Tensor
  | readonly unknown[]
  | { readonly [key: string]: unknown }
  | number
  | string
  | boolean
  | undefined;

/** @internal A traced function. */
export interface Traced {
  readonly graph: Graph;
  /** What the function returned, with symbolic tensors; `outputPaths[i]` is where graph output i belongs. */
  readonly result: unknown;
  readonly outputPaths: readonly string[];
}

function isSpec(value: unknown): value is TensorSpec {
  return isTensor(value) || (typeof value === 'object' && value !== null && 'shape' in value && 'dtype' in value);
}

function symbolic(value: unknown, path: string, recorder: Recorder): unknown {
  if (isSpec(value)) return fromHandle(recorder, recorder.input(path, value), value.shape, value.dtype);
  if (Array.isArray(value)) return value.map((child, i) => symbolic(child, `${path}.${i}`, recorder));
  if (typeof value !== 'object' || value === null) return value;
  // Sorted, as every walk over a tree, so that inputs come in leaf order.
  const keys = Object.keys(value).sort();
  return Object.fromEntries(
    keys.map((key) => [key, symbolic((value as Record<string, unknown>)[key], `${path}.${key}`, recorder)]),
  );
}

/** @internal Traces and keeps the result tree. */
export function traceTree(fn: (...args: never[]) => unknown, args: readonly unknown[], target?: Backend): Traced {
  return tidy(() => {
    const recorder = new Recorder(target);
    const result = fn(...(args.map((arg, i) => symbolic(arg, String(i), recorder)) as never[]));
    const entries = entriesOf(result).filter((entry): entry is [string, Tensor] => isTensor(entry[1]));
    for (const [path, x] of entries) {
      if (x.backend === recorder) continue;
      throw new TraceError({
        code: 'TRACE_ESCAPED',
        message: `expected results that were computed from the arguments, but '${path || 'the result'}' lives on backend '${x.backend.name}'`,
        fix: 'Pass captured tensors as arguments',
      });
    }
    const graph = recorder.finish(entries.map(([path, x]) => ({ name: path || 'output', view: x.view })));
    return { graph, result, outputPaths: entries.map(([path]) => path) };
  });
}

/**
 * Records what a function does, without computing anything.
 *
 * @param fn  Pure; takes and returns trees of tensors.
 * @param args  Its arguments, with a spec `{ shape, dtype }` (or a tensor) for each tensor.
 * @param target  The backend that will run the graph: its own kernels stay whole. Without it everything becomes required kernels.
 * @returns The graph; inputs are named by their place in the arguments (`0.encoder.weight`), outputs by their place in the result.
 * @throws TraceError `TRACE_READ`, `TRACE_ESCAPED`; BackendError `BACKEND_MISMATCH` when a captured tensor is used.
 */
export function trace(fn: (...args: never[]) => unknown, args: readonly SpecTree[], target?: Backend): Graph {
  return traceTree(fn, args, target).graph;
}
