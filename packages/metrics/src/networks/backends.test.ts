/**
 * Metrics on other backends than the reference: onnxruntime's CPU always, WebGPU where there is a driver, and those that
 * `VQKIT_TEST_BACKENDS` names. Values and gradients agree with the reference.
 */
import { type Backend, compile, cpu, mean, type Tensor, tensor, valueAndGrad } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { backendsUnderTest, webgpuUnderTest } from '../../../../tooling/backends-under-test.ts';
import { dists, loadDists } from '../dists/dists.ts';
import { loadLpips } from '../lpips/load-lpips.ts';
import { lpips, lpipsBackbones } from '../lpips/lpips.ts';
import { tensorMsSsim, tensorSsim } from '../tensors/similarity.ts';
import { syntheticPair, torchRand } from '../testing/data.ts';
import { drawNetwork, drawVector, toFile } from '../testing/seeded-networks.ts';

const { squeeze, vgg } = lpipsBackbones;
const draw = torchRand(21);
const lpipsFile = toFile([
  ...drawNetwork(draw, squeeze.convolutions),
  ...squeeze.channels.map((n, i) => drawVector(draw, `lin${i}.weight`, n, 1 / n)),
]);
const distsFile = toFile([
  ...drawNetwork(draw, vgg.convolutions),
  drawVector(draw, 'alpha', 1475),
  drawVector(draw, 'beta', 1475),
]);

/** A distance of two images, and how far values and gradients may be from the reference, relative to the largest. */
interface Loss {
  readonly size: number;
  readonly tolerance: number;
  /** Parameters, and a pure function of them and two batches. */
  prepare(backend: Backend): Promise<Prepared>;
}

interface Prepared {
  readonly params: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: each loss knows its own parameters
  readonly distance: (params: any, a: Tensor, b: Tensor) => Tensor;
}

const losses: Readonly<Record<string, Loss>> = {
  SSIM: { size: 24, tolerance: 1e-4, prepare: async () => ({ params: [], distance: (_, a, b) => tensorSsim(a, b) }) },
  'MS-SSIM': {
    size: 161,
    tolerance: 1e-3,
    prepare: async () => ({ params: [], distance: (_, a, b) => tensorMsSsim(a, b) }),
  },
  'LPIPS (squeeze)': {
    size: 40,
    tolerance: 1e-3,
    prepare: async (backend) => ({
      params: await loadLpips(backend, lpipsFile, { backbone: 'squeeze' }),
      distance: lpips({ backbone: 'squeeze' }),
    }),
  },
  DISTS: {
    size: 16,
    tolerance: 1e-3,
    prepare: async (backend) => ({ params: await loadDists(backend, distsFile), distance: dists }),
  },
};

/** Value and gradient for the second image, in one compiled program. */
async function evaluate(backend: Backend, { size, prepare }: Loss): Promise<{ value: number; gradient: Float32Array }> {
  const { a, b } = syntheticPair(size, size);
  const [x, y] = [a, b].map(({ data }) =>
    tensor(
      backend,
      Float32Array.from(data, (v) => v / 255),
      [1, size, size, 3],
    ),
  ) as [Tensor, Tensor];
  const { params, distance } = await prepare(backend);
  const both = compile((p: unknown, fixed: Tensor, moving: Tensor) =>
    valueAndGrad((image: Tensor) => mean(distance(p, fixed, image)))(moving),
  );
  const { value, gradients } = both(params, x, y);
  return { value: await value.item(), gradient: (await gradients.data()) as Float32Array };
}

const webgpu = await webgpuUnderTest();
const backends = { ...backendsUnderTest(), ...(webgpu && { webgpu }) };

describe.each(Object.entries(backends))('metrics on %s', (_, open) => {
  it.each(Object.entries(losses))('%s and its gradient equal the reference', async (_, loss) => {
    const [reference, backend] = [cpu(), await open()];
    const [expected, actual] = [await evaluate(reference, loss), await evaluate(backend, loss)];
    expect(Math.abs(actual.value - expected.value)).toBeLessThan(1e-5 * Math.max(Math.abs(expected.value), 0.1));
    const scale = Math.max(...expected.gradient.map(Math.abs));
    expect(scale).toBeGreaterThan(0);
    const worst = expected.gradient.reduce((max, g, i) => Math.max(max, Math.abs(g - actual.gradient[i]!)), 0);
    expect(worst / scale).toBeLessThan(loss.tolerance);
    for (const used of [reference, backend]) used.dispose();
  });
});
