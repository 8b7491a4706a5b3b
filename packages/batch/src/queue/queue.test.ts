/** Batches across processes as if they were machines, with what goes wrong there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Queue, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { lacksRedis, type RedisServer, startRedis } from '../../../../tooling/redis.ts';
import { runBatch } from '../index.ts';
import { contentsOf, folderOf, loader, onPool, removeAll, testPool, textBatch } from '../testing/batch-of.ts';
import { queueName } from './connect.ts';
import { openQueue, startWorker, type WorkerEvent } from './index.ts';

const isMissing = lacksRedis();

describe('openQueue', () => {
  it('says where no Redis is', async () => {
    await expect(openQueue('redis://127.0.0.1:1')).rejects.toMatchObject({ code: 'QUEUE_UNREACHABLE' });
    const pool = testPool({ workers: 1 });
    await expect(startWorker('redis://127.0.0.1:1', { pool })).rejects.toMatchObject({ code: 'QUEUE_UNREACHABLE' });
    await pool.dispose();
  });

  it('gives up what accepts and never answers as Redis does', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const opened = openQueue(`redis://127.0.0.1:${port}`, { patienceMs: 100 });
    await expect(opened).rejects.toMatchObject({
      code: 'QUEUE_UNREACHABLE',
      message: expect.stringMatching(/within 0\.1 s/),
    });
    silent.close();
  });

  it.each(['', 'localhost:6379', 'http://localhost', 'redis://', 'redis://a:b:c', 'redis://me:secret@host:port'])(
    'says that %j is no URL of Redis, without passwords',
    async (url) => {
      const opened = openQueue(url);
      await expect(opened).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
      await expect(opened).rejects.not.toThrow(/secret/);
    },
  );
});

describe.skipIf(isMissing)('a batch by way of Redis', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  const folder = async (files: Record<string, string> = {}): Promise<string> => {
    const made = await folderOf(files);
    ends.push(() => removeAll(made));
    return made;
  };
  const redis = async (): Promise<RedisServer> => {
    const server = await startRedis();
    ends.push(() => server.stop());
    return server;
  };
  /** A worker in a process of its own, and what it says. */
  const worker = (url: string): { readonly child: ChildProcess; readonly events: WorkerEvent[] } => {
    const program = fileURLToPath(new URL('../testing/worker-run.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', loader, program, url], { stdio: ['ignore', 'pipe', 'inherit'] });
    ends.push(() => child.kill('SIGKILL'));
    const events: WorkerEvent[] = [];
    createInterface({ input: child.stdout! }).on('line', (line) => events.push(JSON.parse(line)));
    return { child, events };
  };
  const until = async (isSo: () => unknown): Promise<void> => {
    while (!(await isSo())) await setTimeout(20);
  };

  it('has every image once in the results though a worker is killed, Redis starts anew, an input is poison and a job comes twice', async () => {
    const texts = Array.from({ length: 60 }, (_, i) => [
      `${String(i).padStart(2, '0')}${'x'.repeat(i % 3)}.in`,
      `text ${i}`,
    ]);
    const inputs = await folder({ ...Object.fromEntries(texts), '17-bad.in': 'bad', '33-poison.in': 'poison' });
    const [output, expected] = [await folder(), await folder()];
    const { url, restart } = await redis();
    const client = new Redis(url, { maxRetriesPerRequest: null });
    const queue = new Queue(queueName, { connection: client });
    const listener = client.duplicate();
    const events = new QueueEvents(queueName, { connection: listener });
    for (const emitter of [client, listener, queue, events] as { on(event: 'error', listener: () => void): void }[])
      emitter.on('error', () => {});
    ends.push(async () => {
      await Promise.all([queue.close(), events.close()]);
      for (const connection of [client, listener]) connection.disconnect();
    });
    let stalled = 0;
    events.on('stalled', () => stalled++);

    const workers = [worker(url), worker(url), worker(url)];
    const executor = await openQueue(url, { sweepMs: 500 });
    ends.push(() => executor.dispose());
    const batch = textBatch(inputs, output, { forms: ['tar', 'parquet'], options: { slowMs: 50 } });
    const done = runBatch(batch, executor);
    await until(() => queue.getActiveCount().then((count) => count >= 6)); // two jobs at each worker
    const [twice] = await queue.getActive();
    await queue.add('job', twice!.data, { jobId: 'the-same-again' });
    workers[0]!.child.kill('SIGKILL');
    await until(() => workers[1]!.events.length > 0);
    await restart();

    expect(await done).toMatchObject({ images: 60, failed: 2 });
    await until(() => queue.getJobCountByTypes('active', 'waiting', 'delayed').then((count) => count === 0));
    expect(stalled).toBeGreaterThan(0); // the killed one was in the middle of something
    const pool = testPool({ workers: 2 });
    await runBatch({ ...batch, work: { ...batch.work, output: expected } }, onPool(pool));
    await pool.dispose();
    const found = await contentsOf(output);
    expect(found).toEqual(await contentsOf(expected));
    const failures = found['failures.jsonl']!.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(failures.map(({ key, code }) => [key, code])).toEqual([
      ['17-bad', 'BAD'],
      ['33-poison', 'WORKER_DIED'],
    ]);
  });

  it('stops with the reason when a job cannot be done, passes over what is no job, and goes on afterwards', async () => {
    const inputs = await folder({ 'a.in': 'a', 'b.in': 'bad' });
    const output = await folder();
    const { url } = await redis();
    const { events } = worker(url);
    const client = new Redis(url, { maxRetriesPerRequest: null });
    await new Queue(queueName, { connection: client }).add('job', {
      index: 0,
      items: [{ key: '../../etc/x', at: '/etc/passwd' }],
    });
    await until(() => events.length > 0 || client.llen(`bull:${queueName}:wait`).then((length) => length === 0));
    client.disconnect();
    const executor = await openQueue(url, { sweepMs: 500 });
    const broken = textBatch(inputs, output, { options: { isBroken: true } });
    const error = await runBatch(broken, executor).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'JOB_FAILED', message: expect.stringContaining('no weights') });
    await executor.dispose();
    const again = await openQueue(url, { sweepMs: 500 });
    ends.push(() => again.dispose());
    expect(await runBatch(textBatch(inputs, output), again)).toMatchObject({ images: 1, failed: 1 });
    // What failed is worked on again when asked for.
    const count = events.length;
    expect(await runBatch(textBatch(inputs, output, { retryFailed: true }), again)).toMatchObject({
      images: 1,
      failed: 1,
      resumed: 0,
    });
    expect(events.length).toBeGreaterThan(count);
  });

  it('refuses jobs that lead out of the folder of a worker, or have options that it does not take', async () => {
    const [inside, outside] = [await folder({ 'a.in': 'a' }), await folder({ 'b.in': 'b' })];
    await symlink(outside, join(inside, 'link'));
    const { url } = await redis();
    const events: WorkerEvent[] = [];
    const worked = await startWorker(url, {
      pool: { workers: 1, run: async () => ({ bytes: 0 }), dispose: async () => {} },
      within: inside,
      checkOptions: (options) => {
        if ('weights' in options) throw new Error('no weights of others');
      },
      onJob: (event) => events.push(event),
    });
    ends.push(() => worked.close());
    const client = new Redis(url, { maxRetriesPerRequest: null });
    ends.push(() => client.disconnect());
    const queue = new Queue(queueName, { connection: client });
    const [at, output] = [join(inside, 'a.in'), join(inside, 'new/results')];
    const jobs = [
      { at, output: outside },
      { at, output: join(inside, 'link/results') },
      { at, output: join(inside, '../x') },
      { at: join(outside, 'b.in'), output },
      { at: join(inside, 'link/b.in'), output },
      { at: 'http://127.0.0.1/a.in', output },
      { at, output, options: { weights: './evil.js' } },
      { at, output },
    ];
    for (const [index, { at: from, output: to, options = {} }] of jobs.entries()) {
      const work = { options, forms: ['files'], output: to };
      await queue.add('job', { index, items: [{ key: 'a', at: from }], work });
    }
    await until(() => events.length === jobs.length);
    const done = [...events].sort((a, b) => a.job - b.job).map(({ error }) => error);
    expect(done).toEqual([
      ...Array.from({ length: 6 }, () => expect.stringContaining(`expected inputs and results in '${inside}'`)),
      expect.stringContaining('no weights of others'),
      undefined,
    ]);
    expect(Object.keys(await contentsOf(outside))).toEqual(['b.in']);
  });

  it('tells when no worker is there, and can be stopped', async () => {
    const { url } = await redis();
    const stop = new AbortController();
    const warnings: string[] = [];
    const executor = await openQueue(url, { sweepMs: 50, onWarn: (message) => warnings.push(message) });
    stop.signal.addEventListener('abort', () => void executor.dispose());
    const done = runBatch(textBatch(await folder({ 'a.in': 'a' }), await folder(), { signal: stop.signal }), executor);
    done.catch(() => {});
    await until(() => warnings.length > 0);
    stop.abort(new Error('stopped'));
    await expect(done).rejects.toThrow('stopped');
    expect(warnings).toEqual([expect.stringContaining('vqkit worker')]);
  });
});
