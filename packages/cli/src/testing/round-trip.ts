/** Commands that must succeed, and a picture there and back by weights that were just trained. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import { runHere } from './run-here.ts';

/** Runs a command that must succeed. @returns What it says as JSON, if it does. */
export async function run(...args: string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await runHere(args);
  expect(status, stderr).toBe(0);
  return stdout.startsWith('{') ? (JSON.parse(stdout) as Record<string, unknown>) : {};
}

const greyOf = async (file: string): Promise<Uint8Array> =>
  new Uint8Array(await sharp(file).removeAlpha().greyscale().raw().toBuffer());

/** Codes a picture with weights of a folder, and restores it on two backends: the same picture on both, in grey. */
export async function roundTrip(
  picture: string,
  weights: string,
): Promise<{ facts: Record<string, unknown>; pixels: Uint8Array }> {
  const file = `${weights}.vqk`;
  await run('encode', picture, '-o', file, '--weights', weights, '--backend', 'onnx');
  const facts = await run('inspect', file, '--json');
  const restored: Uint8Array[] = [];
  for (const backend of ['onnx', 'cpu']) {
    const png = `${weights}-${backend}.png`;
    await run('decode', file, '-o', png, '--weights', weights, '--backend', backend);
    restored.push(await greyOf(png));
  }
  // Float rounding may move a value by one.
  const difference = Math.max(...restored[0]!.map((value, i) => Math.abs(value - restored[1]![i]!)));
  expect(difference).toBeLessThanOrEqual(1);
  const manifest = JSON.parse(await readFile(join(weights, 'manifest.json'), 'utf8')) as { id: string };
  expect(facts.modelId).toBe(manifest.id);
  return { facts, pixels: restored[0]! };
}
