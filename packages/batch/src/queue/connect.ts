/** BullMQ on Redis: both are loaded when a queue is named, and only then have to be installed. */
import type { Redis } from 'ioredis';
import { optionalPackage } from '../errors.ts';

/** Jobs of all batches are in one queue, so that any worker takes any. */
export const queueName = 'vqkit';

type Bullmq = typeof import('bullmq');

/** What is used of BullMQ, and connections. */
export interface QueueModules extends Pick<Bullmq, 'Queue' | 'QueueEvents' | 'Worker' | 'UnrecoverableError'> {
  /** A new connection; it waits and tries again while Redis is away. */
  connection(): Redis;
  /** Ends all connections. */
  close(): void;
}

/** Loads BullMQ for the Redis at a URL. @throws BatchError `PACKAGE_MISSING` */
export async function connectTo(url: string): Promise<QueueModules> {
  const [{ Queue, QueueEvents, Worker, UnrecoverableError }, ioredis] = await optionalPackage(
    () => Promise.all([import('bullmq'), import('ioredis')]),
    'bullmq ioredis',
    'a queue',
  );
  const clients: Redis[] = [];
  return {
    ...{ Queue, QueueEvents, Worker, UnrecoverableError },
    connection: () => {
      const retryStrategy = (times: number): number => Math.min(100 * times, 2000);
      const client = new ioredis.Redis(url, { maxRetriesPerRequest: null, retryStrategy });
      client.on('error', () => {}); // reported by whoever uses it
      clients.push(client);
      return client;
    },
    close: () => {
      for (const client of clients) client.disconnect();
    },
  };
}
