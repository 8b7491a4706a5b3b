import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { escapeXml, fontFamily, renderSvg } from './render-svg.ts';

const svg = (text: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><rect width="200" height="40" fill="#fff"/>` +
  `<text x="4" y="28" font-size="24" font-family="${fontFamily}">${escapeXml(text)}</text></svg>`;

async function ink(text: string): Promise<number> {
  const pixels = await sharp(renderSvg(svg(text)))
    .greyscale()
    .raw()
    .toBuffer();
  return pixels.reduce((sum, value) => sum + (255 - value), 0) / 255;
}

describe('renderSvg', () => {
  it('draws text with its own font, more ink for more letters', async () => {
    const [none, some, more] = [await ink(''), await ink('0.04'), await ink('0.04 bpp <&>')];
    expect(none).toBe(0);
    expect(some).toBeGreaterThan(50);
    expect(more).toBeGreaterThan(some * 1.5);
  });

  it('enlarges', async () => {
    const { width, height } = await sharp(renderSvg(svg('a'), 1.5)).metadata();
    expect([width, height]).toEqual([300, 60]);
  });
});
