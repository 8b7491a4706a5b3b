/**
 * The test of the whole: a training step of a small convolutional autoencoder (forward, gradients, Adam, EMA of the
 * weights), compiled on the backend, against the same step run eagerly on the reference.
 *
 * x → conv, stride 2 → groupNorm, silu → conv → upsample → conv → xHat
 */
import type { Backend } from '../../backend/backend.ts';
import {
  adam,
  compile,
  conv2d,
  disposeTree,
  emaUpdate,
  groupNorm,
  mean,
  random,
  square,
  sub,
  type Tensor,
  tensorsOf,
  tidy,
  upsampleNearest,
  valueAndGrad,
  zerosLike,
} from '../../index.ts';
import { expectSameBits, scaleTolerance } from '../assertions.ts';
import type { CaseContext, ConformanceCase } from '../conformance-case.ts';
import { type Evaluated, expectEvaluated } from '../op-case.ts';

type Params = Record<'down' | 'middle' | 'up' | 'scale' | 'shift', Tensor>;

// A large ε keeps Adam from turning the sign of a vanishing gradient, which is only rounding, into a full step.
const optimizer = adam<Params>({ epsilon: 1e-3, weightDecay: 0.01 });

function autoencode({ down, middle, up, scale, shift }: Params, x: Tensor): Tensor {
  const z = groupNorm(conv2d(x, down, { strides: 2, pads: 1 }), scale, shift, { groups: 2, activation: 'silu' });
  return conv2d(upsampleNearest(conv2d(z, middle, { pads: 'same' }), 2), up, { pads: 'same' });
}

function start(backend: Backend) {
  const noise = random(77);
  const params: Params = {
    down: noise.normal(backend, [4, 4, 3, 8], 0, 0.15),
    middle: noise.normal(backend, [3, 3, 8, 4], 0, 0.15),
    up: noise.normal(backend, [3, 3, 4, 3], 0, 0.15),
    scale: noise.uniform(backend, [8], 0.8, 1.2),
    shift: noise.uniform(backend, [8], -0.1, 0.1),
  };
  const average = Object.fromEntries(Object.entries(params).map(([key, value]) => [key, zerosLike(value)])) as Params;
  return { params, average, state: optimizer.init(params) };
}

type State = ReturnType<typeof start>;

function step({ params, average, state }: State, x: Tensor): State & { loss: Tensor } {
  const loss = (p: Params): Tensor => mean(square(sub(autoencode(p, x), x)));
  const { value, gradients } = valueAndGrad(loss)(params);
  const updated = optimizer.update(params, gradients, state, 0.01);
  return { ...updated, average: emaUpdate(average, updated.params, 0.9), loss: value };
}

/** Runs three steps on different batches and reads everything: parameters, moments, averages and all losses. */
async function train(backend: Backend, run: typeof step): Promise<Evaluated[]> {
  let state: State = tidy(() => start(backend));
  const losses: Tensor[] = [];
  try {
    for (const seed of [1, 2, 3]) {
      const x = random(seed).uniform(backend, [2, 8, 8, 3]);
      const { loss, ...next } = tidy(() => run(state, x));
      disposeTree([state, x]);
      losses.push(loss);
      state = next;
    }
    const read = async (x: Tensor): Promise<Evaluated> => ({ shape: x.shape, dtype: x.dtype, data: await x.data() });
    return await Promise.all(tensorsOf([state, losses]).map(read));
  } finally {
    disposeTree([state, losses]);
  }
}

async function trainCompiled({ backend }: CaseContext): Promise<Evaluated[]> {
  const program = compile(step);
  try {
    return await train(backend, program);
  } finally {
    program.dispose();
  }
}

/** Three steps of Adam multiply a relative error of 1e-4 in gradients; parameters move by up to 0.03 meanwhile. */
const tolerance = { relative: 2e-3, absolute: 2e-4 };

/** Whole training steps. */
export const trainingCases: readonly ConformanceCase[] = [
  {
    name: 'training: eager steps equal the reference',
    run: async ({ backend, reference, toleranceScale }) => {
      expectEvaluated(
        await train(backend, step),
        await train(reference, step),
        scaleTolerance(tolerance, toleranceScale),
      );
    },
  },
  {
    name: 'training: compiled steps equal the eager reference',
    run: async (context) => {
      const expected = await train(context.reference, step);
      expectEvaluated(await trainCompiled(context), expected, scaleTolerance(tolerance, context.toleranceScale));
    },
  },
  {
    name: 'training: the same seed gives the same bits twice',
    run: async (context) => {
      const first = await trainCompiled(context);
      const second = await trainCompiled(context);
      first.forEach(({ data }, i) => expectSameBits(second[i]!.data, data, `tensor ${i}`));
    },
  },
];
