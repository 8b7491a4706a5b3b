import { compile, cpu, disposeTree } from '@vqkit/core';
import { expect, it } from 'vitest';
import { fromTensor, toBytes, toTensor, toUnitRange, unitValues } from './tensors.ts';

it('puts images of one size into a batch, and takes them out again', async () => {
  const backend = cpu();
  const image = (first: number) => ({
    data: Uint8Array.from({ length: 6 }, (_, i) => first + i),
    width: 1,
    height: 2,
    channels: 3,
  });
  const images = [image(0), image(100), image(249)];
  const batch = toTensor(backend, images);
  expect([batch.dtype, batch.shape]).toEqual(['u8', [3, 2, 1, 3]]);
  expect(await fromTensor(batch)).toEqual(images);
  const single = toTensor(backend, [{ data: Uint32Array.of(7, 70_000), width: 2, height: 1, channels: 1 }]);
  expect(await fromTensor<Uint32Array>(single)).toMatchObject([
    { data: Uint32Array.of(7, 70_000), width: 2, channels: 1 },
  ]);
  disposeTree([batch, single]);
  backend.dispose();
});

it('brings bytes to [−1, 1] and back, on the backend and on the host, and clips what lies outside', async () => {
  const backend = cpu();
  const data = Uint8Array.from({ length: 256 }, (_, i) => i);
  const pixels = toTensor(backend, [{ data, width: 256, height: 1, channels: 1 }]);
  const unit = toUnitRange(pixels);
  const values = (await unit.data()) as Float32Array;
  expect([values[0], values[255]]).toEqual([-1, 1]);
  unitValues(data).forEach((value, i) => expect(values[i]).toBeCloseTo(value, 6));
  const bytes = compile(toBytes);
  const back = bytes(unit);
  expect((await fromTensor(back))[0]!.data).toEqual(data);
  const wild = toTensor(backend, [{ data: Float32Array.of(-9, 1.01, 0), width: 3, height: 1, channels: 1 }]);
  expect([...(await fromTensor(toBytes(wild)))[0]!.data]).toEqual([0, 255, 128]);
  bytes.dispose();
  backend.dispose();
});
