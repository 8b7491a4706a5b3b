/**
 * The backends that tests of packages above core compare with the reference: onnxruntime's CPU always, and those named in
 * `VQKIT_TEST_BACKENDS`, e.g. `webgpu,tfjs-cpu` (targets of `npm run conformance`).
 */
import type { Backend } from '@vqkit/core';
import type { ConformanceModule, ConformanceTarget } from './conformance.ts';

/** Backends by name; a backend that was asked for and is not there fails the tests that open it. */
export function backendsUnderTest(): Record<string, () => Promise<Backend>> {
  const asked = (process.env.VQKIT_TEST_BACKENDS ?? '').split(',').filter((name) => name !== '');
  return Object.fromEntries([...new Set(['onnx', ...asked])].map((name) => [name, () => openTarget(name)]));
}

/**
 * WebGPU in Node, for tests that also run on it where there is a driver.
 *
 * @returns How to open it; undefined where this machine has no Vulkan driver, not even a software one.
 */
export async function webgpuUnderTest(): Promise<(() => Promise<Backend>) | undefined> {
  const outcome = await targetOf('webgpu');
  return 'createBackend' in outcome ? async () => outcome.createBackend() : undefined;
}

async function targetOf(name: string): Promise<ConformanceTarget> {
  const family = name.split('-')[0]!;
  const file = new URL(`../packages/backend-${family}/conformance/${name}.ts`, import.meta.url).href;
  const { default: target } = (await import(file)) as { default: ConformanceModule };
  return target({ filter: '', log: () => undefined });
}

async function openTarget(name: string): Promise<Backend> {
  const outcome = await targetOf(name);
  if ('createBackend' in outcome) return outcome.createBackend();
  throw new Error(`${name}: ${'skipped' in outcome ? outcome.skipped : 'runs in a browser, not here'}`);
}
