/** Golden values of LPIPS on SqueezeNet. */

import type { Backend } from '@vqkit/core';
import type { AnyImage } from '@vqkit/images';
import { createLpipsMeter, type LpipsMeter } from '../../src/lpips/lpips-meter.ts';
import { dataPath, syntheticPair, torchRand } from '../../src/testing/data.ts';
import { basicsrPair, goldenImage, quarterAndBack, skimageReference } from '../../src/testing/golden.ts';
import { type CalibrationRow, rowsOf } from './row.ts';

const metric = 'LPIPS (squeeze)';

/** All of them. */
export async function networkRows(backend: Backend): Promise<CalibrationRow[]> {
  const file = dataPath('weights/lpips_squeeze_v0.1.safetensors');
  const meter = await createLpipsMeter(backend, file, { backbone: 'squeeze' });
  const rows = [...(await doctests(meter)), ...(await computed(meter))];
  meter.dispose();
  return rows;
}

/** `2·torch.rand(n, 3, 100, 100) − 1`, as images in [0, 1]. */
function randomImages(rand: (count: number) => Float32Array, count: number): AnyImage[] {
  return Array.from({ length: count }, () => {
    const planes = rand(30_000);
    const data = Float32Array.from({ length: 30_000 }, (_, i) => planes[(i % 3) * 10_000 + Math.floor(i / 3)]!);
    return { data, width: 100, height: 100 };
  });
}

async function doctests(meter: LpipsMeter): Promise<CalibrationRow[]> {
  const measure = async (count: number): Promise<number[]> => {
    const rand = torchRand(42);
    const [a, b] = [randomImages(rand, count), randomImages(rand, count)];
    return Promise.all(a.map((image, i) => meter.measure(image, b[i]!, { dataRange: 1 })));
  };
  const [first, second] = (await measure(2)) as [number, number];
  const ten = (await measure(10)).reduce((sum, value) => sum + value, 0) / 10;
  return rowsOf({ case: 'doctest', reference: 'torchmetrics 1.9.0', isPublished: true }, [
    [metric, '0.1024', first],
    [metric, '0.0938', second],
    [metric, '0.1005', ten],
  ]);
}

async function computed(meter: LpipsMeter): Promise<CalibrationRow[]> {
  const examples = ['ref', 'p0', 'p1'].map((name) => goldenImage(`lpips_ex_${name}`));
  const [reference, p0, p1] = (await Promise.all(examples)) as [AnyImage, AnyImage, AnyImage];
  const [small, odd] = [syntheticPair(64, 64), syntheticPair(96, 80)];
  const [baboon, comic] = [await basicsrPair('baboon'), await basicsrPair('comic')];
  const [astronaut, chelsea] = [
    quarterAndBack(await skimageReference('astronaut')),
    quarterAndBack(await skimageReference('chelsea')),
  ];
  const cases: readonly [name: string, a: AnyImage, b: AnyImage, expected: string][] = [
    ['synthetic 64×64', small.a, small.b, '0.003378'],
    ['synthetic 96×80', odd.a, odd.b, '0.002696'],
    ['examples of the LPIPS repository, ref–p0', reference, p0, '0.711048'],
    ['examples of the LPIPS repository, ref–p1', reference, p1, '0.147902'],
    ['examples of the LPIPS repository, p0–p1', p0, p1, '0.727777'],
    ['baboon ×4', baboon.reference, baboon.degraded, '0.455386'],
    ['comic ×4', comic.reference, comic.degraded, '0.453809'],
    ['astronaut ÷4 ×4', astronaut.reference, astronaut.degraded, '0.294366'],
    ['chelsea ÷4 ×4', chelsea.reference, chelsea.degraded, '0.307182'],
  ];
  const rows: CalibrationRow[] = [];
  for (const [name, a, b, expected] of cases) {
    const ours = await meter.measure(a, b);
    rows.push(
      ...rowsOf({ case: name, reference: 'onnxruntime, NumPy', isPublished: false, tolerance: 1e-6 }, [
        [metric, expected, ours],
      ]),
    );
  }
  return rows;
}
