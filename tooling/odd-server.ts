/** A server of HTTP that behaves in the ways that clients have to survive, by path. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a path does; more can be given. */
const ways: Record<string, (response: ServerResponse) => void> = {
  /** Accepts and never answers. */
  silent: () => {},
  /** Answers, and then nothing comes. */
  stalled: (response) => void response.writeHead(200, { 'Content-Length': 1000 }).write('a'),
  /** A byte now and then, without end. */
  drip: (response) => {
    const timer = setInterval(() => response.write('a'), 5);
    response.on('close', () => clearInterval(timer));
  },
  /** Claims more than it sends. */
  short: (response) => {
    response.writeHead(200, { 'Content-Length': 1000 }).write('a');
    setImmediate(() => response.destroy());
  },
  /** Bytes without end. */
  endless: (response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  },
  /** Redirects to itself. */
  circle: (response) => void response.writeHead(302, { Location: '/circle' }).end(),
  gone: (response) => void response.writeHead(404).end('not here'),
};

/** A running server. */
export interface OddServer {
  /** `http://127.0.0.1:port`, to which paths are added. */
  readonly origin: string;
  stop(): Promise<void>;
}

/** Starts the server. @param files  What other paths answer. */
export async function startOddServer(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<OddServer> {
  const server = createServer((request, response) => {
    const name = decodeURI(request.url!.slice(1).replace(/\?.*/, ''));
    const way = ways[name.split('/')[0]!];
    if (way) way(response);
    else if (Object.hasOwn(files, name)) response.end(files[name]);
    else ways.gone!(response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
