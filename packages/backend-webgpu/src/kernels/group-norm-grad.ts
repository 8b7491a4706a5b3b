/** `groupNormGrad`: moments as in the forward pass, then two sums per image and channel, from which all else is made. */
import type { CompositeKernels } from '@vqkit/core';
import { type BufferRef, input, type Kernel, output, type Step, temporary } from '../plan.ts';
import { f32, reads, threadStep, writes } from '../wgsl/shader.ts';
import { combineText, type GroupSizes, groupParams, groupSizes, groupStep, momentsStep } from './group-norm.ts';
import { foldStep } from './reduce.ts';

/**
 * dy, x, scale → dx, dScale, dShift, from two sums per image and channel: of dy and of dy·x̂. All else is made of them.
 */
export const groupNormGrad: Kernel<CompositeKernels['groupNormGrad']> = ({ inputs, attributes }, { traits }) => {
  const sizes = groupSizes(inputs[1]!.shape, attributes.groups, traits);
  const { images, pixels, channels, groups, chunks } = sizes;
  if (images * pixels * channels === 0) {
    const zero = [output(1), output(2)].map((to) => foldStep('sum', 'f32', [1, 0, channels], 1, 1, input(2), to));
    return { steps: channels === 0 ? [] : zero, temporaries: [] };
  }
  const [means, spreads, moments] = [temporary(0), temporary(1), temporary(2)];
  const [acrossParts, alongParts, across] = [temporary(3), temporary(4), temporary(5)];
  const [along, balance] = [temporary(6), temporary(7)];
  const momentsOfGroups = groupStep(sizes, {
    label: 'groupNormGrad moments',
    params: { epsilon: f32(attributes.epsilon) },
    bindings: [reads('means', means), reads('spreads', spreads), writes('moments', moments, 'vec2f')],
    body: `${combineText}
  moments[thread] = vec2f(mean, inverse);`,
  });
  const steps = [
    momentsStep(sizes, input(1), means, spreads),
    momentsOfGroups,
    sumsStep(sizes, moments, acrossParts, alongParts),
    foldStep('sum', 'f32', [images, chunks, channels], 1, 1, acrossParts, across),
    foldStep('sum', 'f32', [images, chunks, channels], 1, 1, alongParts, along),
    foldStep('sum', 'f32', [1, images, channels], 1, 1, across, output(1)),
    foldStep('sum', 'f32', [1, images, channels], 1, 1, along, output(2)),
    balanceStep(sizes, across, along, balance),
    gradientStep(sizes, moments, balance),
  ];
  const partBytes = images * chunks * channels * 4;
  const channelBytes = images * channels * 4;
  const groupBytes = images * groups * 8;
  return {
    steps,
    temporaries: [partBytes, partBytes, groupBytes, partBytes, partBytes, channelBytes, channelBytes, groupBytes],
  };
};

/** Sums of dy·x̂ and of dy per image, chunk and channel. */
function sumsStep(sizes: GroupSizes, moments: BufferRef, across: BufferRef, along: BufferRef): Step {
  const threads = sizes.images * sizes.chunks * sizes.channels;
  return threadStep({
    label: 'groupNormGrad sums',
    threads,
    bindings: [
      reads('dy', input(0)),
      reads('x', input(1)),
      reads('moments', moments, 'vec2f'),
      writes('across', across),
      writes('along', along),
    ],
    params: groupParams(sizes, 1),
    body: `let channel = thread % params.channels;
  let chunk = thread / params.channels % params.chunks;
  let image = thread / params.channels / params.chunks;
  let moment = moments[image * params.groups + channel / (params.channels / params.groups)];
  let begin = chunk * params.chunkPixels;
  let end = min(begin + params.chunkPixels, params.pixels);
  var acrossSum = 0.0; var alongSum = 0.0;
  for (var p = begin; p < end; p++) {
    let at = (image * params.pixels + p) * params.channels + channel;
    acrossSum += dy[at] * (x[at] - moment.x) * moment.y;
    alongSum += dy[at];
  }
  across[thread] = acrossSum; along[thread] = alongSum;`,
  });
}

/** Means of scale·dy and scale·dy·x̂ over each group. */
function balanceStep(sizes: GroupSizes, across: BufferRef, along: BufferRef, balance: BufferRef): Step {
  return groupStep(sizes, {
    label: 'groupNormGrad balance',
    bindings: [
      reads('across', across),
      reads('along', along),
      reads('scales', input(2)),
      writes('balance', balance, 'vec2f'),
    ],
    body: `let width = params.channels / params.groups;
  var total = vec2f();
  for (var c = g * width; c < (g + 1u) * width; c++) {
    total += scales[c] * vec2f(along[image * params.channels + c], across[image * params.channels + c]);
  }
  balance[thread] = total / f32(width * params.pixels);`,
  });
}

/** dx = inverse · (scale·dy − mean(scale·dy) − x̂ · mean(scale·dy·x̂)). */
function gradientStep(sizes: GroupSizes, moments: BufferRef, balance: BufferRef): Step {
  const threads = sizes.images * sizes.pixels * sizes.channels;
  return threadStep({
    label: 'groupNormGrad dx',
    threads,
    bindings: [
      reads('dy', input(0)),
      reads('x', input(1)),
      reads('scales', input(2)),
      reads('moments', moments, 'vec2f'),
      reads('balance', balance, 'vec2f'),
      writes('dx', output(0)),
    ],
    params: groupParams(sizes, 1),
    body: `let channel = thread % params.channels;
  let image = thread / params.channels / params.pixels;
  let g = image * params.groups + channel / (params.channels / params.groups);
  let moment = moments[g]; let means = balance[g];
  let normalized = (x[thread] - moment.x) * moment.y;
  dx[thread] = moment.y * (dy[thread] * scales[channel] - means.x - normalized * means.y);`,
  });
}
