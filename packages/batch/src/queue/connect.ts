/** BullMQ on Redis: both are loaded when a queue is named, and only then have to be installed. */
import { setTimeout } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { BatchError, checkNumber, milliseconds, optionalPackage, reasonOf } from '../errors.ts';

/** Jobs of all batches are in one queue, so that any worker takes any. */
export const queueName = 'vqkit';

type Bullmq = typeof import('bullmq');

/** How Redis is looked for. */
export interface ConnectOptions {
  /** Milliseconds to wait for its first answer. Default 10,000. */
  readonly patienceMs?: number;
}

/** What is used of BullMQ, and connections. */
export interface QueueModules extends Pick<Bullmq, 'Queue' | 'QueueEvents' | 'Worker' | 'UnrecoverableError'> {
  /** The first connection, over which Redis has answered. */
  readonly client: Redis;
  /** A new connection; it waits and tries again while Redis is away. */
  connection(): Redis;
  /** Ends all connections. */
  close(): void;
}

/** Loads BullMQ for the Redis at a URL, which has to answer. @throws BatchError `OPTIONS_INVALID`, `PACKAGE_MISSING`, `QUEUE_UNREACHABLE` */
export async function connectTo(url: string, { patienceMs = 10_000 }: ConnectOptions): Promise<QueueModules> {
  checkNumber('patienceMs', patienceMs, milliseconds);
  if (!/^rediss?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw new BatchError({
      code: 'OPTIONS_INVALID',
      message: `expected the URL of a Redis, got '${url.replace(/\/\/.*@/, '//…@')}'`,
      fix: 'Write it as redis://host:6379, or rediss:// with TLS',
    });
  }
  const [{ Queue, QueueEvents, Worker, UnrecoverableError }, ioredis] = await optionalPackage(
    () => Promise.all([import('bullmq'), import('ioredis')]),
    'bullmq ioredis',
    'a queue',
  );
  const clients: Redis[] = [];
  const connection = (): Redis => {
    const retryStrategy = (times: number): number => Math.min(100 * times, 2000);
    const client = new ioredis.Redis(url, { maxRetriesPerRequest: null, retryStrategy });
    client.on('error', () => {}); // reported by whoever uses it
    clients.push(client);
    return client;
  };
  const close = (): void => {
    for (const client of clients) client.disconnect();
  };
  const client = connection();
  await reach(client, url, patienceMs).catch((error) => {
    close();
    throw error;
  });
  return { Queue, QueueEvents, Worker, UnrecoverableError, client, connection, close };
}

async function reach(client: Redis, url: string, patienceMs: number): Promise<void> {
  const ping = client.ping();
  ping.catch(() => undefined); // told by the first that fails
  const failed = new Promise<never>((_, reject) => void client.once('error', reject));
  const end = new AbortController();
  const late = setTimeout(patienceMs, undefined, { signal: end.signal }).then(() => {
    throw new Error(`no answer within ${patienceMs / 1000} s`);
  });
  try {
    await Promise.race([ping, failed, late]);
  } catch (cause) {
    throw new BatchError({
      code: 'QUEUE_UNREACHABLE',
      message: `expected Redis at ${new URL(url).host}, got: ${reasonOf(cause)}`,
      fix: 'Start redis-server there with --appendonly yes, or correct the URL',
      cause,
    });
  } finally {
    end.abort();
  }
}
