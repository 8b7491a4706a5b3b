/**
 * Single kernel calls outside of compiled graphs. Small ones run on the host, where the reference kernels answer at
 * once; large ones, and kernels that only the engine has, run as graphs of one node whose sessions are kept.
 */
import {
  type Graph,
  type KernelCall,
  keyOfCall,
  Lru,
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
  readonly #programs: Lru<string, Program>;
  readonly #context: ProgramContext;

  constructor(context: ProgramContext, capacity: number) {
    this.#context = context;
    this.#programs = new Lru(capacity, (program) => program.dispose());
  }

  /** Runs a call; small ones on the host. */
  async run(call: KernelCall<TensorSpec>, inputs: readonly TypedArray[]): Promise<TypedArray[]> {
    if (isHostCall(call, this.#context.hostWork)) return runOnHost(call, inputs);
    return this.#programs.get(keyOfCall(call), () => new Program(this.#context, graphOfCall(call))).run(inputs);
  }

  /** Releases all sessions. */
  dispose(): void {
    this.#programs.clear();
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
