import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { decodeAlpha } from './alpha/alpha.ts';
import { readContainer } from './container/read-container.ts';
import { decodeIndices } from './decode-indices.ts';
import { loadPrior } from './prior/load-prior.ts';
import { decodeByTheBook } from './testing/document-decoder.ts';
import { type GoldenFile, hashLists } from './testing/golden.ts';

const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)));
const list: GoldenFile[] = JSON.parse(new TextDecoder().decode(read('golden.json')));
const priorFile = read('golden-64.vqp');

describe('golden files', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(list)('$file decodes to the indices that were recorded', ({ file, fileHash, indicesHash, alphaHash }) => {
    const bytes = read(file);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(fileHash);
    const { header, indices, alpha } = readContainer(bytes);
    const { planes, lost } = decodeIndices(indices, { prior: loadPrior(priorFile) });
    expect(lost).toBeUndefined();
    expect(hashLists(planes)).toBe(indicesHash);
    if (alphaHash) expect(hashLists([decodeAlpha(alpha!, header.width, header.height)])).toBe(alphaHash);
    else expect(alpha).toBeUndefined();
  });

  it.each(list)('$file decodes to the same indices by the documentation', ({ file, indicesHash }) => {
    expect(hashLists(decodeByTheBook(read(file), priorFile)!)).toBe(indicesHash);
  });

  it('decode without any function that engines may round differently', () => {
    for (const name of ['exp', 'log', 'log2', 'pow', 'sqrt', 'sin', 'cos', 'tanh', 'random', 'hypot'] as const) {
      vi.spyOn(Math, name).mockImplementation(() => {
        throw new Error(`Math.${name} was called`);
      });
    }
    for (const { file, indicesHash } of list) {
      const { planes } = decodeIndices(readContainer(read(file)).indices, { prior: loadPrior(priorFile) });
      expect(hashLists(planes)).toBe(indicesHash);
    }
  });

  it('cover every mode, with and without a prior', () => {
    const kinds = new Set(
      list
        .map(({ file }) => readContainer(read(file)).header)
        .map(({ mode, priorId }) => `${mode} ${priorId !== undefined}`),
    );
    expect([...kinds].sort()).toEqual([
      'adaptive false',
      'mixing false',
      'mixing true',
      'static true',
      'uniform false',
    ]);
  });

  it('say everything that a header can say', () => {
    const { header } = readContainer(read('packets-alpha.vqk'));
    expect(header).toEqual({
      version: 1,
      width: 40,
      height: 30,
      orientation: 6,
      isGrey: true,
      hasAlpha: true,
      modelId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      modelName: 'golden',
      gridWidth: 20,
      gridHeight: 13,
      codebookSizes: [64],
      mode: 'mixing',
      priorId: loadPrior(priorFile).id,
      packets: 5,
      step: 2,
      parity: 0,
      tiles: { width: 8, height: 8, overlap: 2 },
      metadata: new TextEncoder().encode('{"a":1}'),
    });
  });
});
