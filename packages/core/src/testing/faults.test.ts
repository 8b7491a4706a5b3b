/** The kit can fail: backends that are wrong in one place are found out, by the cases that are about that place. */
import { describe, expect, it } from 'vitest';
import type { Backend, KernelCall } from '../backend/backend.ts';
import { cpu } from '../cpu/cpu.ts';
import type { TypedArray } from '../dtype.ts';
import { interpret } from '../index.ts';
import { delegate } from './delegate.ts';
import { runConformance } from './run-conformance.ts';

/** A reference that changes the calls of one kernel before they run. */
function withCalls(kernel: string, change: (call: KernelCall) => KernelCall): () => Backend {
  return () => {
    const backend = cpu();
    return delegate(backend, { run: (call) => backend.run(call.kernel === kernel ? change(call) : call) });
  };
}

/** A reference that changes what one kernel computes. */
function withOutputs(kernel: string, change: (data: TypedArray, call: KernelCall) => TypedArray): () => Backend {
  return () => {
    const backend = cpu();
    const run = (call: KernelCall): object[] => {
      const handles = backend.run(call);
      if (call.kernel !== kernel) return handles;
      return handles.map((handle, i) => {
        const changed = change(backend.readSync!({ handle, ...call.outputs[i]! }), call);
        backend.free(handle);
        return backend.upload(changed, call.outputs[i]!);
      });
    };
    return delegate(backend, { run });
  };
}

/** A reference with a method of its own. */
function withMethods(change: (backend: Backend) => Partial<Backend>): () => Backend {
  return () => {
    const backend = cpu();
    return delegate(backend, change(backend));
  };
}

/** A reference whose sums grow a little with every call. */
function drifting(): Backend {
  let calls = 0;
  return withOutputs('reduce', (data) => {
    calls++;
    return data.map((value) => value + calls * 1e-3);
  })();
}

interface Fault {
  readonly what: string;
  readonly create: () => Backend;
  /** Cases to run. */
  readonly filter: string;
  /** One that must fail, and what its message must say. */
  readonly fails: string;
  readonly message: RegExp;
  /** One that must pass all the same. */
  readonly passes?: string;
  readonly timeoutMs?: number;
}

const faults: readonly Fault[] = [
  {
    what: 'an argmax that is off by one',
    create: withOutputs('argReduce', (data) => data.map((index) => index + 1)),
    filter: 'argReduce',
    fails: 'argReduce: argmax f32 [3,5] along 1',
    message: /output: 3 of 3 differ; at 0 expected \d, got \d/,
  },
  {
    what: 'pads in the wrong order',
    create: withCalls('conv2d', (call) => {
      const [top, left, bottom, right] = call.attributes.pads as number[];
      return { ...call, attributes: { ...call.attributes, pads: [left, top, right, bottom] } };
    }),
    filter: 'conv2d:',
    fails: 'conv2d: asymmetric pads',
    message: /VALUES_DIFFER|differ/,
    passes: 'conv2d: 3×3 same',
  },
  {
    what: 'a filter gradient that is one percent too large',
    create: withOutputs('conv2dFilterGrad', (data) => data.map((value) => value * 1.01)),
    filter: 'gradient: conv2d same',
    fails: 'gradient: conv2d same',
    message: /gradient 1/,
  },
  {
    what: 'a maximum that loses NaN',
    create: withOutputs('binary', (data) => data.map((value) => (Number.isNaN(value) ? 0 : value))),
    filter: 'binary: max f32',
    fails: 'binary: max f32 with NaN',
    message: /expected NaN, got 0/,
    passes: 'binary: max f32 [7] with [7]',
  },
  {
    what: 'half precision that truncates',
    create: withOutputs('cast', (data, { outputs }) => (outputs[0]!.dtype === 'f16' ? data.map((b) => b & ~1) : data)),
    filter: 'cast: f32 to f16',
    fails: 'cast: f32 to f16 rounds to even',
    message: /differ/,
  },
  {
    what: 'elements beyond the end of a dispatch grid that are never computed',
    create: withOutputs('reduce', (data) => data.fill(0, 65_535)),
    filter: 'reduce sum',
    fails: 'large: reduce sum to [70001] f32',
    message: /4466 of 70001 differ/,
    passes: 'large: reduce sum to [3] f32',
  },
  {
    what: 'an override that forgets to normalise',
    create: withMethods((backend) => ({
      supports: (kernel) => kernel === 'softmax',
      run: (call) =>
        backend.run(call.kernel === 'softmax' ? { ...call, kernel: 'unary', attributes: { op: 'sigmoid' } } : call),
    })),
    filter: 'oftmax [',
    fails: 'composite: softmax [3,5]',
    message: /differ/,
    passes: 'composite: logSoftmax [3,5]',
  },
  {
    what: 'handles that are never freed',
    create: withMethods(() => ({ free: () => {} })),
    filter: 'unary: exp',
    fails: 'unary: exp f32 [7]',
    message: /expected 0 handles with 0 bytes|expected \d+ handles/,
  },
  {
    what: 'sums that differ from run to run',
    create: drifting,
    filter: 'determinism',
    fails: 'determinism: reduce gives the same bits twice',
    message: /same bits/,
    passes: 'determinism: matmul gives the same bits twice',
  },
  {
    what: 'uploads that do not copy',
    create: withMethods((backend) => {
      const sources = new Map<object, TypedArray>();
      return {
        upload: (data, spec) => {
          const handle = backend.upload(data, spec);
          sources.set(handle, data);
          return handle;
        },
        read: async (view) => sources.get(view.handle)?.slice() ?? backend.read(view),
      };
    }),
    filter: 'storage: returns',
    fails: 'storage: returns what was uploaded, f32 [5]',
    message: /same bits/,
  },
  {
    what: 'a compiler that confuses outputs',
    create: withMethods((backend) => ({
      compile: (graph) => {
        const executable = interpret(backend, graph);
        return { ...executable, run: (inputs) => executable.run(inputs).reverse() };
      },
    })),
    filter: 'compile: ',
    fails: 'compile: equal calls',
    message: /differ/,
    passes: 'compile: one op',
  },
  {
    what: 'a compiler that forgets what it captured',
    create: withMethods((backend) => ({
      compile: (graph) =>
        interpret(backend, { ...graph, constants: graph.constants.map((c) => ({ ...c, data: c.data.map(() => 0) })) }),
    })),
    filter: 'compile: ',
    fails: 'compile: an output that is a constant',
    message: /differ/,
  },
  {
    what: 'a dispose that does nothing',
    create: withMethods(() => ({ dispose: () => {} })),
    filter: 'errors: ',
    fails: 'errors: a disposed backend refuses work, and others go on',
    message: /BACKEND_DISPOSED/,
    passes: 'errors: a disposed tensor is refused',
  },
  {
    what: 'a read that never ends',
    create: withMethods(() => ({ read: () => new Promise<never>(() => {}) })),
    filter: 'storage: reads values through',
    fails: 'storage: reads values through another shape',
    message: /within 100 ms/,
    timeoutMs: 100,
  },
];

describe('the kit finds', () => {
  it.each(faults)('$what', async ({ create, filter, fails, message, passes, timeoutMs = 60_000 }) => {
    const passed: string[] = [];
    const { failures } = await runConformance(create, {
      filter,
      timeoutMs,
      onResult: ({ name, status }) => void (status === 'passed' && passed.push(name)),
    });
    const failure = failures.find(({ name }) => name === fails);
    expect(failure?.error?.message).toMatch(message);
    if (passes !== undefined) expect(passed).toContain(passes);
  });
});
