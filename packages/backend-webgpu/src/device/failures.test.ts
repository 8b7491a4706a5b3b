import { describe, expect, it } from 'vitest';
import { Failures } from './failures.ts';

class GPUOutOfMemoryError {
  readonly message = 'no room';
}

/** A device whose next error scope of memory reports what it is told to. */
function fakeDevice(): { device: GPUDevice; lose: (info: object) => void; fail: () => void } {
  let lose: (info: object) => void = () => {};
  const lost = new Promise((resolve) => {
    lose = resolve;
  });
  const scopes: string[] = [];
  let isFailing = false;
  const device = {
    lost,
    pushErrorScope: (filter: string) => scopes.push(filter),
    popErrorScope: async () => {
      const caught = scopes.pop() === 'out-of-memory' && isFailing ? new GPUOutOfMemoryError() : null;
      if (caught) isFailing = false;
      return caught;
    },
  };
  return {
    device: device as unknown as GPUDevice,
    lose,
    fail: () => {
      isFailing = true;
    },
  };
}

describe('Failures', () => {
  it('fails the epochs from the guarded work to the arrival of the report, and no others', async () => {
    const { device, fail } = fakeDevice();
    const failures = new Failures(device);
    const before = failures.epoch;
    failures.advance();
    fail();
    const during = failures.epoch;
    failures.guard('a buffer', () => {});
    failures.advance();
    const later = failures.epoch;
    await failures.settled();
    expect(failures.of(before)).toBeUndefined();
    expect(failures.of(during)).toMatchObject({ code: 'OUT_OF_MEMORY', message: expect.stringContaining('a buffer') });
    expect(failures.of(later)).toBe(failures.of(during));
    expect(failures.of(failures.epoch)).toBeUndefined();
  });

  it('turns the loss of a device into an error that says what to do', async () => {
    const { device, lose } = fakeDevice();
    const failures = new Failures(device);
    lose({ reason: 'unknown', message: 'unplugged' });
    await Promise.resolve();
    expect(failures.lost).toMatchObject({
      code: 'DEVICE_LOST',
      message: expect.stringMatching(/unplugged.*new backend/),
    });
  });

  it('waits for a loss that is told after what was pending has failed, but not for ever', async () => {
    const { device, lose } = fakeDevice();
    const failures = new Failures(device);
    const loss = failures.loss();
    setTimeout(lose, 20, { reason: 'destroyed', message: '' });
    expect(await loss).toMatchObject({ code: 'DEVICE_LOST' });
    expect(await failures.loss()).toBe(failures.lost);
    expect(await new Failures(fakeDevice().device).loss()).toBeUndefined();
  });
});
