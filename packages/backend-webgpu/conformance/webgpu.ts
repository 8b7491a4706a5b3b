/** WebGPU in Node as a target of `npm run conformance -- --backend webgpu`, on whatever Vulkan driver there is. */
import type { ConformanceTarget } from '../../../tooling/conformance.ts';
import { webgpu } from '../src/index.ts';
import { openNodeGpu } from './lib/node-gpu.ts';

export default async function target(): Promise<ConformanceTarget> {
  const found = await openNodeGpu();
  if (found === undefined) return { skipped: 'this machine has no Vulkan driver, not even a software one' };
  const { gpu, adapter } = found;
  return { createBackend: () => webgpu({ gpu }), options: { timeoutMs: 120_000 }, adapter };
}
