/** The laws of the `Quantizer` contract, on the reference backend: shapes, round trips, seeds, files, memory. */
import type { Backend } from '../../backend/backend.ts';
import { cpu } from '../../cpu/cpu.ts';
import { sameShape, type TypedArray } from '../../dtype.ts';
import {
  concat,
  disposeTree,
  entriesOf,
  isTensor,
  loadTree,
  mul,
  restoreTree,
  saveTree,
  slice,
  type Tensor,
  tensor,
  tensorsOf,
  zeros,
} from '../../index.ts';
import { expectClose, expectSameBits, expectThat } from '../assertions.ts';
import { checkLeaks } from '../check-leaks.ts';
import { chained } from '../tolerances.ts';
import { featuresOf, keyOf, paramsOf, type QuantizerSubject, roundTripOf, upload } from './subject.ts';

/** One thing that every quantizer must keep. */
export interface QuantizerCase {
  readonly name: string;
  readonly run: <P, S>(subject: QuantizerSubject<P, S>) => Promise<void>;
}

/** Gives a case its own backend, and makes sure that the case and the quantizer leave nothing on it. */
async function onReference(run: (backend: Backend) => Promise<unknown>): Promise<void> {
  const backend = cpu();
  await run(backend);
  backend.dispose();
}

async function valuesOf(tree: unknown): Promise<TypedArray[]> {
  return Promise.all(tensorsOf(tree).map((x) => x.data()));
}

/** Fails unless two trees have the same paths, shapes, dtypes and bits. */
async function expectSameTree(actual: unknown, expected: unknown, what: string): Promise<void> {
  const [a, b] = [actual, expected].map((tree) => entriesOf(tree).filter(([, leaf]) => isTensor(leaf))) as [
    [string, Tensor][],
    [string, Tensor][],
  ];
  const list = (entries: [string, Tensor][]): string => entries.map(([path, x]) => `${path}:[${x.shape}]`).join(' ');
  expectThat(list(a) === list(b), `${what}: expected the tree ${list(b)}, got ${list(a)}`);
  for (const [i, [path, x]] of a.entries()) {
    expectSameBits(await x.data(), await b[i]![1].data(), `${what} ${path}`);
  }
}

/** Indices of all slots are below their codebook sizes. */
async function expectInRange(indices: Tensor, sizes: readonly number[]): Promise<void> {
  const values = await indices.data();
  const bad = values.findIndex((index, i) => index >= sizes[i % sizes.length]!);
  expectThat(bad < 0, `expected indices below [${sizes}], got ${values[bad]} at ${bad}`);
}

/** Cases that need nothing but the reference. */
export const lawCases: readonly QuantizerCase[] = [
  {
    name: 'gives indices [N, H, W, S] below the codebook sizes, and what they cost in bits',
    run: (subject) =>
      onReference(async (backend) => {
        const quantizer = subject.create();
        const { codebookSizes, bitsPerPosition } = quantizer;
        const z = upload(backend, featuresOf(subject));
        const { quantized, indices } = quantizer.quantize(paramsOf(subject, backend), z);
        const expected = [...z.shape.slice(0, 3), codebookSizes.length];
        expectThat(sameShape(indices.shape, expected), `expected indices [${expected}], got [${indices.shape}]`);
        expectThat(indices.dtype === 'u32', `expected indices u32, got ${indices.dtype}`);
        expectThat(sameShape(quantized.shape, z.shape), `expected quantized [${z.shape}], got [${quantized.shape}]`);
        await expectInRange(indices, codebookSizes);
        const bits = codebookSizes.reduce((total, size) => total + Math.log2(size), 0);
        expectClose([bitsPerPosition], [bits], { relative: 1e-12, absolute: 0 }, 'bits per position');
      }),
  },
  {
    name: 'restores the vectors from the indices alone',
    run: (subject) =>
      onReference(async (backend) => {
        const quantizer = subject.create();
        const params = paramsOf(subject, backend);
        for (const seed of [1, 2, 3]) {
          const z = upload(backend, featuresOf(subject, seed));
          const { quantized, indices } = quantizer.quantize(params, z);
          const encoded = quantizer.encode(params, z);
          expectSameBits(await encoded.data(), await indices.data(), 'encode and quantize');
          const restored = quantizer.decode(params, tensor(backend, await encoded.data(), encoded.shape));
          expectClose(await restored.data(), await quantized.data(), roundTripOf(subject), 'decode(encode(z))');
        }
      }),
  },
  {
    name: 'gives the same parameters, indices and updates for the same seed',
    run: (subject) =>
      onReference(async (backend) => {
        const quantizer = subject.create();
        const once = (): unknown => {
          const params = quantizer.init(backend, 11);
          const result = quantizer.quantize(params, upload(backend, featuresOf(subject)));
          return [params, result, quantizer.update(params, result.statistics, { key: keyOf(backend, 5) })];
        };
        await expectSameTree(once(), once(), 'second run');
      }),
  },
  {
    name: 'gives other parameters for another seed',
    run: (subject) =>
      onReference(async (backend) => {
        if (subject.isSeeded === false) return;
        const [a, b] = [1, 2].map((seed) => subject.create().init(backend, seed));
        const [x, y] = [await valuesOf(a), await valuesOf(b)];
        expectThat(
          x.some((values, i) => values.join() !== y[i]!.join()),
          'expected parameters that depend on the seed, got the same twice',
        );
      }),
  },
  {
    name: 'takes empty batches and single positions',
    run: (subject) =>
      onReference(async (backend) => {
        const quantizer = subject.create();
        const params = paramsOf(subject, backend);
        const { dimension, codebookSizes } = quantizer;
        for (const lead of [
          [0, 2, 3],
          [1, 1, 1],
        ]) {
          const z = zeros(backend, [...lead, dimension]);
          const indices = quantizer.encode(params, z);
          expectThat(
            sameShape(indices.shape, [...lead, codebookSizes.length]),
            `expected indices of the positions [${lead}], got [${indices.shape}]`,
          );
          const restored = quantizer.decode(params, indices);
          expectThat(sameShape(restored.shape, z.shape), `expected vectors [${z.shape}], got [${restored.shape}]`);
          const { statistics } = quantizer.quantize(params, z);
          quantizer.update(params, statistics, { key: keyOf(backend, 1) });
        }
      }),
  },
  {
    name: 'leaves positions of weight 0 out of its losses',
    run: (subject) =>
      onReference(async (backend) => {
        const quantizer = subject.create();
        const params = paramsOf(subject, backend);
        const z = upload(backend, featuresOf(subject));
        const half = slice(z, [0, 0, 0, 0], { size: [1, ...z.shape.slice(1)] });
        const weights = tensor(backend, [1, 0], [2, 1, 1, 1]);
        const weighted = quantizer.quantize(params, z, { weights });
        const alone = quantizer.quantize(params, half);
        for (const [name, loss] of Object.entries(weighted.losses)) {
          expectClose(await loss.data(), await alone.losses[name]!.data(), chained, `weighted loss ${name}`);
        }
        const broken = concat([half, mul(half, Number.NaN)]);
        const others = quantizer.quantize(params, broken, { weights });
        for (const [name, loss] of Object.entries(others.losses))
          expectClose(
            await loss.data(),
            await alone.losses[name]!.data(),
            chained,
            `${name} beside NaN without weight`,
          );
        const plain = quantizer.quantize(params, z);
        expectSameBits(await weighted.quantized.data(), await plain.quantized.data(), 'quantized with weights');
      }),
  },
  {
    name: 'leaves positions of weight 0 out of its updates, whatever their vectors are',
    run: (subject) =>
      onReference(async (backend) => {
        const quantizer = subject.create();
        const params = paramsOf(subject, backend);
        const after = (hidden: number, weights: readonly number[], steps: number): unknown => {
          let current = params;
          for (let step = 0; step < steps; step++) {
            const { shape, data } = featuresOf(subject, step);
            const half = data.length / 2;
            const z = tensor(
              backend,
              Float32Array.from(data, (x, i) => (i < half ? x : hidden * (1 + (i % 3)))),
              shape,
            );
            const options = { weights: tensor(backend, weights, [2, 1, 1, 1]), key: keyOf(backend, step) };
            const { statistics } = quantizer.quantize(current, z, options);
            current = quantizer.update(current, statistics, { key: keyOf(backend, 50 + step) });
          }
          return current;
        };
        await expectSameTree(after(1000, [1, 0], 6), after(-3, [1, 0], 6), 'parameters after updates');
        await expectSameTree(
          after(Number.NaN, [1, 0], 6),
          after(-3, [1, 0], 6),
          'parameters beside NaN without weight',
        );
        await expectSameTree(after(1000, [0, 0], 2), params, 'parameters after batches without weight');
      }),
  },
  {
    name: 'keeps the shape of its parameter tree in update, with values that outlive the old ones',
    run: (subject) =>
      onReference(async (backend) => {
        const quantizer = subject.create();
        const params = paramsOf(subject, backend);
        const result = quantizer.quantize(params, upload(backend, featuresOf(subject)));
        const updated = quantizer.update(params, result.statistics, { key: keyOf(backend, 1) });
        const describe = (tree: unknown): string =>
          entriesOf(tree)
            .map(([path, x]) => `${path}:${isTensor(x) ? `${x.dtype}[${x.shape}]` : String(x)}`)
            .join(' ');
        expectThat(
          describe(updated) === describe(params),
          `expected parameters ${describe(params)} after an update, got ${describe(updated)}`,
        );
        disposeTree([params, result]);
        await valuesOf(updated);
      }),
  },
  {
    name: 'works the same after its parameters were saved to a file and loaded',
    run: (subject) =>
      onReference(async (backend) => {
        const quantizer = subject.create();
        const params = paramsOf(subject, backend);
        const z = upload(backend, featuresOf(subject));
        const file = await saveTree(params);
        const { tree: restored } = await restoreTree(backend, file, params);
        await expectSameTree(restored, params, 'restored');
        expectSameBits(
          await quantizer.encode(restored, z).data(),
          await quantizer.encode(params, z).data(),
          'indices with loaded parameters',
        );
        const { tree } = await loadTree(backend, file);
        if (tensorsOf(params).length > 0) await expectSameTree(tree, params, 'loaded');
      }),
  },
  {
    name: 'leaves no tensors behind',
    run: (subject) =>
      onReference(async (backend) => {
        const quantizer = subject.create();
        await checkLeaks(backend, () => quantizer.init(backend, 1));
        const params = paramsOf(subject, backend);
        const z = upload(backend, featuresOf(subject));
        const key = keyOf(backend, 1);
        const indices = quantizer.encode(params, z);
        const { statistics } = quantizer.quantize(params, z);
        await checkLeaks(backend, () => quantizer.encode(params, z));
        await checkLeaks(backend, () => quantizer.decode(params, indices));
        await checkLeaks(backend, () => quantizer.quantize(params, z));
        await checkLeaks(backend, () => quantizer.update(params, statistics, { key }));
      }),
  },
];
