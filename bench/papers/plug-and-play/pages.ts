/** Results: kept as JSON, shown as a page with a table and a picture. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ReportValue } from '../../harness/report.ts';
import { measuredLines, tableLines } from '../shared/markdown.ts';
import { svgOf } from '../shared/picture.ts';
import { plugRows } from './rows.ts';
import type { PlugResult } from './run.ts';

/** Codebooks of FSQ and LFQ are of a few values each, which all occur. */
const hasCodes = ({ row }: PlugResult): boolean => !/^(fsq|lookup-free)/.test(row);

const columns: Readonly<Record<string, (result: PlugResult) => ReportValue>> = {
  quantizer: ({ label }) => label,
  'index bits a position': ({ bitsPerPosition }) => bitsPerPosition.toFixed(2),
  'bits a position in files': ({ files }) => files.bitsInFile.toFixed(2),
  'bytes a file': ({ files }) => Math.round(files.bytes),
  bpp: ({ files }) => files.bpp.toFixed(4),
  LPIPS: ({ files }) => files.lpips.toFixed(4),
  'MS-SSIM': ({ files }) => files.msSsim.toFixed(4),
  PSNR: ({ files }) => files.psnr.toFixed(2),
  'codes used, %': (result) => (hasCodes(result) ? (100 * result.files.usage).toFixed(1) : '–'),
  'parameters, M': ({ parameters }) => (parameters / 1e6).toFixed(2),
  minutes: ({ trainingSeconds }) => Math.round(trainingSeconds / 60),
};

/** One row per result. */
export function cellsOf(results: readonly PlugResult[]): Readonly<Record<string, ReportValue>>[] {
  return results.map((result) =>
    Object.fromEntries(Object.entries(columns).map(([name, valueOf]) => [name, valueOf(result)])),
  );
}

/** The page. @param picture  Its path, as seen from the page. */
function plugPage(results: readonly PlugResult[], command: string, picture: string): string {
  const [{ steps, batch, crop, seed, files }] = results as [PlugResult];
  return [
    '# The photo tokenizer with every quantizer',
    '',
    `All rows are trained alike from nothing: ${steps} steps of ${batch} crops of ${crop}² pixels, L1 and LPIPS, seed ${seed}. The codes of \`vq\` start by k-means and follow by averages, those of the others follow`,
    `gradients. Files are \`.vqk\` files of ${files.pictures} pictures of Kodak, with priors that the entropy coder learned for each row from the same training photos; LPIPS (SqueezeNet) is also a training loss.`,
    'Codes used: mean over the codebooks; FSQ and LFQ have no codes but values.',
    '',
    `![LPIPS against the bytes of a file](${picture})`,
    '',
    ...['11', '22'].flatMap((group) => {
      const own = results.filter((result) => result.group === group);
      return own.length > 0 ? [`## About ${group} bits a position`, '', ...tableLines(cellsOf(own)), ''] : [];
    }),
    ...measuredLines(results, command),
  ].join('\n');
}

/** LPIPS against bytes, a dot per row; both are better where they are less. @returns SVG text. */
function drawPlug(results: readonly PlugResult[]): Promise<string> {
  const values = results.map(({ label, group, files: { bytes, lpips } }) => ({
    ...{ label, bytes, lpips },
    bits: `about ${group} bits a position`,
  }));
  const axis = (field: string, title: string) =>
    ({ field, type: 'quantitative', title, scale: { zero: false } }) as const;
  return svgOf({
    title: 'Kodak: LPIPS against bytes of files',
    width: 480,
    height: 360,
    background: 'white',
    padding: 20,
    data: { values },
    mark: { type: 'point', filled: true, size: 90, opacity: 1 },
    encoding: {
      x: axis('bytes', 'bytes of a .vqk file'),
      y: axis('lpips', 'LPIPS (squeeze)'),
      color: { field: 'label', type: 'nominal', title: null, legend: { labelLimit: 0 } },
      shape: { field: 'bits', type: 'nominal', title: null },
    },
  });
}

/** Results of a file; none when there is no file. @param place  Without an ending. */
export async function readPlugResults(place: string): Promise<PlugResult[]> {
  const text = await readFile(`${place}.json`, 'utf8').catch(() => '[]');
  return JSON.parse(text) as PlugResult[];
}

/** Writes a result in place of an older one of its row, with the page and the picture of all. @returns All, in the order of the rows. */
export async function writePlugResult(
  place: string,
  fresh: PlugResult,
  command: string,
  order: readonly { readonly id: string }[] = plugRows,
): Promise<PlugResult[]> {
  const others = (await readPlugResults(place)).filter(({ row }) => row !== fresh.row);
  const all = order.flatMap(({ id }) => [fresh, ...others].find(({ row }) => row === id) ?? []);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(`${place}.json`, `${JSON.stringify(all, null, 2)}\n`);
  await writeFile(`${place}.svg`, await drawPlug(all));
  await writeFile(`${place}.md`, plugPage(all, command, `${basename(place)}.svg`));
  return all;
}
