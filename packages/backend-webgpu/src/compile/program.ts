/**
 * A compiled graph: steps with their buffers assigned. Built once; every run replays it with prepared bind groups and
 * parameters that already lie on the GPU.
 */
import { byteSizeOf, type Graph, sizeOf } from '@vqkit/core';
import type { KernelTable } from '../kernels/table.ts';
import type { BufferRef, KernelContext, Step } from '../plan.ts';
import { assignArena, type Life } from './arena.ts';
import { type Unit, unitsOf } from './fuse.ts';
import { canHalve, halve } from './half.ts';

/** Where a step's buffer is: given per run, made per run, held for good, or in the arena. */
export interface Place {
  readonly kind: 'input' | 'output' | 'constant' | 'arena';
  readonly index: number;
}

/** A step with its places. */
export interface PlacedStep {
  readonly step: Step;
  readonly places: readonly Place[];
  /** Where its parameters begin in the program's uniform buffer. */
  readonly uniformOffset: number;
}

/** Everything a replay needs, without any device object. */
export interface GraphProgram {
  readonly steps: readonly PlacedStep[];
  readonly arenaSizes: readonly number[];
  /** Constants that steps read, by position in `graph.constants`. */
  readonly usedConstants: readonly number[];
  readonly uniforms: Uint32Array;
}

/** How to lay out. */
export interface LayoutOptions {
  /** Alignment of dynamic uniform offsets, in bytes. */
  readonly uniformAlignment: number;
  /** Whether large intermediates are kept as f16. */
  readonly isHalved: boolean;
}

/**
 * Lays out a graph.
 *
 * @param graph  Its outputs are distinct values made by nodes, as core arranges.
 */
export function programOf(
  graph: Graph,
  kernels: KernelTable,
  context: KernelContext,
  { uniformAlignment, isHalved }: LayoutOptions,
): GraphProgram {
  const fixed = new Map<number, Place>();
  graph.inputs.forEach(({ id }, index) => fixed.set(id, { kind: 'input', index }));
  graph.constants.forEach(({ id }, index) => fixed.set(id, { kind: 'constant', index }));
  graph.outputs.forEach(({ id }, index) => fixed.set(id, { kind: 'output', index }));
  const whole = unitsOf(graph, kernels, context);
  const halved = isHalved ? halvable(whole, fixed) : new Set<number>();
  const units = whole.map((unit) => withHalves(unit, halved));
  const { arenaSizes, placeOfValue, placeOfTemporary } = placesOf(units, fixed, halved);
  const uniforms = new UniformBlock(uniformAlignment);
  const usedConstants = new Set<number>();
  const steps = units.flatMap(({ plan, inputs, outputs }, at) =>
    plan.steps.map((step): PlacedStep => {
      const places = step.buffers.map(({ role, index }: BufferRef) => {
        if (role === 'temporary') return placeOfTemporary(at, index);
        return placeOfValue(role === 'input' ? inputs[index]! : outputs[index]!.id);
      });
      for (const { kind, index } of places) if (kind === 'constant') usedConstants.add(index);
      return { step, places, uniformOffset: uniforms.add(step.uniforms) };
    }),
  );
  return {
    steps,
    arenaSizes,
    usedConstants: [...usedConstants],
    uniforms: uniforms.words(),
  };
}

/** Values smaller than this are not worth the loss of digits. */
const minHalvedElements = 1024;

/** The value behind a reference of a unit; undefined for temporaries. */
function valueOf({ inputs, outputs }: Unit, { role, index }: BufferRef): number | undefined {
  return role === 'input' ? inputs[index] : role === 'output' ? outputs[index]!.id : undefined;
}

/** Intermediates that every step sees as floats: these can be kept as f16. */
function halvable(units: readonly Unit[], fixed: ReadonlyMap<number, Place>): Set<number> {
  const candidates = new Set(
    units.flatMap(({ outputs }) =>
      outputs
        .filter(({ id, shape, dtype }) => dtype === 'f32' && !fixed.has(id) && sizeOf(shape) >= minHalvedElements)
        .map(({ id }) => id),
    ),
  );
  for (const unit of units) {
    for (const step of unit.plan.steps) {
      step.buffers.forEach((ref, binding) => {
        const id = valueOf(unit, ref);
        if (id !== undefined && candidates.has(id) && !canHalve(step, binding)) candidates.delete(id);
      });
    }
  }
  return candidates;
}

function withHalves(unit: Unit, halved: ReadonlySet<number>): Unit {
  if (halved.size === 0) return unit;
  const steps = unit.plan.steps.map((step) => {
    const bindings = step.buffers.flatMap((ref, binding) => (halved.has(valueOf(unit, ref) ?? -1) ? [binding] : []));
    return halve(step, bindings);
  });
  return { ...unit, plan: { ...unit.plan, steps } };
}

interface Places {
  readonly arenaSizes: readonly number[];
  readonly placeOfValue: (id: number) => Place;
  readonly placeOfTemporary: (unit: number, index: number) => Place;
}

/** Lives of all values and temporaries, and the arena for them. */
function placesOf(units: readonly Unit[], fixed: ReadonlyMap<number, Place>, halved: ReadonlySet<number>): Places {
  const lastUse = new Map<number, number>();
  units.forEach(({ inputs }, at) => {
    for (const id of inputs) lastUse.set(id, at);
  });
  const lives: Life[] = [];
  const values = new Map<number, number>();
  const temporaries: number[][] = [];
  units.forEach(({ plan, outputs }, at) => {
    for (const view of outputs) {
      if (fixed.has(view.id)) continue;
      values.set(view.id, lives.length);
      lives.push({ bytes: byteSizeOf(view) / (halved.has(view.id) ? 2 : 1), from: at, to: lastUse.get(view.id) ?? at });
    }
    temporaries.push(
      plan.temporaries.map((bytes) => {
        lives.push({ bytes, from: at, to: at });
        return lives.length - 1;
      }),
    );
  });
  const { sizes, slots } = assignArena(lives);
  const inArena = (life: number): Place => ({ kind: 'arena', index: slots[life]! });
  return {
    arenaSizes: sizes,
    placeOfValue: (id) => fixed.get(id) ?? inArena(values.get(id)!),
    placeOfTemporary: (unit, index) => inArena(temporaries[unit]![index]!),
  };
}

/** Parameter blocks one behind the other, aligned. */
class UniformBlock {
  readonly #alignment: number;
  readonly #blocks: { readonly offset: number; readonly words: Uint32Array }[] = [];
  #bytes = 0;

  constructor(alignment: number) {
    this.#alignment = alignment;
  }

  add(words: Uint32Array): number {
    const offset = this.#bytes;
    this.#blocks.push({ offset, words });
    this.#bytes += Math.ceil(words.byteLength / this.#alignment) * this.#alignment;
    return offset;
  }

  words(): Uint32Array {
    const all = new Uint32Array(Math.max(4, this.#bytes / 4));
    for (const { offset, words } of this.#blocks) all.set(words, offset / 4);
    return all;
  }
}
