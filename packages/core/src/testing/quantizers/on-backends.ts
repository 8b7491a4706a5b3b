/** A quantizer on a backend against the reference: the same indices, close values, eager and compiled, nothing left. */
import type { Backend } from '../../backend/backend.ts';
import type { Quantizer } from '../../codebook/quantizer.ts';
import {
  add,
  compile,
  disposeTree,
  mean,
  square,
  type Tensor,
  tensor,
  tensorsOf,
  tidy,
  valueAndGrad,
} from '../../index.ts';
import { checkLeaks } from '../check-leaks.ts';
import { type Evaluated, expectEvaluated, uploadAll } from '../op-case.ts';
import { plainReference } from '../run-case.ts';
import { gradientChain } from '../tolerances.ts';
import { featuresOf, keyOf, openParams, paramsOf, type QuantizerSubject, upload } from './subject.ts';

/** One thing that a quantizer does on a backend as on the reference. */
export interface QuantizerBackendCase {
  readonly name: string;
  readonly run: <P, S>(subject: QuantizerSubject<P, S>, backend: Backend) => Promise<void>;
}

/** All that happens to a quantizer in a training step: forward, gradients of features and parameters, update. */
function trainingStep<P, S>(quantizer: Quantizer<P, S>) {
  return (params: P, z: Tensor, key: Tensor, weights?: Tensor) => {
    const { gradients, aux } = valueAndGrad((inputs: { params: P; z: Tensor }) => {
      const { quantized, indices, losses, statistics } = quantizer.quantize(inputs.params, inputs.z, { weights });
      const loss = Object.values(losses).reduce((a, b) => add(a, b), mean(square(quantized)));
      return { loss, aux: { quantized, indices, losses, statistics } };
    })({ params, z });
    const updated = quantizer.update(params, aux.statistics, { key });
    const { quantized, indices, losses } = aux;
    return { quantized, indices, losses, updated, gradients };
  };
}

async function readAll(tree: unknown): Promise<Evaluated[]> {
  return Promise.all(tensorsOf(tree).map(async (x) => ({ shape: x.shape, dtype: x.dtype, data: await x.data() })));
}

/** How a step is run. */
interface StepKind {
  readonly isCompiled?: boolean;
  readonly isWeighted?: boolean;
}

/** Runs a step with the subject's parameters on a backend, and reads everything that comes out. */
async function evaluateStep<P, S>(subject: QuantizerSubject<P, S>, backend: Backend, how: StepKind) {
  const source = plainReference();
  const { leaves, close } = await openParams(paramsOf(subject, source));
  source.dispose();
  const params = close(uploadAll(backend, leaves));
  const [z, key] = [upload(backend, featuresOf(subject)), keyOf(backend, 3)];
  const step = trainingStep(subject.create());
  const weights = how.isWeighted ? tensor(backend, [1, 0], [2, 1, 1, 1]) : undefined;
  const compiled = how.isCompiled ? compile(step) : undefined;
  const results = compiled ? compiled(params, z, key, weights) : tidy(() => step(params, z, key, weights));
  const values = await readAll(results);
  disposeTree([results, params, z, key, weights]);
  compiled?.dispose();
  return values;
}

async function compareSteps<P, S>(subject: QuantizerSubject<P, S>, backend: Backend, how: StepKind) {
  const reference = plainReference();
  const expected = await evaluateStep(subject, reference, { ...how, isCompiled: false });
  const actual = await evaluateStep(subject, backend, how);
  expectEvaluated(actual, expected, gradientChain, 'training step');
  reference.dispose();
}

/** Cases for each backend. */
export const backendCases: readonly QuantizerBackendCase[] = [
  {
    name: 'makes a training step as the reference',
    run: (subject, backend) => checkLeaks(backend, () => compareSteps(subject, backend, {})),
  },
  {
    name: 'makes a compiled training step as the reference',
    run: (subject, backend) => checkLeaks(backend, () => compareSteps(subject, backend, { isCompiled: true })),
  },
  {
    name: 'makes a compiled training step with positions of weight 0 as the reference',
    run: (subject, backend) =>
      checkLeaks(backend, () => compareSteps(subject, backend, { isCompiled: true, isWeighted: true })),
  },
  {
    name: 'encodes and decodes as the reference when compiled',
    run: (subject, backend) =>
      checkLeaks(backend, async () => {
        const there = async (on: Backend, isCompiled: boolean): Promise<Evaluated[]> => {
          const quantizer = subject.create();
          const params = paramsOf(subject, on);
          const z = upload(on, featuresOf(subject, 4));
          const code = (p: typeof params, x: Tensor) => {
            const indices = quantizer.encode(p, x);
            return { indices, restored: quantizer.decode(p, indices) };
          };
          const compiled = isCompiled ? compile(code) : undefined;
          const results = compiled ? compiled(params, z) : tidy(() => code(params, z));
          const values = await readAll(results);
          disposeTree([results, params, z]);
          compiled?.dispose();
          return values;
        };
        const reference = plainReference();
        expectEvaluated(await there(backend, true), await there(reference, false), gradientChain, 'codec');
        reference.dispose();
      }),
  },
];
