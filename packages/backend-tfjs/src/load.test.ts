/** Loading on demand, with packages that stand in for those that this machine lacks. */
import { describe, expect, it } from 'vitest';
import { importPeer } from '../conformance/lib/peers.ts';
import { hasTfjs, importTfjs, needsTfjs } from '../conformance/lib/with-tfjs.ts';
import { tfjsCpu, tfjsNode, tfjsNodeGpu, tfjsWasm } from './load.ts';

const notFound = (name: string): Promise<never> =>
  Promise.reject(Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' }));

describe('loading tfjs on demand', () => {
  it('says what to install for a runtime that is missing', async () => {
    await expect(tfjsWasm({ load: notFound })).rejects.toMatchObject({
      code: 'TFJS_NOT_INSTALLED',
      fix: 'Install it: npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm',
    });
  });

  it('says which Node and which CUDA the native runtimes need', async () => {
    await expect(tfjsNode({ load: notFound })).rejects.toMatchObject({
      code: 'TFJS_NOT_INSTALLED',
      fix: expect.stringContaining('Node 18 to 22'),
    });
    const failure = tfjsNodeGpu({ load: notFound });
    await expect(failure).rejects.toMatchObject({
      code: 'TFJS_NOT_INSTALLED',
      fix: expect.stringMatching(/tfjs-node-gpu.*CUDA 11\.2.*cuDNN 8\.1/),
    });
  });

  it('tells a native library that does not load from a package that is missing', async () => {
    const broken = (): Promise<never> => Promise.reject(new Error('The native addon module can not be found'));
    await expect(tfjsNodeGpu({ load: broken })).rejects.toMatchObject({
      code: 'RUNTIME_FAILED',
      message: expect.stringContaining(process.version.slice(1)),
    });
  });
});

describe.skipIf(!hasTfjs)(`loading installed runtimes ${needsTfjs}`, () => {
  it('opens them and reports the device that really runs', async () => {
    const [cpu, wasm] = [await tfjsCpu({ load: importPeer }), await tfjsWasm({ load: importPeer })];
    expect(cpu.report()).toMatchObject({
      runtime: 'cpu',
      device: 'CPU (plain JavaScript)',
      version: expect.stringMatching(/^4\./),
    });
    expect(wasm.report().device).toMatch(/^CPU \(WebAssembly, threads: \d+\)$/);
    for (const backend of [cpu, wasm]) backend.dispose();
  });

  it('takes a namespace that a bundler put under default', async () => {
    const tf = await importTfjs();
    const backend = await tfjsCpu({ load: () => Promise.resolve({ default: tf }) });
    expect(backend.name).toBe('tfjs-cpu');
    backend.dispose();
  });
});
