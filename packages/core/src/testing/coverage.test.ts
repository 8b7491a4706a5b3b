/** The kit leaves no kernel and no op out: a recorder on the reference sees what the cases ask for. */
import { describe, expect, it } from 'vitest';
import type { CompositeKernel } from '../backend/composites.ts';
import type { BinaryOp, CompareOp, ReduceOp, UnaryOp } from '../backend/kernels.ts';
import { cpu } from '../cpu/cpu.ts';
import { requiredKernels } from '../cpu/run-on-host.ts';
import { conformanceCases } from './cases/index.ts';
import { delegate } from './delegate.ts';
import { runConformance } from './run-conformance.ts';

// Records, so that a name that is missing here is a compile error.
const composites: Record<CompositeKernel, true> = {
  nearestCode: true,
  codeStatistics: true,
  softmax: true,
  logSoftmax: true,
  layerNorm: true,
  groupNorm: true,
  conv2dFused: true,
  attention: true,
  resize: true,
  pixelShuffle: true,
  pixelUnshuffle: true,
  silu: true,
  siluGrad: true,
  gelu: true,
  leakyRelu: true,
  crossEntropy: true,
  groupNormGrad: true,
  layerNormGrad: true,
  adamStep: true,
  randomBits: true,
};

type Ops = { unary: UnaryOp; binary: BinaryOp; compare: CompareOp; reduce: ReduceOp };

const ops: { readonly [K in keyof Ops]: Record<Ops[K], true> } = {
  unary: {
    identity: true,
    neg: true,
    abs: true,
    sign: true,
    square: true,
    exp: true,
    log: true,
    sqrt: true,
    rsqrt: true,
    reciprocal: true,
    sin: true,
    cos: true,
    tanh: true,
    sigmoid: true,
    relu: true,
    erf: true,
    floor: true,
    ceil: true,
    round: true,
    not: true,
  },
  binary: {
    add: true,
    sub: true,
    mul: true,
    div: true,
    pow: true,
    max: true,
    min: true,
    mod: true,
    and: true,
    or: true,
    xor: true,
    shl: true,
    shr: true,
  },
  compare: { eq: true, ne: true, lt: true, le: true, gt: true, ge: true },
  reduce: { sum: true, mean: true, max: true, min: true, prod: true },
};

describe('the conformance kit', () => {
  it('asks for every required kernel, every op of theirs, and every composite op', async () => {
    const asked = new Set<string>();
    const create = () => {
      const backend = cpu();
      return delegate(backend, {
        supports: (kernel) => {
          asked.add(kernel);
          return false;
        },
        run: (call) => {
          asked.add(call.kernel).add(`${call.kernel} ${String(call.attributes.op)}`);
          return backend.run(call);
        },
      });
    };
    // The large cases ask for nothing new.
    const cases = conformanceCases.filter(({ name }) => !/large|70,?001/.test(name));
    expect(await runConformance(create, { cases })).toMatchObject({ failed: 0 });
    const expected = [
      ...requiredKernels,
      ...Object.keys(composites),
      ...Object.entries(ops).flatMap(([kernel, names]) => Object.keys(names).map((op) => `${kernel} ${op}`)),
    ];
    expect(expected.filter((name) => !asked.has(name))).toEqual([]);
  });

  it('names every case once', () => {
    const names = conformanceCases.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});
