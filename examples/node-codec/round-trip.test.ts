/** The example runs in an empty project with nothing but packed tarballs installed. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { type PackedProject, packProject } from '../../tooling/pack-project.ts';

describe('examples/node-codec', () => {
  let project: PackedProject | undefined;
  afterAll(() => project?.dispose());

  it('round-trips a picture below 0.04 bits per pixel with the packed packages', async () => {
    project = await packProject({
      packages: ['@vqkit/codec', '@vqkit/backend-onnx', '@vqkit/weights-photo'],
      link: { 'onnxruntime-node': 'packages/backend-onnx' },
    });
    const { stdout } = await project.run(readFileSync(new URL('./round-trip.mjs', import.meta.url), 'utf8'));
    const [, bytes, bpp] = stdout.match(/^(\d+) bytes, ([\d.]+) bpp, 256×192$/m) ?? [];
    expect(Number(bytes)).toBeGreaterThan(0);
    expect(Number(bpp)).toBeLessThanOrEqual(0.04);
  });
});
