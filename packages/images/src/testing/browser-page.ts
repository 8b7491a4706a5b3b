/** What Chromium runs for the test of conversions: one picture through everything that browsers have. */
import { type BrowserImage, drawOn, fromBrowser, toBlob, toImageData } from '../browser.ts';

/** Samples by the kind of source, and codes of errors. */
export interface BrowserReport {
  readonly expected: readonly number[];
  readonly samples: Readonly<Record<string, readonly number[]>>;
  readonly canvasSize: readonly number[];
  readonly translucent: readonly number[];
  readonly grey: readonly number[];
  readonly jpegType: string;
  readonly refusals: readonly (string | undefined)[];
}

/** Runs all conversions. */
export default async function page(): Promise<BrowserReport> {
  const [width, height] = [5, 3];
  const data = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : 4 * i));
  const image = { data, width, height };
  const canvas = document.createElement('canvas');
  drawOn(canvas, image);
  const png = await toBlob(image);
  const element = new Image();
  element.src = URL.createObjectURL(png);
  await element.decode();
  element.width = 100; // The size on the page is not that of the picture.
  const sources: Record<string, BrowserImage> = {
    imageData: toImageData(image),
    bitmap: await createImageBitmap(canvas),
    canvas,
    blob: png,
    file: new File([png], 'a.png', { type: 'image/png' }),
    element,
  };
  const entries = Object.entries(sources).map(async ([name, source]) => [name, [...(await fromBrowser(source)).data]]);
  const taken = new OffscreenCanvas(1, 1);
  taken.getContext('bitmaprenderer');
  const codeOf = async (run: () => unknown): Promise<string | undefined> => {
    try {
      await run();
      return undefined;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  const clear = { data: Uint8Array.of(10, 20, 30, 1), width: 1, height: 1 };
  return {
    expected: [...data],
    samples: Object.fromEntries(await Promise.all(entries)) as Record<string, number[]>,
    canvasSize: [canvas.width, canvas.height],
    translucent: [...(await fromBrowser(await toBlob({ ...clear, data: Uint8Array.of(200, 100, 50, 128) }))).data],
    grey: [...toImageData({ data: Uint16Array.of(65_535, 257), width: 2, height: 1 }).data],
    jpegType: (await toBlob(image, { type: 'image/jpeg', quality: 0.9 })).type,
    refusals: [
      await codeOf(() => fromBrowser(new Blob(['no image']))),
      await codeOf(() => fromBrowser(new Image())),
      await codeOf(() => fromBrowser(null as unknown as Blob)),
      await codeOf(() => drawOn(taken, image)),
      await codeOf(() => toImageData({ data: new Uint8Array(3), width: 2, height: 2 })),
    ],
  };
}
