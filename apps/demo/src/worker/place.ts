/** Where it runs: the backends by the names that the page has for them, each loaded when it is chosen. */
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import { type Backend, cpu, openBackend } from '@vqkit/core';

/** The places, the fastest first. */
export const placeNames = ['webgpu', 'wasm', 'webgl', 'cpu'] as const;

/** One of `placeNames`. */
export type PlaceName = (typeof placeNames)[number];

/** What was opened. */
export interface Place {
  readonly name: PlaceName;
  /** The device in words. */
  readonly device: string;
  /** Whether a CPU plays the GPU. */
  readonly isSoftware: boolean;
  /** Why those before it were passed over. */
  readonly reasons: Partial<Record<PlaceName, string>>;
}

/** A place with its backend. */
export interface OpenPlace extends Place {
  readonly backend: Backend;
  /** Resolves with why, once the device is lost; places without a device have none. */
  readonly lost?: Promise<string>;
}

const openers: Record<PlaceName, (threads: number) => Promise<Omit<OpenPlace, 'name' | 'reasons'>>> = {
  webgpu: async () => {
    const { webgpu } = await import('@vqkit/backend-webgpu');
    const backend = await webgpu();
    const { vendor, architecture, device, description, isSoftware } = backend.info;
    const name = description || [vendor, architecture, device].filter(Boolean).join(' ');
    const lost = backend.device.lost.then((info) => info.message);
    return { backend, device: name || 'GPU', isSoftware, lost };
  },
  wasm: async (threads) => {
    const [{ onnx }, mjs, wasm] = await Promise.all([
      import('@vqkit/backend-onnx'),
      import('onnxruntime-web/ort-wasm-simd-threaded.mjs?url'),
      import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url'),
    ]);
    const addressOf = (file: string): string => new URL(file, self.location.href).href;
    const wasmPaths = { mjs: addressOf(mjs.default), wasm: addressOf(wasm.default) };
    const backend = await onnx({ threads, wasmPaths });
    return { backend, device: `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`, isSoftware: false };
  },
  webgl: async () => {
    const [{ tfjs }, tf] = await Promise.all([
      import('@vqkit/backend-tfjs'),
      import('@tensorflow/tfjs-core'),
      import('@tensorflow/tfjs-backend-webgl'),
    ]);
    const backend = await tfjs(tf, { runtime: 'webgl' });
    const { device } = backend.report();
    const { canvas } = (tf.findBackend('webgl') as MathBackendWebGL).gpgpu.gl;
    const lost = new Promise<string>((lose) => {
      canvas.addEventListener('webglcontextlost', () => lose('Its context was lost'));
    });
    return { backend, device, isSoftware: /swiftshader|llvmpipe|software|basic render/i.test(device), lost };
  },
  cpu: async () => ({ backend: cpu(), device: 'CPU, plain JavaScript', isSoftware: false }),
};

/** Where to run. */
export interface PlaceRequest {
  /** The first that works is taken. */
  readonly names: readonly PlaceName[];
  readonly threads: number;
  /** Whether a CPU that plays a GPU will do. */
  readonly isSoftwareFine: boolean;
}

/** Opens the first place that works. @throws BackendError `BACKEND_UNAVAILABLE` with the reasons of all. */
export async function openPlace({ names, threads, isSoftwareFine }: PlaceRequest): Promise<OpenPlace> {
  const opened = new Map<PlaceName, Omit<OpenPlace, 'name' | 'reasons'>>();
  const load = async (name: PlaceName): Promise<Backend> => {
    const found = await openers[name](threads);
    if (found.isSoftware && !isSoftwareFine) {
      found.backend.dispose();
      throw new Error(`${found.device} is a CPU that plays a GPU, slower than the next`);
    }
    opened.set(name, found);
    return found.backend;
  };
  const loaders = Object.fromEntries(names.map((name) => [name, () => load(name)]));
  const { name, passedOver } = await openBackend(loaders as Record<PlaceName, () => Promise<Backend>>);
  const reasons = Object.fromEntries(passedOver.map(({ name: other, error }) => [other, error.message]));
  return { name, reasons, ...opened.get(name)! };
}
