import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeAlpha } from './alpha/alpha.ts';
import { inspect } from './container/inspect.ts';
import { readContainer } from './container/read-container.ts';
import { decodeIndices } from './decode-indices.ts';
import { BitstreamError } from './errors.ts';
import { type CodedIndices, entropyModes } from './index-map.ts';
import { loadPrior } from './prior/load-prior.ts';
import { mutate, repaired } from './testing/mutate.ts';
import { createRandom } from './training/random.ts';

const folder = new URL('./fixtures/', import.meta.url);
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)));
const files = readdirSync(fileURLToPath(folder))
  .filter((name) => name.endsWith('.vqk'))
  .map(read);
const prior = loadPrior(read('golden-64.vqp'));
const limits = { maxPixels: 2 ** 20, maxPackets: 64, maxIndices: 2 ** 14, prior };

/** Decodes everything; returns the code of the error that it ended in, or `decoded`. Other errors pass through. */
function outcome(action: () => void): string {
  try {
    action();
    return 'decoded';
  } catch (error) {
    if (!(error instanceof BitstreamError)) throw error;
    expect(error.message.length).toBeGreaterThan(10);
    expect(error.fix.length).toBeGreaterThan(5);
    return error.code;
  }
}

function decodeAll(bytes: Uint8Array): void {
  const { header, indices, alpha } = readContainer(bytes, limits);
  inspect(bytes, limits);
  if (alpha) expect(decodeAlpha(alpha, header.width, header.height).length).toBe(header.width * header.height);
  const { planes, codebookSizes, lost } = decodeIndices(indices, limits);
  planes.forEach((list, plane) => {
    expect(list.length).toBe(header.gridWidth * header.gridHeight);
    expect(list.every((index, i) => index < codebookSizes[plane]! || lost?.[i] === 1)).toBe(true);
  });
}

describe('hostile bytes', () => {
  it('end in indices or in a typed error: 3000 altered files', () => {
    const random = createRandom(20240229);
    const seen = new Set<string>();
    for (let trial = 0; trial < 3000; trial++) {
      const bytes = mutate(files[trial % files.length]!, random, random.below(6), files);
      seen.add(outcome(() => decodeAll(bytes)));
    }
    for (const code of [
      'NOT_A_VQK',
      'TRUNCATED',
      'CHECKSUM_MISMATCH',
      'HEADER_INVALID',
      'UNSUPPORTED_FEATURE',
      'decoded',
    ]) {
      expect(seen).toContain(code);
    }
  });

  it('end in indices or in a typed error when their checksum was made to fit: 3000 altered files', () => {
    const random = createRandom(7);
    const seen = new Set<string>();
    for (let trial = 0; trial < 3000; trial++) {
      const bytes = repaired(mutate(files[trial % files.length]!, random, random.below(6), files));
      seen.add(outcome(() => decodeAll(bytes)));
    }
    for (const code of ['LIMIT_EXCEEDED', 'PAYLOAD_INVALID', 'PRIOR_MISMATCH', 'decoded']) expect(seen).toContain(code);
  });

  it('of random content end in a typed error: 1000 files', () => {
    const random = createRandom(8);
    for (let trial = 0; trial < 1000; trial++) {
      const bytes = Uint8Array.from({ length: random.below(200) }, () => random.below(256));
      if (trial % 2 === 0) bytes.set([0x76, 0x71, 0x6b, 1, random.below(128)].slice(0, bytes.length));
      expect(outcome(() => decodeAll(trial % 4 === 0 ? repaired(bytes) : bytes))).not.toBe('');
    }
  });

  it('as coded indices end in indices or in a typed error, whatever the shape claims: 1000 payloads', () => {
    const random = createRandom(9);
    const sizes = [1, 2, 3, 64, 1000, 70_000];
    for (let trial = 0; trial < 1000; trial++) {
      const packets = Array.from({ length: 1 + random.below(4) }, () => {
        if (random.below(5) === 0) return undefined;
        return Uint8Array.from({ length: random.below(60) }, () => (random.below(3) === 0 ? 255 : random.below(256)));
      });
      const coded: CodedIndices = {
        width: 1 + random.below(40),
        height: 1 + random.below(40),
        codebookSizes: Array.from({ length: 1 + random.below(3) }, () => sizes[random.below(sizes.length)]!),
        mode: entropyModes[random.below(4)]!,
        priorId: random.below(2) === 0 ? prior.id : undefined,
        step: random.below(packets.length),
        packets,
      };
      outcome(() => decodeIndices(coded, limits));
    }
  });

  it('as coded alpha end in a plane or in a typed error: 500 payloads', () => {
    const random = createRandom(10);
    for (let trial = 0; trial < 500; trial++) {
      const bytes = Uint8Array.from({ length: random.below(40) }, (_, i) =>
        i === 0 ? random.below(3) : random.below(256),
      );
      outcome(() => decodeAlpha(bytes, 1 + random.below(50), 1 + random.below(50)));
    }
  });
});
