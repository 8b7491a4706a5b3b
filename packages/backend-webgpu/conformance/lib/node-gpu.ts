/**
 * A GPU in Node for tests and benchmarks: whatever Vulkan driver the machine has, a software one (Mesa's lavapipe)
 * included, and at last the SwiftShader that comes with Chromium.
 */
import { existsSync } from 'node:fs';
import { create, globals } from 'webgpu';

const swiftShaders = ['/usr/lib/chromium/vk_swiftshader_icd.json', '/opt/google/chrome/vk_swiftshader_icd.json'];

/** What was found. */
export interface NodeGpu {
  readonly gpu: GPU;
  readonly info: GPUAdapterInfo;
  /** The adapter's name, for people. */
  readonly adapter: string;
  readonly features: readonly string[];
}

async function probe(): Promise<NodeGpu | undefined> {
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return undefined;
  const { vendor, architecture, description } = adapter.info;
  const name = `${vendor} ${architecture} ${description}`;
  return { gpu, info: adapter.info, adapter: name, features: [...adapter.features] };
}

/** Opens a GPU; undefined when this machine has no Vulkan driver at all. */
export async function openNodeGpu(): Promise<NodeGpu | undefined> {
  const found = await probe();
  if (found) return found;
  const fallback = swiftShaders.find((file) => existsSync(file));
  if (fallback === undefined) return undefined;
  process.env.VK_ICD_FILENAMES = fallback;
  return probe();
}

/** Puts `navigator.gpu` and WebGPU's constants where libraries for browsers look for them. */
export function pretendBrowser(gpu: GPU): void {
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
}
