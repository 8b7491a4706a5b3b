/** What the setup decides without installing anything. */
import { describe, expect, it } from 'vitest';
import { pinnedPnpm } from './lib/pnpm.mjs';
import { isSupportedNode } from './setup.mjs';

describe('setup', () => {
  it('accepts the Node versions of the manifests and no others', () => {
    const accepted = ['v20.19.0', 'v20.20.2', 'v22.12.0', 'v24.0.0', 'v26.1.0'];
    const refused = ['v18.20.0', 'v20.18.9', 'v21.7.0', 'v22.11.0'];
    expect(accepted.filter((version) => !isSupportedNode(version))).toEqual([]);
    expect(refused.filter((version) => isSupportedNode(version))).toEqual([]);
  });

  it('reads one exact version of pnpm from the root manifest', () => {
    expect(pinnedPnpm()).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
