/** WebGPU in Node: Dawn, which the optional npm package `webgpu` brings. */
import { WebgpuError } from '../errors.ts';

// Not followed by bundlers: no page needs the package, and on servers it has to stay outside of bundles.
const importByName = (name: string): Promise<unknown> => import(/* @vite-ignore */ /* webpackIgnore: true */ name);

/**
 * A new GPU object in Node; undefined in browsers.
 *
 * @throws WebgpuError `WEBGPU_UNAVAILABLE` when the package is not installed or does not load.
 */
export async function nodeGpu(): Promise<GPU | undefined> {
  if (globalThis.process?.versions?.node === undefined) return undefined;
  try {
    const { create } = (await importByName('webgpu')) as {
      create(options: readonly string[]): GPU;
    };
    return create([]);
  } catch (cause) {
    throw new WebgpuError({
      code: 'WEBGPU_UNAVAILABLE',
      message: `webgpu: expected navigator.gpu, or the npm package 'webgpu' in Node, got: ${cause instanceof Error ? cause.message : String(cause)}`,
      fix: 'Install it with npm install webgpu, or pass { gpu }',
      cause,
    });
  }
}
