import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeInt8Weights } from '../../../../tooling/int8-weights.ts';
import { describeWeights } from '../../shared/src/testing/describe-weights.ts';
import * as node from './index.ts';
import * as int8 from './int8.ts';
import * as int8Web from './int8-web.ts';
import * as web from './web.ts';

const [folder, small] = [new URL('../files/', import.meta.url), 'prior-8.vqp'];

describe('in f16', () => {
  describeWeights({ node, web, folder, small, others: ['weights-int8.safetensors'] });
});

describe('in int8', () => {
  describeWeights({ node: int8, web: int8Web, folder, small, others: ['weights.safetensors'] });

  it('is made of the f16 file, to these very bytes, and is what a page takes: at most 9 MB', async () => {
    const bytes = await makeInt8Weights();
    const facts = int8.files['weights-int8.safetensors'];
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(facts.sha256);
    expect(facts.bytes).toBe(bytes.length);
    expect(facts.bytes).toBeLessThanOrEqual(9e6);
  });

  it('says the same of itself, but for the file', () => {
    const { weights, ...manifest } = int8.manifest;
    expect(manifest).toEqual(node.manifest);
    expect(Object.keys(int8.files)).toContain(weights);
    expect(Object.keys(int8.files)).not.toContain('weights.safetensors');
  });
});
