/**
 * The calibration: every golden value beside ours. Published values are met to their printed digits, and the README shows
 * the table. To make it again:
 *
 *   VQKIT_WRITE_CALIBRATION=1 npm test -- packages/metrics/test
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onnx } from '@vqkit/backend-onnx';
import { beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../src/testing/data.ts';
import { imageRows } from './image-rows.ts';
import { networkRows } from './network-rows.ts';
import { rateRows } from './rate-rows.ts';
import { type CalibrationRow, digitsAgree } from './row.ts';
import { setRows } from './set-rows.ts';
import { rowKey, toMarkdown, withTable } from './table.ts';

const readme = fileURLToPath(new URL('../../README.md', import.meta.url));
const files = [
  'metric-golden/golden.json',
  'weights/lpips_squeeze_v0.1.safetensors',
  'weights/niqe_pristine.safetensors',
];

describe.skipIf(lacks(...files))('calibration', () => {
  let rows: CalibrationRow[] = [];
  beforeAll(async () => {
    const backend = await onnx();
    rows = [...(await imageRows()), ...(await networkRows(backend)), ...rateRows(), ...setRows()];
    backend.dispose();
    if (process.env.VQKIT_WRITE_CALIBRATION === undefined) return;
    writeFileSync(readme, withTable(readFileSync(readme, 'utf8'), toMarkdown(rows)));
  });

  it('meets every value to its printed digits, or to the tolerance that its row states', () => {
    expect(rows.length).toBeGreaterThan(60);
    expect(rows.filter(({ isPublished }) => isPublished).length).toBeGreaterThan(10);
    expect(rows.filter(({ isPublished, tolerance }) => isPublished && tolerance).map(rowKey)).toHaveLength(3);
    expect(rows.filter((row) => !digitsAgree(row)).map((row) => `${rowKey(row)} ours ${row.ours}`)).toEqual([]);
  });

  it('stands in the README', () => {
    const text = readFileSync(readme, 'utf8');
    expect(rows.map(rowKey).filter((key) => !text.includes(key))).toEqual([]);
  });
});
