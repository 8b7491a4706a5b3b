/** Runs a laid-out graph again and again: buffers, bind groups and parameters stay; only inputs and outputs change. */
import { byteSizeOf, type Graph } from '@vqkit/core';
import type { PooledBuffer } from '../device/buffer-pool.ts';
import type { Engine } from '../device/engine.ts';
import { bufferUsage } from '../device/flags.ts';
import type { Pipeline } from '../device/pipelines.ts';
import type { GraphProgram, Place, PlacedStep } from './program.ts';

/** What a replay holds on the device. */
interface Held {
  readonly arena: readonly PooledBuffer[];
  readonly constants: ReadonlyMap<number, PooledBuffer>;
  readonly uniforms: GPUBuffer;
  readonly name: string;
  readonly steps: readonly ReadyStep[];
}

/** A step whose pipeline is built; and its bind group, if it touches neither inputs nor outputs of the graph. */
interface ReadyStep {
  readonly placed: PlacedStep;
  readonly pipeline: Pipeline;
  readonly bindGroup: GPUBindGroup | undefined;
}

/** Replays a program on an engine. */
export class Replay {
  readonly #engine: Engine;
  readonly #graph: Graph;
  readonly #layOut: () => GraphProgram;
  #laidOut: GraphProgram | undefined;
  #held: Held | undefined;

  /** @param layOut  Makes the program, when it is first needed: tuning may come before. */
  constructor(engine: Engine, graph: Graph, layOut: () => GraphProgram) {
    this.#engine = engine;
    this.#graph = graph;
    this.#layOut = layOut;
  }

  /** Builds all pipelines in the background. @throws WebgpuError `SHADER_INVALID` */
  async warmup(): Promise<void> {
    await this.#engine.pipelines.prepare(this.#program.steps.map(({ step }) => step.program));
    this.#hold();
  }

  get #program(): GraphProgram {
    this.#laidOut ??= this.#layOut();
    return this.#laidOut;
  }

  /** Encodes one run and returns the buffers of the outputs. */
  run(inputs: readonly PooledBuffer[]): PooledBuffer[] {
    const { pool, failures } = this.#engine;
    const held = this.#hold();
    const outputs = this.#graph.outputs.map((spec) => pool.acquire(byteSizeOf(spec)));
    const resolve = (place: Place): PooledBuffer => this.#resolve(place, held, inputs, outputs);
    for (const { placed, pipeline, bindGroup } of held.steps) {
      const { step, uniformOffset } = placed;
      const group = bindGroup ?? this.#bindGroup(placed, pipeline, held, resolve);
      this.#engine.dispatch(step, pipeline, group, step.program.uniformBytes > 0 ? uniformOffset : undefined);
    }
    for (const buffer of [...inputs, ...outputs]) buffer.lastEpoch = failures.epoch;
    return outputs;
  }

  /** Gives everything back. */
  dispose(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    for (const buffer of [...held.arena, ...held.constants.values()]) {
      buffer.lastEpoch = this.#engine.failures.epoch;
      this.#engine.pool.release(buffer);
    }
    // Commands that wait to be submitted still read it.
    this.#engine.stream.flush();
    held.uniforms.destroy();
  }

  #hold(): Held {
    if (this.#held) return this.#held;
    const { pool, pipelines, device } = this.#engine;
    const { arenaSizes, usedConstants, uniforms: words, steps } = this.#program;
    const uniforms = device.createBuffer({
      label: 'vqkit program',
      // A binding of the largest block must fit behind the last offset.
      size: words.byteLength,
      usage: bufferUsage.uniform | bufferUsage.copyDestination,
    });
    device.queue.writeBuffer(uniforms, 0, words as Uint32Array<ArrayBuffer>);
    const partial: Held = {
      arena: arenaSizes.map((bytes) => pool.acquire(bytes)),
      constants: new Map(usedConstants.map((i) => [i, this.#engine.upload(this.#graph.constants[i]!.data)])),
      uniforms,
      name: `program${this.#engine.nextName()}`,
      steps: [],
    };
    const ready = steps.map((placed): ReadyStep => {
      const pipeline = pipelines.get(placed.step.program);
      const isFixed = placed.places.every(({ kind }) => kind === 'arena' || kind === 'constant');
      const resolve = (place: Place): PooledBuffer => this.#resolve(place, partial, [], []);
      return {
        placed,
        pipeline,
        bindGroup: isFixed ? this.#bindGroup(placed, pipeline, partial, resolve) : undefined,
      };
    });
    this.#held = { ...partial, steps: ready };
    return this.#held;
  }

  #bindGroup(
    { step, places }: PlacedStep,
    pipeline: Pipeline,
    { uniforms, name }: Held,
    resolve: (place: Place) => PooledBuffer,
  ): GPUBindGroup {
    const byRef = new Map(step.buffers.map((ref, i) => [ref, places[i]!]));
    const bindings = this.#engine.bindingsOf(step, (ref) => resolve(byRef.get(ref)!));
    return this.#engine.pipelines.bindGroup(pipeline, step.program, bindings, uniforms, name);
  }

  #resolve(
    { kind, index }: Place,
    held: Held,
    inputs: readonly PooledBuffer[],
    outputs: readonly PooledBuffer[],
  ): PooledBuffer {
    if (kind === 'input') return inputs[index]!;
    if (kind === 'output') return outputs[index]!;
    return kind === 'arena' ? held.arena[index]! : held.constants.get(index)!;
  }
}
