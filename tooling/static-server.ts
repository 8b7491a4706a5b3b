/**
 * Serves folders and texts on a free port of this machine, cross-origin isolated so that WebAssembly threads work; texts with
 * gzip where that is accepted, as hosts do.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** What is served. */
export interface StaticContent {
  /** Path → text, e.g. `/index.html`, `/entry.js`. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Path prefix, e.g. `/ort/` → folder; the first that has a file gives it. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Whether pages are cross-origin isolated; plain hosts send no headers for that. Default true. */
  readonly isIsolated?: boolean;
}

/** A server that runs. */
export interface StaticServer {
  readonly origin: string;
  close(): void;
}

/** Serves until it is closed; `/` is `/index.html`, what is not there is 404. */
export async function serveStatic(content: StaticContent): Promise<StaticServer> {
  const { texts = {}, mounts = {}, isIsolated = true } = content;
  const read = (path: string): Uint8Array | string | undefined => {
    if (texts[path] !== undefined) return texts[path];
    for (const [prefix, folder] of Object.entries(mounts)) {
      const file = normalize(join(folder, path.slice(prefix.length)));
      const isInside = path.startsWith(prefix) && file.startsWith(normalize(folder + sep));
      if (isInside && existsSync(file) && statSync(file).isFile()) return readFileSync(file);
    }
    return undefined;
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    const found = read(path);
    const type = types[extname(path)] ?? 'application/octet-stream';
    const isAccepted = /\bgzip\b/.test(`${request.headers['accept-encoding']}`);
    const isPacked = found !== undefined && isAccepted && /text|json|svg/.test(type);
    const body = isPacked ? gzipSync(found) : found;
    response.writeHead(body === undefined ? 404 : 200, {
      'Content-Type': type,
      ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}),
      ...(isIsolated ? isolation : {}),
    });
    response.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}
