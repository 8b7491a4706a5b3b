/** BullMQ on Redis: both are loaded when a queue is named, and only then have to be installed. */
import { optionalPackage } from '../errors.ts';

/** Jobs of all batches are in one queue, so that any worker takes any. */
export const queueName = 'vqkit';

/** Loads BullMQ and makes connections to the Redis at a URL: they wait and try again while it is away. @throws BatchError `PACKAGE_MISSING` */
export async function connectTo(url: string) {
  const [bullmq, { Redis }] = await optionalPackage(
    () => Promise.all([import('bullmq'), import('ioredis')]),
    'bullmq ioredis',
    'a queue',
  );
  const clients: InstanceType<typeof Redis>[] = [];
  const connection = () => {
    const client = new Redis(url, {
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(100 * times, 2000),
    });
    client.on('error', () => {}); // reported by whoever uses it
    clients.push(client);
    return client;
  };
  return {
    ...bullmq,
    connection,
    close: (): void => {
      for (const client of clients) client.disconnect();
    },
  };
}
