/** `@vqkit/backend-webgpu`: every row is a compiled function. */
import type { WebgpuBackend } from '@vqkit/backend-webgpu';
import {
  attention,
  type Compiled,
  compile,
  conv2d,
  groupNorm,
  matmul,
  nearestCode,
  type Tensor,
  tensor,
  uploadTree,
} from '@vqkit/core';
import type { Contestant, Prepared } from './contestant.ts';
import type { Decoder } from './decoder.ts';
import { type BenchWork, epsilon, inputsOf } from './items.ts';

function shapesOf(work: BenchWork): number[][] {
  switch (work.kind) {
    case 'conv':
      return [
        [1, work.size, work.size, work.channels],
        [3, 3, work.channels, work.channels],
      ];
    case 'matmul':
      return [
        [work.size, work.size],
        [work.size, work.size],
      ];
    case 'groupNorm':
      return [[1, work.size, work.size, work.channels], [work.channels], [work.channels]];
    case 'attention':
      return Array.from({ length: 3 }, () => [work.heads, work.tokens, work.depth]);
    case 'nearestCode':
      return [
        [work.vectors, work.depth],
        [work.codes, work.depth],
      ];
    case 'decode':
      return [[1, work.height / 16, work.width / 16, 16]];
  }
}

function functionOf(work: BenchWork, decoder: Decoder): (...xs: Tensor[]) => Tensor {
  switch (work.kind) {
    case 'conv':
      return (x, filter) => conv2d(x!, filter!, { pads: 'same' });
    case 'matmul':
      return (a, b) => matmul(a!, b!);
    case 'groupNorm':
      return (x, scale, shift) => groupNorm(x!, scale!, shift!, { groups: work.groups, epsilon, activation: 'silu' });
    case 'attention':
      return (q, k, v) => attention(q!, k!, v!);
    case 'nearestCode':
      return (x, codebook) => nearestCode(x!, codebook!).indices;
    case 'decode':
      return (z) => decoder.decode(uploadTree(z!.backend, decoder.params) as never, z!);
  }
}

/** Our backend as a contestant. */
export function ours(backend: WebgpuBackend, decoder: Decoder): Contestant {
  return {
    name: 'vqkit',
    prepare: async (work): Promise<Prepared> => {
      const inputs = inputsOf(work);
      const shapes = shapesOf(work);
      const tensors = inputs.map((data, i) => tensor(backend, data, shapes[i]!));
      const program = compile(functionOf(work, decoder)) as Compiled<Tensor[], Tensor>;
      await program.warmup(...tensors);
      let valueBytes = 0;
      return {
        run: async () => {
          backend.trim();
          backend.resetPeak();
          const y = program(...tensors);
          valueBytes = inputs.reduce((sum, { byteLength }) => sum + byteLength, 0) + y.size * 4;
          const result = await y.data();
          y.dispose();
          return result;
        },
        memory: () => ({ valueBytes, peakBytes: backend.stats().peakBytes }),
        dispose: () => {
          program.dispose();
          for (const x of tensors) x.dispose();
          backend.trim();
        },
      };
    },
  };
}
