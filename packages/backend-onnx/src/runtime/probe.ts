/**
 * Trials of the engine: whether an execution provider works, and how many channels a block of onnxruntime's blocked
 * image layout has. Both depend on the machine and on the build, and nothing says it, so tiny models are run.
 */
import { blockedDomain } from '../compile/blocked.ts';
import { modelOf } from '../compile/versions.ts';
import { GraphBuilder } from '../model/builder.ts';
import { encodeModel } from '../model/encode.ts';
import { createSession, type Engine, type EngineTensor, providerError, type SessionSettings } from './engine.ts';

/**
 * Runs a trifle on the execution provider.
 *
 * @throws OnnxError `PROVIDER_MISSING`
 */
export async function probeProvider(engine: Engine, settings: SessionSettings): Promise<void> {
  const port = { type: 'float', dims: [1] } as const;
  const model = modelOf({
    name: 'probe',
    nodes: [{ op: 'Add', inputs: ['x', 'x'], outputs: ['y'], attributes: {} }],
    initializers: [],
    inputs: [{ name: 'x', ...port }],
    outputs: [{ name: 'y', ...port }],
  });
  const session = await createSession(engine, encodeModel(model), settings);
  try {
    await session.run({ x: new engine.Tensor('float32', Float32Array.of(1), [1]) }, { y: null });
  } catch (cause) {
    throw providerError(settings.executionProvider, cause);
  } finally {
    await session.release();
  }
}

const channels = 16;

/**
 * Channels per block of the blocked layout, 0 where there is none that works.
 *
 * The model reorders one image of 16 channels and 2 pixels, whose values count up, and also runs one blocked
 * convolution, which must agree with the plain one.
 */
export async function probeBlockSize(engine: Engine, settings: SessionSettings): Promise<number> {
  for (const size of [16, 8]) {
    try {
      if (await works(engine, settings, size)) return size;
    } catch {
      // An engine that does not know these operators says so by refusing the model.
      return 0;
    }
  }
  return 0;
}

async function works(engine: Engine, settings: SessionSettings, size: number): Promise<boolean> {
  const session = await createSession(engine, probeModel(size), settings);
  try {
    const values = Float32Array.from({ length: channels * 2 }, (_, i) => i);
    const x = new engine.Tensor('float32', values, [1, channels, 1, 2]) as EngineTensor;
    const { blocked, difference } = await session.run({ x }, { blocked: null, difference: null });
    const expected = Array.from({ length: channels * 2 }, (_, i) => {
      const [block, pixel, channel] = [Math.floor(i / (2 * size)), Math.floor(i / size) % 2, i % size];
      return (block * size + channel) * 2 + pixel;
    });
    const order = blocked!.data as Float32Array;
    return expected.every((value, i) => order[i] === value) && (difference!.data as Float32Array)[0] === 0;
  } finally {
    await session.release();
  }
}

/** Outputs: the image in blocked layout, and the largest difference between the blocked and the plain convolution. */
function probeModel(size: number): Uint8Array {
  const g = new GraphBuilder();
  // Small whole numbers, so that both convolutions are exact.
  const weights = Float32Array.from({ length: channels * channels }, (_, i) => ((i * 7) % 5) - 2);
  const filter = g.constant(weights, [channels, channels, 1, 1], 'float');
  const blocks = channels / size;
  const split = g.op('Reshape', [filter, g.ints([blocks, size, blocks, size, 1, 1])]);
  const turned = g.op('Transpose', [split], { perm: { ints: [0, 2, 4, 5, 3, 1] } });
  const blockedFilter = g.op('Reshape', [turned, g.ints([channels, channels, 1, 1])]);
  const image = g.op('ReorderInput', ['x'], {}, blockedDomain);
  const convolved = g.op('Conv', [image, blockedFilter], {}, blockedDomain);
  const y = g.op('ReorderOutput', [convolved], { channels: { int: channels } }, blockedDomain);
  const difference = g.op('Abs', [g.op('Sub', [y, g.op('Conv', ['x', filter])])]);
  g.nodes.push({ op: 'Identity', inputs: [image], outputs: ['blocked'], attributes: {} });
  const whole = { keepdims: { int: 0 } };
  g.nodes.push({ op: 'ReduceMax', inputs: [difference], outputs: ['difference'], attributes: whole });
  const port = { type: 'float', dims: [1, channels, 1, 2] } as const;
  const { nodes, initializers } = g;
  const inputs = [{ name: 'x', ...port }];
  const outputs = [
    { name: 'blocked', ...port },
    { name: 'difference', ...port, dims: [] },
  ];
  return encodeModel(modelOf({ name: 'probe', nodes, initializers, inputs, outputs }, blockedDomain));
}
