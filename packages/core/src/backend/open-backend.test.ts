import { describe, expect, it } from 'vitest';
import { cpu } from '../cpu/cpu.ts';
import { type Backend, type BackendModule, openBackend } from '../index.ts';

const never = (): never => {
  throw new Error('this one should not be loaded');
};
const absent = 'backend-there-is-none';
const missing = () => import(absent) as Promise<BackendModule>;

/** A backend whose products are off by one. */
function wrong(disposed: string[]): Backend {
  const backend = cpu();
  const { read, dispose } = backend;
  backend.read = async (view) => (await read.call(backend, view)).map((x: number) => x + 1) as Float32Array;
  backend.dispose = () => {
    disposed.push('wrong');
    dispose.call(backend);
  };
  return backend;
}

describe('openBackend', () => {
  it('takes the first that works and loads no other', async () => {
    const { backend, name, passedOver } = await openBackend({ first: cpu, second: never });
    expect([name, backend.name, passedOver]).toEqual(['first', 'cpu', []]);
  });

  it('takes packages, which have open(), as well as backends, at once or later', async () => {
    const backend = cpu();
    for (const loader of [() => ({ open: () => backend }), async () => ({ open: async () => backend }), () => backend])
      expect((await openBackend({ loader })).backend).toBe(backend);
  });

  it('says why the others were passed over, in order', async () => {
    const disposed: string[] = [];
    const { name, passedOver } = await openBackend({
      missing,
      wrong: () => wrong(disposed),
      refusing: () => Promise.reject('no driver'),
      cpu,
    });
    expect(name).toBe('cpu');
    expect(passedOver.map((other) => other.name)).toEqual(['missing', 'wrong', 'refusing']);
    expect(passedOver[0]!.error.message).toContain('backend-there-is-none');
    expect(passedOver[1]!.error).toMatchObject({
      code: 'BACKEND_WRONG',
      message: expect.stringContaining('20, 23, 44, 51'),
    });
    expect(passedOver[2]!.error.message).toBe('no driver');
    expect(disposed).toEqual(['wrong']);
  });

  it('fails with every reason when none works, and when there is none', async () => {
    const refusing = () => Promise.reject(new Error('no driver'));
    await expect(openBackend({ missing, refusing })).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringMatching(/missing: .*backend-there-is-none[\s\S]*refusing: no driver/),
      cause: { errors: [expect.anything(), { message: 'no driver' }] },
    });
    await expect(openBackend({})).rejects.toThrow('none to try');
  });

  it('gives up with its signal, and disposes of what opens too late', async () => {
    const disposed: string[] = [];
    const controller = new AbortController();
    let finish: (backend: Backend) => void = never;
    const slow = () =>
      new Promise<Backend>((resolve) => {
        finish = resolve;
      });
    const opening = openBackend({ slow, never }, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
    finish(wrong(disposed));
    await expect.poll(() => disposed).toEqual(['wrong']);
    await expect(openBackend({ never }, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });
});
