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
  type TensorSpec,
  type TypedArray,
} from '@vqkit/core';
import { productsOf, visitsOf } from '../compile/work.ts';
import { Program, type ProgramContext } from './program.ts';

const required: ReadonlySet<string> = new Set(requiredKernels);

/** Whether a call is better run on the host: one with less work than `hostWork`. */
export function isHostCall(call: KernelCall<TensorSpec>, hostWork: number): boolean {
  return required.has(call.kernel) && (productsOf(call) ?? visitsOf(call)) < hostWork;
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
