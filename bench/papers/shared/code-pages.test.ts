/** What pages and results say of codebooks, and their pictures. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loocRows } from '../looc/rows.ts';
import { codeReport } from './code-pages.ts';
import { drawCodeMaps, drawSharing } from './code-pictures.ts';
import { pageOf, sectionsOf, writePages } from './pages.ts';
import { type RowResult, readResults, writeResult } from './results.ts';
import type { CodeSharing } from './sharing.ts';

const ownResults = fileURLToPath(new URL('../looc/results/mnist.json', import.meta.url));

describe('pictures', () => {
  const count = (text: string, what: RegExp): number => [...text.matchAll(what)].length;

  it('have a bar per slot and one per number of slots', async () => {
    const svg = await drawSharing('Spots', { usedBySlot: [8, 4], codesBySlots: [0, 4, 4] }, 'piece');
    expect(count(svg, /<path[^>]* d="M[^"]*h[^"]*v[^"]*h[^"]*Z"[^>]*fill="#4c78a8"/g)).toBe(2 + 3);
    // Of 200 pixels the first slot, which uses all codes, takes the whole height, the second half of it.
    expect(svg).toMatch(/d="M[^"]*v200h/);
    expect(svg).toMatch(/d="M[^"]*v100h/);
    expect(svg).toMatch(/% of 8 codes used/);
    expect(svg).toMatch(/pieces that use a code, of 2/);
  });

  it('have a dot per used code and a ring per other', async () => {
    const map = { x: [0, 1, 2, 3], y: [0, 1, 2, 3], uses: [4, 4, 8, 0] };
    const svg = await drawCodeMaps('Spots', [
      { label: 'one', map },
      { label: 'other', map: { ...map, uses: [1, 1, 1, 1] } },
    ]);
    expect(svg).toMatch(/>one</);
    expect(svg).toMatch(/>other</);
    expect(count(svg, /<path[^>]*fill="rgb/g)).toBe(3 + 4);
    expect(count(svg, /stroke="#999"/g)).toBe(1);
    expect(svg).toContain('rings: codes that are not used');
    // Twice the mean has a colour of its own.
    expect(new Set(svg.match(/fill="rgb[^"]*"/g)).size).toBe(2);
  });
});

describe('a page', () => {
  const sharing: CodeSharing = { usedBySlot: new Array(32).fill(31), codesBySlots: [...Array(30).fill(0), 8, 16, 8] };
  const mapOf = (x: number) => ({ x: [x, 1], y: [0, 1], uses: [1, 3] });

  const measured = async (): Promise<RowResult[]> => {
    const old = await readResults(ownResults);
    const own = old.find(({ row }) => row === 'looc-32x4')!;
    const known = { ...own, metrics: { ...own.metrics, sharing, codeMap: mapOf(0) } };
    const plain = { ...known, row: 'looc-32x4-plain', metrics: { ...known.metrics, codeMap: mapOf(2) } };
    const other = old.find(({ row }) => row === 'looc-256x4')!;
    return [known, plain, other].map((result) => ({ ...result, epochs: 1 }));
  };

  it('has sentences and pictures of the rows that were counted, a map of both beside each other, and the words of the paper', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vqkit-codes-'));
    const rows = loocRows.map((row) => ({ ...row, groups: [] }));
    await writePages('Spots', join(folder, 'spots'), await measured(), rows, {
      note: 'A note.',
      sharing: 'In the paper.',
    });
    const page = await readFile(join(folder, 'spots.md'), 'utf8');
    expect(page).toMatch(/\n\nA note\.\n\n/);
    expect(page).toMatch(
      /\n- LooC 32×4, cosine: all 32 pieces use more than 90 %[^\n]*at least 30 of the 32 pieces, most by 31 or more\./,
    );
    expect(page).toMatch(/\n- LooC 32×4 without the CVQ rule, cosine: all 32[^\n]*\n- In the paper\.\n/);
    expect(page).not.toMatch(/\n- LooC 256×4/);
    const pictures = [...page.matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)].map(([, file]) => file!);
    expect(pictures).toEqual([
      'spots-1.svg',
      'spots-1-looc-32x4-sharing.svg',
      'spots-1-looc-32x4-plain-sharing.svg',
      'spots-1-looc-32x4-codes.svg',
    ]);
    for (const file of pictures) expect(await readFile(join(folder, file), 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>$/);
    const map = await readFile(join(folder, pictures[3]!), 'utf8');
    for (const label of ['LooC 32×4, cosine', 'LooC 32×4 without the CVQ rule, cosine'])
      expect(map).toContain(`>${label}<`);
    await rm(folder, { recursive: true });
  });

  it('has a map alone where the other row is not there', async () => {
    const [known, plain] = await measured();
    const filesOf = (...results: RowResult[]): string[] =>
      codeReport('', results, loocRows, 'a').figures.map(({ file }) => file);
    expect(filesOf(known!)).toEqual(['a-looc-32x4-sharing.svg', 'a-looc-32x4-codes.svg']);
    expect(filesOf(plain!)).toEqual(['a-looc-32x4-plain-sharing.svg', 'a-looc-32x4-plain-codes.svg']);
    const { codeMap: _, ...rest } = known!.metrics;
    expect(filesOf({ ...known!, metrics: rest }, plain!)).toContain('a-looc-32x4-plain-codes.svg');
  });

  it('is made of older results, too, without what these do not have', async () => {
    const old = (await readResults(ownResults)).map((result) => {
      const { sharing: _, codeMap: __, ...metrics } = result.metrics;
      return { ...result, metrics };
    });
    const page = pageOf('Older', sectionsOf(old), loocRows, () => 'older.svg', { sharing: 'In the paper.' });
    expect(page).toMatch(/\| LooC 32×4, cosine \|/);
    expect(page).toMatch(/```\n$/);
    expect(page).not.toMatch(/In the paper|svg\)[\s\S]*svg\)/);
  });
});

it('keeps lists of numbers on one line, and older results as they are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vqkit-codes-'));
  const path = join(folder, 'results.json');
  const old = await readResults(ownResults);
  for (const result of old) await writeResult(path, result);
  expect(await readFile(path, 'utf8')).toBe(await readFile(ownResults, 'utf8'));
  const codeMap = { x: [1.5, -2], y: [0, 1e-7], uses: [3, 4] };
  const label = 'a [\\n 1, 2 ] list';
  const first = { ...old[0]!, label, metrics: { ...old[0]!.metrics, codeMap } };
  const all = await writeResult(path, first);
  expect(await readResults(path)).toEqual(all);
  expect(all.find(({ row }) => row === first.row)).toEqual(first);
  expect(await readFile(path, 'utf8')).toContain('"x": [1.5,-2],\n        "y": [0,1e-7],\n        "uses": [3,4]\n');
  await rm(folder, { recursive: true });
});
