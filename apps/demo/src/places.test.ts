/** Where it runs, what may go wrong there, and what the page is without a network. */

import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../tooling/run-in-chromium.ts';
import { serveStatic } from '../../../tooling/static-server.ts';
import { type Demo, openDemo, smallPhoto, type Visit } from './testing/demo.ts';
import { findViolations } from './testing/find-violations.ts';

/** Small enough for plain JavaScript. */
const tiny = () => smallPhoto('barn', 112);

/** Runs before the worker: it keeps a way to lose the device that is opened last. */
const keepDevice = `{
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...all) {
    const device = await requestDevice.apply(this, all);
    self.loseDevice = () => device.destroy();
    // told late, as it is on a busy machine: what was pending fails before
    const lost = device.lost.then((info) => new Promise((told) => setTimeout(told, 300, info)));
    Object.defineProperty(device, 'lost', { value: lost });
    return device;
  };
  const { getContext } = OffscreenCanvas.prototype;
  OffscreenCanvas.prototype.getContext = function (...all) {
    const context = getContext.apply(this, all);
    const extension = context?.getExtension?.('WEBGL_lose_context');
    if (extension) self.loseDevice = () => extension.loseContext();
    // as above
    const listen = this.addEventListener.bind(this);
    this.addEventListener = (type, told, ...more) => listen(type, type === 'webglcontextlost' ? (event) => setTimeout(told, 300, event) : told, ...more);
    return context;
  };
}`;

/** Lets the worker's device be lost: by what comes back. */
async function losable({ page }: Visit): Promise<() => Promise<unknown>> {
  await page.route('**/assets/worker-*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: keepDevice + (await response.text()) });
  });
  return () => page.workers().at(-1)!.evaluate('self.loseDevice()');
}

/** A line of Chromium's trace; microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly args: { readonly name?: string };
  /** Of the thread's processor: what a busy machine adds is not in it. */
  readonly tdur?: number;
}

/** Milliseconds of all tasks of the threads that pages run on. */
function mainThreadTasks(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}:${tid}`;
  const isMain = ({ name, args }: TraceEvent): boolean => name === 'thread_name' && args.name === 'CrRendererMain';
  const mains = new Set(traceEvents.filter(isMain).map(threadOf));
  return traceEvents
    .filter((event) => event.name.endsWith('RunTask') && event.tdur !== undefined && mains.has(threadOf(event)))
    .map(({ tdur }) => tdur! / 1000);
}

describe.skipIf(findChromium() === undefined)('the demo, wherever it runs (needs Chromium)', () => {
  let demo: Demo;

  beforeAll(async () => {
    // TensorFlow.js on WebGL, in software
    demo = await openDemo(['--enable-unsafe-swiftshader']);
  });

  afterAll(() => demo?.close());

  it('loads less than 200 kB at first, with gzip', async () => {
    const visit = await demo.visit({ serviceWorkers: 'block' });
    await visit.page.waitForLoadState('networkidle');
    const addresses = (await visit.page.evaluate(
      `[location.href, ...performance.getEntriesByType('resource').map(({ name }) => name)]`,
    )) as string[];
    expect(addresses.length).toBeGreaterThan(5);
    const bodies = await Promise.all(addresses.map(async (address) => (await fetch(address)).arrayBuffer()));
    const bytes = bodies.reduce((sum, body) => sum + gzipSync(new Uint8Array(body)).length, 0);
    expect(bytes, addresses.join('\n')).toBeLessThan(200_000);
    await visit.context.close();
  });

  it('makes the same file on WebAssembly, WebGPU, WebGL and in plain JavaScript, while the photo stays', async () => {
    const visit = await demo.visit();
    await visit.choose(await tiny());
    const bytes = await visit.save();
    for (const title of ['WebGPU', 'WebGL', 'Plain JavaScript', 'WebAssembly']) {
      await visit.place(title);
      expect((await visit.page.locator('button.place').textContent())?.trim()).toBe(title);
      expect(await visit.save(), title).toEqual(bytes);
    }
    expect(visit.problems).toEqual([]);
    await visit.context.close();
  });

  it('makes the same file with one thread of WebAssembly and with two', async () => {
    const visit = await demo.visit();
    const files: Uint8Array[] = [];
    for (const count of [1, 2]) {
      await visit.threads(count);
      await visit.choose(await tiny());
      await visit.page.locator('button.place').click();
      expect(await visit.fact('device')).toBe(count === 1 ? 'CPU, 1 thread' : 'CPU, 2 threads');
      await visit.page.keyboard.press('Escape');
      files.push(await visit.save());
    }
    expect(files[1]).toEqual(files[0]);
    expect(visit.problems).toEqual([]);
    await visit.context.close();
  });

  it.each(['WebGPU', 'WebGL'])(
    'says that %s was lost, and goes on with the next place and the same photo',
    async (title) => {
      const visit = await demo.visit({ serviceWorkers: 'block' });
      const { page } = visit;
      const lose = await losable(visit);
      const placeIs = (name: string): Promise<void> => page.locator('button.place').filter({ hasText: name }).waitFor();
      await visit.choose(await tiny());
      const bytes = await visit.save();

      // while nothing is done
      await visit.place(title);
      await lose();
      await page
        .getByRole('alert')
        .filter({ hasText: `${title} was lost` })
        .filter({ hasText: 'WebAssembly goes on' })
        .waitFor();
      await placeIs('WebAssembly');
      expect(await visit.fact('bytes')).toBe(`${bytes.length} bytes`);
      await visit.tab('See inside');
      expect(await visit.fact('positions')).toBe('8 × 7');
      await visit.tab('Compress');
      expect(await visit.save()).toEqual(bytes);

      // while it encodes
      await visit.place(title);
      await page.getByRole('button', { name: 'Close' }).click();
      await page
        .locator('input[type=file]')
        .first()
        .setInputFiles(await smallPhoto('barn', 256));
      await page.getByText('Encoding').waitFor();
      await lose();
      await page
        .getByRole('alert')
        .filter({ hasText: `${title} was lost` })
        .waitFor();
      await visit.rest();
      await placeIs('WebAssembly');
      const { length } = await visit.save();
      expect(await visit.fact('bytes')).toBe(`${length} bytes`);
      expect(await page.locator('.failure').count()).toBe(0);
      expect(visit.problems).toEqual([]);
      await visit.context.close();
    },
  );

  it('stops what takes long, and goes on from there', async () => {
    const visit = await demo.visit();
    await visit.place('Plain JavaScript');
    await visit.page
      .locator('input[type=file]')
      .first()
      // takes seconds there, so that there is something to stop
      .setInputFiles(await smallPhoto('barn', 352));
    await visit.page.getByText('Encoding').waitFor();
    await visit.page.getByRole('button', { name: 'Cancel' }).click();
    await visit.rest();
    expect(await visit.page.locator('[data-fact="bytes"]').count()).toBe(0);
    await visit.place('WebAssembly');
    expect(await visit.fact('bytes')).toMatch(/^\d+ bytes$/);
    expect(visit.problems).toEqual([]);
    await visit.context.close();
  });

  it('works in any folder of a host that sends no headers, with threads from its second load on', async () => {
    const mounts = { '/photos/small/': join(demo.folder, 'dist') };
    const host = await serveStatic({ mounts, isIsolated: false });
    const visit = await demo.visit({}, `${host.origin}/photos/small/`);
    // the service worker loads the page again
    await visit.page.waitForFunction('crossOriginIsolated && document.querySelector("h1")');
    await visit.threads(2);
    await visit.choose(await tiny());
    expect((await visit.save()).length).toBeGreaterThan(30);
    await visit.page.locator('button.place').click();
    expect(await visit.fact('device')).toBe('CPU, 2 threads');
    expect(visit.problems).toEqual([]);
    await visit.context.close();
    host.close();
  });

  it('works without a network after the first visit', async () => {
    const visit = await demo.visit();
    await visit.page.waitForFunction('navigator.serviceWorker.controller !== null');
    await visit.choose(await tiny());
    const bytes = await visit.save();
    demo.server.close();
    await visit.context.setOffline(true);
    await visit.page.reload();
    await visit.page.locator('h1').waitFor();
    await visit.choose(await tiny());
    expect(await visit.save()).toEqual(bytes);
    await visit.context.close();
  });
});

describe.skipIf(findChromium() === undefined)('the demo, for a long time and for everybody (needs Chromium)', () => {
  let demo: Demo;
  let visit: Visit;

  beforeAll(async () => {
    // memory is measured when it is asked for, not at the next collection
    demo = await openDemo(['--enable-blink-features=ForceEagerMeasureMemory']);
    visit = await demo.visit();
    // a thread that waits for work would not answer when memory is measured, and a minute later would be left out
    await visit.threads(1);
  });

  afterAll(() => demo?.close());

  it('holds no more memory after twenty photos than after two', async () => {
    const held: string[] = [];
    const whole: number[] = [];
    for (let i = 1; i <= 20; i++) {
      await visit.choose(await smallPhoto(i % 2 === 0 ? 'barn' : 'window', 112));
      if (i % 6 !== 2) continue;
      await visit.page.locator('button.place').click();
      await visit.page.locator('[data-fact="memory"]').filter({ hasText: 'MB' }).waitFor();
      held.push(await visit.fact('memory'));
      await visit.page.keyboard.press('Escape');
      whole.push(await visit.page.evaluate('performance.measureUserAgentSpecificMemory().then(({ bytes }) => bytes)'));
    }
    expect(held.length).toBe(4);
    expect(new Set(held).size, held.join()).toBe(1);
    // page and worker, with WebAssembly's memory; what is compiled and cached in between is small beside it
    expect(whole.at(-1)).toBeLessThan(1.05 * whole[0]!);
    expect(visit.problems).toEqual([]);
  });

  it('never holds the page up for more than 50 ms of its processor, whatever is computed', async () => {
    const own = await demo.visit();
    await demo.browser.startTracing(own.page, { categories: ['toplevel', '__metadata'] });
    await own.choose(await smallPhoto('barn', 352));
    for (const title of ['See inside', 'Damage', 'Enlarge', 'Draw', 'Quantize']) await own.tab(title);
    await own.page.getByRole('slider', { name: 'Steps' }).fill('20');
    await own.page.getByRole('button', { name: 'Learn from this photo' }).click();
    await own.rest();
    const tasks = mainThreadTasks(await demo.browser.stopTracing());
    expect(tasks.length).toBeGreaterThan(100);
    expect(Math.max(...tasks)).toBeLessThan(50);
    expect(own.problems).toEqual([]);
    await own.context.close();
  });

  it('has nothing that axe-core finds, in light and dark, wide and narrow', async () => {
    const own = await demo.visit();
    const look = async (title: string): Promise<void> => expect(await findViolations(own), title).toEqual([]);
    await look('the start');
    await own.choose({ name: 'broken.jpg', mimeType: '', buffer: Buffer.from('nothing of the kind') });
    await look('the start with an error');
    await own.choose(await smallPhoto('barn', 112));
    for (const title of ['Compress', 'See inside', 'Damage', 'Enlarge', 'Quantize', 'Draw']) {
      await own.tab(title);
      await look(title);
    }
    await own.page.locator('button.place').click();
    await look('places');
    expect(own.problems).toEqual([]);
    await own.context.close();
  });
});
