/**
 * What a kernel turns a call into: a plan of dispatches on named buffers, without any device object in it. The same
 * plan is run eagerly, cached, and laid out by `compile`.
 */
import type { Attributes, KernelCall, TensorSpec } from '@vqkit/core';
import type { DeviceTraits } from './device/traits.ts';

/** A call without handles: all that decides its plan. */
export type Call<A = Attributes> = KernelCall<TensorSpec, A>;

/** A buffer of a call: an input, an output, or memory that lives for this plan only. */
export interface BufferRef {
  readonly role: 'input' | 'output' | 'temporary';
  readonly index: number;
  /** First byte that is bound; a multiple of `bindingAlignment`. Default 0. */
  readonly offset?: number;
  /** Bytes that are bound. Default: all from the offset. */
  readonly bytes?: number;
}

/** A shader with its interface. Equal texts share one pipeline. */
export interface Program {
  readonly label: string;
  readonly wgsl: string;
  /** One letter per storage binding, `r` or `w`. */
  readonly access: string;
  /** Bytes of the uniform block behind the storage bindings; 0 for none. */
  readonly uniformBytes: number;
}

/** One dispatch. */
export interface Step {
  readonly program: Program;
  readonly buffers: readonly BufferRef[];
  readonly uniforms: Uint32Array;
  /** Workgroups; folded to two dimensions when there are more than one axis takes. */
  readonly groups: number;
}

/** Dispatches in order. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Bytes of each temporary. */
  readonly temporaries: readonly number[];
}

/** What kernels consult besides the call. */
export interface KernelContext {
  readonly traits: DeviceTraits;
  /**
   * The variant to use for a class of work: what tuning found best, or else the first of the candidates.
   *
   * @param workClass  Work of one kind and similar size; the key of tuning results.
   * @param candidates  Names of variants, the usual one first; tuning tries the first few.
   */
  readonly variantOf: (workClass: string, candidates: readonly string[]) => string;
}

/**
 * Plans a call. Pure: the same call and context give the same plan.
 *
 * Programs must tolerate more workgroups than asked for, since large dispatches are folded into a rectangle.
 */
export type Kernel<A = Attributes> = (call: Call<A>, context: KernelContext) => Plan;

/** A plan that does nothing, for calls without elements. */
export const emptyPlan: Plan = { steps: [], temporaries: [] };

/** A plan without temporaries. */
export function planOf(...steps: readonly Step[]): Plan {
  return { steps, temporaries: [] };
}

/** Input `index` of the call. */
export function input(index: number): BufferRef {
  return { role: 'input', index };
}

/** Output `index` of the call. */
export function output(index = 0): BufferRef {
  return { role: 'output', index };
}

/** Temporary `index` of the plan. */
export function temporary(index: number): BufferRef {
  return { role: 'temporary', index };
}

/** Joins plans whose steps run one after the other; their temporaries are numbered anew. */
export function sequence(plans: readonly Plan[]): Plan {
  const steps: Step[] = [];
  const temporaries: number[] = [];
  for (const plan of plans) {
    const base = temporaries.length;
    const move = (ref: BufferRef): BufferRef => (ref.role === 'temporary' ? { ...ref, index: ref.index + base } : ref);
    steps.push(...plan.steps.map((step) => ({ ...step, buffers: step.buffers.map(move) })));
    temporaries.push(...plan.temporaries);
  }
  return { steps, temporaries };
}

/** Joins plans that run one after the other and use the same temporaries, which are as large as the largest needs. */
export function inTurns(plans: readonly Plan[]): Plan {
  const temporaries: number[] = [];
  for (const plan of plans) {
    plan.temporaries.forEach((bytes, i) => {
      temporaries[i] = Math.max(temporaries[i] ?? 0, bytes);
    });
  }
  return { steps: plans.flatMap(({ steps }) => steps), temporaries };
}
