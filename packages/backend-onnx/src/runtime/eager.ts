/**
 * Single kernel calls outside of compiled graphs. Small ones run on the host, where the reference kernels answer at
 * once; large ones, and kernels that only the engine has, run as graphs of one node whose sessions are kept.
 */
import {
  type Graph,
  type KernelCall,
  keyOfCall,
  requiredKernels,
  runOnHost,
  sizeOf,
  type TensorSpec,
  type TypedArray,
} from '@vqkit/core';
import { Program, type ProgramContext } from './program.ts';

const required: ReadonlySet<string> = new Set(requiredKernels);

/** Whether a call is better run on the host: one with less work than `hostWork`. */
export function isHostCall(call: KernelCall<TensorSpec>, hostWork: number): boolean {
  return required.has(call.kernel) && workOf(call) < hostWork;
}

function workOf({ kernel, inputs, outputs }: KernelCall<TensorSpec>): number {
  const visits = [...inputs, ...outputs].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (kernel === 'matmul') return sizeOf(outputs[0]!.shape) * (inputs[0]!.shape[1]! + inputs[0]!.shape[2]!);
  if (kernel === 'conv2d') return sizeOf(outputs[0]!.shape) * sizeOf(inputs[1]!.shape.slice(0, 3));
  if (kernel === 'conv2dInputGrad') return sizeOf(inputs[0]!.shape) * sizeOf(inputs[1]!.shape.slice(0, 3));
  if (kernel === 'conv2dFilterGrad') return sizeOf(inputs[1]!.shape) * sizeOf(outputs[0]!.shape.slice(0, 3));
  return visits;
}

/** Programs of one kernel, the least recently used of which go first. */
export class EagerPrograms {
  readonly #programs = new Map<string, Program>();
  readonly #context: ProgramContext;
  readonly #capacity: number;

  constructor(context: ProgramContext, capacity: number) {
    this.#context = context;
    this.#capacity = capacity;
  }

  /** Runs a call; small ones on the host. */
  async run(call: KernelCall<TensorSpec>, inputs: readonly TypedArray[]): Promise<TypedArray[]> {
    return isHostCall(call, this.#context.hostWork) ? runOnHost(call, inputs) : this.#programFor(call).run(inputs);
  }

  /** Releases all sessions. */
  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
    this.#programs.clear();
  }

  #programFor({ kernel, attributes, inputs, outputs }: KernelCall<TensorSpec>): Program {
    const key = keyOfCall({ kernel, attributes, inputs, outputs });
    const program =
      this.#programs.get(key) ?? new Program(this.#context, graphOfCall({ kernel, attributes, inputs, outputs }));
    this.#programs.delete(key);
    this.#programs.set(key, program);
    for (const [oldest, stale] of this.#programs) {
      if (this.#programs.size <= this.#capacity) break;
      this.#programs.delete(oldest);
      stale.dispose();
    }
    return program;
  }
}

/** A graph of one node. */
function graphOfCall({ kernel, attributes, inputs, outputs }: KernelCall<TensorSpec>): Graph {
  const ports = inputs.map(({ shape, dtype }, id) => ({ id, name: `input${id}`, shape, dtype }));
  const results = outputs.map(({ shape, dtype }, i) => ({ id: inputs.length + i, name: `output${i}`, shape, dtype }));
  return {
    inputs: ports,
    constants: [],
    nodes: [{ kernel, attributes, inputs: ports, outputs: results }],
    outputs: results,
  };
}
