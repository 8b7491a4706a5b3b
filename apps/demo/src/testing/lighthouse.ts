/**
 * Lighthouse on the built page, as a phone on a slow network and as a desktop: `npm run demo -- lighthouse`.
 *
 * It is fetched when this runs, and no dependency: it brings some two hundred packages, and whole tests need none of them.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from '../../../../tooling/run-in-chromium.ts';
import { openDemo } from './demo.ts';

/** The last that runs on Node 20. */
const version = '12.8.2';

/** What the page is held to, of 100. */
const least = { performance: 95, accessibility: 95 } as const;

const flags = '--headless=new --no-sandbox --disable-background-networking --disable-component-update --disable-sync';

interface Report {
  readonly categories: Readonly<Record<string, { readonly title: string; readonly score: number }>>;
  readonly audits: Readonly<Record<string, { readonly title: string; readonly displayValue?: string }>>;
}

async function reportOf(address: string, file: string, more: readonly string[]): Promise<Report> {
  const categories = `--only-categories=${[...Object.keys(least), 'best-practices'].join()}`;
  const options = ['--quiet', '--output=json', `--output-path=${file}`, categories, `--chrome-flags=${flags}`, ...more];
  const npm = ['exec', '--yes', `--package=lighthouse@${version}`, '--', 'lighthouse', address, ...options];
  const env = { ...process.env, CHROME_PATH: findChromium() };
  const shell = process.platform === 'win32';
  const child = spawn('npm', npm, { shell, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const status = await new Promise((done) => child.on('close', done));
  if (status !== 0) throw new Error(`expected Lighthouse to end with 0, got ${status}. Look at what it printed`);
  return JSON.parse(readFileSync(file, 'utf8')) as Report;
}

const demo = await openDemo();
try {
  for (const [title, more] of [
    ['phone, slow network', []],
    ['desktop', ['--preset=desktop']],
  ] as const) {
    const { categories, audits } = await reportOf(demo.server.origin, join(demo.folder, 'report.json'), more);
    const scores = Object.entries(categories).map(([name, { score }]) => [name, Math.round(100 * score)] as const);
    const times = [
      'first-contentful-paint',
      'largest-contentful-paint',
      'total-blocking-time',
      'cumulative-layout-shift',
    ];
    const words = [
      ...scores.map(([name, score]) => `${name} ${score}`),
      ...times.map((name) => `${name} ${audits[name]?.displayValue}`),
    ];
    process.stdout.write(`${title}: ${words.join(', ')}\n`);
    if (scores.some(([name, score]) => score < (least[name as keyof typeof least] ?? 0))) process.exitCode = 1;
  }
} finally {
  await demo.close();
}
