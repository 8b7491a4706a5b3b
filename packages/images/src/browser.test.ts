import { describe, expect, it } from 'vitest';
import { findChromium, runInChromium } from '../../../tooling/run-in-chromium.ts';
import type { BrowserReport } from './testing/browser-page.ts';

describe.skipIf(findChromium() === undefined)('in Chromium (needs a browser)', () => {
  it('pictures of every kind become images, and images become canvases and files', async () => {
    const report = await runInChromium<BrowserReport>({
      entry: new URL('./testing/browser-page.ts', import.meta.url),
    });
    const { expected, samples } = report;
    expect(Object.keys(samples)).toEqual(['imageData', 'bitmap', 'canvas', 'blob', 'file', 'element']);
    for (const [name, values] of Object.entries(samples)) expect(values, name).toEqual(expected);
    expect(report.canvasSize).toEqual([5, 3]);
    // Canvases multiply colours by alpha and round.
    report.translucent.forEach((value, i) => expect(Math.abs(value - [200, 100, 50, 128][i]!)).toBeLessThanOrEqual(1));
    expect(report.grey).toEqual([255, 255, 255, 255, 1, 1, 1, 255]);
    expect(report.jpegType).toBe('image/jpeg');
    expect(report.refusals).toEqual([
      ...['IMAGE_UNREADABLE', 'IMAGE_UNREADABLE', 'IMAGE_UNREADABLE', 'CANVAS_TAKEN', 'IMAGE_INVALID'],
    ]);
  });
});
