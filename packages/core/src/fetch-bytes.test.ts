import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OddServer, startOddServer } from '../../../tooling/odd-server.ts';
import { fetchBytes } from './fetch-bytes.ts';

const large = new Uint8Array(300_000).fill(7);
let server: OddServer;
beforeAll(async () => {
  server = await startOddServer({ file: 'text', large });
});
afterAll(() => server.stop());

describe('fetchBytes', () => {
  it('reads what is there and tells how far it is', async () => {
    expect(new TextDecoder().decode(await fetchBytes(`${server.origin}/file`))).toBe('text');
    const seen: (number | undefined)[][] = [];
    const onProgress = (...numbers: [number, number | undefined]): void => void seen.push(numbers);
    expect(await fetchBytes(`${server.origin}/large`, { onProgress })).toEqual(large);
    expect(seen.at(-1)).toEqual([large.length, large.length]);
  });

  it.each([
    ['silent', /^no answer within 0\.2 s$/],
    ['stalled', /^1 bytes, and less than 65536 of them within 0\.2 s$/],
    ['drip', /^\d+ bytes, and less than 65536 of them within 0\.2 s$/],
    ['short', /terminated: other side closed/],
    ['circle', /redirect count exceeded/],
    ['gone', /^HTTP status 404$/],
    ['endless', /^more than 1000000 bytes$/],
  ])('gives up a server that is %s', async (way, reason) => {
    const options = { patienceMs: 200, maxBytes: 1_000_000 };
    await expect(fetchBytes(`${server.origin}/${way}`, options)).rejects.toThrow(reason);
  });

  it('says why there is no connection', async () => {
    await expect(fetchBytes('http://127.0.0.1:9/')).rejects.toThrow(/fetch failed: .+/);
    await expect(fetchBytes('http://')).rejects.toThrow(/URL/);
  });

  it.each(['silent', 'drip'])('stops at once when told, whatever the server does (%s)', async (way) => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 30);
    await expect(fetchBytes(`${server.origin}/${way}`, { signal: stop.signal })).rejects.toThrow('enough');
    await expect(fetchBytes(`${server.origin}/${way}`, { signal: stop.signal })).rejects.toThrow('enough');
  });

  it('gives up a function for fetch that never answers and knows no signals', async () => {
    const fetch = (() => new Promise(() => {})) as typeof globalThis.fetch;
    await expect(fetchBytes('https://example.org/', { fetch, patienceMs: 20 })).rejects.toThrow('no answer');
  });
});
