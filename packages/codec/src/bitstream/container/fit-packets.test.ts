import { describe, expect, it } from 'vitest';
import { decodeIndices } from '../decode-indices.ts';
import { encodeIndices } from '../encode-indices.ts';
import { codeOf } from '../testing/code-of.ts';
import { syntheticMap } from '../testing/synthetic-maps.ts';
import { fitPackets, fitPacketsSteps } from './fit-packets.ts';
import { readContainer } from './read-container.ts';
import { type ContainerContent, splitContainer, writeContainer } from './write-container.ts';

describe('packets of a size', () => {
  const map = syntheticMap({ width: 48, height: 32, codebookSizes: [1024], seed: 1, noise: 1 });
  const content = (packets: number): ContainerContent => {
    const indices = encodeIndices(map, { packets, mode: 'uniform' });
    return { width: 768, height: 512, modelId: Uint8Array.of(1, 2, 3, 4), indices };
  };

  it('are never larger, and few: 340 bytes for a satellite, 222 for LoRa', () => {
    // 1920 bytes of payload.
    for (const [packetBytes, least] of [
      [340, 6],
      [222, 9],
      [64, 32],
    ] as const) {
      for (const parity of [0, 3]) {
        const fitted = fitPackets((packets) => ({ ...content(packets), parity }), packetBytes);
        const { header, packets } = splitContainer(fitted);
        for (const part of [header, ...packets]) expect(part.length).toBeLessThanOrEqual(packetBytes);
        expect(fitted.indices.packets.length).toBeGreaterThanOrEqual(least);
        expect(fitted.indices.packets.length).toBeLessThanOrEqual(Math.ceil(least * 1.2));
        expect(packets.length).toBe(fitted.indices.packets.length + parity);
        expect(decodeIndices(readContainer(writeContainer(fitted)).indices).planes[0]).toEqual(map.planes[0]);
      }
    }
  });

  it('are found in steps, one for each number that does not do', () => {
    const tried: number[] = [];
    const steps = fitPacketsSteps((packets) => {
      tried.push(packets);
      return content(packets);
    }, 222);
    let turns = 0;
    while (!steps.next().done) turns++;
    expect(tried.length).toBeGreaterThan(1);
    expect(turns).toBe(tried.length - 1);
  });

  it('are one without a frame when the file is small enough', () => {
    expect(fitPackets(content, 2000).indices.packets.length).toBe(1);
    expect(splitContainer(fitPackets(content, 2000)).packets).toEqual([]);
  });

  it('are refused where nothing can be that small', () => {
    expect(codeOf(() => fitPackets(content, 31))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => fitPackets(content, Number.NaN))).toBe('VALUE_OUT_OF_RANGE');
    const named = (packets: number): ContainerContent => ({ ...content(packets), modelName: 'x'.repeat(99) });
    expect(codeOf(() => fitPackets(named, 64))).toBe('VALUE_OUT_OF_RANGE');
    const alpha = (packets: number): ContainerContent => ({ ...content(packets), alpha: new Uint8Array(500) });
    expect(codeOf(() => fitPackets(alpha, 340))).toBe('VALUE_OUT_OF_RANGE');
    const parity = (packets: number): ContainerContent => ({ ...content(packets), parity: 240 });
    expect(codeOf(() => fitPackets(parity, 100))).toBe('VALUE_OUT_OF_RANGE');
  });
});
