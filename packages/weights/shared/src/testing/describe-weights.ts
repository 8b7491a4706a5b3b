/** What every weights package proves: its files are what the table says, in Node and as a browser gets them; whatever goes wrong is told apart. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startOddServer } from '../../../../../tooling/odd-server.ts';
import type { Contents, Entry, FetchFile, FromOptions, LoadProgress } from '../open-source.ts';

/** An entry, whatever the names of its files are. */
interface AnyEntry extends Pick<Entry<Contents>, 'load'>, Pick<Contents, 'files'> {
  from(source: string | URL | FetchFile, options?: FromOptions): Pick<Entry<Contents>, 'load'>;
}

/** What is tried. */
export interface WeightsUnderTest {
  readonly node: AnyEntry;
  readonly web: AnyEntry;
  /** Of the files. */
  readonly folder: URL;
  /** The smallest of the files. */
  readonly small: string;
  /** Files of the folder that are of other entries. */
  readonly others?: readonly string[];
}

// Large arrays are compared by their digests: element by element takes minutes.
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Describes a weights package. */
export function describeWeights({ node, web, folder, small, others = [] }: WeightsUnderTest): void {
  describe('the table of files', () => {
    it('has the size and the digest of every file of the package, and a literal address that bundlers find', () => {
      const sources = readdirSync(new URL('../src/', folder)).map((name) => new URL(`../src/${name}`, folder));
      const source = sources.map((file) => readFileSync(file, 'utf8')).join('');
      const names = Object.keys(node.files);
      expect([...names, ...others].sort()).toEqual(readdirSync(folder).sort());
      for (const name of names) {
        const bytes = readFileSync(new URL(name, folder));
        const sha256 = digestOf(bytes);
        expect(node.files[name]).toEqual({ url: new URL(name, folder), bytes: bytes.length, sha256 });
        expect(source).toContain(`new URL('../files/${name}', import.meta.url)`);
      }
    });

    it('exports the same from both entries', () => {
      expect(Object.keys(web).sort()).toEqual(Object.keys(node).sort());
    });
  });

  describe('in Node', () => {
    it('reads from disk, and from a folder that is named', async () => {
      expect(digestOf(await node.load(small))).toBe(node.files[small]!.sha256);
      expect(digestOf(await node.from(fileURLToPath(folder)).load(small))).toBe(node.files[small]!.sha256);
      expect(digestOf(await node.from(folder).load(small))).toBe(node.files[small]!.sha256);
    });

    it('says which file is not there, and which files there are', async () => {
      const missing = node.from('/nowhere').load(small);
      await expect(missing).rejects.toMatchObject({ code: 'WEIGHTS_UNREACHABLE', cause: { code: 'ENOENT' } });
      await expect(missing).rejects.toThrow(`file:///nowhere/${small}`);
      await expect(node.load(`${small}-`)).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
    });

    it('stops when asked to', async () => {
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(node.load(small, { signal })).rejects.toThrow('enough');
    });
  });

  describe('by fetch', () => {
    let server: Server;
    let origin: string;
    const answers: Record<string, (name: string) => { status?: number; type?: string; body: Uint8Array | string }> = {
      whole: (name) => ({ body: readFileSync(new URL(name, folder)) }),
      page: () => ({ type: 'text/html', body: '<!doctype html>' }),
      half: (name) => ({ body: readFileSync(new URL(name, folder)).subarray(0, 1000) }),
      long: (name) => ({ body: Buffer.concat([readFileSync(new URL(name, folder)), Buffer.of(1)]) }),
      other: (name) => ({ body: readFileSync(new URL(name, folder)).fill(7) }),
    };
    beforeAll(async () => {
      server = createServer((request, response) => {
        const [, how = '', name = ''] = request.url!.split('/');
        if (how === 'broken') {
          response.writeHead(200, { 'Content-Length': 1000 });
          response.write('a');
          setImmediate(() => response.destroy());
          return;
        }
        const {
          status = 200,
          type = 'application/octet-stream',
          body,
        } = answers[how]?.(name) ?? { status: 404, body: '' };
        response.writeHead(status, { 'Content-Type': type }).end(body);
      });
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => void server.close());
    afterEach(() => vi.unstubAllGlobals());

    it('gives the file and how far it is, from an address or a function', async () => {
      const events: LoadProgress[] = [];
      const onProgress = (event: LoadProgress): void => void events.push(event);
      expect(digestOf(await web.from(`${origin}/whole`, { onProgress }).load(small))).toBe(node.files[small]!.sha256);
      const length = node.files[small]!.bytes;
      expect(events.at(-1)).toEqual({ file: small, loadedBytes: length, totalBytes: length });
      const fetchFile: FetchFile = (file, init) => fetch(`${origin}/whole/${file}`, init);
      expect(digestOf(await web.from(fetchFile).load(small))).toBe(node.files[small]!.sha256);
      expect(digestOf(await node.from(`${origin}/whole/`).load(small))).toBe(node.files[small]!.sha256);
    });

    it.each([
      ['nothing', 'WEIGHTS_UNREACHABLE', 'HTTP status 404'],
      ['page', 'WEIGHTS_UNREACHABLE', 'an HTML page'],
      ['broken', 'WEIGHTS_UNREACHABLE', 'the first'],
      ['half', 'WEIGHTS_DAMAGED', 'got 1000 bytes'],
      ['long', 'WEIGHTS_DAMAGED', 'got more bytes'],
      ['other', 'WEIGHTS_DAMAGED', `SHA-256 ${node.files[small]!.sha256.slice(0, 12)}`],
    ])('names the address when it gives %s', async (how, code, words) => {
      const failure = web.from(`${origin}/${how}`).load(small);
      await expect(failure).rejects.toMatchObject({ name: 'WeightsError', code });
      await expect(failure).rejects.toThrow(words);
      await expect(failure).rejects.toThrow(`${origin}/${how}/${small}`);
    });

    it.each(['silent', 'stalled', 'drip'])('gives up a server that is %s', async (how) => {
      const odd = await startOddServer();
      const failure = web.from(`${odd.origin}/${how}`, { patienceMs: 100 }).load(small);
      await expect(failure).rejects.toMatchObject({ code: 'WEIGHTS_UNREACHABLE' });
      await expect(failure).rejects.toThrow('nothing more within 0.1 s');
      const stop = new AbortController();
      setTimeout(() => stop.abort(new Error('enough')), 20);
      await expect(web.from(`${odd.origin}/${how}`).load(small, { signal: stop.signal })).rejects.toThrow('enough');
      await odd.stop();
    });

    it('gives up a function that never answers and knows no signals', async () => {
      const never: FetchFile = () => new Promise(() => {});
      await expect(web.from(never, { patienceMs: 20 }).load(small)).rejects.toMatchObject({
        code: 'WEIGHTS_UNREACHABLE',
      });
      const stop = new AbortController();
      setTimeout(() => stop.abort(new Error('enough')), 20);
      await expect(web.from(never).load(small, { signal: stop.signal })).rejects.toThrow('enough');
    });

    it('does without a cache where none can be opened', async () => {
      vi.stubGlobal('caches', { open: () => Promise.reject(new DOMException('private window', 'SecurityError')) });
      expect((await web.from(`${origin}/whole`, { cache: 'vqkit' }).load(small)).length).toBe(node.files[small]!.bytes);
    });

    it('says so when there is no connection', async () => {
      const failure = web.from('http://127.0.0.1:9/').load(small);
      await expect(failure).rejects.toMatchObject({ code: 'WEIGHTS_UNREACHABLE', cause: expect.any(Error) });
    });

    it('keeps files in Cache Storage by their digest', async () => {
      const kept = new Map<string, Response>();
      const cache = {
        match: async (key: string) => kept.get(key)?.clone(),
        put: async (key: string, value: Response) => void kept.set(key, value),
      };
      vi.stubGlobal('caches', { open: async () => cache });
      await web.from(`${origin}/whole`, { cache: 'vqkit' }).load(small);
      expect([...kept.keys()]).toEqual([`https://vqkit.invalid/${node.files[small]!.sha256}`]);
      expect(digestOf(await web.from(`${origin}/nothing`, { cache: 'vqkit' }).load(small))).toBe(
        node.files[small]!.sha256,
      );
    });
  });
}
