/** Pictures of the page: what each part looks like, wide and narrow, light and dark. */
import { join } from 'node:path';
import sharp from 'sharp';
import type { Demo, Visit } from './demo.ts';

/** Heights by widths: a laptop, a tablet, a phone. */
const heights = { 1440: 900, 768: 1024, 390: 844 } as const;

type Width = keyof typeof heights;
type Scheme = 'light' | 'dark';

/** A picture: of which part, how wide, and how to come to it. */
interface Shot {
  readonly name: string;
  readonly width: Width;
  readonly colorScheme: Scheme;
  readonly go?: (visit: Visit) => Promise<unknown>;
}

const shot = (name: string, width: Width, colorScheme: Scheme, go?: Shot['go']): Shot =>
  go ? { name, width, colorScheme, go } : { name, width, colorScheme };

const both = (name: string, width: Width): Shot[] => [shot(name, width, 'light'), shot(name, width, 'dark')];

const beforeAPhoto: readonly Shot[] = [shot('start', 1440, 'light'), shot('start', 390, 'dark')];

const withAPhoto: readonly Shot[] = [
  ...[1440 as const, 768 as const, 390 as const].flatMap((width) => both('compress', width)),
  shot('inside', 1440, 'dark', async ({ tab, page }) => {
    await tab('See inside');
    await page.locator('.view').hover({ position: { x: 700, y: 420 } });
    await page.locator('.chart svg').waitFor();
  }),
  shot('damage', 1440, 'light', async ({ tab, page }) => {
    await tab('Damage');
    await page.getByLabel('Mark what was lost').check();
  }),
  shot('enlarge', 1440, 'light', async ({ tab, page, rest }) => {
    await tab('Enlarge');
    await page.getByRole('button', { name: /^Enlarge/ }).click();
    await rest();
    await page.locator('[data-fact="enlarged-size"]').waitFor();
  }),
  shot('quantize', 1440, 'dark', async ({ tab, page, rest }) => {
    await tab('Quantize');
    await page.getByRole('button', { name: 'Learn from this photo' }).click();
    await rest();
    await page.locator('.chart svg').waitFor();
  }),
];

/** Files of all of them. */
export const screenshotFiles = [...beforeAPhoto, ...withAPhoto].map((one) => fileOf(one));

function fileOf({ name, width, colorScheme }: Shot): string {
  return `${name}-${width}-${colorScheme}.webp`;
}

/** Takes them all, of a sample photo, into a folder. */
export async function takeScreenshots(demo: Demo, folder: string): Promise<void> {
  const visit = await demo.visit();
  const { page } = visit;
  const take = async (one: Shot): Promise<void> => {
    const { width, colorScheme } = one;
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: heights[width] });
    await one.go?.(visit);
    await page.evaluate('document.fonts.ready');
    const png = await page.screenshot({ animations: 'disabled' });
    await sharp(png)
      .webp({ quality: 82, effort: 6 })
      .toFile(join(folder, fileOf(one)));
  };
  for (const one of beforeAPhoto) await take(one);
  await page.getByRole('button', { name: 'Parrots' }).click();
  await page.locator('[data-fact="bytes"]').waitFor();
  await visit.rest();
  for (const one of withAPhoto) await take(one);
  await visit.context.close();
}
