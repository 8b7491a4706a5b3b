import { describe, expect, it } from 'vitest';
import { sampleEvaluation } from '../testing/sample-evaluation.ts';
import { writeReport } from './report.ts';

describe('writeReport', () => {
  const page = writeReport(sampleEvaluation(), {
    command: 'vqkit eval folder',
    modelId: 'photo-1',
    backend: 'onnx',
    picture: 'chart.png',
  });

  it('says what was measured and how to do it again', () => {
    expect(page).toContain('2 images, coded with the weights `photo-1`');
    expect(page).toContain('```sh\nvqkit eval folder\n```');
    expect(page).toContain('![Quality against rate, and image by image](chart.png)');
  });

  it('has every rate, every codec and every image', () => {
    const rows = page.split('\n');
    expect(rows).toContain('| vqkit, at most 0.04 bpp | 0.0400 | 24.50 | 0.640 | 0.840 | – | 200 | 400 |');
    expect(rows).toContain('| vqkit, at most 0.02 bpp | 0.0200 | 22.50 | 0.620 | 0.820 | – | 200 | 400 |');
    expect(rows).toContain('| AVIF | 0.0690 | 27.40 | 0.669 | 0.869 | – |  |  |');
    expect(rows).toContain('| b.png | 1966 | 0.0400 | 25.00 | 0.640 | 0.840 | – | 0.0690 / – |');
  });

  it('has as many cells in every row of a table as in its head', () => {
    for (const table of page.split('\n\n').filter((block) => block.startsWith('|'))) {
      const counts = table
        .trim()
        .split('\n')
        .map((row) => row.split('|').length);
      expect(new Set(counts).size).toBe(1);
    }
  });
});
