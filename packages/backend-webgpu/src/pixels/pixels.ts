/**
 * Images in and out without a detour through host memory: what browsers decode (bitmaps, video frames, canvases) and
 * textures become tensors, and tensors become textures or are drawn on a canvas.
 */
import type { PooledBuffer } from '../device/buffer-pool.ts';
import type { Engine } from '../device/engine.ts';
import { bufferUsage, computeStage, textureUsage } from '../device/flags.ts';
import { WebgpuError } from '../errors.ts';

/** Where pixels come from: a texture of a float-readable format, or anything that browsers can copy to one. */
export type PixelSource = GPUTexture | GPUCopyExternalImageSource;

/** How pixel values map to numbers. */
export interface PixelOptions {
  /** Channels of the tensor: 1 (red), 3, or 4 with alpha. Default 3. */
  readonly channels?: 1 | 3 | 4;
  /** The numbers for black and white. Default [0, 1]. */
  readonly range?: readonly [number, number];
}

/** An image in a buffer. */
export interface PixelImage {
  readonly buffer: PooledBuffer;
  readonly isBytes: boolean;
  readonly size: Size;
  readonly channels: 1 | 3 | 4;
}

/** Pixels of an image on the GPU. */
export interface ReadPixels {
  readonly buffer: PooledBuffer;
  readonly width: number;
  readonly height: number;
}

const parameters = 'struct Params { width: u32, height: u32, channels: u32, low: f32, high: f32 }';

const readShader = `${parameters}
@group(0) @binding(0) var image: texture_2d<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;
@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) at: vec3u) {
  if (at.x < params.width && at.y < params.height) {
    let pixel = mix(vec4f(params.low), vec4f(params.high), textureLoad(image, at.xy, 0));
    for (var c = 0u; c < params.channels; c++) { y[(at.y * params.width + at.x) * params.channels + c] = pixel[c]; }
  }
}`;

const writeShader = (isBytes: boolean): string => `${parameters}
@group(0) @binding(0) var image: texture_storage_2d<rgba8unorm, write>;
@group(0) @binding(1) var<storage, read> x: array<${isBytes ? 'u32' : 'f32'}>;
@group(0) @binding(2) var<uniform> params: Params;
fn value(i: u32) -> f32 {
  return ${isBytes ? 'f32(extractBits(x[i >> 2u], (i & 3u) * 8u, 8u)) / 255.0' : '(x[i] - params.low) / (params.high - params.low)'};
}
@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) at: vec3u) {
  if (at.x < params.width && at.y < params.height) {
    let first = (at.y * params.width + at.x) * params.channels;
    var pixel = vec4f(value(first), value(first), value(first), 1.0);
    for (var c = 1u; c < params.channels; c++) { pixel[c] = value(first + c); }
    textureStore(image, at.xy, pixel);
  }
}`;

/** Pixels across and down. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

function isTexture(source: PixelSource): source is GPUTexture {
  return 'createView' in source;
}

/** The size of an external image, which each kind of source spells differently. */
function sizeOfSource(source: GPUCopyExternalImageSource): Size {
  const any = source as unknown as Record<string, number | undefined>;
  const width = any.displayWidth ?? any.videoWidth ?? any.naturalWidth ?? any.width ?? 0;
  const height = any.displayHeight ?? any.videoHeight ?? any.naturalHeight ?? any.height ?? 0;
  return { width, height };
}

/** The source drawn on a canvas; undefined where there are none. */
function drawnCopy(source: GPUCopyExternalImageSource, { width, height }: Size): OffscreenCanvas | undefined {
  if (typeof OffscreenCanvas === 'undefined' || source instanceof OffscreenCanvas) return undefined;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  context?.drawImage(source as CanvasImageSource, 0, 0, width, height);
  return context === null ? undefined : canvas;
}

/** Moves pixels between textures and buffers of an engine. */
export class Pixels {
  readonly #engine: Engine;
  readonly #pipelines = new Map<string, GPUComputePipeline>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Reads a source into a buffer of f32 `[height, width, channels]`. */
  read(source: PixelSource, { channels = 3, range = [0, 1] }: PixelOptions): ReadPixels {
    const texture = isTexture(source) ? source : this.#copyToTexture(source);
    const { width, height } = texture;
    const buffer = this.#engine.pool.acquire(width * height * channels * 4);
    this.#run('read', readShader, texture, buffer, { width, height, channels, range });
    if (!isTexture(source)) texture.destroy();
    return { buffer, width, height };
  }

  /**
   * Writes a buffer of f32 or u8 `[height, width, channels]` to a texture.
   *
   * @throws WebgpuError `PIXELS_UNSUPPORTED` unless the texture is of that size, `rgba8unorm`, with `STORAGE_BINDING`.
   */
  write(buffer: PooledBuffer, isBytes: boolean, size: Size, texture: GPUTexture, options: PixelOptions): void {
    const { width, height } = size;
    const fits = texture.width === width && texture.height === height;
    if (!fits || texture.format !== 'rgba8unorm' || (texture.usage & textureUsage.storageBinding) === 0) {
      throw new WebgpuError({
        code: 'PIXELS_UNSUPPORTED',
        message: `toTexture: expected an rgba8unorm texture of ${width}×${height} with STORAGE_BINDING, got ${texture.format} of ${texture.width}×${texture.height} with usage ${texture.usage}`,
        fix: "Create it with { format: 'rgba8unorm', usage: GPUTextureUsage.STORAGE_BINDING | … }, or draw with toCanvas",
      });
    }
    const { channels = 3, range = [0, 1] } = options;
    const name = isBytes ? 'write bytes' : 'write';
    this.#run(name, writeShader(isBytes), texture, buffer, { width, height, channels, range });
  }

  /** Draws a buffer on a canvas, which gets the image's size. */
  draw(
    buffer: PooledBuffer,
    isBytes: boolean,
    { width, height }: Size,
    canvas: HTMLCanvasElement | OffscreenCanvas,
    options: PixelOptions,
  ): void {
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('webgpu') as GPUCanvasContext | null;
    if (context === null) {
      throw new WebgpuError({
        code: 'PIXELS_UNSUPPORTED',
        message: "toCanvas: expected a canvas that gives a 'webgpu' context, got none",
        fix: 'Use a canvas that has no other context yet, in a browser with WebGPU',
      });
    }
    const alphaMode = options.channels === 4 ? 'premultiplied' : 'opaque';
    context.configure({
      device: this.#engine.device,
      format: 'rgba8unorm',
      usage: textureUsage.storageBinding | textureUsage.renderAttachment,
      alphaMode,
    });
    this.write(buffer, isBytes, { width, height }, context.getCurrentTexture(), options);
  }

  #copyToTexture(source: GPUCopyExternalImageSource): GPUTexture {
    const { device, failures } = this.#engine;
    const { width, height } = sizeOfSource(source);
    return failures.guard(`an image of ${width}×${height}`, () => {
      const usage = textureUsage.textureBinding | textureUsage.copyDestination | textureUsage.renderAttachment;
      const texture = device.createTexture({ size: [width, height], format: 'rgba8unorm', usage });
      const copy = (from: GPUCopyExternalImageSource): void =>
        device.queue.copyExternalImageToTexture({ source: from }, { texture }, [width, height]);
      try {
        copy(source);
      } catch (cause) {
        // Software adapters refuse video, which a canvas of their browser still shows.
        const canvas = drawnCopy(source, { width, height });
        if (canvas === undefined) throw cause;
        copy(canvas);
      }
      return texture;
    });
  }

  #run(
    name: string,
    code: string,
    texture: GPUTexture,
    buffer: PooledBuffer,
    options: Size & { readonly channels: number; readonly range: readonly [number, number] },
  ): void {
    const { width, height, channels, range } = options;
    const { device, failures, stream } = this.#engine;
    const words = new DataView(new ArrayBuffer(32));
    [width, height, channels].forEach((n, i) => words.setUint32(4 * i, n, true));
    range.forEach((n, i) => words.setFloat32(12 + 4 * i, n, true));
    failures.guard(`shader '${name} pixels'`, () => {
      const pipeline = this.#pipeline(name, code);
      const usage = bufferUsage.uniform | bufferUsage.copyDestination;
      const uniforms = device.createBuffer({ size: 32, usage });
      device.queue.writeBuffer(uniforms, 0, words.buffer);
      const resources = [texture.createView(), { buffer: buffer.buffer }, { buffer: uniforms }];
      const entries = resources.map((resource, binding) => ({ binding, resource }));
      const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
      const pass = stream.encoder().beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(Math.ceil(width / 8), Math.ceil(height / 8));
      pass.end();
      buffer.lastEpoch = failures.epoch;
      // Textures of canvases and videos expire at the end of the turn: submit now.
      stream.flush();
      uniforms.destroy();
    });
  }

  #pipeline(name: string, code: string): GPUComputePipeline {
    const known = this.#pipelines.get(name);
    if (known) return known;
    const { device } = this.#engine;
    const texture: Partial<GPUBindGroupLayoutEntry> = name.startsWith('read')
      ? { texture: { sampleType: 'unfilterable-float' } }
      : { storageTexture: { format: 'rgba8unorm', access: 'write-only' } };
    const layout = device.createBindGroupLayout({
      entries: [
        { binding: 0, visibility: computeStage, ...texture },
        {
          binding: 1,
          visibility: computeStage,
          buffer: { type: name.startsWith('read') ? 'storage' : 'read-only-storage' },
        },
        { binding: 2, visibility: computeStage, buffer: { type: 'uniform' } },
      ],
    });
    const pipeline = device.createComputePipeline({
      label: `${name} pixels`,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
    });
    this.#pipelines.set(name, pipeline);
    return pipeline;
  }
}
