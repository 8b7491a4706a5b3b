/** Runs one convolution or the residual stack: in a session of onnxruntime's own, and through our compiler. */
import { add, type Backend, compile, conv2d, reshape, slice, type Tensor, tensor } from '@vqkit/core';
import ort from 'onnxruntime-node';
import { applyStack, type ConvValues, type HostValues, type StackValues, upload } from './network.ts';

/** Something that can be timed, and looked at. */
export interface Runner {
  /** Resolves when the values are in host memory. */
  readonly run: () => Promise<unknown>;
  readonly values: () => Promise<Float32Array>;
  readonly dispose: () => void;
}

/** An NCHW image that both sides get, the same for the same dimensions. */
function imageOf(dims: readonly number[]): Float32Array {
  const size = dims.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: size }, (_, i) => Math.sin(i * 0.37) + Math.cos(i * 0.011));
}

/** A session on a model made by hand, and its input. */
export async function rawSession(model: Uint8Array, dims: readonly number[], threads: number) {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: threads, logSeverityLevel: 3 });
  const image = imageOf(dims);
  const feeds = { x: new ort.Tensor('float32', image, dims) };
  const run = () => session.run(feeds);
  return { session, run, x: { data: image, shape: dims }, values: async () => (await run()).y!.data as Float32Array };
}

/** NHWC values of an NCHW image. */
function channelsLast({ data, shape }: HostValues): HostValues {
  const [n, c, h, w] = shape as [number, number, number, number];
  const turned = Float32Array.from(data, (_, i) => {
    const [pixel, channel] = [Math.floor(i / c), i % c];
    const [image, place] = [Math.floor(pixel / (h * w)), pixel % (h * w)];
    return data[(image * c + channel) * h * w + place]!;
  });
  return { data: turned, shape: [n, h, w, c] };
}

/** Whether parameters are built into the compiled function or passed at every run. */
export type Passing = 'constant' | 'argument';

function runner<T>(
  backend: Backend,
  values: T,
  image: HostValues,
  passing: Passing,
  fn: (values: unknown, x: Tensor) => Tensor,
): Runner {
  const x = tensor(backend, channelsLast(image).data, channelsLast(image).shape);
  const passed = passing === 'argument' ? upload(backend, values) : undefined;
  const compiled = compile((given: unknown, input: Tensor) => {
    const y = fn(given ?? upload(input.backend, values), input);
    // One value of the result tells when all are there, without copying them once more.
    return { y, sign: slice(reshape(y, [-1]), [0], { size: [1] }) };
  });
  return {
    run: async () => {
      const { y, sign } = compiled(passed, x);
      await sign.data();
      y.dispose();
      sign.dispose();
    },
    values: async () => (await compiled(passed, x).y.data()) as Float32Array,
    dispose: () => compiled.dispose(),
  };
}

/** One convolution with its bias. */
export function ourConv(backend: Backend, values: ConvValues<HostValues>, image: HostValues, passing: Passing): Runner {
  return runner(backend, values, image, passing, (given, x) => {
    const { filter, bias } = given as ConvValues<Tensor>;
    return add(conv2d(x, filter), bias);
  });
}

/** The residual stack. */
export function ourStack(
  backend: Backend,
  values: StackValues<HostValues>,
  image: HostValues,
  passing: Passing,
): Runner {
  return runner(backend, values, image, passing, (given, x) => applyStack(given as StackValues<Tensor>, x));
}
