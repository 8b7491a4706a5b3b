import {
  add,
  compile,
  conv2dFused,
  disposeTree,
  fill,
  matmul,
  mul,
  nearestCode,
  pixelShuffle,
  random,
  type Tensor,
  tensor,
  tidy,
} from '@vqkit/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NodeGpu, openNodeGpu } from '../conformance/lib/node-gpu.ts';
import { open, type WebgpuBackend, webgpu } from './index.ts';
import type { Kernel } from './plan.ts';
import { shaderStep } from './wgsl/shader.ts';

const found: NodeGpu | undefined = await openNodeGpu();
const gpu = found?.gpu as GPU;

/** A kernel whose shader does not compile. */
const broken: Kernel = () => ({
  steps: [
    shaderStep({
      label: 'broken',
      bindings: [{ name: 'y', element: 'f32', buffer: { role: 'output', index: 0 }, isWritten: true }],
      size: 1,
      groups: 1,
      body: 'y[0] = nonsense;',
    }),
  ],
  temporaries: [],
});

const scalar = { shape: [1], dtype: 'f32' } as const;

describe('webgpu without a GPU object', () => {
  it.skipIf(found === undefined)(
    'takes the package webgpu in Node; open() refuses a CPU that plays a GPU',
    async () => {
      const backend = await webgpu();
      const { isSoftware } = backend.info;
      backend.dispose();
      const opened = await open().catch((error: unknown) => error);
      if (isSoftware) expect(opened).toMatchObject({ code: 'ADAPTER_SOFTWARE' });
      else (opened as WebgpuBackend).dispose();
    },
  );

  it('says so when there is no adapter', async () => {
    const none = { requestAdapter: async () => null } as unknown as GPU;
    await expect(webgpu({ gpu: none })).rejects.toMatchObject({ code: 'ADAPTER_MISSING' });
  });
});

describe.skipIf(found === undefined)('WebgpuBackend', () => {
  let backend: WebgpuBackend;
  beforeAll(async () => {
    backend = await webgpu({ gpu, kernels: { broken } });
  });
  afterAll(() => backend.dispose());

  it('names its adapter', () => {
    expect(`${backend.info.vendor}${backend.info.description}`).not.toBe('');
  });

  it('submits a compiled function and its readback at once', async () => {
    const x = tensor(backend, new Float32Array(64).fill(1), [1, 4, 4, 4]);
    const filter = tensor(backend, new Float32Array(144).fill(0.5), [3, 3, 4, 4]);
    const bias = tensor(backend, [1, 2, 3, 4]);
    const net = compile((a: Tensor, f: Tensor, b: Tensor) =>
      mul(conv2dFused(a, f, { pads: 'same', bias: b, residual: a }), 2),
    );
    await net.warmup(x, filter, bias);
    net(x, filter, bias).dispose();
    await x.data();
    const before = backend.stats();
    const y = net(x, filter, bias);
    const values = await y.data();
    expect(backend.stats().submits - before.submits).toBe(1);
    expect(values[0]).toBe(2 * (8 + 1 + 1));
    disposeTree([x, filter, bias, y]);
    net.dispose();
  });

  it.each([1, 3])('writes a convolution by %i as shuffled pixels as if one came after the other', async (size) => {
    for (const [channels, columns, width] of [
      [8, 16, 6],
      [3, 12, 5],
    ] as const) {
      const x = random(1).normal(backend, [2, 5, width, channels]);
      const filter = random(2).normal(backend, [size, size, channels, columns], 0, 0.2);
      const bias = random(3).normal(backend, [columns]);
      const up = (a: Tensor, f: Tensor, b: Tensor): Tensor =>
        pixelShuffle(conv2dFused(a, f, { pads: 'same', bias: b, activation: 'silu' }), 2);
      const program = compile(up);
      const [fused, plain] = [program(x, filter, bias), tidy(() => up(x, filter, bias))];
      expect(fused.shape).toEqual([2, 10, width * 2, columns / 4]);
      const expected = await plain.data();
      (await fused.data()).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
      program.dispose();
      disposeTree([x, filter, bias, fused, plain]);
    }
  });

  it('searches for codes in the memory of the vectors and indices alone, when compiled', async () => {
    const x = random(1).normal(backend, [4096, 8]);
    const codebook = random(2).normal(backend, [64, 8]);
    const search = compile((vectors: Tensor, codes: Tensor) => nearestCode(vectors, codes).indices);
    await search.warmup(x, codebook);
    backend.trim();
    backend.resetPeak();
    const y = search(x, codebook);
    const found = await y.data();
    const valueBytes = (4096 * 8 + 64 * 8 + 4096) * 4;
    // besides the values half the squared norm of each code
    expect(backend.stats().peakBytes).toBeLessThanOrEqual(valueBytes + 64 * 4);
    const eager = nearestCode(x, codebook);
    expect(found).toEqual(await eager.indices.data());
    disposeTree([x, codebook, y, eager.indices, eager.distances]);
    search.dispose();
  });

  it('plans single calls anew once variants were measured', async () => {
    let planned = 0;
    const counted: Kernel = () => {
      planned++;
      return { steps: [], temporaries: [] };
    };
    const tunable: Kernel = (_, { variantOf }) => {
      variantOf('of nothing', ['slow', 'fast']);
      return { steps: [], temporaries: [] };
    };
    const tuned = await webgpu({ gpu, tune: true, kernels: { counted, nearestCode: tunable } });
    const call = { kernel: 'counted', inputs: [], attributes: {}, outputs: [scalar] };
    const handles = [tuned.run(call), tuned.run(call)].flat();
    expect(planned).toBe(1);
    const [x, codebook] = [fill(tuned, [1, 4, 4, 4], 1), fill(tuned, [8, 4], 2)];
    const search = compile((vectors: Tensor, codes: Tensor) => nearestCode(vectors, codes).indices);
    await search.warmup(x, codebook);
    handles.push(...tuned.run(call));
    expect(planned).toBe(2);
    // The same class of work is known now.
    await search.warmup(x, codebook);
    handles.push(...tuned.run(call));
    expect(planned).toBe(2);
    for (const handle of handles) tuned.free(handle);
    search.dispose();
    tuned.dispose();
  });

  it('reports a shader that does not compile as an error of the values, and goes on', async () => {
    const call = { kernel: 'broken', inputs: [], attributes: {}, outputs: [scalar] };
    const [handle] = backend.run(call);
    await expect(backend.read({ handle: handle!, ...scalar })).rejects.toMatchObject({
      code: 'SHADER_INVALID',
      message: expect.stringContaining("shader 'broken'"),
    });
    backend.free(handle!);
    expect(() => backend.run(call)).toThrow(expect.objectContaining({ code: 'SHADER_INVALID' }));
    const x = tensor(backend, [1, 2]);
    const y = add(x, 1);
    expect([...(await y.data())]).toEqual([2, 3]);
    disposeTree([x, y]);
  });

  it('refuses tensors that the device cannot bind, with both sizes', () => {
    const limit = backend.device.limits.maxStorageBufferBindingSize;
    const outputs = [{ shape: [limit / 4 + 4], dtype: 'f32' as const }];
    if (limit + 16 > backend.device.limits.maxBufferSize) return;
    const attempt = (): unknown => backend.run({ kernel: 'fill', inputs: [], attributes: { value: 0 }, outputs });
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'TENSOR_TOO_LARGE',
        message: expect.stringMatching(new RegExp(`${limit}.*${limit + 16}`)),
      }),
    );
    backend.trim();
  });

  it('recycles buffers, counts them, and gives them up when trimmed', async () => {
    const x = tensor(backend, new Float32Array(1000));
    for (let i = 0; i < 50; i++) disposeTree(add(x, i));
    await x.data();
    const { buffers, idleBytes } = backend.stats();
    expect(buffers).toBeLessThan(40);
    expect(idleBytes).toBeGreaterThan(0);
    backend.trim();
    expect(backend.stats().idleBytes).toBe(0);
    x.dispose();
  });

  it('does not let an upload overtake work that still reads the recycled buffer', async () => {
    const x = tensor(backend, new Float32Array(4096).fill(1));
    const y = add(x, 1);
    x.dispose();
    const z = tensor(backend, new Float32Array(4096).fill(7));
    expect((await y.data())[0]).toBe(2);
    expect((await z.data())[0]).toBe(7);
    disposeTree([y, z]);
  });

  it('adopts a device without ever destroying it', async () => {
    const adapter = await gpu.requestAdapter();
    const device = await adapter!.requestDevice();
    const first = await webgpu({ device });
    first.dispose();
    const second = await webgpu({ device });
    const x = tensor(second, [3]);
    expect([...(await x.data())]).toEqual([3]);
    second.dispose();
    device.destroy();
  });

  it('says that the device is lost where the device itself says so only after what was pending has failed', async () => {
    const device = await (await gpu.requestAdapter())!.requestDevice();
    const lost = device.lost.then((info) => new Promise((done) => setTimeout(done, 200, info)));
    Object.defineProperty(device, 'lost', { value: lost });
    const doomed = await webgpu({ device });
    const x = tensor(doomed, new Float32Array(16).fill(2), [4, 4]);
    const pending = matmul(x, x).data();
    device.destroy();
    await expect(pending).rejects.toMatchObject({ code: 'DEVICE_LOST' });
    doomed.dispose();
  });

  it('rejects pending and later reads when the device is lost, and a new backend works', async () => {
    const doomed = await webgpu({ gpu });
    const x = tensor(doomed, new Float32Array(16).fill(2), [4, 4]);
    const y = matmul(x, x);
    const pending = y.data();
    doomed.device.destroy();
    await expect(pending).rejects.toMatchObject({ code: 'DEVICE_LOST' });
    await expect(y.data()).rejects.toMatchObject({ code: 'DEVICE_LOST' });
    expect(() => add(x, 1)).toThrow(expect.objectContaining({ code: 'DEVICE_LOST' }));
    doomed.dispose();
    const next = await webgpu({ gpu });
    const z = tensor(next, [5]);
    expect([...(await z.data())]).toEqual([5]);
    next.dispose();
  });

  it.skipIf(!found?.features.includes('timestamp-query'))('times kernels when asked to', async () => {
    const profiled = await webgpu({ gpu, profile: true });
    const x = tensor(profiled, new Float32Array(4096).fill(2), [64, 64]);
    await matmul(x, x).data();
    const times = await profiled.profile();
    expect(times.map(({ label }) => label)).toEqual([expect.stringMatching(/^matmul/)]);
    expect(times[0]!.count).toBe(1);
    profiled.dispose();
  });
});
