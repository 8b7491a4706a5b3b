/**
 * Weights files: every format gives the same values, nothing in them is executed, and damage ends in typed errors.
 * The fixtures are made by `scripts/make-weight-fixtures.py` with PyTorch 1.13 and NumPy 1.24.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { random, writeSafetensors } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { makePipe } from '../../../../tooling/make-pipe.ts';
import { startOddServer } from '../../../../tooling/odd-server.ts';
import { WeightsError } from '../errors.ts';
import { folderCache } from './cache.ts';
import { knownDigest, knownFiles, requireSource } from './known-files.ts';
import { readSource } from './source.ts';
import { openStateDictionary } from './state-dictionary.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing thrown',
    (error: unknown) => (error instanceof WeightsError ? error.code : String(error)),
  );

describe('PyTorch files', () => {
  it.each(['state.pth', 'state-legacy.pth'])(
    '%s gives contiguous values of views, halves and doubles',
    async (name) => {
      const file = await openStateDictionary(fixture(name));
      const counting = Array.from({ length: 24 }, (_, i) => i);
      expect([...(await file.read('conv.weight', [2, 3, 4]))]).toEqual(counting);
      const turned = await file.read('conv.turned', [4, 2, 3]);
      expect([...turned]).toEqual(counting.map((i) => (i % 6) * 4 + Math.floor(i / 6)));
      expect([...(await file.read('conv.part', [2, 4]))]).toEqual([16, 17, 18, 19, 20, 21, 22, 23]);
      expect([...(await file.read('half', [3]))]).toEqual([0.5, -2, 65504]);
      expect((await file.read('brain', [2]))[0]).toBe(1.5);
      expect([...(await file.readDouble('double', [2]))]).toEqual([0.1, 1e300]);
      expect([...(await file.read('parameter', [2]))]).toEqual([1, 2]);
      expect(await codeOf(file.read('count', []))).toBe('WEIGHTS_MISMATCH');
    },
  );

  it('are found inside nested dictionaries and with attributes', async () => {
    const nested = await openStateDictionary(fixture('nested.pth'));
    expect([...(await nested.read('state_dict.conv.part', [1, 2, 4, 1]))]).toEqual([16, 17, 18, 19, 20, 21, 22, 23]);
    const module = await openStateDictionary(fixture('module.pth'));
    expect(module.names).toEqual(['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']);
    expect([...(await module.read('running_var', [2]))]).toEqual([1, 1]);
  });

  it('run no code: calls and whole models are refused', async () => {
    expect(await codeOf(openStateDictionary(fixture('attack.pth')))).toBe('PICKLE_UNSAFE');
    expect(await codeOf(openStateDictionary(fixture('whole-model.pth')))).toBe('PICKLE_UNSAFE');
  });

  it.each(['state.pth', 'state-legacy.pth', 'arrays.npz', 'arrays-deflated.npz'])(
    'and others, damaged anywhere (%s), end in a typed error or in values',
    async (name) => {
      const bytes = await readFile(fixture(name));
      const stream = random(11);
      const attempt = async (damagedBytes: Uint8Array): Promise<void> => {
        const file = await openStateDictionary(damagedBytes);
        for (const tensor of file.names) await file.read(tensor, [2, 3, 4]);
      };
      for (let i = 0; i < 300; i++) {
        const copy = Uint8Array.from(bytes);
        for (let k = 0; k < 3; k++) copy[stream.integer(copy.length)] = stream.integer(256);
        const part = i % 3 === 0 ? copy.subarray(0, stream.integer(copy.length)) : copy;
        expect(await codeOf(attempt(part))).toMatch(/^(WEIGHTS_|PICKLE_|nothing)/);
      }
    },
  );
});

describe('other files', () => {
  it.each(['arrays.npz', 'arrays-deflated.npz'])('%s gives its arrays', async (name) => {
    const file = await openStateDictionary(fixture(name));
    expect([...(await file.readDouble('mean', [3]))]).toEqual([0, 1 / 7, 2 / 7]);
    expect([...(await file.read('matrix', [2, 3]))]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('safetensors give their tensors; wrong names and shapes are told', async () => {
    const bytes = writeSafetensors({ a: { data: Float32Array.of(1, 2), shape: [2], dtype: 'f32' } });
    const file = await openStateDictionary(bytes);
    expect([...(await file.read('a', [2]))]).toEqual([1, 2]);
    expect(await codeOf(file.read('b', [2]))).toBe('WEIGHTS_MISMATCH');
    expect(await codeOf(file.read('a', [3]))).toBe('WEIGHTS_MISMATCH');
    expect(await codeOf(openStateDictionary(bytes.subarray(0, 20)))).toBe('WEIGHTS_DAMAGED');
    expect(await codeOf(openStateDictionary(new Uint8Array(0)))).toBe('WEIGHTS_DAMAGED');
  });
});

describe('readSource', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
  const serve: typeof fetch = async (address) =>
    String(address).endsWith('missing') ? new Response(null, { status: 404 }) : new Response(bytes);

  it('takes paths, file URLs, Blobs, buffers and URLs, and tells its progress', async () => {
    const path = fixture('state.pth');
    const content = await readFile(path);
    expect(content.equals(await readSource(path))).toBe(true);
    expect(content.equals(await readSource(pathToFileURL(path)))).toBe(true);
    expect(await readSource(bytes.buffer as ArrayBuffer)).toEqual(bytes);
    const seen: number[] = [];
    const options = { onProgress: ({ loadedBytes }: { loadedBytes: number }) => void seen.push(loadedBytes) };
    expect(await readSource(new Blob([bytes]), options)).toEqual(bytes);
    expect(await readSource('https://example.org/file', { ...options, fetch: serve })).toEqual(bytes);
    expect(seen.at(-1)).toBe(1000);
  });

  it('says what is missing, damaged or aborted', async () => {
    expect(await codeOf(readSource('/no/such/file.pth'))).toBe('WEIGHTS_MISSING');
    expect(await codeOf(readSource('https://example.org/missing', { fetch: serve }))).toBe('WEIGHTS_MISSING');
    expect(await codeOf(readSource(bytes, { sha256: '0123' }))).toBe('CHECKSUM_MISMATCH');
    const signal = AbortSignal.abort(new Error('enough'));
    expect(await codeOf(readSource(bytes, { signal }))).toContain('enough');
  });

  it('reads no pipes and devices, and gives up servers that never answer', async () => {
    const folder = await mkdtemp(`${tmpdir()}/vqkit-pipe-`);
    await makePipe(`${folder}/weights.pth`);
    for (const path of [`${folder}/weights.pth`, '/dev/zero', folder, pathToFileURL('/dev/zero')])
      expect(await codeOf(readSource(path)), String(path)).toBe('WEIGHTS_MISSING');
    await rm(folder, { recursive: true });
    const server = await startOddServer();
    for (const way of ['short', 'circle', 'gone'])
      expect(await codeOf(readSource(`${server.origin}/${way}`)), way).toBe('WEIGHTS_MISSING');
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 20);
    expect(await codeOf(readSource(`${server.origin}/silent`, { signal: stop.signal }))).toContain('enough');
    await server.stop();
  });

  it('does without a cache that cannot keep', async () => {
    const cache = { get: async () => undefined, put: () => Promise.reject(new Error('the disc is full')) };
    expect(await readSource('https://example.org/file', { cache, fetch: serve })).toEqual(bytes);
  });

  it('keeps downloads in a folder and checks them again', async () => {
    const folder = await mkdtemp(`${tmpdir()}/vqkit-cache-`);
    try {
      let requests = 0;
      const options = {
        cache: folderCache(`${folder}/weights`),
        fetch: (async (address) => {
          requests++;
          return serve(address);
        }) as typeof fetch,
      };
      const url = 'https://example.org/a/file.safetensors?x=1';
      expect(await readSource(url, options)).toEqual(bytes);
      expect(new Uint8Array(await readSource(url, options))).toEqual(bytes);
      expect(requests).toBe(1);
      expect(await codeOf(readSource(url, { ...options, sha256: 'ffff' }))).toBe('CHECKSUM_MISMATCH');
      expect(requests).toBe(2);
      expect(await readdir(`${folder}/weights`)).toEqual(['example.org_a_file.safetensors_x_1']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('knows the digests of official files by URL and by name', () => {
    expect(knownDigest('/home/me/vgg16-397923af.pth')).toBe('397923af');
    expect(knownDigest('C:\\weights\\vgg16-397923af.pth')).toBe('397923af');
    expect(knownDigest(knownFiles['lpips-alex'].url)).toBe('df73285e');
    expect(knownDigest('/home/me/alex.pth')).toBeUndefined();
    expect(() => requireSource('fid', 'inception', undefined)).toThrow(/pt_inception-2015-12-05-6726825d\.pth/);
  });
});

describe('archives and pickles that ask for more than they hold', () => {
  it.each([
    [
      'members that share their bytes',
      () =>
        zip(
          Array.from({ length: 100 }, (_, i) => `${i}.npy`),
          { isShared: true },
        ),
    ],
    ['a name twice', () => zip(['a.npy', 'a.npy'])],
    ['a member that unpacks to far more', () => zip(['state/data.pkl'], { bytes: new Uint8Array(2 ** 28) })],
  ])('are refused: %s', async (_, make) => {
    expect(await codeOf(openStateDictionary(make()))).toBe('WEIGHTS_DAMAGED');
  });

  it('are refused: pickles of too many values', async () => {
    const lists = new Uint8Array(2 ** 22).fill(']'.charCodeAt(0));
    expect(await codeOf(openStateDictionary(zip(['state/data.pkl'], { bytes: lists })))).toBe('WEIGHTS_DAMAGED');
  });

  it('are refused: pickles that copy one long list again and again', async () => {
    // A list of 2¹⁶ numbers is remembered, then made into a dictionary 2¹⁶ times.
    const list = `(${'K\x01'.repeat(2 ** 16)}tq\x00`;
    const calls = 'ccollections\nOrderedDict\nh\x00\x85R'.repeat(2 ** 16);
    const bytes = Buffer.from(`${list}${calls}.`, 'latin1');
    expect(await codeOf(openStateDictionary(zip(['state/data.pkl'], { bytes })))).toBe('WEIGHTS_DAMAGED');
  });

  it('are refused: dictionaries nested deeper than a stack', async () => {
    const deep = Buffer.from(`${'}U\x01a'.repeat(50_000)}}${'s'.repeat(50_000)}.`, 'latin1');
    expect(await codeOf(openStateDictionary(zip(['state/data.pkl'], { bytes: deep })))).toBe('WEIGHTS_DAMAGED');
  });
});

/** A ZIP archive whose members are deflated zeros, or these bytes. @see APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16 */
function zip(
  names: readonly string[],
  { bytes = new Uint8Array(1000), isShared = false }: { bytes?: Uint8Array; isShared?: boolean } = {},
): Uint8Array {
  const content = deflateRawSync(bytes);
  const locals = names.slice(0, isShared ? 1 : names.length).map((name) => {
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50);
    head.writeUInt16LE(8, 8);
    head.writeUInt16LE(name.length, 26);
    return Buffer.concat([head, Buffer.from(name), content]);
  });
  let offset = 0;
  const directory = names.map((name, i) => {
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(content.length, 20);
    entry.writeUInt32LE(bytes.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(isShared ? 0 : offset, 42);
    offset += locals[i]?.length ?? 0;
    return Buffer.concat([entry, Buffer.from(name)]);
  });
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(names.length, 8);
  end.writeUInt16LE(names.length, 10);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...locals, ...directory, end]));
}
