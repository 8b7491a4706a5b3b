/** Where it runs, what may go wrong there, and what the page is without a network. */

import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../tooling/run-in-chromium.ts';
import { type Demo, openDemo, smallPhoto, type Visit } from './testing/demo.ts';

/** Small enough for plain JavaScript. */
const tiny = () => smallPhoto('barn', 112);

/** What axe-core finds wrong with what the page shows. */
async function violations({ page }: Visit): Promise<string[]> {
  await page.evaluate(axe.source);
  const run = `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`;
  return (await page.evaluate(run)) as string[];
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
    demo = await openDemo();
    visit = await demo.visit();
  });

  afterAll(() => demo?.close());

  it('holds no more memory after twenty photos than after two', async () => {
    const held: string[] = [];
    for (let i = 1; i <= 20; i++) {
      await visit.choose(await smallPhoto(i % 2 === 0 ? 'barn' : 'window', 112));
      if (i % 6 !== 2) continue;
      await visit.page.locator('button.place').click();
      await visit.page.locator('[data-fact="memory"]').filter({ hasText: 'MB' }).waitFor();
      held.push(await visit.fact('memory'));
      await visit.page.keyboard.press('Escape');
    }
    expect(held.length).toBe(4);
    expect(new Set(held).size, held.join()).toBe(1);
    expect(visit.problems).toEqual([]);
  });

  it('has nothing that axe-core finds, in light and dark, wide and narrow', async () => {
    await visit.choose(await smallPhoto('barn', 112));
    for (const title of ['Compress', 'See inside', 'Damage', 'Quantize']) {
      await visit.tab(title);
      for (const [colorScheme, width] of [
        ['light', 1440],
        ['dark', 390],
      ] as const) {
        await visit.page.emulateMedia({ colorScheme });
        await visit.page.setViewportSize({ width, height: 844 });
        expect(await violations(visit), `${title}, ${colorScheme}`).toEqual([]);
      }
    }
    expect(visit.problems).toEqual([]);
  });
});
