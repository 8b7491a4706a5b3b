import { layPackets, ownerOf } from '@vqkit/codec/bitstream';
import { random } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { randomHoles } from './holes.ts';

const [height, width] = [24, 32];
const maps = Array.from({ length: 400 }, (_, i) => randomHoles(random(i), height, width));
const shareOf = (holes: Float32Array): number => holes.reduce((sum, flag) => sum + flag, 0) / holes.length;

/** Who owns a position, for 2 to 64 packets. */
const owners = Array.from({ length: 63 }, (_, i) => ownerOf(layPackets(width, height, 2 + i)));

/** Whether holes are whole packets, up to eight as the codec deals them out, and at most one stray. */
function isBurst(holes: Float32Array): boolean {
  for (let count = 2; count <= 64; count++) {
    const owner = owners[count - 2]!;
    const packets = Array.from({ length: count }, () => ({ size: 0, lost: 0 }));
    holes.forEach((flag, at) => {
      const packet = packets[owner(at % width, Math.floor(at / width))]!;
      packet.size++;
      packet.lost += flag;
    });
    const whole = packets.filter(({ size, lost }) => size > 1 && lost === size).length;
    const rest = packets.filter(({ size, lost }) => lost !== size).reduce((sum, { lost }) => sum + lost, 0);
    if (whole >= 1 && whole <= 8 && rest <= 1) return true;
  }
  return false;
}

describe('randomHoles', () => {
  it('takes away something of every map, from little to nearly all', () => {
    const shares = maps.map(shareOf);
    expect(Math.min(...shares)).toBeGreaterThan(0);
    expect(shares.filter((share) => share < 0.1).length).toBeGreaterThan(40);
    expect(shares.filter((share) => share > 0.9).length).toBeGreaterThan(20);
    expect(maps.every((holes) => holes.every((flag) => flag === 0 || flag === 1))).toBe(true);
  });

  it('takes away packets of the codec in a quarter of the maps', () => {
    const bursts = maps.filter(isBurst).length;
    expect(bursts).toBeGreaterThan(75);
    expect(bursts).toBeLessThan(125);
  });

  it('is the same for the same stream', () => {
    expect(randomHoles(random(7), height, width)).toEqual(maps[7]);
  });
});
