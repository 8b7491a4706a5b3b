/**
 * `groupNorm` with its activation. Three dispatches: moments of each channel over chunks of pixels,
 * one scale and shift per image and channel from them, and a pass that applies these. Within a chunk sums are taken
 * around its first pixel, and chunks are combined with Chan's formula, so a large mean costs no digits.
 *
 * @see Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance"
 */
import type { CompositeKernels } from '@vqkit/core';
import type { DeviceTraits } from '../device/traits.ts';
import { type BufferRef, emptyPlan, input, type Kernel, output, type Step, temporary } from '../plan.ts';
import { activation as activationOf } from '../wgsl/expressions.ts';
import { functionTexts } from '../wgsl/functions.ts';
import { f32, type Parameter, reads, type ShaderSource, shaderStep, threadStep, u32, writes } from '../wgsl/shader.ts';

/** Sizes of a normalisation. */
export interface GroupSizes {
  readonly images: number;
  readonly pixels: number;
  readonly channels: number;
  readonly groups: number;
  /** Chunks of pixels that are summed apart, none of them empty, and their length. */
  readonly chunks: number;
  readonly chunkPixels: number;
}

/** Splits images into enough chunks to keep the device busy. */
export function groupSizes(shape: readonly number[], groups: number, traits: DeviceTraits): GroupSizes {
  const [images, height, width, channels] = shape as [number, number, number, number];
  const pixels = height * width;
  const columns = images * Math.ceil(channels / 4);
  const wanted = Math.ceil((traits.isSoftware ? 1024 : 16_384) / columns);
  const chunkPixels = Math.max(16, Math.ceil(pixels / wanted));
  const chunks = Math.max(1, Math.ceil(pixels / chunkPixels));
  return { images, pixels, channels, groups, chunks, chunkPixels };
}

/** Parameters of all steps; channels in units of `width`. */
export function groupParams(
  { images, pixels, channels, groups, chunks, chunkPixels }: GroupSizes,
  width: number,
): Record<string, Parameter> {
  return {
    images: u32(images),
    pixels: u32(pixels),
    channels: u32(channels / width),
    groups: u32(groups),
    chunks: u32(chunks),
    chunkPixels: u32(chunkPixels),
  };
}

/** Mean and sum of squared deviations, per image, chunk and channel: two temporaries `[images, chunks, channels]`. */
export function momentsStep(sizes: GroupSizes, x: BufferRef, means: BufferRef, spreads: BufferRef): Step {
  const width = sizes.channels % 4 === 0 ? 4 : 1;
  const element = width === 4 ? 'vec4f' : 'f32';
  const threads = (sizes.images * sizes.chunks * sizes.channels) / width;
  return threadStep({
    label: 'groupNorm moments',
    threads,
    bindings: [reads('x', x, element), writes('means', means, element), writes('spreads', spreads, element)],
    params: groupParams(sizes, width),
    body: `let channel = thread % params.channels;
  let chunk = thread / params.channels % params.chunks;
  let image = thread / params.channels / params.chunks;
  let begin = chunk * params.chunkPixels;
  let end = min(begin + params.chunkPixels, params.pixels);
  var at = (image * params.pixels + begin) * params.channels + channel;
  let origin = x[at];
  var sum = ${element}(); var squares = ${element}();
  for (var p = begin; p < end; p++) {
    let d = x[at] - origin;
    sum += d; squares = fma(d, d, squares);
    at += params.channels;
  }
  let count = f32(end - begin);
  means[thread] = origin + sum / count;
  spreads[thread] = max(squares - sum * sum / count, ${element}());`,
  });
}

/** The dispatch of a step with one invocation per image and group; `image` and `g` are in scope. */
export function groupStep(sizes: GroupSizes, { params, body, ...source }: Omit<ShaderSource, 'size' | 'groups'>): Step {
  return shaderStep({
    ...source,
    params: { ...groupParams(sizes, 1), ...params },
    size: 8,
    groups: Math.ceil((sizes.images * sizes.groups) / 8),
    body: `let image = thread / params.groups; let g = thread % params.groups;
if (image < params.images) {
  ${body}
}`,
  });
}

/** Statements that combine a group's chunks into `mean` and `inverse`; `image` and `g` are in scope. */
export const combineText = `let width = params.channels / params.groups;
  let lead = means[image * params.chunks * params.channels + g * width];
  var count = 0.0; var drift = 0.0; var drifts = 0.0; var spread = 0.0;
  for (var chunk = 0u; chunk < params.chunks; chunk++) {
    let begin = chunk * params.chunkPixels;
    let n = f32(min(begin + params.chunkPixels, params.pixels) - begin);
    let row = (image * params.chunks + chunk) * params.channels + g * width;
    for (var c = row; c < row + width; c++) {
      let d = means[c] - lead;
      count += n; drift += n * d; drifts += n * d * d; spread += spreads[c];
    }
  }
  let mean = lead + drift / count;
  let inverse = inverseSqrt((spread + max(drifts - drift * drift / count, 0.0)) / count + params.epsilon);`;

/** x `[N,H,W,C]`, scale, shift → normalised over each image's groups of channels, then activated. */
export const groupNorm: Kernel<CompositeKernels['groupNorm']> = ({ inputs, attributes }, { traits }) => {
  const sizes = groupSizes(inputs[0]!.shape, attributes.groups, traits);
  const { images, pixels, channels, chunks } = sizes;
  if (images * pixels * channels === 0) return emptyPlan;
  const [means, spreads, affine] = [temporary(0), temporary(1), temporary(2)];
  const statistics = groupStep(sizes, {
    label: 'groupNorm statistics',
    params: { epsilon: f32(attributes.epsilon) },
    bindings: [
      reads('means', means),
      reads('spreads', spreads),
      reads('scales', input(1)),
      reads('shifts', input(2)),
      writes('affine', affine),
    ],
    body: `${combineText}
  for (var c = g * width; c < (g + 1u) * width; c++) {
    let scale = scales[c] * inverse;
    let to = image * 2u * params.channels + c;
    affine[to] = scale;
    affine[to + params.channels] = shifts[c] - mean * scale;
  }`,
  });
  const temporaries = [images * chunks * channels * 4, images * chunks * channels * 4, images * channels * 8];
  return {
    steps: [momentsStep(sizes, input(0), means, spreads), statistics, applyStep(sizes, attributes.activation, affine)],
    temporaries,
  };
};

function applyStep(
  sizes: GroupSizes,
  activation: CompositeKernels['groupNorm']['activation'],
  affine: BufferRef,
): Step {
  const width = sizes.channels % 4 === 0 ? 4 : 1;
  const element = width === 4 ? 'vec4f' : 'f32';
  const threads = (sizes.images * sizes.pixels * sizes.channels) / width;
  const { text, functions } = activationOf(activation, 'value', width);
  return threadStep({
    label: 'groupNorm apply',
    threads,
    bindings: [reads('x', input(0), element), reads('affine', affine, element), writes('y', output(), element)],
    params: groupParams(sizes, width),
    declarations: functionTexts(functions, width),
    body: `let channel = thread % params.channels;
  let at = thread / params.channels / params.pixels * 2u * params.channels + channel;
  let value = fma(x[thread], affine[at], affine[at + params.channels]);
  y[thread] = ${text};`,
  });
}
