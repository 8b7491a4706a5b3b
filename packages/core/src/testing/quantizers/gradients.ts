/**
 * Gradients of quantizers. Quantization has none, so each says what it puts in its place: `quantized` is compared with
 * differences of its surrogate, and each loss with differences of itself, where it claims a true derivative.
 */
import { cpu } from '../../cpu/cpu.ts';
import type { HostTensor } from '../../cpu/host-kernel.ts';
import type { TypedArray } from '../../dtype.ts';
import { concat, mul, type Tensor, tensor, valueAndGrad } from '../../index.ts';
import { exact, expectClose, expectSameBits, expectThat, type Tolerance } from '../assertions.ts';
import { analyticGradients, centralDifferences } from '../central-differences.ts';
import { evaluate, uploadAll } from '../op-case.ts';
import type { QuantizerCase } from './laws.ts';
import { featuresOf, openParams, paramsOf, type QuantizerSubject, upload } from './subject.ts';

/** Losses are means of values about 1, differences of them carry 6e-8/h of rounding. */
const tolerance: Tolerance = { relative: 5e-3, absolute: 1e-4 };

const defaultStep = 2 ** -7;

/** Features whose indices stay the same within two steps along every axis, so that differences stay on one piece. */
async function steadyFeatures<P, S>(subject: QuantizerSubject<P, S>, leaves: HostTensor[], close: (l: Tensor[]) => P) {
  const { step = defaultStep } = subject;
  const quantizer = subject.create();
  const backend = cpu();
  const indicesOf = async (z: HostTensor): Promise<string> => {
    const run = (x: Tensor, ...rest: Tensor[]): Tensor => quantizer.encode(close(rest), x);
    const [out] = await evaluate(backend, run as (...inputs: Tensor[]) => Tensor, [z, ...leaves]);
    return out!.data.join();
  };
  for (let seed = 1; seed <= 200; seed++) {
    const z = featuresOf({ ...subject, size: [1, 1, 2] }, seed);
    const base = await indicesOf(z);
    let isSteady = true;
    for (let i = 0; i < z.data.length && isSteady; i++) {
      for (const distance of [-2.5 * step, 2.5 * step]) {
        const data = z.data.slice();
        data[i]! += distance;
        isSteady &&= (await indicesOf({ ...z, data })) === base;
      }
    }
    if (isSteady) return z;
  }
  throw new Error('expected features whose indices do not change within two steps; lower `step` of the subject');
}

async function open<P, S>(subject: QuantizerSubject<P, S>) {
  const backend = cpu();
  const { leaves, close } = await openParams(paramsOf(subject, backend));
  const z = await steadyFeatures(subject, leaves, close);
  return { backend, leaves, close, z, inputs: [z, ...leaves], quantizer: subject.create() };
}

/** Cases about gradients. */
export const gradientCases: readonly QuantizerCase[] = [
  {
    name: 'passes to the features the gradient of its surrogate, and to the parameters the same or none, as it says',
    run: async (subject) => {
      const { backend, inputs, close, quantizer, z, leaves } = await open(subject);
      const { surrogate = (x: Tensor) => x, trainsThrough = false, step = defaultStep } = subject;
      const quantized = (x: Tensor, ...rest: Tensor[]): Tensor => quantizer.quantize(close(rest), x).quantized;
      const count = leaves.length;
      const stand = (x: Tensor, base: Tensor, ...rest: Tensor[]): Tensor =>
        surrogate(x, base, close(rest.slice(0, count)), close(rest.slice(count)));
      const actual = await analyticGradients(backend, quantized as (...all: Tensor[]) => unknown, inputs);
      const floats = leaves.flatMap(({ dtype }, i) => (dtype === 'f32' ? [i] : []));
      const wrt = [0, ...(trainsThrough ? floats.map((i) => i + 2) : [])];
      const all = [z, z, ...leaves, ...leaves];
      const [expected, ...ofParams] = await centralDifferences(backend, stand as (...all: Tensor[]) => unknown, all, {
        step,
        wrt,
      });
      expectClose(actual[0]!.data, expected!, tolerance, 'gradient of z through quantized');
      actual.slice(1).forEach(({ data }, i) => {
        const wanted = ofParams[i] ?? new Float32Array(data.length);
        expectClose(
          data,
          wanted,
          trainsThrough ? tolerance : exact,
          `gradient of parameter ${floats[i]} through quantized`,
        );
      });
      backend.dispose();
    },
  },
  {
    name: 'has losses whose gradients are their derivatives where it says so, and zero elsewhere',
    run: async (subject) => {
      const { backend, inputs, close, quantizer, leaves } = await open(subject);
      const { derivatives = {}, step = defaultStep } = subject;
      const lossesOf = (x: Tensor, ...rest: Tensor[]) => quantizer.quantize(close(rest), x).losses;
      const names = Object.keys(lossesOf(...(uploadAll(backend, inputs) as [Tensor, ...Tensor[]])));
      const claimed = Object.keys(derivatives);
      expectThat(
        names.slice().sort().join() === claimed.slice().sort().join(),
        `expected claims about the losses ${names}, got claims about ${claimed}`,
      );
      for (const name of names) {
        const claim = derivatives[name]!;
        if (claim === 'other') continue;
        const loss = ((x: Tensor, ...rest: Tensor[]) => lossesOf(x, ...rest)[name]!) as (...all: Tensor[]) => unknown;
        const actual = await analyticGradients(backend, loss, inputs);
        const floats = inputs.flatMap(({ dtype }, i) => (dtype === 'f32' ? [i] : []));
        for (const [place, input] of floats.entries()) {
          const isTrue = claim.includes(input === 0 ? 'z' : 'params');
          const expected = isTrue
            ? (await centralDifferences(backend, loss, inputs, { step, wrt: [input] }))[0]!
            : new Float32Array(inputs[input]!.data.length);
          const what = `gradient of ${name} for ${input === 0 ? 'z' : `parameter ${input - 1} of ${leaves.length}`}`;
          expectClose(actual[place]!.data, expected, isTrue ? tolerance : exact, what);
        }
      }
      backend.dispose();
    },
  },
  {
    name: 'passes no gradient of its losses to positions of weight 0, whatever their vectors are',
    run: async (subject) => {
      const backend = cpu();
      const quantizer = subject.create();
      const params = paramsOf(subject, backend);
      const z = featuresOf({ ...subject, size: [1, 2, 3] });
      const half = upload(backend, z);
      const weights = tensor(backend, [1, 0], [2, 1, 1, 1]);
      const gradientsBeside = async (factor: number): Promise<TypedArray[]> => {
        const x = concat([half, mul(half, factor)]);
        const gradientOf = (name: string) => valueAndGrad((y: Tensor) => lossesOf(y)[name]!)(x).gradients.data();
        return Promise.all(Object.keys(lossesOf(x)).map(gradientOf));
      };
      const lossesOf = (x: Tensor) => quantizer.quantize(params, x, { weights }).losses;
      const expected = await gradientsBeside(1);
      for (const all of expected) {
        expectSameBits(all.slice(z.data.length), new Float32Array(z.data.length), 'gradients without weight');
      }
      for (const factor of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const found = await gradientsBeside(factor);
        found.forEach((gradient, i) => void expectSameBits(gradient, expected[i]!, `gradients beside ${factor}`));
      }
      backend.dispose();
    },
  },
];
