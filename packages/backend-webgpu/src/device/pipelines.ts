/** Pipelines by shader text and bind groups by buffers: both cached, both bounded. */
import { Lru } from '@vqkit/core';
import { WebgpuError } from '../errors.ts';
import type { Program } from '../plan.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import type { Failures } from './failures.ts';
import { computeStage } from './flags.ts';

/** A pipeline, and the layout of its one bind group. */
export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Names the layout in keys of bind groups. */
  readonly signature: string;
}

/** A part of a buffer that a shader sees. */
export interface BufferBinding {
  readonly buffer: PooledBuffer;
  readonly offset: number;
  readonly bytes: number;
}

const maxPipelines = 1024;
const maxBindGroups = 4096;

/** Builds and keeps pipelines and bind groups. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #failures: Failures;
  readonly #layouts = new Map<string, { layout: GPUBindGroupLayout; pipelineLayout: GPUPipelineLayout }>();
  readonly #pipelines = new Lru<string, Pipeline>(maxPipelines);
  readonly #bindGroups = new Lru<string, GPUBindGroup>(maxBindGroups);
  readonly #building = new Map<string, Promise<void>>();
  readonly #broken = new Lru<string, WebgpuError>(maxPipelines);

  constructor(device: GPUDevice, failures: Failures) {
    this.#device = device;
    this.#failures = failures;
  }

  /** How many of each are cached. */
  get statistics(): { pipelines: number; bindGroups: number } {
    return { pipelines: this.#pipelines.size, bindGroups: this.#bindGroups.size };
  }

  /**
   * The pipeline of a program, built now if need be.
   *
   * @throws WebgpuError `SHADER_INVALID` when it is known by now that its shader does not compile.
   */
  get(program: Program): Pipeline {
    const broken = this.#broken.peek(program.wgsl);
    if (broken) throw broken;
    return this.#pipelines.get(program.wgsl, () => {
      const pipeline = this.#failures.guard(
        `shader '${program.label}'`,
        () => this.#device.createComputePipeline(this.#descriptor(program)),
        undefined,
        (error) => this.#broken.set(program.wgsl, error),
      );
      return this.#entry(program, pipeline);
    });
  }

  /**
   * Builds pipelines in the background.
   *
   * @throws WebgpuError `SHADER_INVALID` when a shader does not compile.
   */
  async prepare(programs: readonly Program[]): Promise<void> {
    await Promise.all(programs.map((program) => this.#prepareOne(program)));
  }

  async #prepareOne(program: Program): Promise<void> {
    const { wgsl, label } = program;
    if (this.#pipelines.peek(wgsl)) return;
    let building = this.#building.get(wgsl);
    if (building === undefined) {
      const descriptor = this.#failures.guard(`shader '${label}'`, () => this.#descriptor(program));
      building = this.#device.createComputePipelineAsync(descriptor).then(
        (pipeline) => this.#pipelines.set(wgsl, this.#entry(program, pipeline)),
        async (cause) => {
          const isInvalid = (cause as GPUPipelineError).reason === 'validation';
          throw (
            (isInvalid ? this.#failures.lost : await this.#failures.loss()) ??
            new WebgpuError({
              code: 'SHADER_INVALID',
              message: `expected the GPU to compile shader '${label}', got: ${(cause as Error).message}`,
              fix: 'This is a bug of a kernel or a driver: report it with the name of the adapter, which backend.info tells',
              cause,
            })
          );
        },
      );
      this.#building.set(wgsl, building);
    }
    try {
      await building;
    } finally {
      this.#building.delete(wgsl);
    }
  }

  /** A bind group: storage bindings in order, then the uniform block if the program has one. */
  bindGroup(
    { layout, signature }: Pipeline,
    { uniformBytes }: Program,
    bindings: readonly BufferBinding[],
    uniforms: GPUBuffer,
    uniformsName: string,
  ): GPUBindGroup {
    let key = uniformBytes > 0 ? `${signature}${uniformsName}` : signature;
    for (const { buffer, offset, bytes } of bindings) key += `|${buffer.id}+${offset}:${bytes}`;
    return this.#bindGroups.get(key, () => {
      const entries: GPUBindGroupEntry[] = bindings.map(({ buffer, offset, bytes }, binding) => ({
        binding,
        resource: { buffer: buffer.buffer, offset, size: bytes },
      }));
      if (uniformBytes > 0) {
        entries.push({ binding: bindings.length, resource: { buffer: uniforms, offset: 0, size: uniformBytes } });
      }
      return this.#failures.guard('a bind group', () => this.#device.createBindGroup({ layout, entries }));
    });
  }

  /** Drops cached bind groups, which keep destroyed buffers' names. */
  forgetBindGroups(): void {
    this.#bindGroups.clear();
  }

  #entry(program: Program, pipeline: GPUComputePipeline): Pipeline {
    const signature = signatureOf(program);
    return { pipeline, layout: this.#layout(program).layout, signature };
  }

  #descriptor(program: Program): GPUComputePipelineDescriptor {
    const { label, wgsl } = program;
    const module = this.#device.createShaderModule({ label, code: wgsl });
    return { label, layout: this.#layout(program).pipelineLayout, compute: { module, entryPoint: 'main' } };
  }

  #layout(program: Program): { layout: GPUBindGroupLayout; pipelineLayout: GPUPipelineLayout } {
    const signature = signatureOf(program);
    let known = this.#layouts.get(signature);
    if (known === undefined) {
      const entries: GPUBindGroupLayoutEntry[] = Array.from(program.access, (access, binding) => ({
        binding,
        visibility: computeStage,
        buffer: { type: access === 'w' ? 'storage' : 'read-only-storage' },
      }));
      if (program.uniformBytes > 0) {
        entries.push({
          binding: entries.length,
          visibility: computeStage,
          buffer: { type: 'uniform', hasDynamicOffset: true },
        });
      }
      const layout = this.#device.createBindGroupLayout({ entries });
      known = { layout, pipelineLayout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }) };
      this.#layouts.set(signature, known);
    }
    return known;
  }
}

function signatureOf({ access, uniformBytes }: Program): string {
  return `${access}${uniformBytes}`;
}
