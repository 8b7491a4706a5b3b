import { describe, expect, it } from 'vitest';
import { hasPeer, importPeer } from './peers.ts';

describe('peers', () => {
  it('are what lies in their own folder, not what the workspace has under that name', async () => {
    // at the root, above the folder of peers
    expect(hasPeer('vitest')).toBe(false);
    expect(hasPeer('@biomejs/biome')).toBe(false);
    await expect(importPeer('vitest')).rejects.toMatchObject({ code: 'PEER_MISSING' });
  });
});
