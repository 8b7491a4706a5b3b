/** How a native runtime becomes a target, with packages that stand in for it. */
import { describe, expect, it } from 'vitest';
import { tfjsCpu, tfjsNode } from '../../src/index.ts';
import { openNative } from './native.ts';
import { hasTfjs, needsTfjs } from './with-tfjs.ts';

describe('openNative', () => {
  it('counts a package that is missing as skipped', async () => {
    const missing = '@tensorflow/tfjs-that-nobody-has';
    const target = await openNative(
      missing,
      ({ load }) => tfjsNode({ load: () => load!(missing) }),
      () => {},
    );
    expect(target).toEqual({ skipped: 'not installed' });
  });

  it.skipIf(!hasTfjs)(
    `prints the device and the table of differences of one that is installed ${needsTfjs}`,
    async () => {
      const lines: string[] = [];
      const target = await openNative('@tensorflow/tfjs-core', tfjsCpu, (line) => void lines.push(line));
      expect(lines[0]).toBe('device: CPU (plain JavaScript)');
      expect(lines[1]).toMatch(/^\| cpu \| contract \| tfjs 4\./);
      expect(target).toHaveProperty('createBackend');
    },
  );
});
