/**
 * What may happen to a training run: killed at any moment, a full disc, a folder that cannot be written, signals, photos
 * that vanish. A few of each with the other tests; `npm run faults` kills twenty times.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { random } from '@vqkit/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataPath, lacks } from '../../../tooling/shared-data.ts';
import { readLog } from './loop/log.ts';
import { writeNoisePhotos } from './testing/noise-photos.ts';
import { tinyWarmup } from './testing/tiny-photo-run.ts';

const lpips = 'weights/lpips_squeeze_v0.1.safetensors';
const steps = 16;
const kills = Number(process.env.VQKIT_KILLS ?? 4);
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** A run in a process of its own. */
interface Running {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** Resolves at the first line for which it holds; rejects when the process ends before. */
  until(test: (line: string) => boolean): Promise<void>;
  readonly ended: Promise<number | null>;
}

function start(photos: string, out: string): Running {
  const loader = new URL('../../../scripts/lib/typescript.mjs', import.meta.url).href;
  const args = [path('./testing/tiny-photo-run.ts'), photos, dataPath(lpips), out, String(steps)];
  const env = { ...process.env, TSX_TSCONFIG_PATH: path('../../../tsconfig.json') };
  const child = spawn(process.execPath, ['--import', loader, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = `${rest}${chunk}`.split('\n');
    rest = parts.pop()!;
    lines.push(...parts);
    for (const check of waiting) check();
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', (status) => resolve(status)));
  const until = (test: (line: string) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!lines.some(test)) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
      void ended.then(() => reject(new Error(`ended before: ${lines.join('; ')} ${errors}`)));
    });
  return { child, lines, until, ended };
}

const stepsIn = ({ lines }: Running): number[] =>
  lines.flatMap((line) => (line.startsWith('step ') ? [Number(line.slice(5))] : []));

/** Mounts a small file system, or says that it cannot. */
function mountTmpfs(folder: string, options: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status === 0;
}

describe.skipIf(lacks(lpips))(
  `a training run${lacks(lpips) ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  () => {
    let folder = '';
    let photos = '';
    let reference: Buffer;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vqkit-faults-'));
      photos = join(folder, 'photos');
      mkdirSync(photos);
      await writeNoisePhotos(photos, ['a.jpg', 'b.jpg', 'c.jpg']);
      const whole = start(photos, join(folder, 'whole'));
      expect(await whole.ended).toBe(0);
      reference = readFileSync(join(folder, 'whole/checkpoint.safetensors'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    /** Goes on to the end, which has to be that of an undisturbed run, bit for bit. */
    const finish = async (out: string): Promise<number[]> => {
      const run = start(photos, out);
      expect(await run.ended, run.lines.join('; ')).toBe(0);
      expect(readFileSync(join(out, 'checkpoint.safetensors')).equals(reference)).toBe(true);
      expect((await readLog(join(out, 'log.jsonl'))).map(({ step }) => step)).toEqual(
        [...Array(steps).keys()].map((i) => i + 1),
      );
      expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
      return stepsIn(run);
    };

    it(`loses one checkpoint interval at most when it is killed, ${kills} times`, async () => {
      const stream = random(Number(process.env.VQKIT_SEED ?? 1));
      const out = join(folder, 'killed');
      let done = 0;
      for (let i = 0; i < kills; i++) {
        // Evenly before and after quantization starts, and sometimes before the first step.
        if (done >= steps - 1) {
          rmSync(out, { recursive: true });
          done = 0;
        }
        const run = start(photos, out);
        const target = done + stream.integer(done < tinyWarmup ? tinyWarmup - done + 2 : steps - done);
        if (target > done) await run.until((line) => line === `step ${target}`);
        await new Promise((resolve) => setTimeout(resolve, stream.next() * (target > done ? 150 : 2000)));
        run.child.kill('SIGKILL');
        await run.ended;
        const [first = done + 1] = stepsIn(run);
        // Saved after every step: the step that was said last may be lost, no other.
        expect(first).toBeGreaterThanOrEqual(done);
        expect(first).toBeLessThanOrEqual(done + 2);
        done = Math.max(done, ...stepsIn(run));
      }
      await finish(out);
    });

    it.each(['SIGINT', 'SIGTERM'] as const)('stops in order at %s and goes on from there', async (signal) => {
      const out = join(folder, signal);
      const run = start(photos, out);
      await run.until((line) => line === 'step 3');
      run.child.kill(signal);
      expect(await run.ended).toBe(0);
      expect(run.lines.at(-1)).toMatch(/^aborted /);
      const said = stepsIn(run).at(-1)!;
      expect((await finish(out))[0]).toBe(said + 1);
    });

    it('ends when the disc is full, keeps its checkpoint, and goes on when there is room', async (context) => {
      const out = join(folder, 'full');
      mkdirSync(out);
      if (!mountTmpfs(out, 'size=32m')) return context.skip('no right to mount a small file system');
      try {
        const run = start(photos, out);
        await run.until((line) => line === 'step 4');
        for (let size = 2 ** 24; size >= 4096; size /= 2) {
          for (let i = 0; i < 8; i++) if (!fill(join(out, `filler-${size}-${i}`), size)) break;
        }
        expect(await run.ended).toBe(1);
        expect(run.lines.at(-1)).toBe('error OUTPUT_UNWRITABLE');
        expect(readdirSync(out).filter((name) => name.endsWith('.part'))).toEqual([]);
        for (const name of readdirSync(out)) if (name.startsWith('filler')) rmSync(join(out, name));
        const [first] = await finish(out);
        expect(first).toBeGreaterThanOrEqual(stepsIn(run).at(-1)!);
      } finally {
        spawnSync('umount', [out]);
      }
    });

    it('ends when its folder can no longer be written, and refuses to start in such a one', async (context) => {
      const out = join(folder, 'read-only');
      mkdirSync(out);
      const isRoot = process.getuid?.() === 0;
      if (isRoot && !mountTmpfs(out, 'size=32m')) return context.skip('no right to mount a small file system');
      const allow = (isAllowed: boolean): unknown =>
        isRoot
          ? spawnSync('mount', ['-o', `remount,${isAllowed ? 'rw' : 'ro'}`, out])
          : chmodSync(out, isAllowed ? 0o755 : 0o555);
      try {
        cpSync(join(folder, 'whole'), out, { recursive: true });
        allow(false);
        const refused = start(photos, out);
        expect(await refused.ended).toBe(1);
        expect(refused.lines).toEqual(['error OUTPUT_UNWRITABLE']);
        allow(true);
        await finish(out);
      } finally {
        if (isRoot) spawnSync('umount', [out]);
      }
    });

    it('goes on without a photo that is gone, and ends in order when all are', async () => {
      const own = join(folder, 'own-photos');
      cpSync(photos, own, { recursive: true });
      const out = join(folder, 'vanished');
      writeFileSync(join(own, 'cut.jpg'), readFileSync(join(own, 'a.jpg')).subarray(0, 900));
      const run = start(own, out);
      await run.until((line) => line === 'step 2');
      for (const name of readdirSync(own)) rmSync(join(own, name));
      // What is in memory is enough; otherwise the error names a photo.
      const status = await run.ended;
      expect(run.lines.at(-1)).toMatch(status === 0 ? /^finished 16 skipped [1-9]/ : /^error IMAGE_UNREADABLE/);
      const kept = readFileSync(join(out, 'checkpoint.safetensors'));
      const none = start(own, out);
      expect(await none.ended).toBe(1);
      expect(none.lines).toEqual(['error DATA_MISSING']);
      expect(readFileSync(join(out, 'checkpoint.safetensors')).equals(kept)).toBe(true);
      expect(existsSync(join(out, '.lock'))).toBe(false);
    });
  },
);

/** Writes a file of a size; false when there is no room. */
function fill(file: string, size: number): boolean {
  try {
    writeFileSync(file, new Uint8Array(size));
    return true;
  } catch {
    return false;
  }
}
