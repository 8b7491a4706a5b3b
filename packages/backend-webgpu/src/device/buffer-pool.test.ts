import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.ts';
import { Failures } from './failures.ts';

/** As much of a device as the pool uses. */
function fakeDevice(): { device: GPUDevice; destroyed: number[] } {
  const destroyed: number[] = [];
  const device = {
    limits: { maxBufferSize: 4096 },
    lost: new Promise(() => {}),
    pushErrorScope: () => {},
    popErrorScope: async () => null,
    createBuffer: ({ size }: { size: number }) => ({ size, destroy: () => destroyed.push(size) }),
  };
  return { device: device as unknown as GPUDevice, destroyed };
}

function makePool(maxIdleBytes: number): { pool: BufferPool; destroyed: number[] } {
  const { device, destroyed } = fakeDevice();
  return { pool: new BufferPool(device, new Failures(device), maxIdleBytes), destroyed };
}

describe('BufferPool', () => {
  it('gives a freed buffer to the next request of its size, and to no other', () => {
    const { pool } = makePool(1024);
    const first = pool.acquire(100);
    pool.release(first);
    expect(pool.acquire(200)).not.toBe(first);
    expect(pool.acquire(100)).toBe(first);
    expect(pool.statistics).toMatchObject({ buffers: 2, idleBytes: 0 });
  });

  it('rounds sizes to whole vec4s, so that 97 to 112 bytes share buffers', () => {
    const { pool } = makePool(1024);
    const first = pool.acquire(97);
    expect(first.bytes).toBe(112);
    pool.release(first);
    expect(pool.acquire(112)).toBe(first);
    expect(pool.acquire(0).bytes).toBe(16);
  });

  it('gives up the oldest idle buffers beyond its cap, and destroys them when told that a submit is over', () => {
    const { pool, destroyed } = makePool(512);
    const buffers = [256, 128, 192].map((bytes) => pool.acquire(bytes));
    for (const buffer of buffers) pool.release(buffer);
    expect(pool.statistics).toMatchObject({ idleBytes: 320, buffers: 2, bytes: 320, peakBytes: 576 });
    expect(destroyed).toEqual([]);
    pool.destroyDoomed();
    expect(destroyed).toEqual([256]);
  });

  it('gives up everything idle when trimmed', () => {
    const { pool, destroyed } = makePool(4096);
    const kept = pool.acquire(64);
    pool.release(pool.acquire(128));
    pool.trim();
    pool.destroyDoomed();
    expect(destroyed).toEqual([128]);
    expect(pool.statistics).toMatchObject({ buffers: 1, bytes: kept.bytes, idleBytes: 0 });
    pool.resetPeak();
    expect(pool.statistics.peakBytes).toBe(64);
  });

  it('refuses buffers beyond the largest of the device', () => {
    const { pool } = makePool(4096);
    expect(() => pool.acquire(4097)).toThrow(expect.objectContaining({ code: 'TENSOR_TOO_LARGE' }));
  });
});
