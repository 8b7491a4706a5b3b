/**
 * Where a tfjs runtime by itself differs from the contract of vqkit's kernels, and what the adapter makes of it: one
 * table per runtime, printed with its conformance run and kept in the README.
 */
import { allocate, type DType, type KernelCall, type TensorSpec, type TypedArray, type View } from '@vqkit/core';
import type { TfjsBackend, TfNamespace } from '../../src/index.ts';

interface HostTensor extends TensorSpec {
  readonly data: TypedArray;
}

function hostTensor(dtype: DType, shape: readonly number[], values: readonly number[]): HostTensor {
  const data = allocate(dtype, values.length);
  data.set(values);
  return { dtype, shape, data };
}

interface TfInfo {
  /** Results of the native runtime are tensors that tfjs counts. */
  dispose?(): void;
  readonly dataId: object;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** One question: to tfjs's kernel alone, and to ours. */
interface Question {
  readonly what: string;
  /** What the contract says. */
  readonly expected: string;
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, HostTensor>>;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly call: {
    readonly kernel: string;
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly output: TensorSpec;
  };
}

const f = (...values: number[]): HostTensor => hostTensor('f32', [values.length], values);
const i = (...values: number[]): HostTensor => hostTensor('i32', [values.length], values);
const u = (...values: number[]): HostTensor => hostTensor('u32', [values.length], values);
const empty = (...shape: number[]): HostTensor => hostTensor('f32', shape, []);
const one = (dtype: TensorSpec['dtype']): TensorSpec => ({ dtype, shape: [1] });
const binary = (op: string, dtype: TensorSpec['dtype'] = 'i32') => ({
  kernel: 'binary',
  attributes: { op },
  output: one(dtype),
});
const image = (...values: number[]): HostTensor => hostTensor('f32', [1, 1, values.length, 1], values);
const window = { size: [1, 2], strides: [1, 2], pads: [0, 0, 0, 0] };
const tfWindow = { filterSize: [1, 2], strides: [1, 2], pad: 'valid', dimRoundingMode: 'floor' };
const scalar = (dtype: TensorSpec['dtype']): TensorSpec => ({ dtype, shape: [] });
const along = (op: string) => ({ kernel: 'argReduce', attributes: { op, axis: 0 }, output: scalar('u32') });
const cast = { kernel: 'cast', attributes: {}, output: one('i32') };
const over = (op: string) => ({ kernel: 'reduce', attributes: { op, axes: [1], keepDims: false }, output: one('f32') });
const overLast = { axis: [1], reductionIndices: [1], keepDims: false };
const product = {
  kernel: 'matmul',
  attributes: { transposeA: false, transposeB: false },
  output: { dtype: 'f32', shape: [1, 1, 1] },
} as const;
const poolGrad = {
  kernel: 'pool2dGrad',
  attributes: { op: 'max', ...window },
  output: { dtype: 'f32', shape: [1, 1, 2, 1] },
} as const;

const questions: readonly Question[] = [
  {
    what: 'max(1, NaN)',
    expected: 'NaN',
    kernel: 'Maximum',
    inputs: { a: f(1), b: f(Number.NaN) },
    call: binary('max', 'f32'),
  },
  {
    what: 'sign(NaN)',
    expected: 'NaN',
    kernel: 'Sign',
    inputs: { x: f(Number.NaN) },
    call: { kernel: 'unary', attributes: { op: 'sign' }, output: one('f32') },
  },
  {
    what: 'argmax(3, NaN, 4)',
    expected: '1',
    kernel: 'ArgMax',
    inputs: { x: f(3, Number.NaN, 4) },
    attrs: { axis: 0 },
    call: along('argmax'),
  },
  {
    what: 'argmin of forty equal values',
    expected: '0',
    kernel: 'ArgMin',
    inputs: { x: f(...new Array<number>(40).fill(7)) },
    attrs: { axis: 0 },
    call: along('argmin'),
  },
  {
    what: 'NaN as i32',
    expected: '0',
    kernel: 'Cast',
    inputs: { x: f(Number.NaN) },
    attrs: { dtype: 'int32' },
    call: cast,
  },
  {
    what: '3·10⁹ as i32',
    expected: '2147483647',
    kernel: 'Cast',
    inputs: { x: f(3e9) },
    attrs: { dtype: 'int32' },
    call: cast,
  },
  {
    what: 'sum of nothing',
    expected: '0',
    kernel: 'Sum',
    inputs: { x: empty(1, 0) },
    attrs: overLast,
    call: over('sum'),
  },
  {
    what: 'max of nothing',
    expected: '-Infinity',
    kernel: 'Max',
    inputs: { x: empty(1, 0) },
    attrs: overLast,
    call: over('max'),
  },
  {
    what: '[1,0] × [0,1] matrices',
    expected: '0',
    kernel: 'BatchMatMul',
    inputs: { a: empty(1, 1, 0), b: empty(1, 0, 1) },
    attrs: { transposeA: false, transposeB: false },
    call: product,
  },
  {
    what: '16777216 + 1 (i32)',
    expected: '16777217',
    kernel: 'Add',
    inputs: { a: i(16777216), b: i(1) },
    call: binary('add'),
  },
  {
    what: '2147483647 + 1 (i32)',
    expected: '-2147483648',
    kernel: 'Add',
    inputs: { a: i(2147483647), b: i(1) },
    call: binary('add'),
  },
  {
    what: '123456789 · 987654321 (i32)',
    expected: '-67153019',
    kernel: 'Multiply',
    inputs: { a: i(123456789), b: i(987654321) },
    call: binary('mul'),
  },
  { what: '−7 / 2 (i32)', expected: '-3', kernel: 'FloorDiv', inputs: { a: i(-7), b: i(2) }, call: binary('div') },
  {
    what: '2147483647 / 3 (i32)',
    expected: '715827882',
    kernel: 'FloorDiv',
    inputs: { a: i(2147483647), b: i(3) },
    call: binary('div'),
  },
  {
    what: '4294967295 > 1 (u32)',
    expected: '1',
    kernel: 'Greater',
    inputs: { a: u(4294967295), b: u(1) },
    call: { kernel: 'compare', attributes: { op: 'gt' }, output: one('u8') },
  },
  {
    what: 'gradient 1 of max pool over (−2, −1)',
    expected: '0, 1',
    kernel: 'MaxPoolGrad',
    inputs: { dy: image(1), input: image(-2, -1), output: image(-1) },
    attrs: tfWindow,
    call: poolGrad,
  },
  {
    what: 'gradient 1 of max pool over (5, 5)',
    expected: '1, 0',
    kernel: 'MaxPoolGrad',
    inputs: { dy: image(1), input: image(5, 5), output: image(5) },
    attrs: tfWindow,
    call: poolGrad,
  },
];

/** Inputs of our call; the gradient of pooling takes x and dy. */
function operands({ kernel, inputs }: Question): HostTensor[] {
  return kernel === 'MaxPoolGrad' ? [inputs.input!, inputs.dy!] : Object.values(inputs);
}

/** Numbers as text. No question has an answer as small as 10⁻³⁸: such a number is what happened to be in the memory. */
function show(values: ArrayLike<number>): string {
  const isStray = (value: number): boolean => value !== 0 && Math.abs(value) < 1e-38;
  return Array.from(values, (value) => (isStray(value) ? 'old memory' : String(value === 0 ? 0 : value))).join(', ');
}

const firstLine = (error: unknown): string =>
  `refuses: ${String((error as Error).message ?? error)
    .split('\n')[0]!
    .slice(0, 60)}`;

/** Asks tfjs's kernel alone. WebGPU reports errors to scopes: without one they would only reach the console. */
async function askTfjs(tf: TfNamespace, runtime: string, question: Question): Promise<string> {
  const backend = tf.findBackend(runtime);
  const device = runtime === 'webgpu' ? (backend.device as GPUDevice) : undefined;
  device?.pushErrorScope('validation');
  const answer = await runAlone(tf, runtime, question);
  return (await device?.popErrorScope()) ? 'an error' : answer;
}

async function runAlone(tf: TfNamespace, runtime: string, { kernel, inputs, attrs = {} }: Question): Promise<string> {
  const backend = tf.findBackend(runtime);
  const made: { readonly dataId: object; dispose?(): void }[] = [];
  try {
    const infos = Object.entries(inputs).map(([name, { shape, dtype, data }]) => {
      const values = dtype === 'u32' ? Int32Array.from(data, (x) => x | 0) : data.slice();
      const info = {
        dataId: backend.write(values, [...shape], dtype === 'f32' ? 'float32' : 'int32'),
        shape,
        dtype: dtype === 'f32' ? 'float32' : 'int32',
      };
      made.push(info);
      if (data.length > 0) backend.uploadToGPU?.(info.dataId);
      return [name, info] as const;
    });
    const { kernelFunc } = tf.getKernel(kernel, runtime) as { kernelFunc: (call: object) => TfInfo };
    const result = kernelFunc({ inputs: Object.fromEntries(infos), attrs, backend });
    made.push(result);
    return show(await backend.read(result.dataId));
  } catch {
    return 'an error';
  } finally {
    for (const info of made) {
      if (info.dispose) info.dispose();
      else backend.disposeData(info.dataId);
    }
  }
}

/** Asks the adapter. */
async function askAdapter(backend: TfjsBackend, question: Question): Promise<string> {
  const { kernel, attributes, output } = question.call;
  const views: View[] = operands(question).map(({ shape, dtype, data }) => ({
    handle: backend.upload(data, { shape, dtype }),
    shape,
    dtype,
  }));
  const call: KernelCall = { kernel, inputs: views, attributes, outputs: [output] };
  try {
    const [handle] = backend.run(call);
    const values = await backend.read({ handle: handle!, ...output });
    backend.free(handle!);
    return show(values);
  } catch (error) {
    return firstLine(error);
  } finally {
    for (const { handle } of views) backend.free(handle);
  }
}

/** The table of one runtime, as lines of Markdown: only the questions where tfjs or the adapter differs from the contract. */
export async function differencesTable(tf: TfNamespace, runtime: string, backend: TfjsBackend): Promise<string[]> {
  const rows: string[] = [];
  for (const question of questions) {
    const alone = await askTfjs(tf, runtime, question);
    const adapted = await askAdapter(backend, question);
    const { what, expected } = question;
    if (alone === expected && adapted === expected) continue;
    const isRight = (answer: string): string => (answer === expected ? `**${answer}**` : answer);
    rows.push(`| ${what} | ${expected} | ${isRight(alone)} | ${isRight(adapted)} |`);
  }
  return [`| ${runtime} | contract | tfjs ${tf.version_core ?? ''} alone | adapter |`, '|---|---|---|---|', ...rows];
}
