/** The backend of a benchmark that is about something else: `--backend webgpu|onnx|cpu`, or the first of these that works. */
import { type Backend, cpu, openBackend } from '@vqkit/core';

const loaders = {
  webgpu: () => import('@vqkit/backend-webgpu'),
  onnx: () => import('@vqkit/backend-onnx'),
  cpu,
};

/** @throws Error for an unknown name; BackendError `BACKEND_UNAVAILABLE` */
export async function openBenchBackend(args: readonly string[], log: (line: string) => void): Promise<Backend> {
  const at = args.indexOf('--backend');
  const chosen = Object.entries(loaders).filter(([name]) => at < 0 || name === args[at + 1]);
  if (chosen.length === 0) throw new Error(`expected --backend ${Object.keys(loaders).join('|')}, got ${args[at + 1]}`);
  const { backend, passedOver } = await openBackend(Object.fromEntries(chosen));
  for (const { name, error } of passedOver) log(`not on ${name}: ${error.message}`);
  log(`on ${backend.name}`);
  return backend;
}
