/** What axe-core finds. */
import axe from 'axe-core';
import type { Visit } from './demo.ts';

/** Looks at what the page shows, light and wide, dark and narrow. @returns Rules that are broken, with the elements. */
export async function findViolations({ page }: Visit): Promise<string[]> {
  const found: string[] = [];
  for (const [colorScheme, width] of [
    ['light', 1440],
    ['dark', 390],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 844 });
    await page.evaluate(axe.source);
    const run = `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`;
    found.push(...((await page.evaluate(run)) as string[]).map((one) => `${colorScheme}: ${one}`));
  }
  return found;
}
