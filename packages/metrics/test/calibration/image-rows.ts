/** Golden values of PSNR, the SSIM family and NIQE. */

import type { AnyImage } from '@vqkit/images';
import { loadNiqe, niqe } from '../../src/niqe/niqe.ts';
import { psnr } from '../../src/psnr/psnr.ts';
import { msSsim } from '../../src/ssim/ms-ssim.ts';
import { ssim } from '../../src/ssim/ssim.ts';
import { dataPath, numpyRandn, syntheticPair, toNhwc, torchRand } from '../../src/testing/data.ts';
import { basicsrPair, goldenImage, quarterAndBack, skimageReference } from '../../src/testing/golden.ts';
import { type CalibrationRow, rowsOf } from './row.ts';

const numpy = 'NumPy float64';

/** All of them. */
export async function imageRows(): Promise<CalibrationRow[]> {
  return [
    ...synthetic(),
    ...doctests(),
    ...(await basicsr()),
    ...(await camera()),
    ...(await bicubic()),
    ...(await niqeRows()),
  ];
}

function synthetic(): CalibrationRow[] {
  const cases = [
    [64, 64, '24.320210', '0.976617'],
    [96, 80, '24.292588', '0.979476'],
  ] as const;
  return cases.flatMap(([height, width, ofPsnr, ofSsim]) => {
    const { a, b } = syntheticPair(height, width);
    return rowsOf({ case: `synthetic ${height}×${width}`, reference: numpy, isPublished: false }, [
      ['PSNR', ofPsnr, psnr(a, b)],
      ['SSIM', ofSsim, ssim(a, b)],
    ]);
  });
}

function doctests(): CalibrationRow[] {
  const tiny = (values: readonly number[]): AnyImage => ({ data: Float64Array.from(values), width: 2, height: 2 });
  const rand = torchRand(42);
  const planes = Array.from({ length: 3 }, () => toNhwc(rand(3 * 65536), [1, 3, 256, 256]));
  const pairs = planes.map((data): [AnyImage, AnyImage] => [
    { data, width: 256, height: 256 },
    { data: data.map((value) => value * 0.75), width: 256, height: 256 },
  ]);
  const mean = (score: (a: AnyImage, b: AnyImage) => number): number =>
    pairs.reduce((sum, [a, b]) => sum + score(a, b), 0) / pairs.length;
  const variant = 'torchmetrics';
  return rowsOf({ case: 'doctest', reference: 'torchmetrics 1.9.0', isPublished: true }, [
    ['PSNR', '2.5527', psnr(tiny([0, 1, 2, 3]), tiny([3, 2, 1, 0]), { dataRange: 3 })],
    ['SSIM (torchmetrics)', '0.9219', mean((a, b) => ssim(a, b, { dataRange: 1, variant }))],
    ['MS-SSIM (torchmetrics)', '0.9628', mean((a, b) => msSsim(a, b, { dataRange: 1, variant }))],
  ]);
}

async function basicsr(): Promise<CalibrationRow[]> {
  const published = {
    baboon: ['20.419710', '0.391853', '22.441899', '0.453097'],
    comic: ['20.239912', '0.567738', '21.720398', '0.585511'],
  } as const;
  const local = {
    baboon: ['20.281602', '0.389869', '0.848794', '0.501071', '0.425414'],
    comic: ['20.269539', '0.572027', '0.898693', '0.696023', '0.609394'],
  } as const;
  const rows = (['baboon', 'comic'] as const).map(async (name) => {
    const { reference: a, degraded: b } = await basicsrPair(name);
    const { degraded: theirs } = await basicsrPair(name, { precision: 'float32' });
    const rgb = { cropBorder: 4 };
    const luma = { cropBorder: 4, colorSpace: 'y' } as const;
    const printed = published[name];
    const computed = local[name];
    return [
      ...rowsOf({ case: `${name} ×4, border 4`, reference: 'BasicSR (= MATLAB)', isPublished: true }, [
        ['PSNR', printed[0], psnr(a, theirs, rgb)],
        ['SSIM', printed[1], ssim(a, theirs, rgb)],
      ]),
      ...rowsOf({ case: `${name} ×4, border 4`, reference: 'BasicSR (PyTorch)', isPublished: true }, [
        ['PSNR (Y)', printed[2], psnr(a, theirs, luma)],
        ['SSIM (Y)', printed[3], ssim(a, theirs, luma)],
      ]),
      ...rowsOf({ case: `${name} ×4`, reference: numpy, isPublished: false }, [
        ['PSNR', computed[0], psnr(a, b)],
        ['SSIM', computed[1], ssim(a, b)],
        ['MS-SSIM', computed[2], msSsim(a, b)],
        ['SSIM (uniform 11)', computed[3], ssim(a, b, { variant: 'uniform11' })],
        ['SSIM (uniform 7)', computed[4], ssim(a, b, { variant: 'uniform7' })],
      ]),
    ];
  });
  return (await Promise.all(rows)).flat();
}

async function camera(): Promise<CalibrationRow[]> {
  const image = await goldenImage('skimage_camera');
  const noise = numpyRandn(5);
  const data = Uint8Array.from(image.data, (value) => Math.trunc(Math.min(Math.max(value + 20 * noise(), 0), 255)));
  const noisy = { ...image, data };
  return [
    ...rowsOf({ case: 'camera + noise', reference: 'scikit-image tests', isPublished: true }, [
      ['PSNR', '22.409353', psnr(image, noisy)],
      ['SSIM (uniform 7)', '0.3674518327910367', ssim(image, noisy, { variant: 'uniform7' })],
    ]),
    // Another program, which scikit-image's tests quote and compare to three decimals.
    ...rowsOf({ case: 'camera + noise', reference: 'IPOL imdiff', isPublished: true, tolerance: 6e-6 }, [
      ['SSIM', '0.357959091663361', ssim(image, noisy)],
    ]),
    ...rowsOf({ case: 'camera + noise', reference: 'scikit-image 0.26.0', isPublished: false }, [
      ['SSIM', '0.357964236236581', ssim(image, noisy)],
    ]),
    ...rowsOf({ case: 'camera + noise', reference: numpy, isPublished: false }, [
      ['SSIM', '0.357964', ssim(image, noisy)],
    ]),
  ];
}

async function bicubic(): Promise<CalibrationRow[]> {
  const values = {
    astronaut: ['23.508986', '0.755468', '0.951173'],
    chelsea: ['30.125054', '0.784320', '0.954373'],
    camera: ['26.202641', '0.747711', '0.940852'],
  } as const;
  const cropped = {
    astronaut: ['23.486704', '0.754426', '24.954943', '0.784464'],
    chelsea: ['30.002593', '0.779418', '31.426078', '0.804744'],
  } as const;
  const rows = (['astronaut', 'chelsea', 'camera'] as const).map(async (name) => {
    const { reference: a, degraded: b } = quarterAndBack(await skimageReference(name));
    const whole = rowsOf({ case: `${name} ÷4 ×4`, reference: numpy, isPublished: false }, [
      ['PSNR', values[name][0], psnr(a, b)],
      ['SSIM', values[name][1], ssim(a, b)],
      ['MS-SSIM', values[name][2], msSsim(a, b)],
    ]);
    if (name === 'camera') return whole; // gray
    const rgb = { cropBorder: 4 };
    const luma = { cropBorder: 4, colorSpace: 'y' } as const;
    const inner = rowsOf({ case: `${name} ÷4 ×4, border 4`, reference: numpy, isPublished: false }, [
      ['PSNR', cropped[name][0], psnr(a, b, rgb)],
      ['SSIM', cropped[name][1], ssim(a, b, rgb)],
      ['PSNR (Y)', cropped[name][2], psnr(a, b, luma)],
      ['SSIM (Y)', cropped[name][3], ssim(a, b, luma)],
    ]);
    return [...whole, ...inner];
  });
  return (await Promise.all(rows)).flat();
}

async function niqeRows(): Promise<CalibrationRow[]> {
  const model = await loadNiqe(dataPath('weights/niqe_pristine.safetensors'));
  const precision = 'float64';
  const values = {
    astronaut: ['3.9256', '7.8359'],
    chelsea: ['2.6255', '7.9403'],
    camera: ['3.0962', '7.6544'],
  } as const;
  const rows = (['astronaut', 'chelsea', 'camera'] as const).map(async (name) => {
    const { reference, degraded } = quarterAndBack(await skimageReference(name));
    const common = { reference: numpy, isPublished: false, tolerance: 1e-4 }; // flat places, see the README
    return [
      ...rowsOf({ case: name, ...common }, [
        ['NIQE (float64)', values[name][0], niqe(model, reference, { precision })],
      ]),
      ...rowsOf({ case: `${name} ÷4 ×4`, ...common }, [
        ['NIQE (float64)', values[name][1], niqe(model, degraded, { precision })],
      ]),
    ];
  });
  const baboon = await goldenImage('basicsr_baboon_gt');
  return [
    // The seventh digit depends on how eight numbers are added, see the README.
    ...rowsOf({ case: 'baboon', reference: 'BasicSR', isPublished: true, tolerance: 1e-6 }, [
      ['NIQE', '5.7295763', niqe(model, baboon)],
    ]),
    ...rowsOf({ case: 'baboon', reference: 'MATLAB R2021a', isPublished: true, tolerance: 3e-6 }, [
      ['NIQE', '5.72957338', niqe(model, baboon)],
    ]),
    ...rowsOf({ case: 'baboon', reference: numpy, isPublished: false }, [
      ['NIQE (float64)', '5.72996', niqe(model, baboon, { precision })],
    ]),
    ...(await Promise.all(rows)).flat(),
  ];
}
