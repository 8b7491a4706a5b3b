/**
 * A training run as a process of its own, for tests that kill it: the recipe `photo` with tiny networks, which says each
 * step on standard output and saves after each. SIGINT and SIGTERM stop it in order.
 *
 * Arguments: folder of photos, LPIPS weights, output folder, steps.
 */
import { onnx } from '@vqkit/backend-onnx';
import { tinyNetwork } from '../../../../tooling/tiny-photo.ts';
import { train } from '../loop/train.ts';
import { photoRecipe } from '../recipes/photo/photo.ts';

/** Steps before quantization starts. */
export const tinyWarmup = 6;

/** Runs and sets the exit status: 0, or 1 after saying the error's code. */
async function main([data, lpipsWeights, out, steps]: readonly string[]): Promise<void> {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => controller.abort());
  const recipe = photoRecipe({
    data: data!,
    lpipsWeights: lpipsWeights!,
    steps: Number(steps),
    batch: 1,
    crop: 48,
    codes: 16,
    warmup: tinyWarmup,
    network: tinyNetwork,
  });
  const backend = await onnx({ threads: 1 });
  try {
    const { reason, step, skipped } = await train(recipe, {
      backend,
      out: out!,
      resume: true,
      checkpointMinutes: 0,
      logSteps: 1,
      signal: controller.signal,
      onProgress: (event) => process.stdout.write(`step ${event.step}\n`),
    });
    process.stdout.write(`${reason} ${step} skipped ${skipped.length}\n`);
  } catch (error) {
    process.stdout.write(`error ${(error as { code?: string }).code}\n`);
    process.exitCode = 1;
  } finally {
    backend.dispose();
  }
}

if (process.argv[1]?.endsWith('tiny-photo-run.ts')) await main(process.argv.slice(2));
